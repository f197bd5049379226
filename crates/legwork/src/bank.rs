//! The bank: the application development mode and the demo call, served by the server itself.
//!
//! Not here: the HTTP server (`api`), fetching it (`fetch`, as from any application).
//! Source: Twilio, "Inbound SIP REFER": a Dial with referUrl, and what referUrl answers.

use std::collections::HashMap;

use axum::Router;
use axum::extract::RawQuery;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::any;
use bytes::Bytes;
use legwork_sip::name_addr::NameAddr;
use legwork_sip::uri::Uri;
use url::form_urlencoded;

use crate::config::development::{DOMAIN, PHONES};
use crate::fetch::content::escape;

/// Who is called when nobody else is meant.
const DESK: &str = "agent-a";

/// `/bank/voice` and `/bank/refer`.
pub fn routes() -> Router {
    Router::new().route("/bank/voice", any(voice)).route("/bank/refer", any(refer))
}

async fn voice(RawQuery(query): RawQuery, body: Bytes) -> impl IntoResponse {
    document(voice_document(&parameters(query.as_deref(), &body)))
}

async fn refer(RawQuery(query): RawQuery, body: Bytes) -> impl IntoResponse {
    document(refer_document(&parameters(query.as_deref(), &body)))
}

fn document(xml: String) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/xml; charset=utf-8")], xml)
}

fn parameters(query: Option<&str>, body: &[u8]) -> HashMap<String, String> {
    let query = form_urlencoded::parse(query.unwrap_or("").as_bytes());
    query.into_owned().chain(form_urlencoded::parse(body).into_owned()).collect()
}

/// The phone that was called, or the desk.
fn voice_document(parameters: &HashMap<String, String>) -> String {
    let called = parameters.get("To").and_then(|to| phone(to)).unwrap_or(DESK);
    // Its own number is nobody else's desk.
    let caller = parameters.get("From").and_then(|from| phone(from));
    let callee = if Some(called) == caller { DESK } else { called };
    format!(
        "<Response><Dial answerOnBridge=\"true\" referUrl=\"/bank/refer\">\
         <Sip>sip:{callee}@{DOMAIN}</Sip></Dial></Response>"
    )
}

/// The transfer target, with what the transferor sent along.
fn refer_document(parameters: &HashMap<String, String>) -> String {
    let target = parameters.get("ReferTransferTarget").map_or("", String::as_str);
    let Ok(address) = NameAddr::parse(target.as_bytes()) else {
        return "<Response><Reject/></Response>".to_owned();
    };
    let uri = String::from_utf8_lossy(address.uri().as_bytes()).into_owned();
    let uri = match phone(target) {
        // Phones name us by address; the bank knows them by domain.
        Some(known) => {
            let context = uri.split_once('?').map(|(_, headers)| format!("?{headers}"));
            format!("sip:{known}@{DOMAIN}{}", context.unwrap_or_default())
        }
        None => uri,
    };
    format!("<Response><Dial><Sip>{}</Sip></Dial></Response>", escape(&uri))
}

/// The phone of ours that an address names.
fn phone(address: &str) -> Option<&'static str> {
    let address = NameAddr::parse(address.as_bytes()).ok()?;
    let uri: Uri<'_> = address.uri();
    let user = uri.user()?;
    PHONES.into_iter().find(|name| name.as_bytes() == user)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, value: &str) -> HashMap<String, String> {
        [(name.to_owned(), value.to_owned())].into()
    }

    #[test]
    fn whoever_is_called_is_dialled() {
        let table = [
            ("sip:bob@localhost", "bob"),
            ("sip:agent-b@127.0.0.1:5060", "agent-b"),
            ("sip:nobody@localhost", "agent-a"),
            ("sip:localhost", "agent-a"),
            ("+15551234", "agent-a"),
        ];
        for (to, callee) in table {
            let document = voice_document(&of("To", to));
            assert!(document.contains(&format!("<Sip>sip:{callee}@localhost</Sip>")), "{document}");
        }
    }

    #[test]
    fn transfers_go_where_they_are_sent() {
        let table = [
            ("<sip:agent-b@127.0.0.1:5060>", "<Sip>sip:agent-b@localhost</Sip>"),
            (
                "\"B\" <sip:agent-b@x?User-to-User=a%3Bb&X-Y=1>",
                "<Sip>sip:agent-b@localhost?User-to-User=a%3Bb&amp;X-Y=1</Sip>",
            ),
            ("sip:carol@elsewhere.example;transport=tcp", "<Sip>sip:carol@elsewhere.example</Sip>"),
            ("<sip:c@e.example;transport=tcp>", "<Sip>sip:c@e.example;transport=tcp</Sip>"),
            ("not an address", "<Reject/>"),
        ];
        for (target, expected) in table {
            let document = refer_document(&of("ReferTransferTarget", target));
            assert!(document.contains(expected), "{target}: {document}");
            let problems = legwork_twiml::check(document.as_bytes());
            assert_eq!(problems, [], "{document}");
        }
    }

    #[test]
    fn both_methods_bring_parameters() {
        let found = parameters(Some("a=1"), b"To=sip%3Abob%40localhost");
        assert_eq!(found.get("To").map(String::as_str), Some("sip:bob@localhost"));
        assert_eq!(found.get("a").map(String::as_str), Some("1"));
    }
}
