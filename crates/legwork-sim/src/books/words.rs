//! Every real-time transcription that was begun is told once that it has stopped, and everything in order.
//!
//! Not here: what was said (ladders); taps left open (`World::finish`).
//! Source: Twilio, "TwiML Voice: Transcription", status callbacks.

use std::collections::BTreeMap;

/// What was told last of each: its number, and whether that was the end.
#[derive(Debug, Default)]
pub(super) struct Words(BTreeMap<String, (u32, bool)>);

impl Words {
    pub(super) fn told(&mut self, sid: &str, event: &str, number: &str) -> Result<(), String> {
        let number: u32 = number.parse().map_err(|_| format!("words: SequenceId={number}"))?;
        let before = self.0.insert(sid.to_owned(), (number, event == "transcription-stopped"));
        let follows = match (before, event) {
            (None, "transcription-started") => number == 1,
            (Some((last, false)), event) => number == last + 1 && event != "transcription-started",
            (None | Some(_), _) => false,
        };
        if follows {
            Ok(())
        } else {
            Err(format!("words: {sid} {event} {number} after {before:?}"))
        }
    }

    pub(super) fn close(&self) -> Result<(), String> {
        match self.0.iter().find(|(_, (_, is_over))| !is_over) {
            Some((sid, _)) => Err(format!("words: {sid} has no end")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(events: &[(&str, &str)]) -> Result<(), String> {
        let mut words = Words::default();
        for (event, number) in events {
            words.told("GT1", &format!("transcription-{event}"), number)?;
        }
        words.close()
    }

    #[test]
    fn a_transcription_can_be_told_wrongly() {
        let (started, content, stopped) = (("started", "1"), ("content", "2"), ("stopped", "3"));
        assert_eq!(told(&[started, content, stopped]), Ok(()));
        for events in [
            &[started, content][..],
            &[content],
            &[started, stopped],
            &[started, started],
            &[started, content, stopped, ("content", "4")],
        ] {
            assert!(told(events).is_err(), "{events:?}");
        }
    }
}
