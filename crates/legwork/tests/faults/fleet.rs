//! Many phones on sockets of one host, driven by one thread; what they send and get may be late, lost,
//! doubled and overtaken by a seed.
//!
//! Not here: what a phone says and does (`legwork_sim::phone`), what is done with three of them (`story`).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use legwork_sim::network::{Datagram, Network, Quality};
use legwork_sim::phone::{Codec, Config, Event, Habits, Kind, Order, Phone};
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token};

/// One phone.
struct Device {
    phone: Phone,
    sip: UdpSocket,
    rtp: UdpSocket,
    events: Vec<Event>,
}

/// All of them.
pub(crate) struct Fleet {
    poll: Poll,
    ready: Events,
    devices: Vec<Device>,
    ip: String,
    server: SocketAddr,
    /// On the way in or out of a device; none: the network is as good as the machine's.
    relay: Option<Network>,
    buffer: Vec<u8>,
}

impl Fleet {
    /// No phones yet. They live at `ip`; what passes between them and the server gets this quality, if
    /// any, by this seed.
    pub(crate) fn new(ip: &str, server: SocketAddr, relay: Option<(Quality, u64)>) -> Self {
        let relay = relay.map(|(quality, seed)| {
            let mut network = Network::new(seed);
            network.set_quality(None, quality);
            network
        });
        Self {
            poll: Poll::new().unwrap(),
            ready: Events::with_capacity(256),
            devices: Vec::new(),
            ip: ip.to_owned(),
            server,
            relay,
            buffer: vec![0; 65_536],
        }
    }

    /// A further phone; gives its number.
    pub(crate) fn add(&mut self, name: String, tone_hz: u32) -> usize {
        let at = self.devices.len();
        let any: SocketAddr = format!("{}:0", self.ip).parse().unwrap();
        let mut sip = UdpSocket::bind(any).unwrap();
        let mut rtp = UdpSocket::bind(any).unwrap();
        let registry = self.poll.registry();
        registry.register(&mut sip, Token(2 * at), Interest::READABLE).unwrap();
        registry.register(&mut rtp, Token(2 * at + 1), Interest::READABLE).unwrap();
        let phone = Phone::new(Config {
            name,
            sip: sip.local_addr().unwrap(),
            rtp: rtp.local_addr().unwrap(),
            server: self.server,
            domain: "calls.example".to_owned(),
            password: None,
            tone_hz,
            codecs: vec![Codec::Pcmu, Codec::Pcma],
            events: 101,
            seed: at as u64,
        });
        self.devices.push(Device { phone, sip, rtp, events: Vec::new() });
        at
    }

    /// What a phone does by itself.
    pub(crate) fn habits(&mut self, at: usize) -> &mut Habits {
        &mut self.devices[at].phone.habits
    }

    pub(crate) fn order(&mut self, at: usize, order: Order) {
        self.devices[at].phone.order(Instant::now(), order);
    }

    pub(crate) fn phone(&self, at: usize) -> &Phone {
        &self.devices[at].phone
    }

    /// What it has heard so far does not count.
    pub(crate) fn listen_anew(&mut self, at: usize) {
        self.devices[at].phone.listen_anew();
    }

    /// Everything that happened to a phone.
    pub(crate) fn events(&self, at: usize) -> &[Event] {
        &self.devices[at].events
    }

    /// Where a phone takes calls.
    pub(crate) fn contact(&self, at: usize) -> String {
        let config = self.devices[at].phone.config();
        format!("sip:{}@{}", config.name, config.sip)
    }

    /// Lets all of them live until the next thing happens, or for so long.
    pub(crate) fn live(&mut self, longest: Duration) {
        let now = Instant::now();
        for at in 0..self.devices.len() {
            self.work(now, at);
        }
        self.deliver();
        let due = self.devices.iter().filter_map(|device| device.phone.poll_timeout());
        let due = due.chain(self.relay.as_ref().and_then(Network::next_arrival)).min();
        let until = due.map_or(longest, |due| due.saturating_duration_since(now).min(longest));
        // An interrupted poll is a short one.
        let _ = self.poll.poll(&mut self.ready, Some(until));
        let sockets: Vec<usize> = self.ready.iter().map(|event| event.token().0).collect();
        for socket in sockets {
            self.read(socket);
        }
    }

    /// Does what is due and sends what is to be sent.
    fn work(&mut self, now: Instant, at: usize) {
        let device = &mut self.devices[at];
        if device.phone.poll_timeout().is_some_and(|due| due <= now) {
            device.phone.handle_timeout(now);
        }
        while let Some(transmit) = device.phone.poll_transmit() {
            let config = device.phone.config();
            let from = match transmit.kind {
                Kind::Sip => config.sip,
                Kind::Rtp => config.rtp,
            };
            let (kind, to) = (transmit.kind, transmit.to);
            let datagram = Datagram { kind, from, to, bytes: transmit.bytes };
            match &mut self.relay {
                Some(relay) => relay.send(now, datagram),
                None => device.send(&datagram),
            }
        }
        while let Some(event) = device.phone.poll_event() {
            device.events.push(event);
        }
    }

    /// Reads everything that has come to a socket.
    fn read(&mut self, socket: usize) {
        let now = Instant::now();
        let device = &mut self.devices[socket / 2];
        let (kind, socket) = match socket % 2 {
            0 => (Kind::Sip, &device.sip),
            _ => (Kind::Rtp, &device.rtp),
        };
        let to = socket.local_addr().unwrap();
        while let Ok((n, from)) = socket.recv_from(&mut self.buffer) {
            let bytes = Bytes::copy_from_slice(&self.buffer[..n]);
            let datagram = Datagram { kind, from, to, bytes };
            match &mut self.relay {
                Some(relay) => relay.send(now, datagram),
                None => receive(&mut device.phone, now, &datagram),
            }
        }
    }

    /// What has come out of the relay.
    fn deliver(&mut self) {
        let now = Instant::now();
        let Some(relay) = &mut self.relay else { return };
        while let Some(datagram) = relay.receive(now) {
            let is_at = |device: &Device, at: SocketAddr| {
                let config = device.phone.config();
                config.sip == at || config.rtp == at
            };
            let devices = &mut self.devices;
            if let Some(device) = devices.iter_mut().find(|device| is_at(device, datagram.to)) {
                receive(&mut device.phone, now, &datagram);
            } else if let Some(device) = devices.iter().find(|device| is_at(device, datagram.from))
            {
                device.send(&datagram);
            }
        }
    }
}

impl Device {
    fn send(&self, datagram: &Datagram) {
        let socket = match datagram.kind {
            Kind::Sip => &self.sip,
            Kind::Rtp => &self.rtp,
        };
        // A datagram may get lost.
        let _ = socket.send_to(&datagram.bytes, datagram.to);
    }
}

fn receive(phone: &mut Phone, now: Instant, datagram: &Datagram) {
    match datagram.kind {
        Kind::Sip => phone.handle_message(now, datagram.from, &datagram.bytes),
        Kind::Rtp => phone.handle_rtp(now, datagram.from, &datagram.bytes),
    }
}
