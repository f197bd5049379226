//! What the application's answer does.

mod kept;
mod pending;
mod released;
mod told;
mod unusable;
