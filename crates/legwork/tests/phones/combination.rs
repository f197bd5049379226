//! One blind transfer between three phones, in every combination of makes, sides, transports and outcomes that
//! matters.
//!
//! Not here: attended transfers (`attended`).
//! Source: the transfer table of the contract.

use std::time::Instant;

use legwork_media::tone::Heard;

use crate::app::{App, Asked};
use crate::cast::{
    Phones, Side, TARGET_HZ, TRANSFEREE_HZ, TRANSFEROR_HZ, initials, together, uri, user,
};
use crate::phone::{Make, Phone};
use crate::records::{Record, conversation, shown};
use crate::server::Server;

/// What the target does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Answers,
    /// baresip says 486, linphonec 603.
    Declines,
}

/// One transfer.
#[derive(Clone, Copy, Debug)]
struct Story {
    transferor: Make,
    transferee: Make,
    target: Make,
    outcome: Outcome,
    answer_on_bridge: bool,
    side: Side,
    transport: &'static str,
}

/// Half of a half of a half of the 128 combinations, in which any three of the seven properties still come in
/// all their eight combinations: the last three are odd or even as three of the first four are.
fn stories() -> Vec<Story> {
    let story = |n: u8| {
        let bit = |at: u8| n >> at & 1 == 1;
        let make = |linphone| if linphone { Make::Linphone } else { Make::Baresip };
        Story {
            transferor: make(bit(0)),
            transferee: make(bit(1)),
            target: make(bit(2)),
            outcome: if bit(3) { Outcome::Answers } else { Outcome::Declines },
            answer_on_bridge: bit(0) ^ bit(1) ^ bit(2),
            side: if bit(1) ^ bit(2) ^ bit(3) { Side::Child } else { Side::Parent },
            transport: if bit(0) ^ bit(2) ^ bit(3) { "udp" } else { "tcp" },
        }
    };
    (0..16).map(story).collect()
}

#[test]
fn any_three_properties_come_in_all_combinations() {
    let properties = |story: &Story| {
        [
            story.transferor == Make::Linphone,
            story.transferee == Make::Linphone,
            story.target == Make::Linphone,
            story.outcome == Outcome::Answers,
            story.answer_on_bridge,
            story.side == Side::Child,
            story.transport == "udp",
        ]
    };
    let all: Vec<_> = stories().iter().map(properties).collect();
    for (a, b, c) in (0..7).flat_map(|a| (0..a).flat_map(move |b| (0..b).map(move |c| (a, b, c)))) {
        let mut seen: Vec<_> = all.iter().map(|has| (has[a], has[b], has[c])).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 8, "{a} {b} {c}");
    }
}

/// All stories in this column of the table, at the same time.
pub(crate) fn play(answer_on_bridge: bool) {
    let mut stories = stories();
    stories.retain(|story| story.answer_on_bridge == answer_on_bridge);
    let stories = stories.into_iter().map(|story| {
        let play = move |server: &Server, app: &App| story.play(server, app);
        (story.name(), play)
    });
    if let Some(server) = together(&format!("phones-{answer_on_bridge}"), stories.collect()) {
        server.recordings_replay(8, &[]);
    }
}

impl Story {
    fn name(self) -> String {
        let makes = initials(&[self.transferor, self.transferee, self.target]);
        format!("{makes}-{:?}", self.side).to_lowercase()
    }

    fn play(self, server: &Server, app: &App) {
        let name = self.name();
        let makes = [self.transferor, self.transferee, self.target];
        let mut phones = Phones::registered(makes, server, &name, self.transport);
        let dial = format!("<Dial><Sip>{}</Sip></Dial>", phones.target.uri());
        app.twiml(&format!("/refer/{name}"), &dial);
        let began = Instant::now();
        let answer_on_bridge = format!("answerOnBridge=\"{}\"", self.answer_on_bridge);
        phones.talk(app, self.side, &name, &answer_on_bridge);
        self.transfers(app, &mut phones);
        match (self.outcome, self.answer_on_bridge) {
            (Outcome::Answers, _) => self.ends_bridged(&mut phones),
            (Outcome::Declines, true) => self.ends_restored(server, app, &mut phones),
            (Outcome::Declines, false) => {
                phones.target.hangs_up();
                phones.transferee.is_free();
                phones.check_tones([&[TRANSFEREE_HZ], &[TRANSFEROR_HZ], &[]], &name);
            }
        }
        let longest = began.elapsed().as_secs();
        let call = app.asked(&format!("/voice/{name}")).parameter("CallSid").to_owned();
        self.check_records(&conversation(server, &call, 3), longest);
        phones.quit();
    }

    /// Up to the target's ringing.
    fn transfers(self, app: &App, phones: &mut Phones) {
        let Phones { transferee, transferor, target } = phones;
        transferor.transfers(&target.uri());
        target.rings();
        transferee.hears(Heard::Ringback);
        if self.answer_on_bridge {
            transferor.hears(Heard::Silence);
        } else {
            transferor.is_free();
        }
        self.check_webhook(app, transferor, target);
    }

    fn ends_bridged(self, phones: &mut Phones) {
        let Phones { transferee, transferor, target } = phones;
        target.answers();
        transferee.hears(Heard::Tone(TARGET_HZ));
        target.hears(Heard::Tone(TRANSFEREE_HZ));
        if self.answer_on_bridge {
            transferor.is_free();
        }
        transferee.hangs_up();
        target.is_free();
        let heard = [&[TRANSFEREE_HZ][..], &[TRANSFEROR_HZ, TARGET_HZ], &[TRANSFEREE_HZ]];
        phones.check_tones(heard, &self.name());
    }

    /// linphonec talks on. baresip hangs up by itself as soon as it hears of the failure: too soon to be heard.
    fn ends_restored(self, server: &Server, app: &App, phones: &mut Phones) {
        let name = self.name();
        let Phones { transferee, transferor, target } = phones;
        target.hangs_up();
        match self.transferor {
            Make::Linphone => {
                transferee.hears(Heard::Tone(TRANSFEROR_HZ));
                transferor.hears(Heard::Tone(TRANSFEREE_HZ));
                transferor.hangs_up();
                transferee.is_free();
                phones.check_tones([&[TRANSFEREE_HZ], &[TRANSFEROR_HZ], &[]], &name);
            }
            Make::Baresip => {
                transferee.is_free();
                let ladder =
                    server.trace(app.asked(&format!("/voice/{name}")).parameter("CallSid"));
                let status = match self.target {
                    Make::Baresip => "NOTIFY  486 Busy Here, terminated",
                    Make::Linphone => "NOTIFY  603 Decline, terminated",
                };
                let rows = ["·  restored", " ⇄ ", status, " ── BYE ──▶"];
                let at = rows.iter().try_fold(0, |at, row| Some(at + ladder[at..].find(row)?));
                assert!(at.is_some(), "{ladder}");
            }
        }
    }

    /// Whom it is about, where to as the phone wrote it, and by whom.
    fn check_webhook(self, app: &App, transferor: &Phone, target: &Phone) {
        let name = self.name();
        let voice = app.asked(&format!("/voice/{name}"));
        let refer = app.asked(&format!("/refer/{name}"));
        let transferee = match self.side {
            Side::Child => "CallSid",
            Side::Parent => "ParentCallSid",
        };
        assert_eq!(refer.parameter(transferee), voice.parameter("CallSid"), "{name}");
        assert_eq!(refer.parameter("ReferTransferTarget"), target.uri(), "{name}");
        let by = referred_by(&refer);
        match self.transferor {
            Make::Baresip => assert_eq!(by, "", "{name}"),
            // It writes its own `From` or `To`, the tag of a caller included.
            Make::Linphone => {
                assert_eq!(by.replace(['<', '>'], ""), transferor.uri(), "{name}");
                let tagged = refer.parameter("ReferredBy").contains(">;tag=");
                assert_eq!(tagged, self.side == Side::Parent, "{name}");
            }
        }
        if self.transferor == Make::Linphone && self.target == Make::Linphone {
            let line = format!("Referred-By: {}", refer.parameter("ReferredBy"));
            assert!(target.said().contains(&line), "{name}: {line}");
        }
    }

    /// Each leg once, as it ended, and for how long.
    fn check_records(self, records: &[Record], longest: u64) {
        let name = self.name();
        let called = match self.side {
            Side::Child => uri(&user("transferor", &name)),
            Side::Parent => uri(&user("transferee", &name)),
        };
        let target = match self.outcome {
            Outcome::Answers => "completed",
            Outcome::Declines => "busy",
        };
        let wanted = [
            ("inbound", uri(&name), "completed"),
            ("outbound-dial", called, "completed"),
            ("outbound-dial", uri(&user("target", &name)), target),
        ];
        assert_eq!(shown(records), wanted, "{name}");
        let seconds = [0, 1, 2].map(|at: usize| records[at].seconds);
        let (transferee, transferor) = match self.side {
            Side::Child => (seconds[0], seconds[1]),
            Side::Parent => (seconds[1], seconds[0]),
        };
        assert!(transferee >= transferor, "{name}: {records:?}");
        // Somebody has been listened to in it for 600 ms, and ringback for as long.
        assert!(transferee.is_some_and(|s| (1..=longest).contains(&s)), "{name}: {records:?}");
        assert_eq!(seconds[2].is_some(), self.outcome == Outcome::Answers, "{name}: {records:?}");
    }
}

/// The address in it.
fn referred_by(refer: &Asked) -> &str {
    refer.parameter("ReferredBy").split(";tag=").next().unwrap_or_default()
}
