//! What came of the second act, and what must have come of it.
//!
//! The recording must hold what UserA heard, part by part, and what UserA said at the same times; what is
//! played back must be the recording.
//! Not here: playing it (`story/second`), how it is told (`show`).
//! Source: Twilio, "TwiML Voice: Gather", "Recording"; "Recording status callbacks".

use std::time::Duration;

use crate::demo::contract::Party;
use crate::demo::parts::{Part, Tone, What, list};

/// What is shorter comes of how busy the machine is, ms.
const BRIEF_MS: u32 = 400;
/// The same part is as long wherever it is heard, ms.
const NEAR_MS: u32 = 250;
/// And as loud, dB.
const NEAR_DB: f32 = 1.5;
/// A voice is louder, dB.
const VOICE_DB: f32 = -40.0;
/// How far `RecordingDuration`, which is whole seconds, may be from the length of the file, ms.
const SECOND_MS: u32 = 1000;

/// What came of the second act.
#[derive(Debug, Default)]
pub(crate) struct Second {
    /// The server's ladder of the call.
    pub(crate) ladder: Vec<String>,
    /// Who heard what, moment by moment.
    pub(crate) moments: Vec<(&'static str, Vec<String>)>,
    /// What UserA's phone heard in the call.
    pub(crate) heard: Vec<Part>,
    /// The key the application was told.
    pub(crate) digits: Option<String>,
    /// `RecordingDuration`, s.
    pub(crate) told_duration: Option<u32>,
    /// How long the file is, ms.
    pub(crate) length_ms: u32,
    /// What its second channel holds: what UserA heard.
    pub(crate) outbound: Vec<Part>,
    /// What its first channel holds: what UserA said.
    pub(crate) inbound: Vec<Part>,
    /// What both hold together.
    pub(crate) mixed: Vec<Part>,
    /// What UserA's phone heard when it was played back.
    pub(crate) played: Vec<Part>,
    /// Requests the application got.
    pub(crate) webhooks: usize,
    /// Those of them that were rightly signed.
    pub(crate) signed: usize,
    /// What is not as it should be.
    pub(crate) differences: Vec<String>,
    /// How long it took.
    pub(crate) took: Duration,
}

/// What UserA hears in the call.
fn call() -> Vec<What> {
    let tone = |tone| What::Tones(vec![tone]);
    let agents = [Party::AgentA, Party::AgentB].map(|agent| tone(Tone::Of(agent)));
    let [agent_a, agent_b] = agents;
    vec![What::Voice, tone(Tone::Ringback), agent_a, tone(Tone::Ringback), agent_b]
}

/// The same with what UserA says from the first agent on.
fn call_with_caller() -> Vec<What> {
    let user_a = Tone::Of(Party::UserA);
    let with = |party| What::Tones(vec![user_a, Tone::Of(party)]);
    let rings = What::Tones(vec![Tone::Ringback]);
    let still_rings = What::Tones(vec![Tone::Ringback, user_a]);
    vec![What::Voice, rings, with(Party::AgentA), still_rings, with(Party::AgentB)]
}

impl Second {
    /// Everything is as it should be.
    pub(crate) fn is_right(&self) -> bool {
        self.differences.is_empty()
    }

    /// Something is not.
    pub(crate) fn differs(&mut self, how: String) {
        self.differences.push(how);
    }

    /// Lays what was measured beside what should be.
    pub(crate) fn judge(&mut self) {
        let mut differences = Vec::new();
        if self.digits.as_deref() != Some("1") {
            let told = self.digits.as_deref().unwrap_or("none");
            differences.push(format!("the application was told the key {told}, not 1"));
        }
        let told_ms = self.told_duration.map(|seconds| seconds.saturating_mul(1000));
        if told_ms.is_none_or(|told| told.abs_diff(self.length_ms) > SECOND_MS) {
            let told =
                self.told_duration.map_or_else(|| "none".to_owned(), |told| format!("{told} s"));
            let length = f64::from(self.length_ms) / 1000.0;
            differences.push(format!("RecordingDuration is {told}, the file {length:.1} s"));
        }
        let heard = told_of(&self.heard, &call(), "UserA heard", &mut differences);
        let outbound = told_of(&self.outbound, &call(), "the recording holds", &mut differences);
        same(&heard, &outbound, "in the recording", &mut differences);
        if outbound.first().is_some_and(|voice| voice.db < VOICE_DB) {
            differences.push("the greeting can hardly be heard in the recording".to_owned());
        }
        let said = [What::Tones(vec![Tone::Of(Party::UserA)])];
        let inbound = told_of(&self.inbound, &said, "of UserA it holds", &mut differences);
        if let ([tone], [_, _, agent_a, _, agent_b]) = (&inbound[..], &outbound[..])
            && (tone.from_ms.abs_diff(agent_a.from_ms) > NEAR_MS
                || tone.until_ms().abs_diff(agent_b.until_ms()) > NEAR_MS)
        {
            differences.push("the recording's two channels do not go together".to_owned());
        }
        let mixed = told_of(&self.mixed, &call_with_caller(), "both hold", &mut differences);
        let played = told_of(&self.played, &call_with_caller(), "played was", &mut differences);
        same(&mixed, &played, "played back", &mut differences);
        self.differences.extend(differences);
    }
}

/// The parts the story tells of; that they are these, in this order, or what there is instead.
fn told_of(
    parts: &[Part],
    expected: &[What],
    whose: &str,
    differences: &mut Vec<String>,
) -> Vec<Part> {
    // How long music is heard before the target rings, or nothing before it speaks, is chance.
    let alone = What::Tones(vec![Tone::Of(Party::UserA)]);
    let is_between =
        |what: &What| !expected.contains(what) && [&What::HoldMusic, &alone].contains(&what);
    let is_told = |part: &&Part| part.ms >= BRIEF_MS && !is_between(&part.what);
    let told: Vec<Part> = parts.iter().filter(is_told).cloned().collect();
    if told.iter().map(|part| &part.what).eq(expected) {
        return told;
    }
    let words: Vec<_> = expected.iter().map(ToString::to_string).collect();
    differences.push(format!("{whose}: {}; should be: {}", list(parts), words.join(", ")));
    Vec::new()
}

/// The same parts are as long and as loud.
fn same(first: &[Part], then: &[Part], place: &str, differences: &mut Vec<String>) {
    for (first, then) in first.iter().zip(then) {
        if first.ms.abs_diff(then.ms) > NEAR_MS {
            let was = f64::from(first.ms) / 1000.0;
            differences.push(format!("{place}: {then}, was {was:.1} s"));
        }
        if (first.db - then.db).abs() > NEAR_DB {
            let (what, is, was) = (&then.what, then.db, first.db);
            differences.push(format!("{place}: {what} at {is:.1} dB, was {was:.1} dB"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One after another, a second each.
    fn of(whats: Vec<What>) -> Vec<Part> {
        let part = |(n, what): (u32, What)| Part { what, from_ms: 1000 * n, ms: 1000, db: -20.0 };
        (0..).zip(whats).map(part).collect()
    }

    fn right() -> Second {
        let user_a = What::Tones(vec![Tone::Of(Party::UserA)]);
        Second {
            heard: of(call()),
            digits: Some("1".to_owned()),
            told_duration: Some(5),
            length_ms: 5300,
            outbound: of(call()),
            inbound: vec![Part { what: user_a, from_ms: 2000, ms: 3000, db: -15.0 }],
            mixed: of(call_with_caller()),
            played: of(call_with_caller()),
            ..Second::default()
        }
    }

    #[test]
    fn what_differs_is_told() {
        type Change = fn(&mut Second);
        let table: [(Change, &str); 8] = [
            (|_| {}, ""),
            (|act| act.digits = None, "the application was told the key none, not 1"),
            (|act| act.told_duration = Some(7), "RecordingDuration is 7 s, the file 5.3 s"),
            (
                |act| drop(act.inbound.pop()),
                "of UserA it holds: nothing; should be: UserA's tone (1012 Hz)",
            ),
            (
                |act| act.inbound[0].from_ms -= 500,
                "the recording's two channels do not go together",
            ),
            (
                |act| act.outbound[2].ms -= 500,
                "in the recording: AgentA's tone (812 Hz) 0.5 s, was 1.0 s",
            ),
            (|act| act.played[0].db -= 6.0, "played back: a voice at -26.0 dB, was -20.0 dB"),
            (
                |act| drop(act.played.drain(1..)),
                "played was: a voice 1.0 s; should be: a voice, ringback (440 + 480 Hz), \
                 UserA's tone (1012 Hz) with AgentA's tone (812 Hz), \
                 ringback (440 + 480 Hz) with UserA's tone (1012 Hz), \
                 UserA's tone (1012 Hz) with AgentB's tone (612 Hz)",
            ),
        ];
        for (change, difference) in table {
            let mut act = right();
            change(&mut act);
            act.judge();
            assert_eq!(act.differences.join("; "), difference);
            assert_eq!(act.is_right(), difference.is_empty());
        }
    }

    #[test]
    fn what_is_chance_is_not_told() {
        let mut act = right();
        let between = [What::HoldMusic, What::Tones(vec![Tone::Of(Party::UserA)])];
        act.outbound.insert(3, of(vec![between[0].clone()])[0].clone());
        act.played.insert(3, of(between.to_vec())[1].clone());
        act.judge();
        assert_eq!(act.differences, [""; 0]);
    }
}
