//! The messages of RFC 4475 and RFC 5118, each fed to an endpoint: what does it answer?
//!
//! Not here: what the message layer makes of them (`tests/torture.rs`).

use std::fs;
use std::path::Path;

use bytes::Bytes;
use expect_test::expect;
use legwork_sip::Message;

use crate::peer::Peer;
use crate::world::name;

/// The answers and events of an endpoint that has seen nothing else.
fn answers(folder: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "dat"))
        .collect();
    files.sort();
    let mut table = String::new();
    for file in files {
        let mut p = Peer::new();
        p.endpoint.handle_message(p.now, p.flow, Bytes::from(fs::read(&file).unwrap()));
        let mut words = Vec::new();
        while let Some(event) = p.endpoint.poll_event() {
            words.extend(name(&event));
        }
        while let Some(transmit) = p.endpoint.poll_transmit() {
            let answer = Message::parse(transmit.bytes).unwrap();
            words.push(answer.status().unwrap().0.to_string());
        }
        if p.endpoint.counts().dropped > 0 {
            words.push("dropped".to_owned());
        }
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        table.push_str(&format!("{stem}: {}\n", words.join(" ")));
    }
    table
}

#[test]
fn rfc_4475() {
    expect![[r#"
        badaspec: 400 dropped
        badbranch: 200
        baddate: Invite
        baddn: 400 dropped
        badinv01: 400 dropped
        badvers: 505 dropped
        bcast: 
        bext01: 420
        bigcode: dropped
        clerr: 400 dropped
        cparam01: Request
        cparam02: Request
        dblreq: Request
        esc01: Invite
        esc02: 501
        escnull: Request
        escruri: 400 dropped
        insuf: 400 dropped
        intmeth: 501
        inv2543: Invite
        invut: 415
        longreq: Invite
        ltgtruri: 400 dropped
        lwsdisp: 200
        lwsruri: 400 dropped
        lwsstart: 400 dropped
        mcl01: 400 dropped
        mismatch01: 400 dropped
        mismatch02: 501 dropped
        mpart01: 405
        multi01: 400 dropped
        ncl: 400 dropped
        noreason: 
        novelsc: 416
        quotbal: 400 dropped
        regaut01: Request
        regbadct: 400 dropped
        regescrt: Request
        scalar02: 400 dropped
        scalarlg: dropped
        sdp01: 406
        semiuri: 200
        transports: 200
        trws: 400 dropped
        unkscm: 416
        unksm2: Request
        unreason: 
        wsinv: 481
        zeromf: 200
    "#]]
    .assert_eq(&answers("rfc4475"));
}

#[test]
fn rfc_5118() {
    expect![[r#"
        ipv4-mapped-ipv6: Invite
        ipv6-bad: 400 dropped
        ipv6-bug-abnf-3-colons: 400 dropped
        ipv6-correct-abnf-2-colons: 200
        ipv6-good: Request
        ipv6-in-sdp: Invite
        mult-ip-in-header: 481
        mult-ip-in-sdp: Invite
        port-ambiguous: Request
        port-unambiguous: Request
        via-received-param-no-delim: 200
        via-received-param-with-delim: 481
    "#]]
    .assert_eq(&answers("rfc5118"));
}
