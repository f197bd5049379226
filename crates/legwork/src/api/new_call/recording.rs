//! How a call placed over HTTP is to be recorded.
//!
//! Not here: recording it (`legwork-call`, `recording`).
//! Source: Twilio, "Call resource: create", `Record` and its companions.

use legwork_call::command::CallRecording;
use legwork_twiml as twiml;
use serde::Deserialize;

use super::{Flag, Words, hook};
use crate::api::Error;

/// The parameters, as typed.
#[derive(Debug, Deserialize)]
pub(super) struct Recording {
    record: Option<Flag>,
    recording_channels: Option<String>,
    recording_track: Option<String>,
    trim: Option<String>,
    recording_status_callback: Option<String>,
    recording_status_callback_method: Option<String>,
    recording_status_callback_event: Option<Words>,
}

impl Recording {
    /// Whether and how it is recorded.
    pub(super) fn checked(self) -> Result<Option<Box<CallRecording>>, Error> {
        match self.record.as_ref().map_or(Some(false), Flag::is_true) {
            Some(true) => {}
            Some(false) => return Ok(None),
            None => return Err(Error::bad_request("record is true or false")),
        }
        let is_dual = match self.recording_channels.as_deref() {
            None | Some("mono") => false,
            Some("dual") => true,
            Some(_) => return Err(Error::bad_request("recording_channels is mono or dual")),
        };
        let sides = match self.recording_track.as_deref() {
            Some("inbound") => twiml::Sides::Inbound,
            Some("outbound") => twiml::Sides::Outbound,
            None | Some("both") if is_dual => twiml::Sides::Dual,
            None | Some("both") => twiml::Sides::Mixed,
            Some(_) => {
                let text = "recording_track is inbound, outbound or both";
                return Err(Error::bad_request(text));
            }
        };
        let trim = match self.trim.as_deref() {
            None | Some("trim-silence") => true,
            Some("do-not-trim") => false,
            Some(_) => return Err(Error::bad_request("trim is trim-silence or do-not-trim")),
        };
        let (url, method) =
            (self.recording_status_callback.clone(), &self.recording_status_callback_method);
        let hook = hook("recording_status_callback", url, method.as_deref())?;
        let events = recording_events(self.recording_status_callback_event.as_ref())?;
        let status = hook.map(|hook| (hook, events));
        Ok(Some(Box::new(CallRecording { sides, trim, status })))
    }
}

/// Of which steps is told: that it can be fetched, unless said.
fn recording_events(words: Option<&Words>) -> Result<twiml::RecordingEvents, Error> {
    let mut events = twiml::RecordingEvents { in_progress: false, completed: false, absent: false };
    let all: Vec<&str> = match words {
        None => vec!["completed"],
        Some(Words::One(text)) => text.split([' ', ',']).collect(),
        Some(Words::Several(texts)) => texts.iter().flat_map(|text| text.split(' ')).collect(),
    };
    for word in all.into_iter().filter(|word| !word.is_empty()) {
        match word {
            "in-progress" => events.in_progress = true,
            "completed" => events.completed = true,
            "absent" => events.absent = true,
            _ => {
                let text = "recording_status_callback_event has in-progress, completed, absent";
                return Err(Error::bad_request(text));
            }
        }
    }
    if !(events.in_progress || events.absent) {
        events.completed = true;
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn recording_of(more: &Value) -> Result<Option<CallRecording>, Error> {
        let wanted: Recording = serde_json::from_value(more.clone()).unwrap();
        wanted.checked().map(|recording| recording.map(|recording| *recording))
    }

    #[test]
    fn what_is_recorded() {
        use twiml::Sides::{Dual, Inbound, Mixed, Outbound};
        let table = [
            (json!({}), None),
            (json!({ "record": false, "recording_channels": "dual" }), None),
            (json!({ "record": true }), Some((Mixed, true))),
            (json!({ "record": "true", "trim": "do-not-trim" }), Some((Mixed, false))),
            (json!({ "record": true, "recording_channels": "dual" }), Some((Dual, true))),
            (json!({ "record": true, "recording_track": "both" }), Some((Mixed, true))),
            (
                json!({ "record": true, "recording_track": "inbound", "recording_channels": "dual" }),
                Some((Inbound, true)),
            ),
            (json!({ "record": true, "recording_track": "outbound" }), Some((Outbound, true))),
        ];
        for (more, expected) in table {
            let recording = recording_of(&more).unwrap();
            assert_eq!(recording.map(|one| (one.sides, one.trim)), expected, "{more}");
        }
    }

    #[test]
    fn who_is_told() {
        let told = |events: &Value| {
            let more = json!({
                "record": true, "recording_status_callback": "http://a/",
                "recording_status_callback_event": events,
            });
            let (_, events) = recording_of(&more).unwrap().unwrap().status.unwrap();
            (events.in_progress, events.completed, events.absent)
        };
        assert_eq!(told(&json!(null)), (false, true, false));
        assert_eq!(told(&json!("in-progress absent")), (true, false, true));
        assert_eq!(told(&json!(["completed", "absent"])), (false, true, true));
    }

    #[test]
    fn each_wrong_parameter_has_its_code() {
        let table = [
            ("record", "perhaps", 20_001),
            ("recording_channels", "three", 20_001),
            ("recording_track", "caller", 20_001),
            ("trim", "true", 20_001),
            ("recording_status_callback", "nowhere", 21_205),
            ("recording_status_callback_method", "PUT", 21_209),
            ("recording_status_callback_event", "begun", 20_001),
        ];
        for (name, value, code) in table {
            let mut more = json!({ "record": true });
            more[name] = json!(value);
            assert_eq!(recording_of(&more).unwrap_err().code, code, "{name}");
        }
    }
}
