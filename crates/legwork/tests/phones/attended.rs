//! Attended transfers, asked for by linphonec: it pauses its call, calls the target, and refers one to the other
//! while they talk or while the target still rings ("blonde").
//!
//! Not here: blind transfers (`combination`). baresip 1.0 has no command for these.
//! Source: the contract, "Attended transfer"; RFC 5589 §7; RFC 3891.

use legwork_media::tone::Heard;

use crate::app::App;
use crate::cast::{
    Phones, Side, TARGET_HZ, TRANSFEREE_HZ, TRANSFEROR_HZ, initials, together, uri, user,
};
use crate::phone::Make;
use crate::records::{conversation, shown};
use crate::server::{PATIENCE, Server, until};

/// How far the consultation has come, and what comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Consultation {
    /// They have talked.
    Talks,
    /// The target rings still, and answers then.
    Rings,
    /// The target rings still, and declines then.
    Declines,
}

/// One transfer by linphonec.
#[derive(Clone, Copy, Debug)]
struct Story {
    transferee: Make,
    target: Make,
    consultation: Consultation,
    answer_on_bridge: bool,
    side: Side,
    transport: &'static str,
}

/// Every pair of properties meets; who declines is of either make.
const STORIES: [Story; 8] = {
    use Consultation::{Declines, Rings, Talks};
    use Make::{Baresip as B, Linphone as L};
    use Side::{Child, Parent};
    [
        story(B, B, Talks, true, Child, "udp"),
        story(B, L, Talks, false, Parent, "tcp"),
        story(L, B, Talks, false, Child, "tcp"),
        story(L, L, Talks, true, Parent, "udp"),
        story(B, B, Rings, true, Parent, "tcp"),
        story(L, L, Rings, false, Child, "udp"),
        story(L, B, Declines, true, Child, "udp"),
        story(B, L, Declines, true, Parent, "tcp"),
    ]
};

const fn story(
    transferee: Make,
    target: Make,
    consultation: Consultation,
    answer_on_bridge: bool,
    side: Side,
    transport: &'static str,
) -> Story {
    Story { transferee, target, consultation, answer_on_bridge, side, transport }
}

/// All stories at the same time.
pub(crate) fn play() {
    let stories = STORIES.into_iter().map(|story| {
        let play = move |server: &Server, app: &App| story.play(server, app);
        (story.name(), play)
    });
    if let Some(server) = together("phones-attended", stories.collect()) {
        // Each holds both calls of the phone, of which `trace` shows one.
        let all = || (server.recordings().len() == STORIES.len()).then_some(());
        until("one recording for each story", PATIENCE, all);
    }
}

impl Story {
    fn name(self) -> String {
        let makes = initials(&[self.transferee, self.target]);
        format!("{makes}-{:?}", self.consultation).to_lowercase()
    }

    /// Whom the transferor calls to consult.
    fn consulted(self) -> String {
        format!("ask-{}", self.name())
    }

    fn play(self, server: &Server, app: &App) {
        let name = self.name();
        let makes = [Make::Linphone, self.transferee, self.target];
        let mut phones = Phones::registered(makes, server, &name, self.transport);
        // It records two calls into one file, which has one rate.
        phones.transferor.linphone().knows_g711_alone();
        let consulted = self.consulted();
        let target = phones.target.uri();
        // Its answer comes late, so that the dialog that REFER names may be an early one.
        let dial = format!("<Dial answerOnBridge=\"true\"><Sip>{target}</Sip></Dial>");
        app.answers_calls_to(&consulted, &dial);
        // Both are the same party: the address that REFER names, and the phone that was dialled.
        let noun = match self.side {
            Side::Child => uri(&consulted),
            Side::Parent => target,
        };
        app.twiml(&format!("/refer/{name}"), &format!("<Dial><Sip>{noun}</Sip></Dial>"));
        let answer_on_bridge = format!("answerOnBridge=\"{}\"", self.answer_on_bridge);
        phones.talk(app, self.side, &name, &answer_on_bridge);
        self.consults(&mut phones);
        phones.transferor.linphone().order("transfer 1 --to-call 2");
        self.check_webhook(app, &phones);
        match self.consultation {
            Consultation::Talks => self.ends_joined(&mut phones),
            Consultation::Rings => self.ends_answered(&mut phones),
            Consultation::Declines => self.ends_restored(&mut phones),
        }
        self.check_records(server, app);
        phones.quit();
    }

    /// The transferee waits, with what linphonec plays to who waits; the target rings, or talks.
    fn consults(self, phones: &mut Phones) {
        let Phones { transferor, target, .. } = phones;
        let linphone = transferor.linphone();
        linphone.order("pause 1");
        linphone.comes_to("Paused");
        linphone.order(&format!("call {}", uri(&self.consulted())));
        target.rings();
        linphone.comes_to("OutgoingRinging");
        if self.consultation == Consultation::Talks {
            target.answers();
            linphone.comes_to("StreamsRunning");
            target.hears(Heard::Tone(TRANSFEROR_HZ));
            transferor.hears(Heard::Tone(TARGET_HZ));
        }
    }

    fn ends_joined(self, phones: &mut Phones) {
        let Phones { transferor, transferee, target } = phones;
        transferee.hears(Heard::Tone(TARGET_HZ));
        target.hears(Heard::Tone(TRANSFEREE_HZ));
        transferor.linphone().is_free_of(2);
        transferee.hangs_up();
        target.is_free();
        let heard = [
            [TRANSFEREE_HZ, TARGET_HZ],
            [TRANSFEROR_HZ, TARGET_HZ],
            [TRANSFEROR_HZ, TRANSFEREE_HZ],
        ];
        phones.check_tones(heard.each_ref().map(|heard| &heard[..]), &self.name());
    }

    fn ends_answered(self, phones: &mut Phones) {
        let Phones { transferor, transferee, target } = phones;
        transferee.hears(Heard::Ringback);
        if !self.answer_on_bridge {
            transferor.linphone().is_free_of(2);
        }
        target.answers();
        transferee.hears(Heard::Tone(TARGET_HZ));
        target.hears(Heard::Tone(TRANSFEREE_HZ));
        if self.answer_on_bridge {
            transferor.linphone().is_free_of(2);
        }
        transferee.hangs_up();
        target.is_free();
        let heard = [&[TRANSFEREE_HZ][..], &[TRANSFEROR_HZ, TARGET_HZ], &[TRANSFEREE_HZ]];
        phones.check_tones(heard, &self.name());
    }

    /// The call that was paused is there still, and linphonec goes back to it.
    fn ends_restored(self, phones: &mut Phones) {
        let Phones { transferor, transferee, target } = phones;
        transferee.hears(Heard::Ringback);
        target.hangs_up();
        let linphone = transferor.linphone();
        linphone.is_free_of(1);
        let n_heard = linphone.heard().len();
        linphone.order("resume 1");
        linphone.comes_to("StreamsRunning");
        linphone.hears_after(n_heard, Heard::Tone(TRANSFEREE_HZ));
        transferee.hears(Heard::Tone(TRANSFEROR_HZ));
        transferor.hangs_up();
        transferee.is_free();
        phones.check_tones([&[TRANSFEREE_HZ], &[TRANSFEROR_HZ], &[]], &self.name());
    }

    /// Which call is to be replaced stands in it as linphonec writes it, and is found.
    fn check_webhook(self, app: &App, phones: &Phones) {
        let name = self.name();
        let voice = app.asked(&format!("/voice/{name}"));
        let consultation = app.asked(&format!("/voice/{}", self.consulted()));
        let refer = app.asked(&format!("/refer/{name}"));
        let transferee = match self.side {
            Side::Child => "CallSid",
            Side::Parent => "ParentCallSid",
        };
        assert_eq!(refer.parameter(transferee), voice.parameter("CallSid"), "{name}");
        let target = refer.parameter("ReferTransferTarget");
        let call_id = consultation.parameter("SipCallId");
        let begins = format!("<{}?Replaces={call_id}%3bfrom-tag%3d", uri(&self.consulted()));
        assert!(target.starts_with(&begins), "{name}: {target}, {begins}");
        assert!(target.contains("%3bto-tag%3d") && target.ends_with('>'), "{name}: {target}");
        let replaced = refer.parameter("ReferReplacesCallSid");
        assert_eq!(replaced, consultation.parameter("CallSid"), "{name}");
        let by = refer.parameter("ReferredBy");
        assert!(by.contains(&phones.transferor.uri()), "{name}: {by}");
    }

    /// Each leg once: the two of the initial call, and the two of the consultation.
    fn check_records(self, server: &Server, app: &App) {
        let name = self.name();
        let call = |user: &str| {
            let asked = app.asked(&format!("/voice/{user}"));
            conversation(server, asked.parameter("CallSid"), 2)
        };
        let called = match self.side {
            Side::Child => "transferor",
            Side::Parent => "transferee",
        };
        let initial = [
            ("inbound", uri(&name), "completed"),
            ("outbound-dial", uri(&user(called, &name)), "completed"),
        ];
        assert_eq!(shown(&call(&name)), initial, "{name}");
        let (consulting, consulted) = match self.consultation {
            Consultation::Talks => ("completed", "completed"),
            Consultation::Rings => ("no-answer", "completed"),
            Consultation::Declines => ("no-answer", "busy"),
        };
        let consultation = [
            ("inbound", uri(&self.consulted()), consulting),
            ("outbound-dial", uri(&user("target", &name)), consulted),
        ];
        assert_eq!(shown(&call(&self.consulted())), consultation, "{name}");
    }
}
