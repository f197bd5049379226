//! baresip as any of the three parties: a process with one account, spoken to over its control port, that
//! speaks a tone and records what it hears.
//!
//! Not here: what a recording holds (`wav`).
//! Source: the manual pages of baresip 1.0, "config" and "ctrl_tcp".

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use legwork_media::Rate;
use legwork_media::tone::{Heard, RATE_HZ};
use serde_json::{Value, json};

use crate::server::{PATIENCE, Process, Server, free_port, free_ports, until};
use crate::wav::{self, Recording};

/// Where Debian keeps its modules.
const MODULES: &str = "/usr/lib/baresip/modules";

/// A running phone. Its user's name is its password.
#[derive(Debug)]
pub(crate) struct Baresip {
    process: Process,
    user: String,
    control: TcpStream,
    unread: Vec<u8>,
    events: VecDeque<Value>,
    recordings: PathBuf,
    /// Files it was told to say.
    n_said: usize,
}

/// How a phone differs from others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup<'a> {
    pub(crate) transport: &'a str,
    /// Where it sends everything.
    pub(crate) proxy: SocketAddr,
    /// What it says: a WAV file, and its rate.
    pub(crate) sound: &'a [u8],
    pub(crate) rate_hz: u32,
    /// The module of its codec.
    pub(crate) codec: &'a str,
}

impl Baresip {
    /// A phone that is registered over `transport`, speaks this tone and knows G.711.
    pub(crate) fn registered(server: &Server, user: &str, transport: &str, hz: u16) -> Self {
        let sound = wav::tone_file(hz, 90);
        let proxy = server.address(transport);
        Self::with(
            server,
            user,
            &Setup { transport, proxy, sound: &sound, rate_hz: RATE_HZ, codec: "g711" },
        )
    }

    /// A phone that is registered over TCP and says this; it knows G.711, or nothing but G.722.
    pub(crate) fn says_at(server: &Server, user: &str, rate: Rate, sound: &[u8]) -> Self {
        let transport = "tcp";
        let (proxy, rate_hz) = (server.address(transport), rate.hz());
        let codec = match rate {
            Rate::Narrow => "g711",
            Rate::Wide => "g722",
        };
        Self::with(server, user, &Setup { transport, proxy, sound, rate_hz, codec })
    }

    /// A phone that is registered.
    pub(crate) fn with(server: &Server, user: &str, setup: &Setup<'_>) -> Self {
        let &Setup { transport, proxy, sound, rate_hz, codec } = setup;
        let folder = server.folder.path(user);
        let recordings = folder.join("heard");
        std::fs::create_dir_all(&recordings).unwrap();
        let tone = folder.join("tone.wav");
        std::fs::write(&tone, sound).unwrap();
        let control = free_port();
        let sip = free_port();
        // Left to itself it takes any from 1024 to 49152, those of other tests among them.
        let media = free_ports(16);
        let mut config = format!(
            "net_interface 127.0.0.1\nsip_listen 127.0.0.1:{sip}\nmodule_path {MODULES}\n\
             ctrl_tcp_listen 127.0.0.1:{control}\naudio_source aufile,{}\n\
             audio_player aubridge,player\naudio_alert aubridge,alert\nausrc_srate {rate_hz}\n\
             auplay_srate 8000\nausrc_channels 1\nauplay_channels 1\nsnd_path {}\n\
             rtp_ports {}-{}\n",
            tone.display(),
            recordings.display(),
            media.start,
            media.end
        );
        for module in [codec, "aubridge", "aufile", "sndfile", "uuid"] {
            let _ = writeln!(config, "module {module}.so");
        }
        config += "module_tmp account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n";
        std::fs::write(folder.join("config"), config).unwrap();
        let account = format!(
            "<sip:{user}@bank.example>;auth_user={user};auth_pass={user};\
             outbound=\"sip:{proxy};transport={transport}\";regint=300\n"
        );
        std::fs::write(folder.join("accounts"), account).unwrap();
        std::fs::write(folder.join("contacts"), "").unwrap();
        let mut command = Command::new("baresip");
        command.arg("-f").arg(&folder).arg("-s").current_dir(&folder);
        command.stdin(Stdio::null());
        let mut process = Process::start(&mut command, folder.join("log"));
        let control = SocketAddr::from(([127, 0, 0, 1], control));
        let control = until("baresip's control port", PATIENCE, || {
            assert!(process.ended().is_none(), "{user}: {}", process.said());
            TcpStream::connect(control).ok()
        });
        control.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let user = user.to_owned();
        let (unread, events) = (Vec::new(), VecDeque::new());
        let mut phone = Self { process, user, control, unread, events, recordings, n_said: 0 };
        let wanted = "200 OK";
        until(&format!("{} registered over {transport}", phone.user), PATIENCE, || {
            phone.read();
            phone.said().contains(wanted).then_some(())
        });
        phone
    }

    /// Gives a command.
    pub(crate) fn order(&mut self, command: &str, parameters: &str) {
        let order = json!({ "command": command, "params": parameters }).to_string();
        write!(self.control, "{}:{order},", order.len()).unwrap();
    }

    /// Says this from now on: a WAV file of the rate of the one before.
    pub(crate) fn says(&mut self, sound: &[u8]) {
        self.n_said += 1;
        let path = self.recordings.with_file_name(format!("said-{}.wav", self.n_said));
        std::fs::write(&path, sound).unwrap();
        self.order("ausrc", &format!("aufile,{}", path.display()));
    }

    /// Waits for an event of this type; events before it are forgotten.
    pub(crate) fn sees(&mut self, wanted: &str) -> Value {
        self.all_until(wanted).pop().unwrap_or_default()
    }

    /// Waits for an event of this type; gives it with all before it.
    pub(crate) fn all_until(&mut self, wanted: &str) -> Vec<Value> {
        let mut seen = Vec::new();
        let deadline = std::time::Instant::now() + PATIENCE;
        loop {
            self.read();
            while let Some(event) = self.events.pop_front() {
                let is_wanted = event["type"] == wanted;
                seen.push(event);
                if is_wanted {
                    return seen;
                }
            }
            assert!(
                std::time::Instant::now() < deadline,
                "{wanted} of {} did not come, but {:?}\n{}",
                self.user,
                seen.iter().map(|event| event["type"].to_string()).collect::<Vec<_>>(),
                self.process.said()
            );
        }
    }

    /// The events that have come meanwhile.
    pub(crate) fn new_events(&mut self) -> Vec<Value> {
        self.read();
        self.events.drain(..).collect()
    }

    /// Waits until it has heard this for a while.
    pub(crate) fn hears(&self, wanted: Heard) {
        wav::wait_for(wanted, &self.user, || self.recording(), || self.said());
    }

    /// All it has heard in its first call, 8 kHz.
    pub(crate) fn heard(&self) -> Vec<i16> {
        self.recording().samples()
    }

    /// The same, as it stands in the file.
    pub(crate) fn recording(&self) -> Recording {
        let files = std::fs::read_dir(&self.recordings).unwrap();
        let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        paths.retain(|path| path.to_string_lossy().ends_with("-dec.wav"));
        paths.sort();
        let path = paths.first().cloned().unwrap_or_default();
        Recording::read(&path, RATE_HZ)
    }

    /// Everything it has printed.
    pub(crate) fn said(&self) -> String {
        self.process.said()
    }

    /// Ends it, its binding with it.
    pub(crate) fn quits(mut self) {
        self.order("quit", "");
        let what = format!("the end of {}", self.user);
        until(&what, PATIENCE, || self.process.ended());
    }

    /// Takes what has come over the control port: netstrings of JSON, events among them.
    fn read(&mut self) {
        let mut buffer = [0; 4096];
        match self.control.read(&mut buffer) {
            Ok(n) => self.unread.extend(&buffer[..n]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("{}: {error}\n{}", self.user, self.process.said()),
        }
        while let Some(colon) = self.unread.iter().position(|byte| *byte == b':') {
            let length: usize =
                str::from_utf8(&self.unread[..colon]).unwrap().trim().parse().unwrap();
            let end = colon + 1 + length;
            if self.unread.len() <= end {
                break;
            }
            let value: Value = serde_json::from_slice(&self.unread[colon + 1..end]).unwrap();
            self.unread.drain(..=end);
            if value["event"] == true {
                self.events.push_back(value);
            }
        }
    }
}
