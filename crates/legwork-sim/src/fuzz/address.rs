//! What stands in one header: URIs, addresses, Refer-To, Replaces, and the other small grammars.
//!
//! Not here: whole messages (`sip`).
//! Source: RFC 3261 §25, RFC 3515, RFC 3891; reliability rules for escaped headers in URIs.

use std::hint::black_box;

use legwork_sip::header::auth::Auth;
use legwork_sip::header::cseq::{CSeq, RAck};
use legwork_sip::header::event::EventType;
use legwork_sip::header::refer_to::ReferTo;
use legwork_sip::header::replaces::{Replaces, TargetDialog};
use legwork_sip::header::session_expires::SessionExpires;
use legwork_sip::header::subscription_state::SubscriptionState;
use legwork_sip::header::via::Via;
use legwork_sip::name_addr::NameAddr;
use legwork_sip::sipfrag;
use legwork_sip::uri::{self, Uri};

/// Pieces of addresses.
pub(super) const DICTIONARY: &[&[u8]] = &[
    b"sip:",
    b"sips:",
    b"tel:",
    b"SIP:",
    b"urn:service:sos",
    b"<sip:a@b>",
    b"\"a\" ",
    b"<",
    b">",
    b"\"",
    b"\\\"",
    b"@",
    b":5060",
    b":65536",
    b"[::1]",
    b"[::ffff:1.2.3.4]",
    b"1.2.3.4",
    b";transport=tcp",
    b";method=INVITE",
    b";lr",
    b";tag=a",
    b";user=phone",
    b"?",
    b"&",
    b"Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc",
    b"replaces=a%3bfrom-tag%3dc%3bto-tag%3db%3bearly-only",
    b"Require=replaces",
    b";to-tag=b",
    b";from-tag=c",
    b"%",
    b"%0d%0aX:1",
    b"%00",
    b"%25",
    b"\r\n ",
    b"/",
    b",",
    b"*",
    b" ",
    b"\t",
    b"\xff",
    b"SIP/2.0/UDP a;branch=z9hG4bK",
    b";expires=4294967296",
    b";q=1.1",
];

/// Reads a header's value in every way one may be read.
pub(super) fn run(value: &[u8]) {
    if let Ok(uri) = Uri::parse(value) {
        check_uri(&uri);
        assert_eq!(uri.as_bytes(), value, "a URI is all of what was read");
    }
    if let Ok(address) = NameAddr::parse(value) {
        check(&address);
    }
    if let Ok(refer_to) = ReferTo::parse(value) {
        check_refer_to(&refer_to);
    }
    if let Ok(via) = Via::parse(value) {
        black_box((via.branch(), via.rport(), via.received(), via.port()));
        assert!(!via.host().is_empty());
    }
    if let Ok(replaces) = Replaces::parse(value) {
        check_replaces(&replaces);
    }
    black_box((CSeq::parse(value).is_ok(), RAck::parse(value).is_ok()));
    black_box((EventType::parse(value).is_ok(), SubscriptionState::parse(value).is_ok()));
    black_box((SessionExpires::parse(value).is_ok(), TargetDialog::parse(value).is_ok()));
    if let Ok(auth) = Auth::parse(value) {
        black_box((auth.is_digest(), auth.param("nonce"), auth.param("qop")));
    }
    black_box((uri::address(value), sipfrag::parse(value)));
}

/// An address, and that nothing in its URI can be smuggled anywhere.
pub(super) fn check(address: &NameAddr<'_>) {
    black_box((address.display_name(), address.tag(), address.expires().is_ok()));
    check_uri(&address.uri());
}

fn check_uri(uri: &Uri<'_>) {
    black_box((uri.user_decoded(), uri.password(), uri.port(), uri.scheme()));
    black_box((uri.param("transport"), uri.params().count(), uri.is_equivalent(uri)));
    for header in uri.headers().flatten() {
        for decoded in [&header.name, &header.value] {
            let smuggles = decoded.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0));
            assert!(!smuggles, "a header of a URI ends a line: {uri:?}");
        }
    }
    let again = Uri::parse(uri.as_bytes());
    let Ok(again) = again else { panic!("a URI that was read can not be read again: {uri:?}") };
    assert_eq!((again.host(), again.port(), again.user()), (uri.host(), uri.port(), uri.user()));
}

/// A Refer-To: what applications and further INVITEs are told of it stays on one line.
pub(super) fn check_refer_to(refer_to: &ReferTo<'_>) {
    black_box((refer_to.counted_len(), refer_to.is_invite(), refer_to.scheme()));
    // NUL may stand in a quoted name (RFC 3261 §25.1, quoted-pair); it ends no line.
    let is_one_line = !refer_to.raw().contains(['\r', '\n']);
    assert!(is_one_line, "Refer-To is one line: {:?}", refer_to.raw());
    if let Ok(uri) = refer_to.uri() {
        check_uri(&uri);
    }
    if let Ok(Some(replaces)) = refer_to.replaces() {
        check_replaces(&replaces);
    }
}

fn check_replaces(replaces: &Replaces) {
    let said = format!("{replaces:?}");
    assert!(!said.contains("\\r") && !said.contains("\\n"), "Replaces is one line: {said}");
}
