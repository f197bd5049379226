//! Session descriptions read and written, good and bad.
//!
//! Not here: negotiation (`offer_answer`).

use expect_test::expect;

use super::*;
use crate::limit;

fn parse(text: &str) -> Result<Session<'_>, Malformed> {
    Session::parse(text.as_bytes())
}

#[test]
fn a_phones_offer_is_read_and_written_again() {
    let text = "v=0\r\no=alice 2890844526 2890844527 IN IP4 192.0.2.1\r\ns=call\r\n\
        c=IN IP4 192.0.2.1\r\nb=AS:84\r\nt=0 0\r\na=sendonly\r\n\
        m=audio 49170/2 RTP/AVP 0 97 101\r\nc=IN IP6 2001:db8::1\r\n\
        a=rtpmap:97 iLBC/8000\r\na=rtcp:53020 IN IP4 192.0.2.9\r\na=rtcp-mux\r\n";
    let session = parse(text).unwrap();
    expect![[r#"
        v=0
        o=alice 2890844526 2890844527 IN IP4 192.0.2.1
        s=-
        c=IN IP4 192.0.2.1
        t=0 0
        a=sendonly
        m=audio 49170 RTP/AVP 0 97 101
        c=IN IP6 2001:db8::1
        a=rtpmap:97 iLBC/8000
        a=rtcp:53020 IN IP4 192.0.2.9
        a=rtcp-mux
    "#]]
    .assert_eq(&session.to_string().replace('\r', ""));
    let audio = &session.media[0];
    assert_eq!(session.direction_of(audio), Direction::SendOnly);
    assert_eq!(audio.rtcp(), Some((53020, Some("192.0.2.9".parse().unwrap()))));
    let names: Vec<_> = audio.encodings().iter().map(|e| (e.payload, e.name)).collect();
    assert_eq!(names, [(0, "PCMU"), (97, "iLBC")]);
}

#[test]
fn what_phones_do_is_accepted() {
    for text in [
        "v=0\nm=audio 4000 RTP/AVP 0\n",
        "v=0\r\n\r\ns=\r\nm=audio 4000 RTP/AVP 0",
        "v=0\r\no=- 99999999999999999999999999 1 IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0",
        "v=0\r\nm=image 9 udptl t38\r\na=T38FaxVersion:0\r\nm=audio 4000 RTP/AVP 0",
        "v=0\r\nm=audio 4000 RTP/AVP 0\r\na=ptime:abc\r\na=rtpmap:zz\r\na=fmtp:\r\na=",
        "v=0\r\nm=audio 4000 RTP/AVP\r\n",
        "v=0\r\nt=\r\nc=\r\no=\r\nk=prompt\r\ny=1\r\n",
    ] {
        assert!(parse(text).is_ok(), "{text}");
    }
    assert!(Session::parse(b"v=0\r\ns=\xff\xfe\r\na=\xff\r\nm=audio 4 RTP/AVP 0").is_ok());
}

#[test]
fn what_is_no_sdp_is_refused() {
    for text in [
        "",
        "\r\n\r\n",
        "hello",
        "o=- 1 1 IN IP4 192.0.2.1\r\nv=0\r\n",
        "v=0\r\nrubbish\r\n",
        "v=0\r\nm=audio 99999 RTP/AVP 0\r\n",
        "v=0\r\nm=audio -1 RTP/AVP 0\r\n",
        "v=0\r\nm=audio\r\n",
        "v=0\r\nm=\r\n",
    ] {
        assert_eq!(parse(text), Err(Malformed), "{text}");
    }
    assert_eq!(Session::parse(b"v=0\r\nm=audio 4 RTP/AVP \xff"), Err(Malformed));
}

#[test]
fn limits_hold_at_their_edge() {
    let lines = |n: usize| format!("v=0\r\n{}", "a=x\r\n".repeat(n - 1));
    assert!(parse(&lines(limit::SDP_LINES)).is_ok());
    assert!(parse(&lines(limit::SDP_LINES + 1)).is_err());
    let media = |n: usize| format!("v=0\r\n{}", "m=video 0 RTP/AVP 9\r\n".repeat(n));
    assert!(parse(&media(limit::SDP_MEDIA)).is_ok());
    assert!(parse(&media(limit::SDP_MEDIA + 1)).is_err());
    let formats = |n: usize| format!("v=0\r\nm=audio 4 RTP/AVP{}\r\n", " 96".repeat(n));
    assert!(parse(&formats(limit::SDP_FORMATS)).is_ok());
    assert!(parse(&formats(limit::SDP_FORMATS + 1)).is_err());
    let bytes = |n: usize| format!("v=0\r\na={}", "x".repeat(n - 7));
    assert!(parse(&bytes(limit::SDP_BYTES)).is_ok());
    assert!(parse(&bytes(limit::SDP_BYTES + 1)).is_err());
}

#[test]
fn odd_payload_types_are_left_out() {
    let text = "v=0\r\nm=audio 4 RTP/AVP 0 0 128 4294967296 255 -1 x 96 97 98 8\r\n\
        a=rtpmap:96 PCMU/0x10\r\na=rtpmap:97 opus/48000/999\r\na=rtpmap:8 Foo/8000\r\n\
        a=rtpmap:98 opus/48000/2\r\na=rtpmap:98 PCMU/8000\r\na=rtpmap:4294967296 PCMU/8000\r\n";
    let session = parse(text).unwrap();
    let encodings = session.media[0].encodings();
    let names: Vec<_> = encodings.iter().map(|e| (e.payload, e.name, e.clock_hz)).collect();
    assert_eq!(names, [(0, "PCMU", 8000), (98, "opus", 48000), (8, "Foo", 8000)]);
}

/// Numbers that overflowed elsewhere: a format of 33 bits (CVE-2018-1000098), an fmtp of nothing
/// (CVE-2018-1000099), packet times that multiply to more than fits (CVE-2026-41416).
#[test]
fn numbers_that_overflowed_elsewhere() {
    let head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
    for lines in [
        "m=audio 4000 RTP/AVP 4294967296 0\r\n",
        "m=audio 4000 RTP/AVP 0\r\na=fmtp\r\na=fmtp:\r\na=fmtp:0\r\na=fmtp:4294967296 x\r\n",
        "m=audio 4000 RTP/AVP 0\r\na=ptime:4294967295\r\na=maxptime:1\r\n",
        "m=audio 4000 RTP/AVP 0\r\na=ptime:0\r\na=maxptime:-1\r\na=ptime:1e9\r\n",
        "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/4294967296\r\n",
        "m=audio 4000/4294967296 RTP/AVP 0\r\n",
        "m=audio 4000 RTP/AVP 0\r\nb=AS:99999999999999999999\r\n",
        "m=audio 4000 RTP/AVP 0\r\na=rtcp:4294967296\r\na=crypto:\r\na=candidate:\r\n",
    ] {
        let text = format!("{head}{lines}");
        if let Ok(session) = parse(&text) {
            assert!(session.media[0].encodings().iter().all(|e| e.payload < 128), "{lines}");
            assert!(parse(&session.to_string()).is_ok(), "{lines}");
        }
    }
}
