//! Whole sounds, pieces of them, and the half-band filters measured.
use super::*;

#[test]
fn constants_and_lengths_are_kept() {
    for rate_hz in RATES_HZ {
        let samples = to_8k(rate_hz, vec![5000; rate_hz as usize]);
        assert_eq!(samples.len(), 8000);
        assert!(samples[100..7900].iter().all(|s| s.abs_diff(5000) <= 20), "{rate_hz}");
    }
    assert_eq!(to_8k(48_000, vec![]), []);
    assert_eq!(to_8k(7, vec![1, 2, 3]), []);
}
