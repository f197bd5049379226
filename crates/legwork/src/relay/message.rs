//! What an agent's application is told, and what it says: JSON with a `type`.
//!
//! Not here: when anything of it is said (`relay`).
//! Source: Twilio, "ConversationRelay WebSocket messages"; error code 64107.

use legwork_call::io::relay::{RelaySaid, RelayTold, Setup};
use legwork_call::limit::{RELAY_DIGITS_MAX, RELAY_HANDOFF_MAX, RELAY_SOURCE_MAX, RELAY_TEXT_MAX};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::limit;

/// The first message.
pub(super) fn setup(setup: &Setup) -> String {
    let mut parameters = Map::new();
    for (name, value) in &setup.parameters {
        parameters.insert(name.clone(), Value::String(value.clone()));
    }
    let mut message = json!({
        "type": "setup",
        "sessionId": setup.session.to_string(),
        "accountSid": setup.account.to_string(),
        "parentCallSid": "",
        "callSid": setup.call.to_string(),
        "from": "",
        "to": "",
        "forwardedFrom": "",
        "callType": setup.call_type,
        "callerName": "",
        "direction": "",
        "callStatus": "",
        "customParameters": parameters,
    });
    if let Value::Object(members) = &mut message {
        for (name, value) in &setup.about {
            members.insert((*name).to_owned(), Value::String(value.clone()));
        }
    }
    message.to_string()
}

/// Any other.
pub(super) fn said(said: &RelaySaid) -> String {
    let info = |name: &str, value: &str| json!({"type": "info", "name": name, "value": value});
    let on = |is_on: bool| if is_on { "on" } else { "off" };
    match said {
        RelaySaid::Prompt { text, language, last } => {
            json!({"type": "prompt", "voicePrompt": text, "lang": language, "last": last})
        }
        RelaySaid::Dtmf { digit } => json!({"type": "dtmf", "digit": digit}),
        RelaySaid::Interrupt { text, after } => json!({
            "type": "interrupt",
            "utteranceUntilInterrupt": text,
            "durationUntilInterruptMs": u64::try_from(after.as_millis()).unwrap_or(u64::MAX),
        }),
        RelaySaid::Error { text } => json!({"type": "error", "description": text}),
        RelaySaid::AgentSpeaking(speaks) => info("agentSpeaking", on(*speaks)),
        RelaySaid::ClientSpeaking(speaks) => info("clientSpeaking", on(*speaks)),
        RelaySaid::TokensPlayed(text) => info("tokensPlayed", text),
    }
    .to_string()
}

/// What applications say. What they say besides is passed over.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Told {
    Text {
        token: String,
        #[serde(default)]
        last: Option<Lenient>,
        lang: Option<String>,
        interruptible: Option<Lenient>,
        preemptible: Option<Lenient>,
    },
    Play {
        source: String,
        #[serde(rename = "loop")]
        times: Option<Times>,
        interruptible: Option<Lenient>,
        preemptible: Option<Lenient>,
    },
    SendDigits {
        digits: String,
    },
    Language {
        tts_language: Option<String>,
        transcription_language: Option<String>,
    },
    End {
        handoff_data: Option<Value>,
    },
}

/// `true`, or `"true"` as some write it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Lenient {
    Bool(bool),
    Text(String),
}

impl Lenient {
    fn read(self) -> Result<bool, String> {
        match self {
            Self::Bool(is) => Ok(is),
            Self::Text(text) => match text.as_str() {
                "true" | "any" => Ok(true),
                "false" | "none" => Ok(false),
                other => Err(format!("`{}` is neither true nor false", other.escape_debug())),
            },
        }
    }
}

/// `1`, or `"1"`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Times {
    Number(u32),
    Text(String),
}

impl Times {
    fn read(self) -> Result<u32, String> {
        match self {
            Self::Number(times) => Ok(times),
            Self::Text(text) => {
                text.parse().map_err(|_| format!("loop `{}` is no number", text.escape_debug()))
            }
        }
    }
}

/// Reads a message.
///
/// # Errors
/// Why it is none: what is too long to be said is refused here, before anybody waits behind it.
pub(super) fn read(text: &str) -> Result<RelayTold, String> {
    let told: Told = serde_json::from_str(text).map_err(|error| {
        let error: String = error.to_string().chars().take(limit::TROUBLE_SHOWN).collect();
        format!("the message is none: {error}")
    })?;
    let flag = |flag: Option<Lenient>| flag.map(Lenient::read).transpose();
    Ok(match told {
        Told::Text { token, last, lang, interruptible, preemptible } => RelayTold::Text {
            token: short("token", token, RELAY_TEXT_MAX)?,
            last: flag(last)?.unwrap_or(false),
            language: lang.filter(|lang| !lang.is_empty()).map(tag).transpose()?,
            interruptible: flag(interruptible)?,
            preemptible: flag(preemptible)?,
        },
        Told::Play { source, times, interruptible, preemptible } => {
            let source = short("source", source, RELAY_SOURCE_MAX)?;
            let url = url::Url::parse(&source).ok();
            if url.is_none_or(|url| !matches!(url.scheme(), "http" | "https")) {
                return Err("source is no absolute http or https URL".to_owned());
            }
            RelayTold::Play {
                source,
                times: times.map(Times::read).transpose()?.unwrap_or(1),
                interruptible: flag(interruptible)?,
                preemptible: flag(preemptible)?,
            }
        }
        Told::SendDigits { digits } => {
            RelayTold::SendDigits { digits: short("digits", digits, RELAY_DIGITS_MAX)? }
        }
        Told::Language { tts_language, transcription_language } => RelayTold::Language {
            tts: tts_language.map(tag).transpose()?,
            transcription: transcription_language.map(tag).transpose()?,
        },
        Told::End { handoff_data } => {
            // An object is what its text would be.
            let handoff = handoff_data.filter(|data| !data.is_null());
            let handoff =
                handoff.map(|data| data.as_str().map_or_else(|| data.to_string(), str::to_owned));
            let short = |data| short("handoffData", data, RELAY_HANDOFF_MAX);
            RelayTold::End { handoff: handoff.map(short).transpose()? }
        }
    })
}

/// No longer than so many bytes.
fn short(name: &str, text: String, most: usize) -> Result<String, String> {
    if text.len() <= most {
        return Ok(text);
    }
    Err(format!("{name} has {} bytes; {most} at most", text.len()))
}

/// A language tag.
fn tag(text: String) -> Result<String, String> {
    let is_tag = !text.is_empty()
        && text.len() <= 35
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if is_tag { Ok(text) } else { Err("a language is a tag such as en-US".to_owned()) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use expect_test::expect;
    use legwork_call::sid::{AccountSid, CallSid, SessionSid};

    use super::*;

    #[test]
    fn what_is_told() {
        let setup = setup(&Setup {
            url: "wss://h/x".to_owned(),
            account: AccountSid::from_bits(1),
            call: CallSid::from_bits(2),
            session: SessionSid::from_bits(3),
            call_type: "SIP",
            about: vec![("from", "sip:a@h".to_owned()), ("direction", "inbound".to_owned())],
            parameters: vec![("a".to_owned(), "\"1\"".to_owned())],
        });
        expect![[r#"{"accountSid":"AC00000000000000000000000000000001","callSid":"CA00000000000000000000000000000002","callStatus":"","callType":"SIP","callerName":"","customParameters":{"a":"\"1\""},"direction":"inbound","forwardedFrom":"","from":"sip:a@h","parentCallSid":"","sessionId":"VX00000000000000000000000000000003","to":"","type":"setup"}"#]]
        .assert_eq(&setup);
        let table = [
            (
                RelaySaid::Prompt {
                    text: "yes \"please\"".to_owned(),
                    language: "en-US".to_owned(),
                    last: true,
                },
                r#"{"lang":"en-US","last":true,"type":"prompt","voicePrompt":"yes \"please\""}"#,
            ),
            (RelaySaid::Dtmf { digit: '#' }, r##"{"digit":"#","type":"dtmf"}"##),
            (
                RelaySaid::Interrupt {
                    text: "Hello".to_owned(),
                    after: Duration::from_millis(460),
                },
                r#"{"durationUntilInterruptMs":460,"type":"interrupt","utteranceUntilInterrupt":"Hello"}"#,
            ),
            (RelaySaid::Error { text: "no".to_owned() }, r#"{"description":"no","type":"error"}"#),
            (
                RelaySaid::AgentSpeaking(true),
                r#"{"name":"agentSpeaking","type":"info","value":"on"}"#,
            ),
            (
                RelaySaid::ClientSpeaking(false),
                r#"{"name":"clientSpeaking","type":"info","value":"off"}"#,
            ),
            (
                RelaySaid::TokensPlayed("Hi".to_owned()),
                r#"{"name":"tokensPlayed","type":"info","value":"Hi"}"#,
            ),
        ];
        for (told, expected) in table {
            assert_eq!(said(&told), expected);
        }
    }

    fn text(token: &str, last: bool) -> RelayTold {
        let (language, interruptible, preemptible) = (None, None, None);
        RelayTold::Text { token: token.to_owned(), last, language, interruptible, preemptible }
    }

    #[test]
    fn what_applications_say() {
        let table = [
            (r#"{"type":"text","token":"Hi","last":true}"#, text("Hi", true)),
            (r#"{"type":"text","token":"Hi"}"#, text("Hi", false)),
            (r#"{"type":"text","token":"","last":"true","more":[1]}"#, text("", true)),
            (
                r#"{"type":"text","token":"a","lang":"de-DE","interruptible":false,"preemptible":true}"#,
                RelayTold::Text {
                    token: "a".to_owned(),
                    last: false,
                    language: Some("de-DE".to_owned()),
                    interruptible: Some(false),
                    preemptible: Some(true),
                },
            ),
            (
                r#"{"type":"play","source":"https://h/a.mp3","loop":0,"preemptible":false}"#,
                RelayTold::Play {
                    source: "https://h/a.mp3".to_owned(),
                    times: 0,
                    interruptible: None,
                    preemptible: Some(false),
                },
            ),
            (
                r#"{"type":"sendDigits","digits":"12w#"}"#,
                RelayTold::SendDigits { digits: "12w#".to_owned() },
            ),
            (
                r#"{"type":"language","ttsLanguage":"fr-FR"}"#,
                RelayTold::Language { tts: Some("fr-FR".to_owned()), transcription: None },
            ),
            (r#"{"type":"end"}"#, RelayTold::End { handoff: None }),
            (
                r#"{"type":"end","handoffData":"{\"a\":1}"}"#,
                RelayTold::End { handoff: Some("{\"a\":1}".to_owned()) },
            ),
            (
                r#"{"type":"end","handoffData":{"a":1}}"#,
                RelayTold::End { handoff: Some("{\"a\":1}".to_owned()) },
            ),
        ];
        for (message, expected) in table {
            assert_eq!(read(message), Ok(expected), "{message}");
        }
    }

    #[test]
    fn what_is_too_long_is_no_message() {
        let table = [
            (RELAY_TEXT_MAX, r#"{"type":"text","last":true,"token":""#, r#""}"#),
            (
                RELAY_SOURCE_MAX - "http://h/".len(),
                r#"{"type":"play","source":"http://h/"#,
                r#""}"#,
            ),
            (RELAY_DIGITS_MAX, r#"{"type":"sendDigits","digits":""#, r#""}"#),
            (RELAY_HANDOFF_MAX, r#"{"type":"end","handoffData":""#, r#""}"#),
            (
                RELAY_HANDOFF_MAX - r#"{"a":""}"#.len(),
                r#"{"type":"end","handoffData":{"a":""#,
                r#""}}"#,
            ),
        ];
        for (most, head, tail) in table {
            let message = |n: usize| format!("{head}{}{tail}", "1".repeat(n));
            assert!(read(&message(most)).is_ok(), "{head}");
            let text = read(&message(most + 1)).unwrap_err();
            assert!(text.contains("at most"), "{text}");
        }
    }

    #[test]
    fn what_is_no_message() {
        for message in [
            "",
            "hello",
            "[]",
            "{}",
            r#"{"type":"text"}"#,
            r#"{"type":"text","token":1}"#,
            r#"{"type":"text","token":"a","last":"maybe"}"#,
            r#"{"type":"text","token":"a","lang":"no tag"}"#,
            r#"{"type":"play","source":"/relative.mp3"}"#,
            r#"{"type":"play","source":"file:///etc/passwd"}"#,
            r#"{"type":"play","source":"http://h/a","loop":-1}"#,
            r#"{"type":"sendDigits"}"#,
            r#"{"type":"language","ttsLanguage":""}"#,
            r#"{"type":"dance"}"#,
        ] {
            let text = read(message).unwrap_err();
            assert!(!text.is_empty() && text.len() < 400, "{message}: {text}");
        }
    }
}
