//! Every recording that was begun comes to one end: completed, absent or failed; every transcript, too.
//!
//! Not here: what applications are told of it (ladders); taps left open (`World::finish`).
//! Source: Twilio, "Recordings resource", status values.

use std::collections::BTreeMap;

use legwork_call::io::{RecordingRow, TranscriptionRow};
use legwork_call::sid::{RecordingSid, TranscriptionSid};

#[derive(Debug, Default)]
pub(super) struct Recordings {
    rows: BTreeMap<RecordingSid, RecordingRow>,
    /// What is known of each transcript.
    transcripts: BTreeMap<TranscriptionSid, &'static str>,
}

impl Recordings {
    pub(super) fn stored(&mut self, row: &RecordingRow) -> Result<(), String> {
        let before = self.rows.insert(row.sid, row.clone());
        let follows = match (before.map(|before| before.status), row.status) {
            (None, "in-progress") | (Some("in-progress"), "processing") => true,
            (Some("processing"), "completed") => {
                row.duration.is_some_and(|length| !length.is_zero())
            }
            (Some("processing"), "absent") => row.duration.is_some_and(|length| length.is_zero()),
            (Some("processing"), "failed") => row.duration.is_none(),
            (None | Some(_), _) => false,
        };
        if follows { Ok(()) } else { Err(format!("recordings: out of order: {row:?}")) }
    }

    pub(super) fn transcribed(&mut self, row: &TranscriptionRow) -> Result<(), String> {
        let before = self.transcripts.insert(row.sid, row.status);
        let follows = match (before, row.status) {
            (None, "in-progress") | (Some("in-progress"), "failed") => row.text.is_empty(),
            (Some("in-progress"), "completed") => row.duration.is_some(),
            (None | Some(_), _) => false,
        };
        if follows { Ok(()) } else { Err(format!("transcripts: out of order: {row:?}")) }
    }

    pub(super) fn close(&self) -> Result<(), String> {
        if let Some((sid, _)) = self.transcripts.iter().find(|(_, of)| **of == "in-progress") {
            return Err(format!("transcripts: {sid} has no end"));
        }
        let is_open = |row: &&RecordingRow| matches!(row.status, "in-progress" | "processing");
        match self.rows.values().find(is_open) {
            Some(row) => Err(format!("recordings: {row:?} has no end")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use legwork_call::sid::{AccountSid, CallSid};

    use super::*;

    fn told(steps: &[(&'static str, Option<u64>)]) -> Result<(), String> {
        let mut recordings = Recordings::default();
        for (status, seconds) in steps {
            recordings.stored(&RecordingRow {
                conference: None,
                sid: RecordingSid::from_bits(1),
                account: AccountSid::from_bits(1),
                call: CallSid::from_bits(1),
                status,
                source: "RecordVerb",
                track: "inbound",
                channels: 1,
                started: SystemTime::UNIX_EPOCH,
                duration: seconds.map(Duration::from_secs),
            })?;
        }
        recordings.close()
    }

    #[test]
    fn a_recording_can_end_wrongly() {
        let (begun, over) = (("in-progress", None), ("processing", None));
        for end in [("completed", Some(2)), ("absent", Some(0)), ("failed", None)] {
            assert_eq!(told(&[begun, over, end]), Ok(()));
            assert!(told(&[begun, over, end, end]).is_err(), "twice");
            assert!(told(&[begun, end]).is_err(), "while it goes on");
        }
        for steps in [
            [begun, over, ("completed", Some(0))],
            [begun, over, ("absent", Some(1))],
            [begun, over, begun],
        ] {
            assert!(told(&steps).is_err(), "{steps:?}");
        }
        assert!(told(&[begun]).is_err() && told(&[begun, over]).is_err(), "no end");
        assert!(told(&[over]).is_err(), "no begin");
    }
}
