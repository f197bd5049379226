//! SIPp as a caller whose sound a test decides.
//!
//! Not here: the scenario around it (`caller.xml`), SIPp itself (`sipp`).
//! Source: the manual of SIPp 3.6, "Media" and "Actions"; RFC 4733 §2.4.1; RFC 6086 for INFO.

use std::fmt::Write as _;

use crate::server::Server;
use crate::sipp::Sipp;

const SCENARIO: &str = include_str!("caller.xml");

/// µ-law, and telephone-events of the type SIPp presses its keys with.
pub(crate) const WITH_EVENTS: &str = "0 96\n      a=rtpmap:96 telephone-event/8000";
/// µ-law and nothing else.
pub(crate) const WITHOUT_EVENTS: &str = "0";

/// Calls this user. `formats`: what stands behind `RTP/AVP`, and further lines of the session description;
/// `actions`: elements of the scenario for when it is answered.
pub(crate) fn calls(server: &Server, user: &str, formats: &str, actions: &str) -> Sipp {
    calls_from(server, user, "[media_port]", formats, actions)
}

/// The same, where it is heard at this port.
pub(crate) fn calls_from(
    server: &Server,
    user: &str,
    port: &str,
    formats: &str,
    actions: &str,
) -> Sipp {
    let scenario = SCENARIO.replace("PORT", port);
    let scenario = scenario.replace("FORMATS", formats).replace("  ACTIONS\n", actions);
    let path = server.folder.file(&format!("{user}.xml"), scenario);
    Sipp::calls_as(server, user, user, path.with_extension("").to_str().unwrap(), &[])
}

/// Presses these keys by telephone-events.
pub(crate) fn presses_by_events(keys: &str) -> String {
    format!("<nop><action><exec play_dtmf=\"{keys}\"/></action></nop>\n")
}

/// Presses these keys by INFO, one after the other.
pub(crate) fn presses_by_info(keys: &str) -> String {
    let mut actions = String::new();
    for (n, key) in keys.chars().enumerate() {
        let _ = write!(
            actions,
            "<send retrans=\"500\"><![CDATA[
      INFO [next_url] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      [routes]
      Max-Forwards: 70
      From: <sip:phone@calls.example>;tag=[pid]c[call_number]
      To: [$remote]
      Call-ID: [call_id]
      CSeq: {} INFO
      Content-Type: application/dtmf-relay
      Content-Length: [len]

      Signal={key}
      Duration=160
    ]]></send><recv response=\"200\"/>\n",
            n + 2
        );
    }
    actions
}

/// Speaks these samples of 8 kHz as µ-law.
pub(crate) fn speaks(server: &Server, user: &str, samples: &[i16]) -> String {
    let bytes: Vec<u8> =
        samples.iter().map(|sample| legwork_media::codec::pcmu::encode(*sample)).collect();
    let path = server.folder.file(&format!("{user}.ulaw"), bytes);
    format!("<nop><action><exec rtp_stream=\"{},1,0\"/></action></nop>\n", path.display())
}
