//! What a recorder is told of the call: its two parties, and which of them each stream is of; and the body
//! that brings it beside the session description.
//!
//! Not here: when it is told (`siprec/session`, `siprec/parties`).
//! Source: RFC 7865 §6 to §9; RFC 7866 §9.1; media type RFC 9806; RFC 2046 §5.1.

use std::fmt::Write as _;
use std::time::SystemTime;

use bytes::Bytes;
use legwork_media::Track;
use legwork_sip::endpoint::Body;

use crate::date;
use crate::sid::SiprecSid;

/// The type of a body with a session description and metadata. Lines of either never begin with `--`.
const MULTIPART: &str = "multipart/mixed;boundary=legwork-siprec";

/// What is told.
#[derive(Clone, Debug)]
pub(super) struct Metadata<'a> {
    pub(super) sid: SiprecSid,
    pub(super) since: SystemTime,
    /// Who is at the far end of the leg: sends what is inbound.
    pub(super) far: Party<'a>,
    /// Whom that talks with.
    pub(super) near: Party<'a>,
    /// The streams, in the order of their labels.
    pub(super) tracks: Vec<Track>,
}

/// One of the two.
#[derive(Clone, Copy, Debug)]
pub(super) struct Party<'a> {
    /// Which one of all there were.
    pub(super) n: u32,
    /// As webhooks name it: a SIP URI, number or `client:…`.
    pub(super) address: &'a str,
    pub(super) name: Option<&'a str>,
    /// When it came.
    pub(super) since: SystemTime,
    /// It is heard; not on hold.
    pub(super) sends: bool,
    /// It hears the other.
    pub(super) hears: bool,
}

/// A session description and metadata as one body.
pub(super) fn body(sdp: &[u8], metadata: &Metadata<'_>) -> Body {
    let mut bytes = Vec::with_capacity(sdp.len() + 2048);
    bytes.extend_from_slice(b"--legwork-siprec\r\nContent-Type: application/sdp\r\n\r\n");
    bytes.extend_from_slice(sdp);
    bytes.extend_from_slice(
        b"\r\n--legwork-siprec\r\nContent-Type: application/rs-metadata+xml\r\n\
          Content-Disposition: recording-session\r\n\r\n",
    );
    bytes.extend_from_slice(metadata.xml().as_bytes());
    bytes.extend_from_slice(b"\r\n--legwork-siprec--\r\n");
    Body { content_type: MULTIPART, bytes: Bytes::from(bytes) }
}

impl Metadata<'_> {
    /// The document: complete, every time.
    fn xml(&self) -> String {
        let session = self.id(0);
        let parties = [self.far, self.near].map(|party| (self.participant(party), party));
        let at = date::iso8601(self.since);
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
             <recording xmlns=\"urn:ietf:params:xml:ns:recording:1\">\r\n\
             <datamode>complete</datamode>\r\n\
             <session session_id=\"{session}\"><start-time>{at}</start-time></session>\r\n"
        );
        for (id, party) in &parties {
            // Writing into memory does not fail, here and below.
            let _ = write!(
                xml,
                "<participant participant_id=\"{id}\"><nameID aor=\"{}\">",
                aor(*party)
            );
            if let Some(name) = party.name.filter(|name| !name.is_empty()) {
                let _ = write!(xml, "<name>{}</name>", escaped(name));
            }
            xml.push_str("</nameID></participant>\r\n");
        }
        for (n, _) in self.tracks.iter().enumerate() {
            let (id, label) = (self.stream(n), n + 1);
            let _ = write!(
                xml,
                "<stream stream_id=\"{id}\" session_id=\"{session}\">\
                 <label>{label}</label></stream>\r\n"
            );
        }
        let _ = write!(
            xml,
            "<sessionrecordingassoc session_id=\"{session}\">\
             <associate-time>{at}</associate-time></sessionrecordingassoc>\r\n"
        );
        for (id, party) in &parties {
            let at = date::iso8601(party.since);
            let _ = write!(
                xml,
                "<participantsessionassoc participant_id=\"{id}\" session_id=\"{session}\">\
                 <associate-time>{at}</associate-time></participantsessionassoc>\r\n"
            );
        }
        for ((id, party), own) in parties.iter().zip([Track::Inbound, Track::Outbound]) {
            let _ = write!(xml, "<participantstreamassoc participant_id=\"{id}\">");
            for (n, track) in self.tracks.iter().enumerate() {
                let (does, is_done) =
                    if *track == own { ("send", party.sends) } else { ("recv", party.hears) };
                if is_done {
                    let _ = write!(xml, "<{does}>{}</{does}>", self.stream(n));
                }
            }
            xml.push_str("</participantstreamassoc>\r\n");
        }
        xml.push_str("</recording>");
        xml
    }

    fn participant(&self, party: Party<'_>) -> String {
        self.id((1 << 32) + u128::from(party.n))
    }

    fn stream(&self, n: usize) -> String {
        self.id(1 + n as u128)
    }

    /// A number of 128 bits that nobody else gives, in base64.
    fn id(&self, n: u128) -> String {
        base64(self.sid.bits().wrapping_add(n))
    }
}

/// A URI for a party.
fn aor(party: Party<'_>) -> String {
    let address = party.address.split(['?', ';']).next().unwrap_or_default();
    let is_number = |number: &str| {
        let digits = number.strip_prefix('+').unwrap_or(number);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    if address.is_empty() {
        "sip:anonymous@anonymous.invalid".to_owned()
    } else if is_number(address) {
        format!("tel:{}", escaped(address))
    } else if address.contains(':') {
        escaped(address)
    } else {
        format!("sip:{}@anonymous.invalid", escaped(address))
    }
}

/// Text as XML 1.0 takes it in attributes and between tags.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Source: RFC 4648 §4.
fn base64(number: u128) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(24);
    // 128 bits are 21 digits and two bits more, which stand at the top of the last digit.
    for n in 0..22 {
        let shifted = if n < 21 { number >> (122 - 6 * n) } else { number << 4 };
        let digit = usize::try_from(shifted & 63).unwrap_or(0);
        out.extend(DIGITS.get(digit).map(|digit| char::from(*digit)));
    }
    out.push_str("==");
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use expect_test::expect;

    use super::*;

    fn metadata(tracks: Vec<Track>) -> Metadata<'static> {
        let since = SystemTime::UNIX_EPOCH + Duration::from_millis(1_282_266_822_170);
        let name = Some("Bob & \"<Bo>\"\u{1}");
        let (sends, hears) = (true, true);
        let far = Party { n: 0, address: "sip:bob@biloxi.example;x=1", name, since, sends, hears };
        Metadata {
            sid: SiprecSid::from_bits(0x0001_0000_0000_0000_0000_0000_0000_0000),
            since,
            far,
            near: Party { n: 1, address: "+815012345678", name: None, ..far },
            tracks,
        }
    }

    #[test]
    fn both_parties_and_their_streams() {
        let xml = metadata(vec![Track::Inbound, Track::Outbound]).xml().replace('\r', "");
        expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <recording xmlns="urn:ietf:params:xml:ns:recording:1">
            <datamode>complete</datamode>
            <session session_id="AAEAAAAAAAAAAAAAAAAAAA=="><start-time>2010-08-20T01:13:42.170Z</start-time></session>
            <participant participant_id="AAEAAAAAAAAAAAABAAAAAA=="><nameID aor="sip:bob@biloxi.example"><name>Bob &amp; &quot;&lt;Bo&gt;&quot;</name></nameID></participant>
            <participant participant_id="AAEAAAAAAAAAAAABAAAAAQ=="><nameID aor="tel:+815012345678"></nameID></participant>
            <stream stream_id="AAEAAAAAAAAAAAAAAAAAAQ==" session_id="AAEAAAAAAAAAAAAAAAAAAA=="><label>1</label></stream>
            <stream stream_id="AAEAAAAAAAAAAAAAAAAAAg==" session_id="AAEAAAAAAAAAAAAAAAAAAA=="><label>2</label></stream>
            <sessionrecordingassoc session_id="AAEAAAAAAAAAAAAAAAAAAA=="><associate-time>2010-08-20T01:13:42.170Z</associate-time></sessionrecordingassoc>
            <participantsessionassoc participant_id="AAEAAAAAAAAAAAABAAAAAA==" session_id="AAEAAAAAAAAAAAAAAAAAAA=="><associate-time>2010-08-20T01:13:42.170Z</associate-time></participantsessionassoc>
            <participantsessionassoc participant_id="AAEAAAAAAAAAAAABAAAAAQ==" session_id="AAEAAAAAAAAAAAAAAAAAAA=="><associate-time>2010-08-20T01:13:42.170Z</associate-time></participantsessionassoc>
            <participantstreamassoc participant_id="AAEAAAAAAAAAAAABAAAAAA=="><send>AAEAAAAAAAAAAAAAAAAAAQ==</send><recv>AAEAAAAAAAAAAAAAAAAAAg==</recv></participantstreamassoc>
            <participantstreamassoc participant_id="AAEAAAAAAAAAAAABAAAAAQ=="><recv>AAEAAAAAAAAAAAAAAAAAAQ==</recv><send>AAEAAAAAAAAAAAAAAAAAAg==</send></participantstreamassoc>
            </recording>"#]]
        .assert_eq(&xml);
    }

    #[test]
    fn one_track_is_one_stream_of_its_party() {
        let xml = metadata(vec![Track::Outbound]).xml();
        assert_eq!(xml.matches("<stream ").count(), 1);
        assert_eq!(xml.matches("<label>1</label>").count(), 1);
        let (_, near) = xml.rsplit_once("<participantstreamassoc").unwrap();
        assert!(near.contains("<send>") && !near.contains("<recv>"), "{near}");
    }

    #[test]
    fn who_holds_sends_nothing_and_hears_nothing() {
        let mut metadata = metadata(vec![Track::Inbound, Track::Outbound]);
        (metadata.far.sends, metadata.far.hears) = (false, false);
        metadata.near.hears = false;
        let xml = metadata.xml();
        assert_eq!((xml.matches("<send>").count(), xml.matches("<recv>").count()), (1, 0), "{xml}");
        assert_eq!(xml.matches("<stream ").count(), 2);
    }

    #[test]
    fn who_comes_later_is_another_one() {
        let first = metadata(vec![Track::Inbound]);
        let mut second = first.clone();
        second.near.n = 2;
        second.near.since += Duration::from_secs(60);
        let xml = second.xml();
        assert_eq!(xml.matches("01:14:42.170Z").count(), 1, "{xml}");
        assert!(xml.contains(&first.participant(first.far)));
        assert!(!xml.contains(&first.participant(first.near)), "{xml}");
    }

    #[test]
    fn the_body_has_two_parts() {
        let body = body(b"v=0\r\n", &metadata(vec![Track::Inbound]));
        let text = String::from_utf8(body.bytes.to_vec()).unwrap();
        let (_, boundary) = body.content_type.split_once("boundary=").unwrap();
        let parts: Vec<_> = text.split(&format!("--{boundary}")).collect();
        let [before, sdp, metadata, end] = parts.as_slice() else { panic!("{text}") };
        assert_eq!((*before, *end), ("", "--\r\n"));
        assert_eq!(*sdp, "\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n");
        let (head, xml) = metadata.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("Content-Disposition: recording-session"), "{head}");
        assert!(xml.starts_with("<?xml") && xml.ends_with("</recording>\r\n"), "{xml}");
    }

    #[test]
    fn parties_have_uris() {
        for (address, uri) in [
            ("sip:a@b:5070;transport=tcp?X=1", "sip:a@b:5070"),
            ("+815012345678", "tel:+815012345678"),
            ("5551234", "tel:5551234"),
            ("client:joe", "client:joe"),
            ("anonymous", "sip:anonymous@anonymous.invalid"),
            ("", "sip:anonymous@anonymous.invalid"),
        ] {
            assert_eq!(aor(Party { address, ..metadata(Vec::new()).far }), uri);
        }
    }

    #[test]
    fn numbers_in_base64() {
        for (number, text) in [
            (0, "AAAAAAAAAAAAAAAAAAAAAA=="),
            (u128::MAX, "/////////////////////w=="),
            (0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10, "AQIDBAUGBwgJCgsMDQ4PEA=="),
        ] {
            assert_eq!(base64(number), text);
        }
    }
}
