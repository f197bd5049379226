//! One blind transfer between three phones, in every combination of makes, sides, transports and outcomes that
//! matters.
//!
//! Not here: attended transfer, which only linphonec can ask for.
//! Source: the transfer table of the contract.

use std::time::Instant;

use legwork_media::tone::Heard;

use crate::app::{App, Asked};
use crate::phone::{Make, Phone};
use crate::records::{Record, conversation};
use crate::server::{Server, is_installed};

/// What each party says into its phone, Hz.
const TRANSFEREE_HZ: u16 = 400;
const TRANSFEROR_HZ: u16 = 620;
const TARGET_HZ: u16 = 1000;

/// What the target does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Answers,
    /// baresip says 486, linphonec 603.
    Declines,
}

/// Which leg of the initial call is the transferor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// It was called.
    Child,
    /// It has called.
    Parent,
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

/// All stories with this outcome in this column of the table, at the same time.
pub(crate) fn play(answer_on_bridge: bool, outcome: Outcome) {
    for (program, package) in [("baresip", "baresip-core"), ("linphonec", "linphone-cli")] {
        if !is_installed(program, package, "transfers by real phones") {
            return;
        }
    }
    let mut stories = stories();
    stories.retain(|story| story.answer_on_bridge == answer_on_bridge && story.outcome == outcome);
    let users = |story: &Story| ["transferee", "transferor", "target"].map(|who| story.user(who));
    let users: Vec<String> = stories.iter().flat_map(users).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let app = App::start();
    let server = Server::start(&format!("phones-{answer_on_bridge}-{outcome:?}"), &app, &users);
    let failed: Vec<String> = std::thread::scope(|scope| {
        let play = |story: Story| {
            let (server, app) = (&server, &app);
            (story.name(), scope.spawn(move || story.play(server, app)))
        };
        let running: Vec<_> = stories.into_iter().map(play).collect();
        let ended = running.into_iter().map(|(name, thread)| (name, thread.join()));
        ended.filter(|(_, result)| result.is_err()).map(|(name, _)| name).collect()
    });
    assert!(failed.is_empty(), "failed: {failed:?}");
    server.is_back_at_the_baseline();
}

/// The three phones of a story.
struct Phones {
    transferee: Phone,
    transferor: Phone,
    target: Phone,
}

impl Story {
    /// Initials of transferor, transferee and target, and the side. Short: baresip cuts off long file names.
    fn name(self) -> String {
        let initial = |make| match make {
            Make::Baresip => 'b',
            Make::Linphone => 'l',
        };
        let makes = [self.transferor, self.transferee, self.target].map(initial);
        format!("{}-{:?}", String::from_iter(makes), self.side).to_lowercase()
    }

    fn user(self, party: &str) -> String {
        format!("{party}-{}", self.name())
    }

    fn play(self, server: &Server, app: &App) {
        let name = self.name();
        let _ladder = Ladder { server, app, path: format!("/voice/{name}") };
        let phone = |make, party, hz| {
            Phone::registered(make, server, &self.user(party), self.transport, hz)
        };
        let mut phones = Phones {
            transferee: phone(self.transferee, "transferee", TRANSFEREE_HZ),
            transferor: phone(self.transferor, "transferor", TRANSFEROR_HZ),
            target: phone(self.target, "target", TARGET_HZ),
        };
        let began = Instant::now();
        self.talks(app, &mut phones);
        self.transfers(app, &mut phones);
        match (self.outcome, self.answer_on_bridge) {
            (Outcome::Answers, _) => self.ends_bridged(&mut phones),
            (Outcome::Declines, true) => self.ends_restored(server, app, &mut phones),
            (Outcome::Declines, false) => {
                phones.target.hangs_up();
                phones.transferee.is_free();
                phones.check_tones([&[TRANSFEROR_HZ], &[TRANSFEREE_HZ], &[]], &name);
            }
        }
        let longest = began.elapsed().as_secs();
        let call = app.asked(&format!("/voice/{name}")).parameter("CallSid").to_owned();
        self.check_records(&conversation(server, &call, 3), longest);
        let Phones { transferee, transferor, target } = phones;
        [transferee, transferor, target].into_iter().for_each(Phone::quits);
    }

    /// The initial call: both hear each other.
    fn talks(self, app: &App, phones: &mut Phones) {
        let name = self.name();
        let Phones { transferee, transferor, target } = phones;
        let (caller, called) = match self.side {
            Side::Child => (&mut *transferee, &mut *transferor),
            Side::Parent => (&mut *transferor, &mut *transferee),
        };
        let dial = format!(
            "<Dial answerOnBridge=\"{}\" referUrl=\"/refer/{name}\"><Sip>{}</Sip></Dial>",
            self.answer_on_bridge,
            called.uri()
        );
        app.answers_calls_to(&name, &dial);
        let dial = format!("<Dial><Sip>{}</Sip></Dial>", target.uri());
        app.twiml(&format!("/refer/{name}"), &dial);
        caller.calls(&format!("sip:{name}@bank.example"));
        called.rings();
        called.answers();
        transferee.hears(Heard::Tone(TRANSFEROR_HZ));
        transferor.hears(Heard::Tone(TRANSFEREE_HZ));
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
        let heard = [&[TRANSFEROR_HZ, TARGET_HZ][..], &[TRANSFEREE_HZ], &[TRANSFEREE_HZ]];
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
                let heard = [[TRANSFEROR_HZ; 2], [TRANSFEREE_HZ; 2]];
                phones.check_tones([&heard[0], &heard[1], &[]], &name);
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
        let shown: Vec<(&str, String, &str)> = records
            .iter()
            .map(|record| (&*record.direction, record.to.clone(), &*record.status))
            .collect();
        let uri = |user: &str| format!("sip:{user}@bank.example");
        let called = match self.side {
            Side::Child => uri(&self.user("transferor")),
            Side::Parent => uri(&self.user("transferee")),
        };
        let target = match self.outcome {
            Outcome::Answers => "completed",
            Outcome::Declines => "busy",
        };
        let wanted = [
            ("inbound", uri(&name), "completed"),
            ("outbound-dial", called, "completed"),
            ("outbound-dial", uri(&self.user("target")), target),
        ];
        assert_eq!(shown, wanted, "{name}");
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

impl Phones {
    /// What transferee, transferor and target have heard of tones.
    fn check_tones(&self, [transferee, transferor, target]: [&[u16]; 3], name: &str) {
        assert_eq!(self.transferee.tones(), transferee, "{name}: the transferee");
        assert_eq!(self.transferor.tones(), transferor, "{name}: the transferor");
        assert_eq!(self.target.tones(), target, "{name}: the target");
    }
}

/// The address in it.
fn referred_by(refer: &Asked) -> &str {
    refer.parameter("ReferredBy").split(";tag=").next().unwrap_or_default()
}

/// Prints the ladder of a story's call when the story fails.
struct Ladder<'a> {
    server: &'a Server,
    app: &'a App,
    path: String,
}

impl Drop for Ladder<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let asked = self.app.first(&self.path);
            let call = asked.map(|asked| asked.parameter("CallSid").to_owned()).unwrap_or_default();
            let ladder = self.server.command(&["trace", &call]);
            eprintln!("{}:\n{}", self.path, String::from_utf8_lossy(&ladder.stdout));
        }
    }
}
