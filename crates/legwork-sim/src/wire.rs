//! A SIP message as a phone and a bystander read it: text where there is text, nothing where there
//! is none.
//!
//! Not here: how bytes become a message (`legwork_sip::message`); what a phone makes of it
//! (`phone`).

use bytes::Bytes;
use legwork_call::ladder;
use legwork_sip::Message;
use legwork_sip::header::Name;
use legwork_sip::header::cseq::CSeq;

/// A message, read once.
#[derive(Clone, Debug)]
pub struct Wire {
    message: Message,
    body: Bytes,
}

impl Wire {
    /// Reads a message; none when it is not one.
    pub fn parse(bytes: &Bytes) -> Option<Self> {
        let message = Message::parse(bytes.clone()).ok()?;
        let body = message.body();
        Some(Self { message, body })
    }

    /// The method of a request.
    pub fn method(&self) -> Option<&str> {
        self.message.is_request().then(|| text(self.message.method_name()))
    }

    /// The Request-URI; empty for a response.
    pub fn uri(&self) -> &str {
        text(self.message.uri())
    }

    /// The status of a response.
    pub fn status(&self) -> Option<u16> {
        self.message.status().map(|status| status.0)
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The first line of that name, or nothing.
    pub fn header(&self, name: Name) -> &str {
        self.message.header(name).map_or("", text)
    }

    /// The first line of a name that is written so.
    pub fn line(&self, name: &str) -> Option<&str> {
        let mut all = self.message.all();
        all.find(|(other, _)| *other == name.as_bytes()).map(|(_, value)| text(value))
    }

    /// Every line of that name.
    pub fn all(&self, name: Name) -> impl Iterator<Item = &str> {
        self.message.headers(name).map(text)
    }

    /// How many lines have a name that begins with `X-`, the server's own left out.
    pub fn extension_lines(&self) -> usize {
        let is_own = |name: &[u8]| name.starts_with(b"X-Twilio-");
        self.message.all().filter(|(name, _)| name.starts_with(b"X-") && !is_own(name)).count()
    }

    /// The lines an application may add, as they stand: `X-…` (the server's own left out), identities,
    /// `User-to-User`, `Subject`, `Identity`.
    pub fn added_lines(&self) -> Vec<String> {
        let known =
            ["User-to-User", "Remote-Party-ID", "P-Preferred-Identity", "Subject", "Identity"];
        let is_added = |name: &str| {
            let is_extension = name.to_ascii_lowercase().starts_with("x-");
            known.contains(&name) || is_extension && !name.starts_with("X-Twilio-")
        };
        let all = self.message.all().map(|(name, value)| (text(name), text(value)));
        all.filter(|(name, _)| is_added(name)).map(|(n, v)| format!("{n}: {v}")).collect()
    }

    /// Those of these lines that it has; `sipfrag` is the body of a NOTIFY, `metadata` who talks in a recorded
    /// call.
    pub fn shown(&self, names: &[String]) -> Vec<String> {
        let shown = names.iter().filter_map(|name| {
            if name == "sipfrag" && self.method() == Some("NOTIFY") {
                return Some(format!("\"{}\"", text(&self.body).escape_debug()));
            }
            if name == "metadata" {
                return talkers(text(&self.body));
            }
            self.line(name).map(|value| format!("{name}: {value}"))
        });
        shown.collect()
    }

    /// Call-ID.
    pub fn call_id(&self) -> &str {
        text(self.message.call_id())
    }

    /// Number and method of CSeq.
    pub fn cseq(&self) -> (u32, &str) {
        let (number, method) = CSeq::parse_raw(self.message.header(Name::CSeq).unwrap_or_default())
            .unwrap_or_default();
        (number, text(method))
    }

    /// The branch of the topmost Via.
    pub fn branch(&self) -> &str {
        self.message.via().ok().and_then(|via| via.branch()).map_or("", text)
    }

    /// The tag of From.
    pub fn from_tag(&self) -> Option<&str> {
        self.message.from().ok()?.tag().map(text)
    }

    /// The tag of To.
    pub fn to_tag(&self) -> Option<&str> {
        self.message.to().ok()?.tag().map(text)
    }

    /// The URI of the first Contact; empty without one.
    pub fn contact(&self) -> &str {
        self.message.contact().map_or("", |contact| text(contact.uri().as_bytes()))
    }

    /// Record-Route values, top first.
    pub fn record_routes(&self) -> Vec<String> {
        self.message.values(Name::RecordRoute).map(|route| text(route).to_owned()).collect()
    }

    /// What a ladder says of it.
    pub fn summary(&self) -> String {
        ladder::message(&self.message)
    }
}

/// The participants of recording metadata, each with what it does; none: there are no metadata.
fn talkers(body: &str) -> Option<String> {
    let parts = |element: &str| -> Vec<String> {
        let begin = format!("<{element} ");
        let end = format!("</{element}>");
        let behind = body.split(&begin).skip(1);
        behind.filter_map(|part| Some(part.split_once(&end)?.0.to_owned())).collect()
    };
    let within = |part: &str, before: &str, after: char| -> Option<String> {
        Some(part.split_once(before)?.1.split(after).next()?.to_owned())
    };
    let all = parts("participant").into_iter().zip(parts("participantstreamassoc"));
    let talkers = all.filter_map(|(who, does)| {
        let name = within(&who, "<name>", '<').map(|name| format!(" ({name})"));
        let holds = if does.contains("<send>") { "" } else { " on hold" };
        Some(within(&who, "aor=\"", '"')? + &name.unwrap_or_default() + holds)
    });
    let talkers: Vec<_> = talkers.collect();
    (!talkers.is_empty()).then(|| format!("who talks: {}", talkers.join(", ")))
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The URI of a name-addr or addr-spec.
pub fn uri_of(value: &str) -> &str {
    match value.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or(rest),
        None => value.split(';').next().unwrap_or(value),
    }
}
