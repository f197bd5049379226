//! Everything that can happen at the same moment: R1 to R12 and leaving at every step.

mod kept_leaving;
mod kept_requests;
mod other;
mod released_leaving;
mod released_requests;
