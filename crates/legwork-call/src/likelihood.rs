//! How sure a recogniser is, as webhooks write it.
//!
//! Not here: what was recognised (`verb::gather`, `transcription`).
//! Source: Twilio, "TwiML Voice: Gather", `Confidence`, `Stability`; "Transcription".

/// Thousandths as parameters show them: `0.912`, `1.0`.
pub(crate) fn part_of_one(thousandths: u16) -> String {
    let thousandths = thousandths.min(1_000);
    let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    let short = text.trim_end_matches('0');
    if short.ends_with('.') { format!("{short}0") } else { short.to_owned() }
}

/// How much of what was understood will not change any more, in thousandths.
pub(crate) fn stability(stable: &str, unstable: &str) -> u16 {
    let (stable, unstable) = (stable.chars().count(), unstable.chars().count());
    let all = (stable + unstable).max(1);
    u16::try_from(stable * 1_000 / all).unwrap_or(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousandths_are_shown_as_parts_of_one() {
        for (thousandths, shown) in
            [(0, "0.0"), (1, "0.001"), (500, "0.5"), (912, "0.912"), (1_000, "1.0"), (9_999, "1.0")]
        {
            assert_eq!(part_of_one(thousandths), shown);
        }
    }

    #[test]
    fn what_may_change_is_not_stable() {
        for (stable, unstable, stability_of) in
            [("", "", 0), ("", "yes", 0), ("yes", "", 1_000), ("ja", "né", 500)]
        {
            assert_eq!(stability(stable, unstable), stability_of, "{stable} {unstable}");
        }
    }
}
