//! Calls without a transfer.

mod dialling;
mod programs;
mod talking;
