//! What the application's answer does.

mod kept;
mod released;
mod told;
mod unusable;
