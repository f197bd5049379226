//! libFuzzer's run of the target `sdp`.
//!
//! Not here: what it does (`legwork-sim`, `fuzz`).
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| legwork_sim::fuzz::run("sdp", bytes));
