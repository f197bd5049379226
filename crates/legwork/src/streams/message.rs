//! What a stream's application is told, and what it says: JSON, every number a string.
//!
//! Not here: when anything of it is said (`streams::talk`).
//! Source: Twilio, "Media Streams: WebSocket messages"; error codes 31950, 31951.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use legwork_call::io::Streaming;
use legwork_call::sid::{AccountSid, CallSid, StreamSid};
use legwork_media::Track;
use legwork_twiml::Tracks;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

use crate::limit;
use crate::websocket::Trouble;

/// What no application has said yet.
pub(super) const CONNECTED: &str = r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#;

/// What applications write may lack its padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Who streams: in every message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub(super) sid: StreamSid,
    pub(super) account: AccountSid,
    pub(super) call: CallSid,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Start<'a> {
    event: &'a str,
    sequence_number: &'a str,
    start: StartOf<'a>,
    stream_sid: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StartOf<'a> {
    account_sid: String,
    stream_sid: String,
    call_sid: String,
    tracks: &'a [&'a str],
    media_format: Format,
    custom_parameters: Parameters<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Format {
    encoding: &'static str,
    sample_rate: u32,
    channels: u32,
}

struct Parameters<'a>(&'a [(String, String)]);

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (at, (name, value)) in self.0.iter().enumerate() {
            // Of two with one name the last holds, as it does for whoever reads JSON.
            if self.0.iter().skip(at + 1).all(|(later, _)| later != name) {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

/// The first message with a number: 1.
pub(super) fn start(source: Source, streaming: &Streaming) -> String {
    let tracks: &[&str] = match streaming.tracks {
        Tracks::Inbound => &["inbound"],
        Tracks::Outbound => &["outbound"],
        Tracks::Both => &["inbound", "outbound"],
    };
    let start = Start {
        event: "start",
        sequence_number: "1",
        start: StartOf {
            account_sid: source.account.to_string(),
            stream_sid: source.sid.to_string(),
            call_sid: source.call.to_string(),
            tracks,
            media_format: Format { encoding: "audio/x-mulaw", sample_rate: 8000, channels: 1 },
            custom_parameters: Parameters(&streaming.parameters),
        },
        stream_sid: source.sid.to_string(),
    };
    // Nothing in it can fail to be written.
    serde_json::to_string(&start).unwrap_or_default()
}

/// 20 ms of a track; the time is in milliseconds since its first.
pub(super) fn media(
    source: Source,
    number: u64,
    (track, chunk, time): (Track, u64, u64),
    payload: &[u8],
) -> String {
    let mut text = String::with_capacity(256 + payload.len() * 4 / 3);
    let track = match track {
        Track::Inbound => "inbound",
        Track::Outbound => "outbound",
    };
    // A string takes what is written to it.
    let _ = write!(
        text,
        r#"{{"event":"media","sequenceNumber":"{number}","media":{{"track":"{track}","chunk":"{chunk}","timestamp":"{time}","payload":""#
    );
    STANDARD.encode_string(payload, &mut text);
    let _ = write!(text, r#""}},"streamSid":"{}"}}"#, source.sid);
    text
}

/// A key of the far end.
pub(super) fn dtmf(source: Source, number: u64, key: u8) -> String {
    let (sid, key) = (source.sid, char::from(key));
    format!(
        r#"{{"event":"dtmf","streamSid":"{sid}","sequenceNumber":"{number}","dtmf":{{"track":"inbound_track","digit":"{key}"}}}}"#
    )
}

/// A mark was reached.
pub(super) fn mark(source: Source, number: u64, name: &str) -> String {
    let sid = source.sid;
    let name = serde_json::Value::from(name);
    format!(
        r#"{{"event":"mark","sequenceNumber":"{number}","streamSid":"{sid}","mark":{{"name":{name}}}}}"#
    )
}

/// The last one.
pub(super) fn stop(source: Source, number: u64) -> String {
    let Source { sid, account, call } = source;
    format!(
        r#"{{"event":"stop","sequenceNumber":"{number}","streamSid":"{sid}","stop":{{"accountSid":"{account}","callSid":"{call}"}}}}"#
    )
}

/// What an application says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Sound in µ-law.
    Media(Vec<u8>),
    /// It wants to be told when that far.
    Mark(String),
    /// What waits is not to be heard.
    Clear,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(borrow)]
    event: Option<Cow<'a, str>>,
    #[serde(borrow)]
    stream_sid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    media: Option<Media<'a>>,
    #[serde(borrow)]
    mark: Option<Mark<'a>>,
}

#[derive(Deserialize)]
struct Media<'a> {
    #[serde(borrow)]
    payload: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Mark<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
}

/// Reads a message of the application.
///
/// # Errors
/// 31950: it is no JSON object; 31951: it is none of the messages there are.
pub(super) fn read(source: Source, text: &str) -> Result<Said, Trouble> {
    let invalid = |what: &str| Trouble::new(31_951, what.to_owned());
    let message: Message<'_> = match serde_json::from_str(text) {
        Ok(message) => message,
        Err(error) if error.is_data() && text.trim_start().starts_with('{') => {
            return Err(Trouble::new(31_951, error.to_string()));
        }
        Err(error) => return Err(Trouble::new(31_950, error.to_string())),
    };
    if message.stream_sid.is_some_and(|sid| sid != source.sid.to_string()) {
        return Err(invalid("streamSid is another stream's"));
    }
    match message.event.as_deref() {
        Some("media") => {
            let payload = message.media.and_then(|media| media.payload);
            let payload = payload.ok_or_else(|| invalid("media has no payload"))?;
            let sound = LENIENT.decode(payload.trim_ascii());
            sound.map(Said::Media).map_err(|_| invalid("the payload is not in base64"))
        }
        Some("mark") => {
            let name = message.mark.and_then(|mark| mark.name);
            let name = name.ok_or_else(|| invalid("mark has no name"))?;
            if name.len() > limit::MARK_NAME_MAX {
                return Err(invalid("the name of a mark is too long"));
            }
            Ok(Said::Mark(name.into_owned()))
        }
        Some("clear") => Ok(Said::Clear),
        Some(other) => {
            let other: String = other.escape_debug().take(limit::TROUBLE_SHOWN).collect();
            Err(Trouble::new(31_951, format!("there is no event \"{other}\"")))
        }
        None => Err(invalid("there is no event in it")),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const SOURCE: Source = Source {
        sid: StreamSid::from_bits(1),
        account: AccountSid::from_bits(2),
        call: CallSid::from_bits(3),
    };

    #[test]
    fn exactly_twilios_messages() {
        let parameter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let streaming = Streaming {
            sid: SOURCE.sid,
            url: String::new(),
            tracks: Tracks::Both,
            parameters: vec![parameter("b", "\"1"), parameter("a", "é"), parameter("b", "2")],
            speaks: None,
        };
        let all = [
            CONNECTED.to_owned(),
            start(SOURCE, &streaming),
            media(SOURCE, 3, (Track::Inbound, 1, 20), &[0xff; 4]),
            dtmf(SOURCE, 4, b'#'),
            mark(SOURCE, 5, "a\"\n"),
            stop(SOURCE, 6),
        ];
        for text in &all {
            assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
        }
        expect![[r##"
            {"event":"connected","protocol":"Call","version":"1.0.0"}
            {"event":"start","sequenceNumber":"1","start":{"accountSid":"AC00000000000000000000000000000002","streamSid":"MZ00000000000000000000000000000001","callSid":"CA00000000000000000000000000000003","tracks":["inbound","outbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"a":"é","b":"2"}},"streamSid":"MZ00000000000000000000000000000001"}
            {"event":"media","sequenceNumber":"3","media":{"track":"inbound","chunk":"1","timestamp":"20","payload":"/////w=="},"streamSid":"MZ00000000000000000000000000000001"}
            {"event":"dtmf","streamSid":"MZ00000000000000000000000000000001","sequenceNumber":"4","dtmf":{"track":"inbound_track","digit":"#"}}
            {"event":"mark","sequenceNumber":"5","streamSid":"MZ00000000000000000000000000000001","mark":{"name":"a\"\n"}}
            {"event":"stop","sequenceNumber":"6","streamSid":"MZ00000000000000000000000000000001","stop":{"accountSid":"AC00000000000000000000000000000002","callSid":"CA00000000000000000000000000000003"}}"##]].assert_eq(&all.join("\n"));
    }

    #[test]
    fn what_applications_say() {
        let sid = SOURCE.sid;
        let of_it = format!(r#"{{"event":"clear","streamSid":"{sid}"}}"#);
        let long = format!(r#"{{"event":"mark","mark":{{"name":"{}"}}}}"#, "x".repeat(1025));
        let table = [
            (r#"{"event":"media","media":{"payload":"//8="}}"#, Ok(Said::Media(vec![255; 2]))),
            (r#"{"event":"media","media":{"payload":"//8"}}"#, Ok(Said::Media(vec![255; 2]))),
            (r#"{"event":"media","media":{"payload":"\/\/8="}}"#, Ok(Said::Media(vec![255; 2]))),
            (r#"{"event":"media","media":{"payload":""}}"#, Ok(Said::Media(vec![]))),
            (r#"{"event":"mark","mark":{"name":"a\u0062"}}"#, Ok(Said::Mark("ab".to_owned()))),
            (&of_it, Ok(Said::Clear)),
            (r#" {"event":"clear","more":[1]} "#, Ok(Said::Clear)),
            (r#"{"event":"clear","streamSid":"MZ0"}"#, Err(31_951)),
            (r#"{"event":"media","media":{"payload":"€"}}"#, Err(31_951)),
            (r#"{"event":"media","media":{"payload":1}}"#, Err(31_951)),
            (r#"{"event":"media","media":{}}"#, Err(31_951)),
            (r#"{"event":"media"}"#, Err(31_951)),
            (r#"{"event":"mark"}"#, Err(31_951)),
            (&long, Err(31_951)),
            (r#"{"event":"stop"}"#, Err(31_951)),
            (r"{}", Err(31_951)),
            (r"[]", Err(31_950)),
            ("null", Err(31_950)),
            (r#"{"event":"clear""#, Err(31_950)),
            ("", Err(31_950)),
            ("hello", Err(31_950)),
        ];
        for (text, expected) in table {
            assert_eq!(read(SOURCE, text).map_err(|trouble| trouble.code), expected, "{text}");
        }
    }
}
