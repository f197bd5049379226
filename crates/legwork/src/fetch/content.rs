//! What an answer means by its content type: TwiML, a sound to play, or text to say.
//!
//! Not here: TwiML itself (`legwork-twiml`), playing and saying (`speech`).
//! Source: Twilio, "TwiML for Programmable Voice", "How Twilio uses response MIME types".

use std::fmt::Write as _;

use legwork_twiml as twiml;
use legwork_twiml::{Level, Play, Problem, Program, Say, Verb};

/// How a content type is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A document.
    Twiml,
    /// A document, or else what is said.
    Text,
    /// A sound: its URL is played.
    Audio,
    /// Nothing that can be used.
    Other,
}

impl Kind {
    /// From the value of `Content-Type`.
    pub fn of(content_type: Option<&str>) -> Self {
        let full = content_type.unwrap_or("");
        let essence = full.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        match essence.as_str() {
            "text/xml" | "application/xml" | "text/html" => Self::Twiml,
            "text/plain" => Self::Text,
            audio if audio.starts_with("audio/") => Self::Audio,
            _ => Self::Other,
        }
    }
}

/// Twilio's code for a content type that is not used.
pub const INVALID_CONTENT_TYPE: u32 = 12_300;

/// The program in an answer from `url`.
///
/// # Errors
/// The content type is none of those; the text says which ones are.
pub fn program(
    url: &str,
    status: u16,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<(Program, Vec<Problem>), String> {
    let kind = Kind::of(content_type);
    if kind == Kind::Audio {
        let play = Play { url: url.to_owned(), times: 1 };
        return Ok((Program { verbs: vec![Verb::Play(play)] }, Vec::new()));
    }
    if status == 204 || body.is_empty() {
        return Ok((Program::default(), Vec::new()));
    }
    match kind {
        Kind::Twiml => Ok(twiml::parse(body)),
        Kind::Text => Ok(twiml_or_text(body)),
        Kind::Audio | Kind::Other => Err(match content_type {
            Some(other) => format!("Content-Type is `{}`; {USED}", other.escape_debug()),
            None => format!("there is no Content-Type; {USED}"),
        }),
    }
}

const USED: &str = "answer with text/xml, application/xml, text/html, text/plain or audio/*";

fn twiml_or_text(body: &[u8]) -> (Program, Vec<Problem>) {
    let (program, problems) = twiml::parse(body);
    if problems.iter().all(|problem| problem.level < Level::Error) {
        return (program, problems);
    }
    let text = String::from_utf8_lossy(body);
    let say = Say {
        voice: "man".to_owned(),
        language: String::new(),
        times: 1,
        ssml: escape(text.trim()),
    };
    (Program { verbs: vec![Verb::Say(say)] }, Vec::new())
}

/// Text as it stands inside an XML element or attribute. Characters XML does not know are left out.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' => escaped.push(c),
            c if c.is_control() => {}
            c => {
                // Writing into a string does not fail.
                let _ = escaped.write_char(c);
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const HANGUP: &[u8] = b"<Response><Hangup/></Response>";

    fn verbs(status: u16, content_type: Option<&str>, body: &[u8]) -> Result<Vec<Verb>, String> {
        program("http://a.example/x", status, content_type, body).map(|(p, _)| p.verbs)
    }

    #[test]
    fn documents_by_content_type() {
        for content_type in [
            "text/xml",
            "application/xml",
            "text/html; charset=utf-8",
            "TEXT/XML ;a=b",
            "text/plain",
        ] {
            assert_eq!(
                verbs(200, Some(content_type), HANGUP),
                Ok(vec![Verb::Hangup(legwork_twiml::Hangup::default())])
            );
        }
        for content_type in [None, Some(""), Some("application/json"), Some("textxml")] {
            let refused = verbs(200, content_type, HANGUP).unwrap_err();
            assert!(refused.contains("text/xml"), "{refused}");
        }
    }

    #[test]
    fn nothing_is_an_empty_program() {
        assert_eq!(verbs(204, None, b""), Ok(Vec::new()));
        assert_eq!(verbs(200, None, b""), Ok(Vec::new()));
        assert_eq!(verbs(204, Some("text/xml"), HANGUP), Ok(Vec::new()));
    }

    #[test]
    fn sounds_are_played_from_where_they_were_found() {
        let play = Play { url: "http://a.example/x".to_owned(), times: 1 };
        assert_eq!(verbs(200, Some("audio/wav"), b""), Ok(vec![Verb::Play(play)]));
    }

    #[test]
    fn other_text_is_said() {
        let Ok(said) = verbs(200, Some("text/plain"), b" You & <me>\x07 ") else { panic!() };
        let [Verb::Say(say)] = said.as_slice() else { panic!("{said:?}") };
        assert_eq!(say.ssml, "You &amp; &lt;me&gt;");
    }
}
