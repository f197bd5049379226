//! Development mode: what holds without a configuration file.
//!
//! Not here: the bank application (`bank`), looking for free ports (`serve`).
//! Source: the README, "Development mode".

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use legwork_call as call;
use legwork_call::config::{Account, Application, Domain, Hook, Limits, Network};
use legwork_call::sid::AccountSid;
use legwork_sip as sip;
use legwork_sip::Transport;
use legwork_twiml::Method;

use crate::config::meaning::{
    CODECS, PORTS, RECORDINGS, TAG_PREFIX, USER_AGENT, default_media_threads, phone,
};
use crate::config::speech::Speech;
use crate::config::{
    Config, Development, Dns, Http, Media, Recognition, Recordings, Server, Token,
};
use crate::limit;

/// The account.
pub const ACCOUNT: AccountSid = AccountSid::from_bits(0);
/// Its token.
pub const AUTH_TOKEN: &str = "legwork-development";
/// The domain.
pub const DOMAIN: &str = "localhost";
/// The phones; passwords equal names.
pub const PHONES: [&str; 4] = ["alice", "bob", "agent-a", "agent-b"];
/// SIP listens here, or on the next free port.
pub const SIP_PORT: u16 = 5060;
/// HTTP listens here, or on the next free port.
pub const HTTP_PORT: u16 = 8080;
/// Data is kept here, below the working directory.
pub const DATA_DIR: &str = "legwork-data";
/// How many ports are tried.
pub const PORTS_TRIED: u16 = 100;

/// The loopback addresses of this machine.
pub fn loopback(ipv6: bool) -> Vec<IpAddr> {
    let mut addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
    if ipv6 {
        addresses.push(IpAddr::V6(Ipv6Addr::LOCALHOST));
    }
    addresses
}

/// The configuration of development mode on these ports. `voice_url` replaces the bank.
pub fn config(sip_port: u16, http_port: u16, ipv6: bool, voice_url: Option<String>) -> Config {
    let addresses = loopback(ipv6);
    let listen = addresses.iter().flat_map(|ip| {
        let address = SocketAddr::new(*ip, sip_port);
        [(Transport::Udp, address), (Transport::Tcp, address)]
    });
    let bank = || format!("http://127.0.0.1:{http_port}/bank/voice");
    let voice = voice_url.clone().unwrap_or_else(bank);
    let domain = Domain {
        account: ACCOUNT,
        name: DOMAIN.to_owned(),
        application: Application {
            voice: Some(Hook { url: voice, method: Method::Post }),
            fallback: None,
            status: None,
        },
        registration: true,
        ip_acl: vec![
            Network { address: IpAddr::V4(Ipv4Addr::LOCALHOST), prefix: 8 },
            Network { address: IpAddr::V6(Ipv6Addr::LOCALHOST), prefix: 128 },
        ],
        // Loopback is enough for calls; the passwords are for registering.
        challenge_calls: false,
        users: PHONES.iter().map(|name| phone(name, DOMAIN, name)).collect(),
    };
    Config {
        switch: call::Config {
            sip: sip::endpoint::Config {
                user_agent: USER_AGENT.to_owned(),
                public_address: None,
                listen: listen.collect(),
                tag_prefix: TAG_PREFIX.to_owned(),
            },
            media_address: None,
            codecs: CODECS.to_vec(),
            media_threads: default_media_threads(),
            accounts: vec![Account {
                sid: ACCOUNT,
                enhanced_sip_features: true,
                calls_per_second: None,
            }],
            domains: vec![domain],
            numbers: Vec::new(),
            trunks: Vec::new(),
            sims: Vec::new(),
            recorders: Vec::new(),
            streams: Vec::new(),
            applications: Vec::new(),
            limits: Limits::default(),
            http_base: format!("http://127.0.0.1:{http_port}"),
        },
        server: Server {
            drain_timeout: Duration::from_secs(5),
            development: Some(Development { voice_url }),
        },
        dns: Dns { servers: Vec::new(), timeout: limit::DNS_TIMEOUT },
        media: Media { listen_addresses: addresses.clone(), ports: PORTS, hold_music: None },
        speech: Speech::default(),
        http: http(&addresses, http_port),
        recordings: recordings(),
        recognition: Recognition::default(),
        tokens: Arc::new([(ACCOUNT, Token::new(AUTH_TOKEN))].into()),
        warnings: Vec::new(),
    }
}

fn http(addresses: &[IpAddr], port: u16) -> Http {
    Http {
        listen: addresses.iter().map(|ip| SocketAddr::new(*ip, port)).collect(),
        webhook_timeout: limit::WEBHOOK_TIMEOUT,
        allow_private_webhooks: true,
        traceparent: false,
        public_url: None,
    }
}

fn recordings() -> Recordings {
    Recordings {
        folder: Path::new(DATA_DIR).join(RECORDINGS),
        public: false,
        at_once: limit::AUDIO_AT_ONCE,
        free_space: limit::FREE_SPACE,
        store: None,
    }
}
