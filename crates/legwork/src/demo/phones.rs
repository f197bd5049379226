//! Three SIP phones on sockets of loopback, all driven by whoever waits for something.
//!
//! Not here: what a phone says and does (`legwork_sim::phone`), what its sound is (`hearing`).

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use legwork_media::ear::Ear;
use legwork_sim::phone::{Codec, Config, Event, Habits, Kind, Order, Phone, State};
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token};

use crate::config::development::DOMAIN;
use crate::demo::contract::{Notice, Party};
use crate::demo::hearing::{Hearing, Sound, WINDOW_MS};
use crate::limit;

/// How often a pair of ports is tried.
const TRIES: u8 = 50;
/// Sound in one packet, ms.
const PACKET_MS: u32 = 20;
/// Payload type of keys.
const KEYS: u8 = 101;

/// One phone.
struct Device {
    party: Party,
    phone: Phone,
    sip: UdpSocket,
    rtp: UdpSocket,
    /// Bound so that nobody else gets it; nobody reads it.
    _rtcp: UdpSocket,
    ear: Ear,
    /// Packets heard when listening began.
    packets_before: u32,
    /// What happened since the cell began.
    events: Vec<Event>,
}

/// All three.
pub(crate) struct Phones {
    poll: Poll,
    ready: Events,
    devices: [Device; 3],
    buffer: Vec<u8>,
}

impl Device {
    fn new(party: Party, server: SocketAddr, poll: &Poll) -> anyhow::Result<Self> {
        let any: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
        let mut sip = UdpSocket::bind(any).context("no port for a phone")?;
        let (mut rtp, rtcp) = pair().context("no pair of ports for a phone")?;
        poll.registry().register(&mut sip, Token(0), Interest::READABLE)?;
        poll.registry().register(&mut rtp, Token(0), Interest::READABLE)?;
        let phone = Phone::new(Config {
            name: party.user().to_owned(),
            sip: sip.local_addr()?,
            rtp: rtp.local_addr()?,
            server,
            domain: DOMAIN.to_owned(),
            password: Some(party.user().to_owned()),
            tone_hz: party.tone_hz().into(),
            codecs: vec![Codec::Pcmu, Codec::Pcma],
            events: KEYS,
            seed: std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), party.user()),
        });
        let (ear, events) = (Ear::default(), Vec::new());
        Ok(Self { party, phone, sip, rtp, _rtcp: rtcp, ear, packets_before: 0, events })
    }

    /// Does what is due and sends what is to be sent.
    fn work(&mut self, now: Instant) {
        if self.phone.poll_timeout().is_some_and(|due| due <= now) {
            self.phone.handle_timeout(now);
        }
        while let Some(transmit) = self.phone.poll_transmit() {
            let socket = match transmit.kind {
                Kind::Sip => &self.sip,
                Kind::Rtp => &self.rtp,
            };
            // A datagram may get lost.
            let _ = socket.send_to(&transmit.bytes, transmit.to);
        }
        while let Some(event) = self.phone.poll_event() {
            self.events.push(event);
        }
    }

    /// Reads everything that has come.
    fn read(&mut self, buffer: &mut [u8]) {
        while let Ok((n, from)) = self.rtp.recv_from(buffer) {
            self.ear.handle(buffer.get(..n).unwrap_or_default());
            self.phone.handle_rtp(Instant::now(), from, buffer.get(..n).unwrap_or_default());
        }
        while let Ok((n, from)) = self.sip.recv_from(buffer) {
            let bytes = Bytes::copy_from_slice(buffer.get(..n).unwrap_or_default());
            self.phone.handle_message(Instant::now(), from, &bytes);
        }
    }

    fn is_talking(&self) -> bool {
        self.phone.state() == Some(State::Talking)
    }

    /// Enough to name it.
    fn has_heard_enough(&self) -> bool {
        let came = self.ear.n_packets().saturating_sub(self.packets_before);
        !self.is_talking() || came * PACKET_MS >= WINDOW_MS
    }

    fn hears(&self, hearing: &Hearing) -> Sound {
        let came = self.ear.n_packets() > self.packets_before;
        match (self.is_talking(), came) {
            (false, false) => Sound::Gone,
            (false, true) => Sound::Other("sound without a call".to_owned()),
            (true, false) => Sound::Nothing,
            (true, true) => hearing.name(&self.ear.last_samples(WINDOW_MS)),
        }
    }
}

impl Phones {
    /// Three phones that know this server.
    ///
    /// # Errors
    /// No ports are to be had.
    pub(crate) fn new(server: SocketAddr) -> anyhow::Result<Self> {
        let poll = Poll::new().context("no epoll")?;
        let device = |party| Device::new(party, server, &poll);
        let devices = [device(Party::UserA)?, device(Party::AgentA)?, device(Party::AgentB)?];
        let buffer = vec![0; limit::DATAGRAM_MAX];
        Ok(Self { poll, ready: Events::with_capacity(16), devices, buffer })
    }

    fn device(&self, party: Party) -> &Device {
        let [user_a, agent_a, agent_b] = &self.devices;
        match party {
            Party::UserA => user_a,
            Party::AgentA => agent_a,
            Party::AgentB => agent_b,
        }
    }

    fn device_mut(&mut self, party: Party) -> &mut Device {
        let [user_a, agent_a, agent_b] = &mut self.devices;
        match party {
            Party::UserA => user_a,
            Party::AgentA => agent_a,
            Party::AgentB => agent_b,
        }
    }

    /// A party does something.
    pub(crate) fn order(&mut self, party: Party, order: Order) {
        self.device_mut(party).phone.order(Instant::now(), order);
    }

    /// A new cell: nothing has happened yet.
    pub(crate) fn begin(&mut self) {
        for device in &mut self.devices {
            // The last packets of the cell before may still lie in the socket.
            device.read(&mut self.buffer);
            device.ear = Ear::default();
            device.packets_before = 0;
            device.events.clear();
            device.phone.habits = Habits::default();
        }
    }

    /// Whether it rings at once when it is called.
    pub(crate) fn set_rings(&mut self, party: Party, rings: bool) {
        self.device_mut(party).phone.habits.rings = rings;
    }

    /// Lets the phones live until something is the case; false: it is not, after all this time.
    ///
    /// # Errors
    /// The poll failed.
    pub(crate) fn wait(
        &mut self,
        patience: Duration,
        is_so: impl Fn(&Self) -> bool,
    ) -> io::Result<bool> {
        let deadline = Instant::now() + patience;
        loop {
            let now = Instant::now();
            self.devices.iter_mut().for_each(|device| device.work(now));
            if is_so(self) {
                return Ok(true);
            }
            if now >= deadline {
                return Ok(false);
            }
            let due = self.devices.iter().filter_map(|device| device.phone.poll_timeout()).min();
            let until = due.map_or(deadline, |due| due.min(deadline));
            match self.poll.poll(&mut self.ready, Some(until.saturating_duration_since(now))) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                Ok(()) | Err(_) => {}
            }
            for device in &mut self.devices {
                device.read(&mut self.buffer);
            }
        }
    }

    /// Listens for so long; what each party hears then.
    ///
    /// # Errors
    /// The poll failed.
    pub(crate) fn listen(&mut self, time: Duration, hearing: &Hearing) -> io::Result<[Sound; 3]> {
        for device in &mut self.devices {
            device.ear.clear();
            device.packets_before = device.ear.n_packets();
        }
        self.wait(time, |_| false)?;
        // On a busy machine sound may be late.
        self.wait(time, |phones| phones.devices.iter().all(Device::has_heard_enough))?;
        let [user_a, agent_a, agent_b] = &self.devices;
        Ok([user_a.hears(hearing), agent_a.hears(hearing), agent_b.hears(hearing)])
    }

    /// What a party hears at this moment.
    pub(crate) fn hears(&self, party: Party, hearing: &Hearing) -> Sound {
        self.device(party).hears(hearing)
    }

    /// Everything that came to a party's ear since the cell began, 8 kHz; of a long call the end.
    pub(crate) fn tape(&self, party: Party) -> Vec<i16> {
        self.device(party).ear.last_samples(u32::MAX)
    }

    /// Where a party takes calls, as a SIP URI.
    pub(crate) fn contact(&self, party: Party) -> String {
        let config = self.device(party).phone.config();
        format!("sip:{}@{}", config.name, config.sip)
    }

    /// Its call is answered.
    pub(crate) fn is_talking(&self, party: Party) -> bool {
        self.device(party).is_talking()
    }

    /// It is being called.
    pub(crate) fn is_called(&self, party: Party) -> bool {
        self.device(party).phone.is_ringing()
    }

    /// It has no call.
    pub(crate) fn is_free(&self, party: Party) -> bool {
        self.device(party).phone.calls() == 0
    }

    /// Every request has its answer, every answer its ACK.
    pub(crate) fn are_quiet(&self) -> bool {
        self.devices.iter().all(|device| device.phone.is_quiet())
    }

    /// Whether something happened to a party since the cell began.
    pub(crate) fn saw(&self, party: Party, what: impl Fn(&Event) -> bool) -> bool {
        self.device(party).events.iter().any(what)
    }

    /// The answer to its REFER.
    pub(crate) fn refer_answer(&self) -> Option<u16> {
        let answer = |event: &Event| {
            if let Event::Referred(_, status) = event { Some(*status) } else { None }
        };
        self.device(Party::AgentA).events.iter().find_map(answer)
    }

    /// What the transferor was notified of, in order.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        let notice = |event: &Event| {
            let Event::Notified(_, status, is_last) = event else { return None };
            Some(Notice { status: *status, is_last: *is_last })
        };
        self.device(Party::AgentA).events.iter().filter_map(notice).collect()
    }

    /// The transferor was notified after its call had ended.
    pub(crate) fn was_notified_late(&self) -> bool {
        let events = &self.device(Party::AgentA).events;
        let ended = events.iter().position(|event| matches!(event, Event::Ended(_)));
        let after = events.iter().skip(ended.unwrap_or(events.len()));
        after.into_iter().any(|event| matches!(event, Event::Notified(..)))
    }

    /// Parties whose RTP did not stay on one line (SSRC, sequence numbers), and how.
    pub(crate) fn broken_lines(&self) -> Vec<String> {
        let broken = |device: &Device| {
            let breaks = device.ear.breaks();
            (breaks != legwork_media::ear::Breaks::default())
                .then(|| format!("{}'s RTP line broke: {breaks:?}", device.party.name()))
        };
        self.devices.iter().filter_map(broken).collect()
    }
}

/// Two sockets: an even port and the next.
fn pair() -> io::Result<(UdpSocket, UdpSocket)> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        let first = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let port = first.local_addr()?.port();
        if port % 2 == 1 {
            continue;
        }
        match UdpSocket::bind((Ipv4Addr::LOCALHOST, port + 1).into()) {
            Ok(second) => return Ok((first, second)),
            Err(error) => last = error,
        }
    }
    Err(last)
}
