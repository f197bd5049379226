//! After a bug of ours: the conversation it happened in is let go, the others do not notice.
//!
//! Not here: catching it (`switch`).

use std::collections::BTreeSet;

use crate::calls::{Calls, Detail};
use crate::hangup::Farewell;
use crate::leg::{CallStatus, Doing, LegId};
use crate::transfer::Transfer;

impl Calls {
    /// Ends every leg that is joined, by whatever, with the one the failed step was about.
    pub(crate) fn drop_group(&mut self) {
        self.bugs += 1;
        let Some(first) = self.current.take() else {
            return self.alert(91399, None, Detail::none());
        };
        self.alert(91399, Some(first), Detail::none());
        let group = self.group_of(first);
        self.drop_transfers_of(&group);
        self.forget_rooms(&group);
        for leg in group {
            // Nothing that hangs on it is consulted: it may be what broke.
            if let Some(of) = self.leg_mut(leg) {
                of.doing = Doing::Alone;
                if let Some(run) = &mut of.run {
                    run.transfer = None;
                }
            }
            let status = crate::alert::Fault::Us.status();
            self.leave_quietly(leg, Farewell::refuse(CallStatus::Failed, status));
        }
    }

    /// Their transfers would wait for what will not happen.
    fn drop_transfers_of(&mut self, group: &[LegId]) {
        let of_group = self.transfers.iter().filter(|(_, of)| group.contains(&of.transferee));
        let lost: Vec<_> = of_group.map(|(id, _)| *id).collect();
        for id in lost {
            self.forget_transfer(id);
        }
    }

    fn group_of(&self, first: LegId) -> Vec<LegId> {
        let mut group = BTreeSet::new();
        let mut open = vec![first];
        while let Some(leg) = open.pop() {
            if !group.insert(leg) {
                continue;
            }
            let Some(of) = self.leg(leg) else { continue };
            match of.doing {
                Doing::Alone | Doing::Leaving => {}
                Doing::Dialled { by: other } | Doing::Bridged { with: other } => open.push(other),
                Doing::Parked { transfer }
                | Doing::Consulted { transfer }
                | Doing::Kept { transfer } => {
                    open.extend(self.transfer(transfer).map(|transfer| transfer.transferee));
                }
            }
            if let Some(run) = &of.run {
                let room = run.conferring().map(|conferring| conferring.room);
                open.extend(room.into_iter().flat_map(|room| self.conferences.legs(room)));
                let dialling = run.dialling();
                open.extend(dialling.iter().flat_map(|dialling| dialling.children()));
                let at = dialling.and_then(|dialling| dialling.queue.as_ref());
                open.extend(at.and_then(|at| at.taken()));
                open.extend(run.queued().and_then(crate::queue::enqueue::Queued::taken_by));
                let transfer = run.transfer.and_then(|transfer| self.transfer(transfer));
                open.extend(transfer.and_then(|transfer| transfer.transferor));
                open.extend(transfer.and_then(Transfer::consultation));
                open.extend(transfer.into_iter().flat_map(Transfer::kept));
            }
        }
        group.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Instant, SystemTime};

    use bytes::Bytes;
    use legwork_media as media;
    use legwork_sip as sip;

    use crate::config::{Config, Limits, Network};
    use crate::io::{Change, Input, Now, Output};
    use crate::sid::AccountSid;
    use crate::switch::Switch;

    const SERVER: &str = "127.0.0.1:5060";

    fn config() -> Config {
        let loopback = Network { address: "127.0.0.0".parse().unwrap(), prefix: 8 };
        let account = AccountSid::from_bits(1);
        Config {
            sip: sip::endpoint::Config {
                user_agent: "legwork".to_owned(),
                public_address: None,
                listen: vec![(sip::Transport::Udp, SERVER.parse().unwrap())],
                tag_prefix: "n0001-".to_owned(),
            },
            media_address: None,
            codecs: vec![media::offer_answer::Codec::Pcmu],
            media_threads: 1,
            accounts: Vec::new(),
            domains: vec![crate::config::Domain {
                account,
                name: "localhost".to_owned(),
                application: crate::config::Application {
                    voice: Some(crate::config::Hook {
                        url: "http://localhost/voice".to_owned(),
                        method: legwork_twiml::Method::Post,
                    }),
                    ..Default::default()
                },
                registration: false,
                ip_acl: vec![loopback],
                users: Vec::new(),
                challenge_calls: false,
            }],
            numbers: Vec::new(),
            trunks: Vec::new(),
            sims: Vec::new(),
            recorders: Vec::new(),
            streams: Vec::new(),
            applications: Vec::new(),
            http_base: "http://127.0.0.1:8080".to_owned(),
            limits: Limits::default(),
        }
    }

    fn invite(name: &str) -> Bytes {
        let sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                   m=audio 4000 RTP/AVP 0\r\n";
        let length = sdp.len();
        Bytes::from(format!(
            "INVITE sip:x@localhost SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK{name}\r\n\
             From: <sip:{name}@localhost>;tag={name}\r\nTo: <sip:x@localhost>\r\nCall-ID: {name}\r\n\
             CSeq: 1 INVITE\r\nContact: <sip:{name}@127.0.0.1:5070>\r\nMax-Forwards: 70\r\n\
             Content-Type: application/sdp\r\nContent-Length: {length}\r\n\r\n{sdp}"
        ))
    }

    fn outputs(switch: &mut Switch) -> Vec<Output> {
        std::iter::from_fn(|| switch.poll_output()).collect()
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    fn a_bug_ends_one_conversation_and_no_other() {
        let now = Now { mono: Instant::now(), wall: SystemTime::UNIX_EPOCH };
        let mut switch = Switch::new(now, config(), 1);
        switch.handle(now, Input::Ports { thread: 0, ports: vec![10_000, 10_002] });
        let flow = sip::Flow {
            transport: sip::Transport::Udp,
            local: SERVER.parse().unwrap(),
            remote: "127.0.0.1:5070".parse().unwrap(),
            connection: 0,
        };
        for name in ["unlucky", "lucky"] {
            switch.handle(now, Input::Message { flow, bytes: invite(name) });
        }
        outputs(&mut switch);
        assert_eq!(switch.calls.stats().legs, 2);

        switch.calls.broken = true;
        let first = *switch.calls.index.by_media.keys().next().unwrap();
        switch.handle(now, Input::Media { media: first, event: media::Event::Digit(b'1') });

        let sent = outputs(&mut switch);
        let refused = |output: &&Output| matches!(output, Output::Transmit(sent) if sent.bytes.starts_with(b"SIP/2.0 500"));
        assert_eq!(sent.iter().filter(refused).count(), 1);
        let stats = switch.calls.stats();
        assert_eq!((stats.legs, stats.bugs, stats.ports), (1, 1, 1));
    }

    const CALLER: &str = "127.0.0.1:5070";
    const AGENT: &str = "127.0.0.1:5071";

    /// What the switch sent to `to` last that starts so.
    fn sent(outputs: &[Output], to: &str, start: &str) -> sip::Message {
        let found = outputs.iter().rev().find_map(|output| {
            let Output::Transmit(sent) = output else { return None };
            let it =
                sent.flow.remote == to.parse().unwrap() && sent.bytes.starts_with(start.as_bytes());
            it.then(|| sent.bytes.clone())
        });
        sip::Message::parse(found.unwrap_or_else(|| panic!("no {start} to {to}"))).unwrap()
    }

    fn header(message: &sip::Message, name: sip::header::Name) -> String {
        String::from_utf8(message.header(name).unwrap().to_vec()).unwrap()
    }

    fn from(peer: &str) -> sip::Flow {
        sip::Flow {
            transport: sip::Transport::Udp,
            local: SERVER.parse().unwrap(),
            remote: peer.parse().unwrap(),
            connection: 0,
        }
    }

    fn say(switch: &mut Switch, now: Now, peer: &str, text: String) -> Vec<Output> {
        switch.handle(now, Input::Message { flow: from(peer), bytes: text.into() });
        outputs(switch)
    }

    /// The dialog with the agent.
    struct Dialled {
        ours: String,
        theirs: String,
        id: String,
        /// What its answer led to.
        told: Vec<Output>,
    }

    /// A caller calls and gets the document: what that leads to.
    fn caller_runs(switch: &mut Switch, now: Now, document: &str) -> Vec<Output> {
        let asked = say(switch, now, CALLER, String::from_utf8(invite("usera").to_vec()).unwrap());
        let fetch = asked.iter().find_map(|output| {
            let Output::Fetch(fetch) = output else { return None };
            Some(fetch.id)
        });
        let document = crate::io::Document {
            url: "http://localhost/voice".to_owned(),
            program: legwork_twiml::parse(document.as_bytes()).0,
            problems: Vec::new(),
            status: 200,
            took: std::time::Duration::ZERO,
        };
        switch.handle(now, Input::Fetched { id: fetch.unwrap(), result: Ok(document) });
        outputs(switch)
    }

    /// A caller calls, the document calls the agent, who answers.
    fn agent_answers(switch: &mut Switch, now: Now, document: &str) -> Dialled {
        use sip::header::Name;
        let called = sent(&caller_runs(switch, now, document), AGENT, "INVITE");
        let [via, ours, theirs, id] =
            [Name::Via, Name::From, Name::To, Name::CallId].map(|name| header(&called, name));
        let sdp = invite("agent");
        let sdp = std::str::from_utf8(&sdp).unwrap().split("\r\n\r\n").nth(1).unwrap();
        let answer = format!(
            "SIP/2.0 200 OK\r\nVia: {via}\r\nFrom: {ours}\r\nTo: {theirs};tag=b\r\nCall-ID: {id}\r\n\
             CSeq: 1 INVITE\r\nContact: <sip:agent@{AGENT}>\r\nContent-Type: application/sdp\r\n\
             Content-Length: {}\r\n\r\n{sdp}",
            sdp.len()
        );
        let told = say(switch, now, AGENT, answer);
        Dialled { ours, theirs, id, told }
    }

    /// What the peers say until the agent's REFER is accepted and the application is being asked.
    fn transfer_under_way(switch: &mut Switch, now: Now) {
        let document = "<Response><Dial answerOnBridge=\"true\" referUrl=\"/refer\">\
                        <Sip>sip:agent@127.0.0.1:5071</Sip></Dial></Response>";
        let Dialled { ours, theirs, id, told } = agent_answers(switch, now, document);
        let to = header(&sent(&told, CALLER, "SIP/2.0 200"), sip::header::Name::To);
        let ack = format!(
            "ACK sip:x@{SERVER} SIP/2.0\r\nVia: SIP/2.0/UDP {CALLER};branch=z9hG4bKack\r\n\
             From: <sip:usera@localhost>;tag=usera\r\nTo: {to}\r\nCall-ID: usera\r\nCSeq: 1 ACK\r\n\
             Max-Forwards: 70\r\n\r\n"
        );
        say(switch, now, CALLER, ack);
        let refer = format!(
            "REFER sip:x@{SERVER} SIP/2.0\r\nVia: SIP/2.0/UDP {AGENT};branch=z9hG4bKrefer\r\n\
             From: {theirs};tag=b\r\nTo: {ours}\r\nCall-ID: {id}\r\nCSeq: 1 REFER\r\n\
             Contact: <sip:agent@{AGENT}>\r\nMax-Forwards: 70\r\nRefer-To: <sip:b@localhost>\r\n\r\n"
        );
        sent(&say(switch, now, AGENT, refer), AGENT, "SIP/2.0 202");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    fn a_bug_while_one_is_screened_ends_both_legs() {
        let document = "<Response><Dial answerOnBridge=\"true\">\
                        <Sip url=\"/screen\">sip:agent@127.0.0.1:5071</Sip></Dial></Response>";
        let now = Now { mono: Instant::now(), wall: SystemTime::UNIX_EPOCH };
        for whose in 0..2 {
            let mut switch = Switch::new(now, config(), 1);
            switch.handle(now, Input::Ports { thread: 0, ports: vec![10_000, 10_002] });
            agent_answers(&mut switch, now, document);
            let stats = switch.calls.stats();
            assert_eq!((stats.legs, stats.fetches, stats.adrift), (2, 1, 0));

            switch.calls.broken = true;
            let media = *switch.calls.index.by_media.keys().nth(whose).unwrap();
            switch.handle(now, Input::Media { media, event: media::Event::Digit(b'1') });

            let told = outputs(&mut switch);
            sent(&told, CALLER, "SIP/2.0 500");
            sent(&told, AGENT, "BYE");
            let stats = switch.calls.stats();
            assert_eq!((stats.legs, stats.fetches, stats.bugs, stats.adrift), (0, 0, 1, 0));
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    fn a_bug_during_a_transfer_ends_it_and_both_legs() {
        let now = Now { mono: Instant::now(), wall: SystemTime::UNIX_EPOCH };
        let mut switch = Switch::new(now, config(), 1);
        switch.handle(now, Input::Ports { thread: 0, ports: vec![10_000, 10_002] });
        transfer_under_way(&mut switch, now);
        assert_eq!(switch.calls.stats().transfers, 1);

        switch.calls.broken = true;
        let caller = *switch.calls.index.by_media.keys().next().unwrap();
        switch.handle(now, Input::Media { media: caller, event: media::Event::Digit(b'1') });

        let told = outputs(&mut switch);
        sent(&told, CALLER, "BYE");
        sent(&told, AGENT, "BYE");
        let stats = switch.calls.stats();
        assert_eq!((stats.legs, stats.transfers, stats.subscriptions), (0, 0, 0));
        assert_eq!((stats.fetches, stats.bugs, stats.adrift), (0, 1, 0));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    fn a_bug_in_a_dialled_application_is_told_of_its_call_and_ends_it() {
        let now = Now { mono: Instant::now(), wall: SystemTime::UNIX_EPOCH };
        let mut config = config();
        config.applications.push(crate::config::TwimlApp {
            account: AccountSid::from_bits(1),
            sid: "AP1".to_owned(),
            application: config.domains[0].application.clone(),
        });
        let mut switch = Switch::new(now, config, 1);
        switch.handle(now, Input::Ports { thread: 0, ports: vec![10_000, 10_002] });
        let document = "<Response><Dial><Application>AP1</Application></Dial></Response>";
        let told = caller_runs(&mut switch, now, document);
        let fetch = told.iter().rev().find_map(|output| {
            let Output::Fetch(fetch) = output else { return None };
            Some(fetch.call)
        });
        let stats = switch.calls.stats();
        assert_eq!((stats.legs, stats.fetches, stats.adrift), (1, 1, 0));

        switch.calls.broken = true;
        let caller = *switch.calls.index.by_media.keys().next().unwrap();
        switch.handle(now, Input::Media { media: caller, event: media::Event::Digit(b'1') });

        let (mut alerts, mut ended) = (Vec::new(), Vec::new());
        for output in outputs(&mut switch) {
            if let Output::Store(Change::Alert(alert)) = output {
                alerts.push(alert.call);
            } else if let Output::Store(Change::Call(row)) = output {
                ended.extend(row.ended.map(|_| row.sid));
            }
        }
        assert_eq!(alerts, [fetch]);
        assert_eq!((ended.len(), ended.last().copied()), (2, fetch));
        let stats = switch.calls.stats();
        assert_eq!((stats.legs, stats.fetches, stats.names, stats.adrift), (0, 0, 0, 0));
    }
}
