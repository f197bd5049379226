//! `message/sipfrag` bodies: the status line that tells how far a transfer has come.
//!
//! Not here: the NOTIFY around it (`usage`).
//! Source: RFC 3420, RFC 3515 §2.4.5.

use bytes::Bytes;

use crate::Status;

/// Content-Type of such a body in a NOTIFY of a REFER subscription.
pub const CONTENT_TYPE: &str = "message/sipfrag;version=2.0";

/// The body for a status: its status line, never without a reason, ended by CRLF.
pub fn print(status: Status) -> Bytes {
    Bytes::from(format!("SIP/2.0 {} {}\r\n", status.0, status.reason()))
}

/// The status of a body that begins with a status line. The reason may be missing and the line may
/// end by CRLF, LF or nothing.
pub fn parse(body: &[u8]) -> Option<Status> {
    let (version, rest) = body.split_at_checked(8)?;
    if !version.eq_ignore_ascii_case(b"SIP/2.0 ") {
        return None;
    }
    let (digits, rest) = rest.split_at_checked(3)?;
    matches!(rest.first(), None | Some(b' ' | b'\r' | b'\n')).then(|| Status::parse(digits))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_read_back() {
        for code in 100..700 {
            let body = print(Status(code));
            assert_eq!(parse(&body), Some(Status(code)));
            assert!(body.ends_with(b"\r\n") && body.len() > "SIP/2.0 100 \r\n".len());
        }
        assert_eq!(&*print(Status::TRYING), b"SIP/2.0 100 Trying\r\n");
    }

    #[test]
    fn bodies_of_phones() {
        let table: [(&[u8], Option<u16>); 9] = [
            (b"SIP/2.0 200 OK", Some(200)),
            (b"SIP/2.0 486 Busy Here\n", Some(486)),
            (b"SIP/2.0 180\r\n", Some(180)),
            (b"sip/2.0 603 Decline\r\nServer: x\r\n", Some(603)),
            (b"SIP/2.0 2000 OK", None),
            (b"SIP/2.0 20 OK", None),
            (b"SIP/3.0 200 OK", None),
            (b"INVITE sip:a@h SIP/2.0\r\n", None),
            (b"", None),
        ];
        for (body, expected) in table {
            assert_eq!(parse(body), expected.map(Status), "{}", body.escape_ascii());
        }
    }
}
