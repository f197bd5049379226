//! A party of a case: SIPp that signals, step by step as the test lets it, and a voice.
//!
//! Not here: the steps (`steps`), the sound (`voice`).
//! Source: the manual of SIPp 3.6.

use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::bank::Bank;
use crate::server::{PATIENCE, until};
use crate::sipp::Sipp;
use crate::steps::{Speech, Step, scenario};
use crate::voice::{Sound, Voice};

/// Who a party is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    /// User part of its address, and its name in what goes wrong.
    pub(crate) name: &'static str,
    /// What it says, Hz.
    pub(crate) hz: u16,
    pub(crate) speech: Speech,
    /// The calls it answers pass through a proxy that stays in their path.
    pub(crate) is_behind_a_proxy: bool,
}

const fn who(name: &'static str, hz: u16) -> Who {
    Who { name, hz, speech: Speech::Narrow, is_behind_a_proxy: false }
}

/// The transferee.
pub(crate) const USER_A: Who = who("usera", 400);
/// The transferor.
pub(crate) const AGENT_A: Who = who("agent-a", 620);
/// The transfer target.
pub(crate) const AGENT_B: Who = who("agent-b", 1000);

/// A running party.
#[derive(Debug)]
pub(crate) struct Party {
    who: Who,
    sipp: Sipp,
    voice: Voice,
    /// Where it takes its sound when it moves.
    elsewhere: Option<UdpSocket>,
    /// Where its sound was before it moved.
    left: Option<Voice>,
    n_waits: u32,
}

impl Party {
    /// Waits for a call.
    pub(crate) fn is_called(bank: &Bank, case: &str, who: Who, steps: &[Step]) -> Self {
        Self::start(case, who, steps, &bank.scenario_file(case, who), |path, keys| {
            Sipp::listens_on(crate::server::free_port(), &bank.server, case, path, keys)
        })
    }

    /// Calls this user.
    pub(crate) fn calls(bank: &Bank, case: &str, who: Who, user: &str, steps: &[Step]) -> Self {
        Self::start(case, who, steps, &bank.scenario_file(case, who), |path, keys| {
            Sipp::calls_as(&bank.server, case, user, path, keys)
        })
    }

    /// Calls another party without the server.
    pub(crate) fn calls_directly(
        bank: &Bank,
        case: &str,
        who: Who,
        other: &Self,
        steps: &[Step],
    ) -> Self {
        let to = SocketAddr::from(([127, 0, 0, 1], other.sipp.port));
        Self::start(case, who, steps, &bank.scenario_file(case, who), |path, keys| {
            Sipp::calls_directly(to, &bank.server, case, path, keys)
        })
    }

    fn start(
        case: &str,
        who: Who,
        steps: &[Step],
        path: &str,
        start: impl FnOnce(&str, &[(&str, &str)]) -> Sipp,
    ) -> Self {
        let name = format!("{case}-{}", who.name);
        std::fs::write(format!("{path}.xml"), scenario(&name, who, steps)).unwrap();
        let [here, elsewhere] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        let port = |socket: &UdpSocket| socket.local_addr().unwrap().port().to_string();
        let (voice_port, moved_port) = (port(&here), port(&elsewhere));
        let keys =
            [("our_user", who.name), ("voice_port", &voice_port), ("moved_port", &moved_port)];
        let sipp = start(path, &keys);
        let voice = Voice::start(here, who.hz, sipp.messages.clone());
        Self { who, sipp, voice, elsewhere: Some(elsewhere), left: None, n_waits: 0 }
    }

    /// Its address, as a URI.
    pub(crate) fn uri(&self) -> String {
        self.sipp.uri(self.who.name)
    }

    /// Waits until it has come to its next wait.
    pub(crate) fn comes_to_wait(&mut self) {
        self.n_waits += 1;
        let wanted = format!("waits {}.", self.n_waits);
        let deadline = Instant::now() + PATIENCE;
        loop {
            if read(&self.sipp.log).contains(&wanted) {
                return;
            }
            assert!(
                Instant::now() < deadline && !self.sipp.has_ended(),
                "{} has not come to \"{wanted}\"\n{}",
                self.who.name,
                self.sipp.story()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Lets it go on from the wait it has come to, with this word.
    pub(crate) fn goes_on(&self, word: &str) {
        let call = self.call_id();
        let text = format!(
            "INFO sip:{0}@127.0.0.1 SIP/2.0\r\n\
             Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKgo{1}\r\n\
             From: <sip:test@127.0.0.1>;tag=test\r\nTo: <sip:{0}@127.0.0.1>\r\n\
             Call-ID: {call}\r\nCSeq: {1} INFO\r\nSubject: {word}\r\nContent-Length: 0\r\n\r\n",
            self.who.name, self.n_waits
        );
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(text.as_bytes(), ("127.0.0.1", self.sipp.port)).unwrap();
    }

    /// Call-ID of its call.
    pub(crate) fn call_id(&self) -> String {
        let what = format!("a message of {}", self.who.name);
        until(&what, PATIENCE, || {
            let messages = read(&self.sipp.messages);
            messages.lines().find_map(|line| Some(line.strip_prefix("Call-ID:")?.trim().to_owned()))
        })
    }

    /// The value of a header in the messages that came in; of the newest that has it.
    pub(crate) fn received(&self, header: &str) -> String {
        let messages = read(&self.sipp.messages);
        let value = |line: &str| Some(line.strip_prefix(header)?.trim().to_owned());
        messages.lines().rev().find_map(value).unwrap_or_default()
    }

    /// Waits until it hears this.
    pub(crate) fn hears(&self, wanted: Sound) {
        if wanted == Sound::Nothing {
            return self.hears_nothing();
        }
        self.voice.listens_anew();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let heard = self.voice.hears();
            if heard == wanted {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "{} does not hear {wanted:?}, but {heard:?}\n{}",
                self.who.name,
                self.sipp.story()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// For a while no packet comes in.
    fn hears_nothing(&self) {
        until("silence", PATIENCE, || {
            let before = self.voice.n_packets();
            std::thread::sleep(Duration::from_millis(200));
            (self.voice.n_packets() == before).then_some(())
        });
    }

    /// They hear one another.
    pub(crate) fn talks_to(&self, other: &Self) {
        self.hears(other.tone());
        other.hears(self.tone());
    }

    fn tone(&self) -> Sound {
        Sound::Tone(self.who.hz)
    }

    /// Its call as its peer knows it, for Replaces in a URI.
    pub(crate) fn named(&self) -> String {
        let what = format!("the tags of {}", self.who.name);
        let of = |line: &str, name: &str| {
            let tag = line.strip_prefix(name)?.split_once(";tag=")?.1;
            Some(tag.trim().to_owned())
        };
        let [to, from] = until(&what, PATIENCE, || {
            let messages = read(&self.sipp.messages);
            let to = messages.lines().find_map(|line| of(line, "To:"))?;
            Some([to, messages.lines().find_map(|line| of(line, "From:"))?])
        });
        let call = self.call_id().replace('@', "%40");
        format!("{call}%3Bto-tag%3D{to}%3Bfrom-tag%3D{from}")
    }

    /// Hears and speaks elsewhere from now on.
    pub(crate) fn moves(&mut self) {
        let messages = self.sipp.messages.clone();
        let voice = Voice::start(self.elsewhere.take().unwrap(), self.who.hz, messages);
        let left = std::mem::replace(&mut self.voice, voice);
        left.falls_silent();
        self.left = Some(left);
    }

    /// Nothing comes any more where it was before it moved, while it hears elsewhere.
    pub(crate) fn has_left(&self) {
        let left = self.left.as_ref().unwrap();
        let (there, here) = (left.n_packets(), self.voice.n_packets());
        until("sound where it moved to", PATIENCE, || {
            (self.voice.n_packets() > here + 10).then_some(())
        });
        assert_eq!(left.n_packets(), there, "{} is still spoken to there", self.who.name);
    }

    /// Every step was taken; its sound came in one line.
    pub(crate) fn ends_well(self) {
        let breaks = self.voice.breaks();
        assert_eq!(breaks.ssrc, 0, "{}'s RTP changed its source", self.who.name);
        assert_eq!(breaks.timestamp, 0, "{}'s RTP went back in time", self.who.name);
        self.sipp.ends_well();
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
