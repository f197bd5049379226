//! What a call placed over HTTP is to be: its parameters, checked.
//!
//! Not here: its recording (`new_call/recording`), who answers (`new_call/machine`), placing it (`legwork-call`, `order`), what is shown of it
//! (`calls`).
//! Source: Twilio, "Call resource: create and update"; error codes 212xx, 32018, 32019. `ReferUrl` is ours.

mod machine;
mod recording;

use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use legwork_call::command::{Start, StatusCallback};
use legwork_call::config::Hook;
use legwork_call::{NewCall, sid::AccountSid};
use legwork_twiml as twiml;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;

use crate::api::Error;
use crate::limit;
use machine::Machine;
use recording::Recording;

/// Twilio: `Url` is not a URL.
const BAD_URL: u32 = 21_205;
/// Twilio: `SendDigits` holds something else than keys and pauses.
const BAD_DIGITS: u32 = 21_206;
/// Twilio: `Timeout` is out of range.
const BAD_TIMEOUT: u32 = 21_208;
/// Twilio: a method is neither `GET` nor `POST`.
const BAD_METHOD: u32 = 21_209;
/// Twilio: `From` can not be used.
const BAD_FROM: u32 = 21_212;
/// Twilio: `SipAuthUsername` is too long.
const USERNAME_TOO_LONG: u32 = 21_221;
/// Twilio: `SipAuthPassword` is too long.
const PASSWORD_TOO_LONG: u32 = 21_223;
/// Twilio: one of the two is missing.
const NO_PASSWORD: u32 = 21_225;
/// Twilio: inline TwiML is too long.
const TWIML_TOO_LONG: u32 = 32_018;

/// How long a call may ring, seconds. Source: Twilio, `Timeout`.
const TIMEOUT_S: std::ops::RangeInclusive<u64> = 1..=600;
/// How long a call may last, seconds: a day.
const TIME_LIMIT_S: std::ops::RangeInclusive<u64> = 1..=86_400;
/// Keys and pauses of `SendDigits`.
const DIGITS_MAX: usize = 32;
/// Characters of `From`.
const FROM_MAX: usize = 255;
/// Characters of user name and password.
const CREDENTIAL_MAX: usize = 255;

/// A call to place, as typed: JSON in snake_case, or a form with Twilio's names.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    from: String,
    to: String,
    url: Option<String>,
    method: Option<String>,
    twiml: Option<String>,
    fallback_url: Option<String>,
    fallback_method: Option<String>,
    status_callback: Option<String>,
    status_callback_method: Option<String>,
    status_callback_event: Option<Words>,
    timeout: Option<Whole>,
    time_limit: Option<Whole>,
    send_digits: Option<String>,
    #[serde(flatten)]
    machine: Machine,
    #[serde(flatten)]
    recording: Recording,
    refer_url: Option<String>,
    refer_method: Option<String>,
    sip_auth_username: Option<String>,
    sip_auth_password: Option<String>,
    /// What is none of these.
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// What a live call is to run, as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redirect {
    url: Option<String>,
    method: Option<String>,
    twiml: Option<String>,
}

/// A change to a live call, as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    url: Option<String>,
    method: Option<String>,
    twiml: Option<String>,
    status: Option<String>,
}

/// A change to a live call.
#[derive(Debug)]
pub(crate) enum Change {
    /// It runs another document.
    Redirect(Start),
    /// It ends. True: only if it is not answered yet (`canceled`).
    End(bool),
}

/// One word, several, or several in one text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Several(Vec<String>),
}

/// A number, also one written as text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Whole {
    Number(u64),
    Text(String),
}

impl Whole {
    fn within(&self, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
        let number = match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
        };
        number.filter(|number| range.contains(number))
    }

    fn seconds(&self, range: std::ops::RangeInclusive<u64>) -> Option<Duration> {
        self.within(range).map(Duration::from_secs)
    }
}

/// A truth, also one written as text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Flag {
    Truth(bool),
    Text(String),
}

impl Flag {
    /// None: it is neither.
    pub(crate) fn is_true(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            Self::Text(text) => text.trim().to_ascii_lowercase().parse().ok(),
        }
    }
}

/// Reads a body: JSON, or a form.
///
/// # Errors
/// It is neither, or holds something unknown.
pub(crate) fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, Error> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let read = match kind.as_str() {
        // An array of all values in order would do for serde.
        "application/json" if !body.trim_ascii_start().starts_with(b"{") => {
            return Err(Error::bad_request("the body can not be used: write a JSON object"));
        }
        "application/json" => serde_json::from_slice(body),
        "application/x-www-form-urlencoded" => serde_json::from_value(form(body)),
        _ => {
            let text = "Content-Type is application/json or application/x-www-form-urlencoded";
            return Err(Error::new(415, 20_001, text));
        }
    };
    read.map_err(|error| Error::new(400, 20_001, format!("the body can not be used: {error}")))
}

/// A form as JSON: `StatusCallbackEvent` is `status_callback_event`, and a list when it comes twice.
fn form(body: &[u8]) -> Value {
    let mut fields = Map::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        let value = Value::String(value.into_owned());
        let name = snake_case(&name);
        match fields.remove(&name) {
            None => fields.insert(name, value),
            Some(Value::Array(mut several)) => {
                several.push(value);
                fields.insert(name, Value::Array(several))
            }
            Some(first) => fields.insert(name, Value::Array(vec![first, value])),
        };
    }
    Value::Object(fields)
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for (at, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

impl Wanted {
    /// The call, checked.
    ///
    /// # Errors
    /// Twilio's code for the first parameter that can not be used.
    pub(crate) fn checked(self, account: AccountSid) -> Result<NewCall, Error> {
        if let Some(name) = self.unknown.keys().next() {
            let text = format!("the body can not be used: unknown field `{}`", name.escape_debug());
            return Err(Error::new(400, 20_001, text));
        }
        let (machine, record) = (self.machine.checked()?, self.recording.checked()?);
        let from = caller(self.from)?;
        let start = start(self.url, self.method.as_deref(), self.twiml.as_deref())?;
        let credentials = credentials(self.sip_auth_username, self.sip_auth_password)?;
        let fallback = hook("fallback_url", self.fallback_url, self.fallback_method.as_deref())?;
        let method = self.status_callback_method.as_deref();
        let status = hook("status_callback", self.status_callback, method)?;
        let events = events(self.status_callback_event.as_ref())?;
        let refer = hook("refer_url", self.refer_url, self.refer_method.as_deref())?;
        let bad_time = |what: &str| {
            Error::new(400, BAD_TIMEOUT, format!("{what} is not a number of seconds in its range"))
        };
        let timeout = match &self.timeout {
            None => legwork_call::limit::CALL_TIMEOUT,
            Some(seconds) => {
                seconds.seconds(TIMEOUT_S).ok_or_else(|| bad_time("timeout (1 to 600)"))?
            }
        };
        let time_limit = match &self.time_limit {
            None => legwork_call::limit::CALL_TIME_LIMIT,
            Some(seconds) => {
                seconds.seconds(TIME_LIMIT_S).ok_or_else(|| bad_time("time_limit (1 to 86,400)"))?
            }
        };
        let digits = self.send_digits.filter(|digits| !digits.is_empty());
        let is_key = |key: char| key.is_ascii_digit() || "*#w".contains(key);
        if digits.as_ref().is_some_and(|d| d.len() > DIGITS_MAX || !d.chars().all(is_key)) {
            let text = format!("send_digits has at most {DIGITS_MAX} of 0-9, *, # and w (a pause)");
            return Err(Error::new(400, BAD_DIGITS, text));
        }
        Ok(NewCall {
            account,
            from,
            to: self.to,
            start,
            fallback,
            status: status.map(|hook| StatusCallback { hook, events }),
            timeout,
            time_limit,
            send_digits: digits,
            machine,
            record,
            refer,
            credentials,
        })
    }
}

impl Redirect {
    /// What is to be run.
    ///
    /// # Errors
    /// Twilio's code for what can not be used.
    pub(crate) fn checked(self) -> Result<Start, Error> {
        start(self.url, self.method.as_deref(), self.twiml.as_deref())
    }
}

impl Update {
    /// The change.
    ///
    /// # Errors
    /// Twilio's code for what can not be used.
    pub(crate) fn checked(self) -> Result<Change, Error> {
        match self.status.as_deref() {
            Some("completed") => Ok(Change::End(false)),
            Some("canceled") => Ok(Change::End(true)),
            Some(_) => Err(Error::bad_request("status is completed or canceled")),
            None => {
                start(self.url, self.method.as_deref(), self.twiml.as_deref()).map(Change::Redirect)
            }
        }
    }
}

/// What is to be run: a URL or inline TwiML; of both the URL, as Twilio does.
fn start(url: Option<String>, method: Option<&str>, inline: Option<&str>) -> Result<Start, Error> {
    if let Some(hook) = hook("url", url, method)? {
        return Ok(Start::Url { hook, both: inline.is_some() });
    }
    let Some(text) = inline else {
        return Err(Error::bad_request("write url or twiml: what the call is to run"));
    };
    if text.chars().count() > limit::INLINE_TWIML_MAX {
        let message = format!("twiml has at most {} characters", limit::INLINE_TWIML_MAX);
        return Err(Error::new(400, TWIML_TOO_LONG, message));
    }
    let (program, problems) = twiml::parse(text.as_bytes());
    match problems.iter().find(|problem| problem.level == twiml::Level::Error) {
        Some(problem) => Err(Error::new(400, problem.code, problem.to_string())),
        None => Ok(Start::Twiml { program, problems, written: text.into() }),
    }
}

/// What can be shown as a caller, if not everywhere: towards a trunk only numbers can.
fn caller(from: String) -> Result<String, Error> {
    if from.chars().any(char::is_control) || from.chars().nth(FROM_MAX).is_some() {
        let text = format!("from has at most {FROM_MAX} characters, none of them a line end");
        return Err(Error::new(400, BAD_FROM, text));
    }
    Ok(from)
}

/// A URL and its method, if there is one.
pub(super) fn hook(
    name: &str,
    url: Option<String>,
    method: Option<&str>,
) -> Result<Option<Hook>, Error> {
    let method = match method {
        None | Some("POST") => twiml::Method::Post,
        Some("GET") => twiml::Method::Get,
        Some(_) => {
            return Err(Error::new(
                400,
                BAD_METHOD,
                format!("the method of {name} is GET or POST"),
            ));
        }
    };
    let Some(url) = url.filter(|url| !url.is_empty()) else { return Ok(None) };
    let parsed = Url::parse(&url).ok();
    if !parsed.is_some_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host()) {
        let text = format!("{name} is not an absolute http or https URL");
        return Err(Error::new(400, BAD_URL, text));
    }
    Ok(Some(Hook { url, method }))
}

/// Which steps are told: only the end unless said.
fn events(words: Option<&Words>) -> Result<twiml::CallEvents, Error> {
    let none =
        twiml::CallEvents { initiated: false, ringing: false, answered: false, completed: false };
    let mut events = none;
    let all: Vec<&str> = match words {
        None => vec!["completed"],
        Some(Words::One(text)) => text.split([' ', ',']).collect(),
        Some(Words::Several(texts)) => texts.iter().flat_map(|text| text.split(' ')).collect(),
    };
    for word in all.into_iter().filter(|word| !word.is_empty()) {
        match word {
            "initiated" => events.initiated = true,
            "ringing" => events.ringing = true,
            "answered" => events.answered = true,
            "completed" => events.completed = true,
            _ => {
                let text = "status_callback_event has initiated, ringing, answered, completed";
                return Err(Error::bad_request(text));
            }
        }
    }
    if events == none {
        events.completed = true;
    }
    Ok(events)
}

fn credentials(
    username: Option<String>,
    password: Option<String>,
) -> Result<Option<(String, String)>, Error> {
    let too_long = |text: &str| text.chars().nth(CREDENTIAL_MAX).is_some();
    let refuse = |code: u32, what: &str| {
        let text = format!("{what} has at most {CREDENTIAL_MAX} characters");
        Err(Error::new(400, code, text))
    };
    match (username, password) {
        (None, None) => Ok(None),
        (Some(username), _) if too_long(&username) => {
            refuse(USERNAME_TOO_LONG, "sip_auth_username")
        }
        (_, Some(password)) if too_long(&password) => {
            refuse(PASSWORD_TOO_LONG, "sip_auth_password")
        }
        (Some(username), Some(password)) => Ok(Some((username, password))),
        (Some(_), None) | (None, Some(_)) => {
            let text = "sip_auth_username and sip_auth_password belong together";
            Err(Error::new(400, NO_PASSWORD, text))
        }
    }
}

#[cfg(test)]
mod tests {
    use legwork_call::command::MachineDetection;
    use legwork_media as media;
    use serde_json::json;

    use super::*;

    const ACCOUNT: AccountSid = crate::config::development::ACCOUNT;

    fn headers(kind: &str) -> HeaderMap {
        [(CONTENT_TYPE, kind.parse().unwrap())].into_iter().collect()
    }

    fn of_json(body: &Value) -> Result<NewCall, Error> {
        let body = Bytes::from(body.to_string());
        read::<Wanted>(&headers("application/json"), &body)?.checked(ACCOUNT)
    }

    fn of_form(body: &str) -> Result<NewCall, Error> {
        let body = Bytes::from(body.to_owned());
        read::<Wanted>(&headers("application/x-www-form-urlencoded"), &body)?.checked(ACCOUNT)
    }

    #[test]
    fn twilios_names_in_a_form_say_the_same_as_ours_in_json() {
        let form = of_form(
            "To=sip%3Aa%40b&From=%2B815012345678&Url=http%3A%2F%2Fapp%2Fv&Method=GET\
             &StatusCallback=http%3A%2F%2Fapp%2Fs&StatusCallbackEvent=initiated\
             &StatusCallbackEvent=answered&Timeout=20&SendDigits=ww1%23&TimeLimit=60\
             &ReferUrl=http%3A%2F%2Fapp%2Fr&ReferMethod=GET&FallbackUrl=http%3A%2F%2Fapp%2Ff\
             &SipAuthUsername=u&SipAuthPassword=p&MachineDetection=DetectMessageEnd\
             &MachineDetectionTimeout=10&MachineDetectionSpeechThreshold=1000\
             &MachineDetectionSpeechEndThreshold=5000&MachineDetectionSilenceTimeout=2000\
             &AsyncAmd=true&AsyncAmdStatusCallback=http%3A%2F%2Fapp%2Fa\
             &AsyncAmdStatusCallbackMethod=GET",
        )
        .unwrap();
        let json = of_json(&json!({
            "to": "sip:a@b", "from": "+815012345678", "url": "http://app/v", "method": "GET",
            "status_callback": "http://app/s", "status_callback_event": ["initiated", "answered"],
            "timeout": 20, "send_digits": "ww1#", "time_limit": 60,
            "refer_url": "http://app/r", "refer_method": "GET", "fallback_url": "http://app/f",
            "sip_auth_username": "u", "sip_auth_password": "p",
            "machine_detection": "DetectMessageEnd", "machine_detection_timeout": 10,
            "machine_detection_speech_threshold": 1000,
            "machine_detection_speech_end_threshold": 5000,
            "machine_detection_silence_timeout": 2000, "async_amd": true,
            "async_amd_status_callback": "http://app/a",
            "async_amd_status_callback_method": "GET",
        }))
        .unwrap();
        assert_eq!(format!("{form:?}"), format!("{json:?}"));
        assert_eq!(form.timeout, Duration::from_secs(20));
        let events = form.status.unwrap().events;
        assert!(events.initiated && events.answered && !events.ringing && !events.completed);
    }

    #[test]
    fn defaults() {
        let call = of_form("To=a&From=b&Twiml=%3CResponse%2F%3E&StatusCallback=http%3A%2F%2Fa%2F");
        let call = call.unwrap();
        assert_eq!(call.timeout, Duration::from_secs(60));
        assert_eq!(call.time_limit, Duration::from_secs(14_400));
        let events = call.status.unwrap().events;
        assert!(!events.initiated && !events.answered && !events.ringing && events.completed);
        assert!(call.refer.is_none() && call.fallback.is_none() && call.send_digits.is_none());
        assert!(call.machine.is_none());
        let call = of_form("To=a&From=b&Twiml=%3CResponse%2F%3E&MachineDetection=Enable");
        let machine = call.unwrap().machine.unwrap();
        let ms = Duration::from_millis;
        let rules = media::Machine {
            until_end: false,
            timeout: ms(30_000),
            speech: ms(2400),
            speech_end: ms(1200),
            silence: ms(5000),
        };
        assert_eq!(*machine, MachineDetection { rules, asynchronous: false, callback: None });
    }

    #[test]
    fn a_body_of_json_is_an_object() {
        for body in [&b""[..], b"[]", b"null", b"\"x\"", b"[\"a\",\"b\"]"] {
            let read = read::<Wanted>(&headers("application/json"), &Bytes::from_static(body));
            let refused = read.unwrap_err();
            assert_eq!((refused.status, refused.code), (400, 20_001));
            assert!(refused.message.ends_with("write a JSON object"), "{}", refused.message);
        }
    }

    #[test]
    fn each_wrong_parameter_has_its_code() {
        let long = "x".repeat(256);
        let detecting = |name: &str, value: &Value| json!({ "url": "http://a/", "machine_detection": "Enable", name: value });
        let table = [
            (json!({}), 20_001),
            (json!({ "url": "ftp://a/b" }), 21_205),
            (json!({ "url": "/relative" }), 21_205),
            (json!({ "url": "http://a/", "method": "PUT" }), 21_209),
            (json!({ "twiml": "<Response>" }), 12_100),
            (json!({ "twiml": "x".repeat(4_001) }), 32_018),
            (json!({ "url": "http://a/", "status_callback": "nowhere" }), 21_205),
            (json!({ "url": "http://a/", "status_callback_event": "sometimes" }), 20_001),
            (json!({ "url": "http://a/", "timeout": 0 }), 21_208),
            (json!({ "url": "http://a/", "timeout": 601 }), 21_208),
            (json!({ "url": "http://a/", "timeout": "soon" }), 21_208),
            (json!({ "url": "http://a/", "time_limit": 86_401 }), 21_208),
            (json!({ "url": "http://a/", "send_digits": "A" }), 21_206),
            (json!({ "url": "http://a/", "send_digits": "1".repeat(33) }), 21_206),
            (json!({ "url": "http://a/", "machine_detection": "yes" }), 21_234),
            (detecting("async_amd", &json!("maybe")), 21_234),
            (detecting("machine_detection_timeout", &json!(2)), 21_234),
            (detecting("machine_detection_timeout", &json!("61")), 21_234),
            (detecting("machine_detection_speech_threshold", &json!(6001)), 21_234),
            (detecting("machine_detection_speech_end_threshold", &json!(499)), 21_234),
            (detecting("machine_detection_silence_timeout", &json!(10_001)), 21_234),
            (detecting("async_amd_status_callback", &json!("nowhere")), 21_205),
            (detecting("async_amd_status_callback_method", &json!("PUT")), 21_209),
            (json!({ "url": "http://a/", "refer_url": "relative" }), 21_205),
            (json!({ "url": "http://a/", "refer_method": "PUT" }), 21_209),
            (json!({ "url": "http://a/", "sip_auth_username": "u" }), 21_225),
            (json!({ "url": "http://a/", "sip_auth_password": "p" }), 21_225),
            (
                json!({ "url": "http://a/", "sip_auth_username": long, "sip_auth_password": "p" }),
                21_221,
            ),
            (
                json!({ "url": "http://a/", "sip_auth_username": "u", "sip_auth_password": long }),
                21_223,
            ),
            (json!({ "url": "http://a/", "colour": "blue" }), 20_001),
            (json!({ "url": "http://a/", "from": "a\r\nVia: b" }), 21_212),
            (json!({ "url": "http://a/", "from": long }), 21_212),
        ];
        for (mut body, code) in table {
            let fields = body.as_object_mut().unwrap();
            fields.entry("from").or_insert_with(|| json!("+815012345678"));
            fields.insert("to".to_owned(), json!("sip:a@b"));
            assert_eq!(of_json(&body).unwrap_err().code, code, "{body}");
        }
    }

    #[test]
    fn a_live_call_is_changed() {
        let read = |body: &str| {
            let body = Bytes::from(body.to_owned());
            read::<Update>(&headers("application/x-www-form-urlencoded"), &body)?.checked()
        };
        assert!(matches!(read("Status=completed"), Ok(Change::End(false))));
        assert!(matches!(read("Status=canceled"), Ok(Change::End(true))));
        assert!(matches!(read("Url=http%3A%2F%2Fa%2F"), Ok(Change::Redirect(Start::Url { .. }))));
        let both = read("Url=http%3A%2F%2Fa%2F&Twiml=%3CResponse%2F%3E");
        assert!(matches!(both, Ok(Change::Redirect(Start::Url { both: true, .. }))));
        assert_eq!(read("Status=ringing").unwrap_err().code, 20_001);
        assert_eq!(read("").unwrap_err().code, 20_001);
    }

    #[test]
    fn bodies_of_another_kind_are_refused() {
        let wrong = read::<Update>(&headers("text/plain"), &Bytes::from_static(b"x"));
        assert_eq!(wrong.unwrap_err().status, 415);
    }
}
