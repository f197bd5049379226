//! What single devices need that no RFC asks for: one list, each with device, version and what it did.
//!
//! Not here: what holds for every peer. A quirk is the last resort; most of what phones do wrong is met by
//! being lenient with all of them.

use crate::Message;
use crate::header::Name;

/// Phones that give up at a challenge with an algorithm they do not know, wherever it stands, instead of
/// taking the one they do. baresip 1.0.0 (Debian 12), REGISTER with SHA-256 and MD5 offered: it says
/// "Function not implemented" and tries again later, for ever.
const MD5_ONLY: [&[u8]; 2] = [b"baresip v0.", b"baresip v1."];

/// Challenge this peer with MD5 alone.
pub fn takes_only_md5(request: &Message) -> bool {
    let agent = request.header(Name::UserAgent).unwrap_or_default();
    MD5_ONLY.iter().any(|known| agent.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn baresip_before_2_takes_only_md5() {
        for (agent, only) in [
            ("baresip v1.0.0 (x86_64/linux)", true),
            ("baresip v0.6.1 (x86_64/linux)", true),
            ("baresip v3.16.0 (x86_64/Linux)", false),
            ("Linphone/5.1", false),
        ] {
            let request = format!(
                "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nUser-Agent: {agent}\r\n\r\n"
            );
            let request = Message::parse(request.into()).unwrap();
            assert_eq!(takes_only_md5(&request), only, "{agent}");
        }
    }
}
