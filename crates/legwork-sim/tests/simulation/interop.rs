//! Phones as they really transfer.

mod forms;
mod kept;
mod notices;
mod released;
