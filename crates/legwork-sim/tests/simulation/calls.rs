//! Calls without a transfer.

mod codecs;
mod dialling;
mod programs;
mod talking;
