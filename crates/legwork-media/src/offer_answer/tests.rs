//! Offers and answers as RFC 4317 and real phones make them.
//!
//! Not here: SDP text that is not negotiated (`sdp::tests`).

use expect_test::{Expect, expect};

use super::*;

const G711: [Codec; 2] = [Codec::Pcmu, Codec::Pcma];
const ALL: [Codec; 4] = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus];

fn negotiation() -> Negotiation {
    let ip = |text: &str| text.parse().unwrap();
    Negotiation::new(7, ip("198.51.100.1"), 10_000, ip("192.0.2.1"))
}

/// A description by a phone at 192.0.2.1 with these lines behind `t=`.
fn phone(lines: &[&str]) -> Vec<u8> {
    let head = "v=0\r\no=p 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
    format!("{head}{}\r\n", lines.join("\r\n")).into_bytes()
}

fn text(sdp: &Bytes) -> String {
    String::from_utf8(sdp.to_vec()).unwrap().replace('\r', "")
}

#[track_caller]
fn answers(offer: &[&str], codecs: &[Codec], expected: Expect) -> Agreed {
    let mut n = negotiation();
    n.handle_offer(&phone(offer), codecs).unwrap();
    let (sdp, agreed) = n.answer(None).unwrap();
    let lines = text(&sdp);
    expected.assert_eq(lines.split_once("t=0 0\n").unwrap().1);
    agreed.clone()
}

#[test]
fn our_offer_and_its_plain_answer() {
    let mut n = negotiation();
    let offer = n.offer(&ALL);
    expect![[r#"
        v=0
        o=- 7 1 IN IP4 198.51.100.1
        s=-
        c=IN IP4 198.51.100.1
        t=0 0
        m=audio 10000 RTP/AVP 0 8 9 111 101 110
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=rtpmap:9 G722/8000
        a=rtpmap:111 opus/48000/2
        a=fmtp:111 useinbandfec=1
        a=rtpmap:101 telephone-event/8000
        a=fmtp:101 0-16
        a=rtpmap:110 telephone-event/48000
        a=fmtp:110 0-16
        a=ptime:20
        a=sendrecv
    "#]]
    .assert_eq(&text(&offer));
    assert_eq!(n.local(), Some(offer.clone()));
    let answer = phone(&["m=audio 4000 RTP/AVP 8 96", "a=rtpmap:96 telephone-event/8000"]);
    let agreed = n.handle_answer(&answer).unwrap();
    assert_eq!(
        *agreed,
        Agreed {
            remote_rtp: "192.0.2.1:4000".parse().unwrap(),
            remote_rtcp: "192.0.2.1:4001".parse().unwrap(),
            rtcp_mux: false,
            codec: Codec::Pcma,
            send_payload: 8,
            receive_payload: 8,
            telephone_event: Some((96, 101)),
            event_clock_hz: 8000,
            comfort_noise: false,
            send: true,
            receive: true,
            also: [None; 3],
            learn_from: None,
        }
    );
    assert_eq!(n.local(), Some(offer));
}

/// RFC 4317 §2.1: several audio codecs, a video stream; ours is a single audio codec.
#[test]
fn an_offer_of_audio_and_video() {
    let agreed = answers(
        &[
            "m=audio 49170 RTP/AVP 97 0 8",
            "a=rtpmap:97 iLBC/8000",
            "m=video 51372 RTP/AVP 31 32",
            "a=rtpmap:31 H261/90000",
        ],
        &G711,
        expect![[r#"
            m=audio 10000 RTP/AVP 0
            a=rtpmap:0 PCMU/8000
            a=ptime:20
            a=sendrecv
            m=video 0 RTP/AVP 31 32
        "#]],
    );
    assert_eq!((agreed.codec, agreed.send, agreed.telephone_event), (Codec::Pcmu, true, None));
}

/// A browser-like gateway: SAVP first, then plain RTP with rtcp-mux and its own telephone-event.
#[test]
fn only_plain_rtp_is_taken() {
    let agreed = answers(
        &[
            "m=audio 4002 RTP/SAVP 0",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x",
            "m=audio 4004 UDP/TLS/RTP/SAVPF 0",
            "m=audio 4000 RTP/AVPF 8 0 96",
            "c=IN IP4 192.0.2.7",
            "a=rtpmap:96 telephone-event/8000",
            "a=rtcp-mux",
            "m=image 4006 udptl t38",
        ],
        &ALL,
        expect![[r#"
            m=audio 0 RTP/SAVP 0
            m=audio 0 UDP/TLS/RTP/SAVPF 0
            m=audio 10000 RTP/AVPF 8 96
            a=rtpmap:8 PCMA/8000
            a=rtpmap:96 telephone-event/8000
            a=fmtp:96 0-16
            a=ptime:20
            a=sendrecv
            a=rtcp-mux
            m=image 0 udptl t38
        "#]],
    );
    assert_eq!(agreed.telephone_event, Some((96, 96)));
    assert_eq!(agreed.remote_rtp, "192.0.2.7:4000".parse().unwrap());
    assert_eq!(agreed.remote_rtcp, agreed.remote_rtp);
}

#[test]
fn the_partners_codec_wins_then_g711_then_the_peers_order() {
    let offer =
        ["m=audio 4 RTP/AVP 96 9 8 0", "a=rtpmap:96 opus/48000/2", "a=rtpmap:8 pcma/8000/1"];
    let wide = ["m=audio 4 RTP/AVP 96 9", "a=rtpmap:96 OPUS/48000/2"];
    type Case<'a> = (&'a [&'a str], &'a [Codec], Option<Codec>, Codec, u8);
    let table: &[Case<'_>] = &[
        (&offer, &ALL, None, Codec::Pcma, 8),
        (&offer, &G711, None, Codec::Pcma, 8),
        (&offer, &ALL, Some(Codec::Pcmu), Codec::Pcmu, 0),
        (&offer, &ALL, Some(Codec::Opus), Codec::Opus, 96),
        (&offer, &ALL, Some(Codec::G722), Codec::G722, 9),
        (&offer, &[Codec::Opus, Codec::Pcma], Some(Codec::Pcmu), Codec::Pcma, 8),
        (&offer, &[Codec::Opus, Codec::Pcma], Some(Codec::G722), Codec::Pcma, 8),
        (&offer, &[Codec::G722, Codec::Opus], None, Codec::Opus, 96),
        (&wide, &ALL, None, Codec::Opus, 96),
        (&wide, &ALL, Some(Codec::G722), Codec::G722, 9),
        (&wide, &ALL, Some(Codec::Pcmu), Codec::Opus, 96),
        (&wide, &[Codec::G722], Some(Codec::Opus), Codec::G722, 9),
    ];
    for (offer, codecs, prefer, codec, payload) in table {
        let mut n = negotiation();
        n.handle_offer(&phone(offer), codecs).unwrap();
        let (_, agreed) = n.answer(*prefer).unwrap();
        assert_eq!((agreed.codec, agreed.send_payload), (*codec, *payload), "{offer:?}");
        assert_eq!(agreed.receive_payload, *payload);
    }
    let mut n = negotiation();
    n.handle_offer(&phone(&offer), &G711).unwrap();
    assert_eq!(n.offered_codecs(), [Codec::Opus, Codec::G722, Codec::Pcma, Codec::Pcmu]);
}

#[test]
fn telephone_event_goes_with_the_codecs_clock() {
    let agreed = |lines: &[&str]| {
        let mut n = negotiation();
        n.handle_offer(&phone(lines), &ALL).unwrap();
        let agreed = n.answer(None).unwrap().1;
        agreed.telephone_event.map(|event| (event, agreed.event_clock_hz))
    };
    let (low, high) = ("a=rtpmap:126 telephone-event/8000", "a=rtpmap:110 telephone-event/48000");
    let opus = "a=rtpmap:111 opus/48000/2";
    let both = &["m=audio 4 RTP/AVP 111 110 126", opus, low, high];
    assert_eq!(agreed(both), Some(((110, 110), 48_000)));
    assert_eq!(agreed(&["m=audio 4 RTP/AVP 0 110 126", low, high]), Some(((126, 126), 8000)));
    assert_eq!(agreed(&["m=audio 4 RTP/AVP 111 126", opus, low]), Some(((126, 126), 8000)));
    assert_eq!(agreed(&["m=audio 4 RTP/AVP 0"]), None);
    // A clock that no telephone-event has: keys are tones.
    for hz in ["0", "50", "1000000", "4294967295"] {
        let event = format!("a=rtpmap:126 telephone-event/{hz}");
        assert_eq!(agreed(&["m=audio 4 RTP/AVP 0 126", &event]), None, "{hz}");
        let other = &["m=audio 4 RTP/AVP 111 126 110", opus, &event, high];
        assert_eq!(agreed(other), Some(((110, 110), 48_000)), "{hz}");
    }
}

/// RFC 3389 §4: we list none, but note who does.
#[test]
fn comfort_noise_is_noted_and_not_answered() {
    for (lines, want) in [
        (&["m=audio 4 RTP/AVP 0 13", "a=rtpmap:13 CN/8000"][..], true),
        (&["m=audio 4 RTP/AVP 0 13"], true),
        (&["m=audio 4 RTP/AVP 0 13", "a=rtpmap:13 AMR/8000"], false),
        (&["m=audio 4 RTP/AVP 0"], false),
    ] {
        let mut n = negotiation();
        n.handle_offer(&phone(lines), &ALL).unwrap();
        let (answer, agreed) = n.answer(None).unwrap();
        assert_eq!(agreed.comfort_noise, want, "{lines:?}");
        assert!(text(&answer).contains("m=audio 10000 RTP/AVP 0\n"), "{}", text(&answer));
    }
}

#[test]
fn holds_are_mirrored() {
    let table = [
        ("a=sendrecv", "a=sendrecv", true, true),
        ("a=sendonly", "a=recvonly", false, true),
        ("a=recvonly", "a=sendonly", true, false),
        ("a=inactive", "a=inactive", false, false),
        ("c=IN IP4 0.0.0.0", "a=sendrecv", false, true),
        ("c=IN IP4 hold.invalid", "a=sendrecv", false, true),
    ];
    for (theirs, ours, send, receive) in table {
        let mut n = negotiation();
        n.handle_offer(&phone(&["m=audio 4000 RTP/AVP 0", theirs]), &G711).unwrap();
        let (sdp, agreed) = n.answer(None).unwrap();
        assert!(text(&sdp).contains(ours), "{theirs}");
        assert_eq!((agreed.send, agreed.receive), (send, receive), "{theirs}");
        assert_eq!(agreed.learn_from, None);
    }
    // Said once for the whole session.
    let mut n = negotiation();
    let sdp = b"v=0\nc=IN IP4 192.0.2.1\na=sendonly\nm=audio 4000 RTP/AVP 0\n";
    n.handle_offer(sdp, &G711).unwrap();
    assert!(!n.answer(None).unwrap().1.send);
}

#[test]
fn versions_count_changes_only() {
    let version = |sdp: &Bytes| {
        let text = text(sdp);
        let origin = text.lines().nth(1).unwrap().to_owned();
        origin.split(' ').nth(2).unwrap().to_owned()
    };
    let mut n = negotiation();
    let talk = phone(&["m=audio 4000 RTP/AVP 0"]);
    let hold = phone(&["m=audio 4000 RTP/AVP 0", "a=sendonly"]);
    let mut seen = Vec::new();
    for sdp in [&talk, &talk, &hold, &hold, &talk] {
        n.handle_offer(sdp, &G711).unwrap();
        seen.push(version(&n.answer(None).unwrap().0));
    }
    assert_eq!(seen, ["1", "1", "2", "2", "3"]);
    // A refused re-INVITE of ours leaves what holds, and its version is not used again.
    let held = n.local();
    assert_eq!(version(&n.offer(&G711)), "4");
    assert_eq!(version(&n.offer(&G711)), "4");
    n.withdraw();
    assert_eq!(n.local(), held);
    assert_eq!(version(&n.offer(&ALL)), "5");
    n.handle_answer(&talk).unwrap();
    assert_eq!(version(&n.offer(&ALL)), "5");
    n.withdraw();
    n.handle_offer(&talk, &G711).unwrap();
    assert_eq!(version(&n.answer(None).unwrap().0), "6");
}

#[test]
fn a_later_offer_of_ours_keeps_lines_and_payload_types() {
    let mut n = negotiation();
    let offer = phone(&[
        "m=video 5000 RTP/AVP 99",
        "m=audio 4000 RTP/AVPF 0 111 96",
        "a=rtpmap:111 telephone-event/8000",
        "a=rtpmap:96 iLBC/8000",
    ]);
    n.handle_offer(&offer, &G711).unwrap();
    n.answer(None).unwrap();
    let again = text(&n.offer(&[Codec::Pcma, Codec::Opus]));
    expect![[r#"
        m=video 0 RTP/AVP 99
        m=audio 10000 RTP/AVPF 8 97 111 110
        a=rtpmap:8 PCMA/8000
        a=rtpmap:97 opus/48000/2
        a=fmtp:97 useinbandfec=1
        a=rtpmap:111 telephone-event/8000
        a=fmtp:111 0-16
        a=rtpmap:110 telephone-event/48000
        a=fmtp:110 0-16
        a=ptime:20
        a=sendrecv
    "#]]
    .assert_eq(again.split_once("t=0 0\n").unwrap().1);
    // An answer keeps the order of our lines.
    let answer = phone(&["m=video 0 RTP/AVP 99", "m=audio 4000 RTP/AVPF 8"]);
    assert_eq!(n.handle_answer(&answer).unwrap().codec, Codec::Pcma);
}

#[test]
fn payload_types_may_differ_by_direction() {
    let mut n = negotiation();
    n.offer(&[Codec::Opus]);
    let answer = phone(&[
        "m=audio 4000 RTP/AVP 96 97",
        "a=rtpmap:96 opus/48000/2",
        "a=rtpmap:97 telephone-event/48000",
    ]);
    let agreed = n.handle_answer(&answer).unwrap();
    assert_eq!((agreed.send_payload, agreed.receive_payload), (96, 111));
    assert_eq!(agreed.telephone_event, Some((97, 110)));
}

#[test]
fn the_200_may_answer_otherwise_than_the_183() {
    let mut n = negotiation();
    n.offer(&G711);
    n.handle_answer(&phone(&["m=audio 4000 RTP/AVP 0"])).unwrap();
    let agreed = n.handle_answer(&phone(&["m=audio 4010 RTP/AVP 8"])).unwrap();
    assert_eq!((agreed.remote_rtp.port(), agreed.codec), (4010, Codec::Pcma));
    n.handle_offer(&phone(&["m=audio 4010 RTP/AVP 8 0"]), &G711).unwrap();
    assert_eq!(n.answer(None).unwrap().1.codec, Codec::Pcma, "what is in use stays");
    let late = n.handle_answer(&phone(&["m=audio 4010 RTP/AVP 8"]));
    assert_eq!(late, Err(Refusal::OutOfOrder));
}

#[test]
fn order_is_kept() {
    let sdp = phone(&["m=audio 4000 RTP/AVP 0"]);
    let mut n = negotiation();
    assert_eq!(n.handle_answer(&sdp).unwrap_err(), Refusal::OutOfOrder);
    assert_eq!(n.answer(None).unwrap_err(), Refusal::OutOfOrder);
    n.handle_offer(&sdp, &G711).unwrap();
    assert_eq!(n.handle_offer(&sdp, &G711), Err(Refusal::OutOfOrder));
    n.withdraw();
    n.handle_offer(&sdp, &G711).unwrap();
    n.answer(None).unwrap();
    n.offer(&G711);
    assert_eq!(n.handle_offer(&sdp, &G711), Err(Refusal::OutOfOrder));
    assert!(n.agreed().is_some());
}

#[test]
fn refusals() {
    let table: &[(&[&str], Refusal)] = &[
        (&["m=video 4000 RTP/AVP 31"], Refusal::NoAudio),
        (&["m=audio 0 RTP/AVP 0"], Refusal::NoAudio),
        (&["m=audio 4000 RTP/SAVP 0"], Refusal::NoAudio),
        (&["m=audio 4000 UDP/TLS/RTP/SAVPF 0"], Refusal::NoAudio),
        (&["a=x"], Refusal::NoAudio),
        (&["m=audio 4000 RTP/AVP 18"], Refusal::NoCommonCodec),
        (&["m=audio 4000 RTP/AVP 9"], Refusal::NoCommonCodec),
        (&["m=audio 4000 RTP/AVP 4294967296"], Refusal::NoCommonCodec),
        (&["m=audio 4294967296 RTP/AVP 0"], Refusal::Malformed),
    ];
    for (lines, refusal) in table {
        let mut n = negotiation();
        assert_eq!(n.handle_offer(&phone(lines), &G711), Err(*refusal), "{lines:?}");
        n.offer(&G711);
        assert_eq!(n.handle_answer(&phone(lines)), Err(*refusal), "{lines:?}");
        assert!(n.agreed().is_none());
    }
}

#[test]
fn no_target_that_is_not_one_machine() {
    for address in [
        "255.255.255.255",
        "224.2.1.1/127",
        "240.0.0.1",
        "0.0.0.1",
        "phone.example.com",
        "::ffff:10.0.0.1",
    ] {
        let mut n = negotiation();
        let offer = phone(&["m=audio 4000 RTP/AVP 0", &format!("c=IN IP4 {address}")]);
        assert_eq!(n.handle_offer(&offer, &G711), Err(Refusal::NoAudio), "{address}");
    }
    let here = "2001:db8::1".parse().unwrap();
    for address in ["::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::a00:1", "ff02::1", "192.0.2.1"] {
        let mut n = Negotiation::new(1, here, 4000, here);
        let offer = phone(&["m=audio 4000 RTP/AVP 0", &format!("c=IN IP6 {address}")]);
        assert_eq!(n.handle_offer(&offer, &G711), Err(Refusal::NoAudio), "{address}");
    }
    let mut n = Negotiation::new(1, here, 4000, here);
    let offer = phone(&["m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::2"]);
    n.handle_offer(&offer, &G711).unwrap();
    let (sdp, _) = n.answer(None).unwrap();
    assert!(text(&sdp).contains("c=IN IP6 2001:db8::1"));
}

#[test]
fn private_addresses_are_learned_unless_signalling_comes_from_them() {
    let table = [
        ("10.0.0.1", "192.0.2.1", true),
        ("192.168.1.1", "192.0.2.1", true),
        ("100.64.0.1", "192.0.2.1", true),
        ("127.0.0.1", "192.0.2.1", true),
        ("169.254.1.1", "192.0.2.1", true),
        ("100.128.0.1", "192.0.2.1", false),
        ("203.0.113.1", "192.0.2.1", false),
        ("10.0.0.1", "10.0.0.1", false),
        ("127.0.0.1", "::ffff:127.0.0.1", false),
    ];
    for (media, signalling, learn) in table {
        let here = "198.51.100.1".parse().unwrap();
        let mut n = Negotiation::new(1, here, 4000, signalling.parse().unwrap());
        let offer = phone(&["m=audio 4000 RTP/AVP 0", &format!("c=IN IP4 {media}")]);
        n.handle_offer(&offer, &G711).unwrap();
        let from = n.answer(None).unwrap().1.learn_from;
        assert_eq!(from.is_some(), learn, "{media} {signalling}");
        assert!(from.is_none_or(|ip| ip.to_string() == signalling), "{media} {signalling}");
    }
}

#[test]
fn rtcp_goes_where_the_peer_says() {
    for (line, rtcp) in [
        ("a=rtcp:5005", "192.0.2.1:5005"),
        ("a=rtcp:5005 IN IP4 192.0.2.9", "192.0.2.9:5005"),
        ("a=rtcp:5005 IN IP4 224.0.0.1", "192.0.2.1:5005"),
        ("a=rtcp:0", "192.0.2.1:4001"),
        ("a=rtcp:99999", "192.0.2.1:4001"),
    ] {
        let mut n = negotiation();
        n.handle_offer(&phone(&["m=audio 4000 RTP/AVP 0", line]), &G711).unwrap();
        let (_, agreed) = n.answer(None).unwrap();
        assert_eq!(agreed.remote_rtcp, rtcp.parse().unwrap(), "{line}");
    }
}

/// RFC 4028 §7.4: a refresh offers what holds, word for word, and its answer may change it.
#[test]
fn what_holds_is_offered_again() {
    let mut n = negotiation();
    assert_eq!(n.repeat(), None, "nothing holds");
    let offer = n.offer(&G711);
    assert_eq!(n.repeat(), None, "our offer waits");
    n.handle_answer(&phone(&["m=audio 4000 RTP/AVP 8"])).unwrap();
    assert_eq!(n.repeat(), Some(offer));
    assert_eq!(n.repeat(), None, "the refresh waits");
    let agreed = n.handle_answer(&phone(&["m=audio 4002 RTP/AVP 0"])).unwrap();
    assert_eq!((agreed.codec, agreed.remote_rtp.port()), (Codec::Pcmu, 4002));

    n.handle_offer(&phone(&["m=audio 4000 RTP/AVP 8 0", "a=sendonly"]), &G711).unwrap();
    assert_eq!(n.repeat(), None, "theirs waits");
    let answer = n.answer(None).unwrap().0;
    assert_eq!(n.repeat(), Some(answer.clone()));
    n.withdraw();
    assert_eq!(n.repeat(), Some(answer.clone()));
    n.handle_answer(&phone(&["m=audio 4000 RTP/AVP 0", "a=sendonly"])).unwrap();
    assert_eq!(n.local(), Some(answer));
}
