//! Every session recording that a recorder took is told once that it is over; one that nobody took, once that
//! it failed.
//!
//! Not here: what the recorder gets (ladders), what its streams copy (`audio`).
//! Source: Twilio, "TwiML Voice: Siprec", status callbacks.

use std::collections::BTreeMap;

/// Of each: it is over.
#[derive(Debug, Default)]
pub(super) struct Siprecs(BTreeMap<String, bool>);

impl Siprecs {
    pub(super) fn told(&mut self, sid: &str, event: &str) -> Result<(), String> {
        let is_over = event != "siprec-started";
        match (self.0.insert(sid.to_owned(), is_over), event) {
            // It may be stopped before its recorder has answered.
            (None | Some(false), "siprec-stopped" | "siprec-error") | (None, "siprec-started") => {
                Ok(())
            }
            (before, _) => Err(format!("siprec: {sid} {event} after {before:?}")),
        }
    }

    pub(super) fn close(&self) -> Result<(), String> {
        match self.0.iter().find(|(_, is_over)| !**is_over) {
            Some((sid, _)) => Err(format!("siprec: {sid} has no end")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(events: &[&str]) -> Result<(), String> {
        let mut siprecs = Siprecs::default();
        events.iter().try_for_each(|event| siprecs.told("SR1", &format!("siprec-{event}")))?;
        siprecs.close()
    }

    #[test]
    fn a_session_recording_can_be_told_wrongly() {
        for events in [&["started", "stopped"][..], &["started", "error"], &["error"], &["stopped"]]
        {
            assert_eq!(told(events), Ok(()), "{events:?}");
        }
        for events in
            [&["started"][..], &["started", "started"], &["error", "stopped"], &["paused"]]
        {
            assert!(told(events).is_err(), "{events:?}");
        }
    }
}
