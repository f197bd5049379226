//! libFuzzer's run of the target `media`.
//!
//! Not here: what it does (`legwork-sim`, `fuzz`).
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| legwork_sim::fuzz::run("media", bytes));
