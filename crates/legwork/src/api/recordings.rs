//! `/_/recordings`: what there is, and its sound.
//!
//! `RE…` and `RE….wav` are the sound, so that a `RecordingUrl` can be played as it is; `RE….mp3` the same
//! smaller; `RE….json` is what is known of it. `?RequestedChannels=1` makes one channel of two.
//! Not here: recordings themselves (`recording`).
//! Source: Twilio, "Recordings Resource"; RFC 9110 §14 (ranges).

use std::ops::Range;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    IF_RANGE, RANGE, RETRY_AFTER,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use legwork_call::sid::{AccountSid, CallSid, RecordingSid};
use object_store::{GetOptions, GetRange, ObjectStore as _};
use serde::Deserialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;
use url::Url;

use crate::api::auth::Caller;
use crate::api::extract::{Asked, Named};
use crate::api::{Error, Shared};
use crate::config::Token;
use crate::date::iso;
use crate::fetch::sign::signature;
use crate::limit;
use crate::recording::{Card, Media, NoMedia, NotDeleted};

/// Twilio: a dual-channel presentation of a recording with one channel.
const NOT_DUAL: u32 = 16_113;
/// Twilio: the resource is in a state that does not allow that.
const CONFLICT: u32 = 20_409;

/// What may be asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    /// Of this call alone.
    call_sid: Option<String>,
    /// At most so many.
    limit: Option<usize>,
}

/// In which form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    /// 1: both in one.
    #[serde(rename = "RequestedChannels")]
    channels: Option<u16>,
}

/// What of a recording.
enum Part {
    /// Its sound.
    Sound { mp3: bool },
    /// What is known of it.
    About,
}

/// Recordings, newest first.
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Asked(wanted): Asked<Filter>,
) -> Result<Json<Value>, Error> {
    let wrong = |_| Error::bad_request("call_sid is not a call SID: CA and 32 hexadecimal digits");
    let call = wanted.call_sid.map(|sid| sid.parse::<CallSid>().map_err(wrong)).transpose()?;
    let most = wanted.limit.unwrap_or(limit::AUDIO_TOLD).min(limit::AUDIO_LISTED_MAX);
    let cards = shared.recordings.list(account, call, most);
    let shown: Vec<Value> = cards.iter().map(|card| shown(&shared, card)).collect();
    Ok(Json(json!({ "recordings": shown })))
}

/// One recording: its sound, or what is known of it.
pub(crate) async fn one(
    State(shared): State<Arc<Shared>>,
    caller: Result<Caller, Error>,
    Named(name): Named,
    Asked(wanted): Asked<Wanted>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let (sid, part) = read(&name);
    let missing = || Error::not_found(&format!("the recording {}", name.escape_debug()));
    let account = match (&part, caller) {
        (Some(Part::Sound { .. }), _) if shared.recordings_are_public() => None,
        (Some(Part::Sound { .. }), Err(refused)) => {
            Some(signer(&shared, &uri, &headers).ok_or(refused)?)
        }
        (_, caller) => Some(caller?.0),
    };
    let (Some(sid), Some(part)) = (sid, part) else { return Err(missing()) };
    let card = find(&shared, account, sid).await.ok_or_else(missing)?;
    match part {
        Part::About => Ok(Json(shown(&shared, &card)).into_response()),
        Part::Sound { mp3 } => {
            if !matches!(wanted.channels, None | Some(1 | 2)) {
                return Err(Error::bad_request("RequestedChannels is 1 or 2"));
            }
            match shared.recordings.media(&card, mp3, wanted.channels).await {
                Ok(media) => send(&card, &media, &method, &headers).await,
                Err(why) => Ok(not_sent(&card, &why)),
            }
        }
    }
}

/// The account with whose token a request is signed: that is how we ask ourselves for the `RecordingUrl`
/// in a `<Play>`.
fn signer(shared: &Shared, uri: &Uri, headers: &HeaderMap) -> Option<AccountSid> {
    let signed = headers.get("x-twilio-signature")?.as_bytes();
    let url = Url::parse(&format!("{}{uri}", shared.http_base())).ok()?;
    let tokens = shared.tokens();
    let right =
        |token: &Token| bool::from(signature(token, url.as_str(), &[]).as_bytes().ct_eq(signed));
    tokens.iter().find(|(_, token)| right(token)).map(|(account, _)| *account)
}

/// Removes a recording.
pub(crate) async fn delete(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(name): Named,
) -> Result<StatusCode, Error> {
    let missing = || Error::not_found(&format!("the recording {}", name.escape_debug()));
    let sid = name.parse().map_err(|_| missing())?;
    let card = find(&shared, Some(account), sid).await.ok_or_else(missing)?;
    match shared.recordings.delete(&card).await {
        Ok(()) => {
            shared.store.forget_transcriptions(sid);
            Ok(StatusCode::NO_CONTENT)
        }
        Err(NotDeleted::Growing) => {
            Err(Error::new(409, CONFLICT, "the recording is being made: end it first"))
        }
        Err(NotDeleted::Broken(error)) => {
            tracing::error!(%sid, error, "a recording can not be removed");
            Err(Error::new(500, 20_500, "the recording can not be removed: see the server's log"))
        }
    }
}

/// The recording that is named, and what of it.
fn read(name: &str) -> (Option<RecordingSid>, Option<Part>) {
    let (sid, ending) = name.split_once('.').unwrap_or((name, "wav"));
    let part = match ending {
        "wav" => Some(Part::Sound { mp3: false }),
        "mp3" => Some(Part::Sound { mp3: true }),
        "json" => Some(Part::About),
        _ => None,
    };
    (sid.parse().ok(), part)
}

async fn find(shared: &Shared, account: Option<AccountSid>, sid: RecordingSid) -> Option<Card> {
    let card = shared.recordings.find(sid).await?;
    account.is_none_or(|account| account == card.account).then_some(card)
}

fn shown(shared: &Shared, card: &Card) -> Value {
    let media_url = format!("{}/_/recordings/{}", shared.http_base(), card.sid);
    json!({
        "sid": card.sid.to_string(),
        "account_sid": card.account.to_string(),
        "call_sid": card.call.to_string(),
        "conference_sid": card.conference,
        "status": card.status,
        "source": card.source,
        "track": card.track,
        "channels": card.channels,
        "start_time": iso(card.started()),
        "duration": card.duration_ms.map(seconds),
        "duration_ms": card.duration_ms,
        "lost_ms": card.lost_ms,
        "media_url": card.has_sound().then_some(media_url),
    })
}

/// Whole seconds as callbacks tell them (`legwork-call`, `recording`): what was kept has at least one.
pub(crate) fn seconds(ms: u64) -> u64 {
    if ms == 0 { 0 } else { (ms.saturating_add(500) / 1_000).max(1) }
}

fn not_sent(card: &Card, why: &NoMedia) -> Response {
    let error = match why {
        NoMedia::None => Error::not_found(&format!("the sound of the recording {}", card.sid)),
        NoMedia::NotDual => Error::new(400, NOT_DUAL, "the recording has one channel"),
        NoMedia::Later => Error::new(503, 20_503, "it is being made: try again in a few seconds"),
        NoMedia::Broken(error) => {
            tracing::error!(sid = %card.sid, error, "a recording can not be read");
            Error::new(500, 20_500, "the recording can not be read: see the server's log")
        }
    };
    let mut response = error.into_response();
    if *why == NoMedia::Later {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// Sends the sound, or the part of it that is asked for.
async fn send(
    card: &Card,
    media: &Media,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let size = media.size;
    let name = media.form.name(card.sid);
    let tag = format!("\"{name}-{size}\"");
    let asked = headers.get(RANGE).and_then(|range| range.to_str().ok());
    // Of another version all is sent.
    let same = headers.get(IF_RANGE).is_none_or(|known| known.as_bytes() == tag.as_bytes());
    let part = match asked.filter(|_| same).map(|asked| range(asked, size)) {
        Some(Asked206::Part(part)) => Some(part),
        Some(Asked206::Nothing) => {
            let unsatisfied = [(CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, unsatisfied).into_response());
        }
        Some(Asked206::All) | None => None,
    };
    let (from, until) = part.as_ref().map_or((0, size), |part| (part.start, part.end));
    let body = if method == Method::HEAD || from == until {
        Body::empty()
    } else {
        let range = Some(GetRange::Bounded(from..until));
        let options = GetOptions { range, ..GetOptions::default() };
        match media.store.get_opts(&media.at, options).await {
            Ok(found) => Body::from_stream(found.into_stream()),
            Err(error) => return Ok(not_sent(card, &NoMedia::Broken(error.to_string()))),
        }
    };
    let status = if part.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut response = (status, body).into_response();
    let mut say = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    };
    say(CONTENT_TYPE, media.form.content_type().to_owned());
    say(CONTENT_LENGTH, (until - from).to_string());
    say(CONTENT_DISPOSITION, format!("inline; filename=\"{name}\""));
    say(ACCEPT_RANGES, "bytes".to_owned());
    say(ETAG, tag);
    if part.is_some() {
        say(CONTENT_RANGE, format!("bytes {from}-{}/{size}", until.saturating_sub(1)));
    }
    Ok(response)
}

/// What a Range header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked206 {
    /// These bytes.
    Part(Range<u64>),
    /// Bytes that are not there.
    Nothing,
    /// What we do not understand, or several parts: all may be sent then.
    All,
}

fn range(asked: &str, size: u64) -> Asked206 {
    let Some((first, last)) = asked.strip_prefix("bytes=").and_then(|range| range.split_once('-'))
    else {
        return Asked206::All;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let (first, last) = (first.trim(), last.trim());
    let (from, until) = match (number(first), number(last)) {
        (Some(from), Some(last)) if from > last => return Asked206::All,
        (Some(from), Some(last)) => (from, size.min(last.saturating_add(1))),
        (Some(from), None) if last.is_empty() => (from, size),
        (None, Some(n)) if first.is_empty() => (size.saturating_sub(n), size),
        (Some(_), None) | (None, Some(_) | None) => return Asked206::All,
    };
    if from < until { Asked206::Part(from..until) } else { Asked206::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_of_the_first_to_the_last_byte() {
        let table = [
            ("bytes=0-9", Asked206::Part(0..10)),
            ("bytes=0-", Asked206::Part(0..100)),
            ("bytes=90-200", Asked206::Part(90..100)),
            ("bytes=-10", Asked206::Part(90..100)),
            ("bytes=-200", Asked206::Part(0..100)),
            ("bytes=99-99", Asked206::Part(99..100)),
            ("bytes=100-", Asked206::Nothing),
            ("bytes=-0", Asked206::Nothing),
            ("bytes=99999999999999999999999-", Asked206::Nothing),
            ("bytes=9-0", Asked206::All),
            ("bytes=-", Asked206::All),
            ("bytes=0-1,5-6", Asked206::All),
            ("bytes=a-b", Asked206::All),
            ("lines=0-1", Asked206::All),
        ];
        for (asked, expected) in table {
            assert_eq!(range(asked, 100), expected, "{asked}");
        }
        assert_eq!(range("bytes=0-", 0), Asked206::Nothing);
    }

    #[test]
    fn seconds_are_those_of_callbacks() {
        for (ms, whole) in [(0, 0), (1, 1), (1_499, 1), (1_500, 2), (61_499, 61)] {
            assert_eq!(seconds(ms), whole, "{ms}");
        }
    }

    #[test]
    fn names_say_what_is_wanted() {
        let sid = RecordingSid::from_bits(7);
        for (ending, sound, about) in [
            ("", Some(false), false),
            (".wav", Some(false), false),
            (".mp3", Some(true), false),
            (".json", None, true),
            (".ogg", None, false),
            (".wav.json", None, false),
        ] {
            let (found, part) = read(&format!("{sid}{ending}"));
            assert_eq!(found, Some(sid));
            match part {
                Some(Part::Sound { mp3 }) => assert_eq!(Some(mp3), sound, "{ending}"),
                Some(Part::About) => assert!(about, "{ending}"),
                None => assert!(sound.is_none() && !about, "{ending}"),
            }
        }
        assert!(read("../RE1").0.is_none());
    }
}
