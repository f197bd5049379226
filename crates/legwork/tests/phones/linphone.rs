//! linphonec as any of the three parties: a process with one account, told what to do by lines on its standard
//! input, that speaks a tone out of a file and records what it hears into another.
//!
//! Not here: what a recording holds (`wav`).
//! Source: linphonec(1) of Linphone 5.1, its command `help`, and its log, which is where it says what happens.

use std::fmt::Write as _;
use std::io::{PipeWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use legwork_media::tone::{Heard, RATE_HZ};

use crate::server::{PATIENCE, Process, Server, free_port, until};
use crate::wav::{self, Recording};

/// A running phone. Its user's name is its password.
#[derive(Debug)]
pub(crate) struct Linphone {
    process: Process,
    user: String,
    orders: PipeWriter,
    log: PathBuf,
    /// So many bytes of the log are forgotten.
    seen: usize,
    recording: PathBuf,
}

impl Linphone {
    /// A phone that is registered over `transport` and speaks this tone.
    pub(crate) fn registered(server: &Server, user: &str, transport: &str, hz: u16) -> Self {
        Self::speaking(server, user, transport, &wav::tone_file(hz, 90), "")
    }

    /// A phone that is registered over `transport` and speaks what is in this WAV file, with more lines in
    /// its configuration.
    pub(crate) fn speaking(
        server: &Server,
        user: &str,
        transport: &str,
        sound: &[u8],
        more: &str,
    ) -> Self {
        let folder = server.folder.path(user);
        // It keeps nothing where it finds no such folder, and then has no place for its databases.
        std::fs::create_dir_all(folder.join(".local/share/linphone")).unwrap();
        std::fs::write(folder.join("tone.wav"), sound).unwrap();
        let config = folder.join("linphonerc");
        std::fs::write(&config, configuration(server, user, transport) + more).unwrap();
        let log = folder.join("linphone.log");
        let (orders_in, orders) = std::io::pipe().unwrap();
        let mut command = Command::new("linphonec");
        command.arg("-c").arg(config).args(["-d", "6"]).arg("-l").arg(&log);
        // No sound card of this machine is any of its business.
        command.env("HOME", &folder).env("ALSA_CONFIG_PATH", "/dev/null");
        command.stdin(orders_in).current_dir(&folder);
        let process = Process::start(&mut command, folder.join("log"));
        let user = user.to_owned();
        let mut phone =
            Self { process, user, orders, log, seen: 0, recording: folder.join("heard.wav") };
        phone.order("soundcard use files");
        phone.order("play tone.wav");
        phone.order("record heard.wav");
        phone.sees("to [LinphoneRegistrationOk]");
        phone
    }

    /// Its calls are of 8 kHz from now on.
    pub(crate) fn knows_g711_alone(&mut self) {
        // Opus and wide Speex, which it lists first.
        self.order("codec disable 0");
        self.order("codec disable 1");
    }

    /// Gives a command.
    pub(crate) fn order(&mut self, line: &str) {
        writeln!(self.orders, "{line}").unwrap();
    }

    /// Waits until its call has come to this state; what was logged before is forgotten.
    pub(crate) fn comes_to(&mut self, state: &str) {
        self.sees(&format!("to LinphoneCall{state}"));
    }

    /// Waits for the end of so many calls, whoever ends them.
    pub(crate) fn is_free_of(&mut self, n: usize) {
        (0..n).for_each(|_| self.comes_to("Released"));
    }

    /// Waits for a line of the log that ends like this; what was logged before it is forgotten.
    fn sees(&mut self, wanted: &str) {
        let what = format!("{wanted} of {}", self.user);
        until(&what, PATIENCE, || {
            let log = std::fs::read(&self.log).unwrap_or_default();
            let unseen = String::from_utf8_lossy(log.get(self.seen..).unwrap_or_default());
            let mut end = 0;
            for line in unseen.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
                end += line.len();
                if line.contains(wanted) {
                    self.seen += end;
                    return Some(());
                }
            }
            None
        });
    }

    /// Waits until it has heard this for a while.
    pub(crate) fn hears(&self, wanted: Heard) {
        wav::wait_for(wanted, &self.user, || self.recording(), || self.process.said());
    }

    /// The same, where it does not count what it had heard when it had heard so many samples: while its call is
    /// paused, nothing is added.
    pub(crate) fn hears_after(&self, n: usize, wanted: Heard) {
        let since = || self.recording().since(n);
        wav::wait_for(wanted, &self.user, since, || self.process.said());
    }

    /// All it has heard in all its calls, 8 kHz.
    pub(crate) fn heard(&self) -> Vec<i16> {
        self.recording().samples()
    }

    fn recording(&self) -> Recording {
        Recording::read(&self.recording, self.rate_hz())
    }

    /// Samples a second of what it records now: the head of the file says so only at the end.
    fn rate_hz(&self) -> u32 {
        let log = self.said();
        let rate = |line: &str| line.split_once("to rate [")?.1.split(']').next()?.parse().ok();
        log.lines()
            .rev()
            .filter(|line| line.contains("->MSFileRec:"))
            .find_map(rate)
            .unwrap_or(RATE_HZ)
    }

    /// Everything it has logged, messages included.
    pub(crate) fn said(&self) -> String {
        read(&self.log)
    }

    /// Ends it, its binding with it.
    pub(crate) fn quits(mut self) {
        self.order("quit");
        let what = format!("the end of {}", self.user);
        until(&what, PATIENCE, || self.process.ended());
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

fn configuration(server: &Server, user: &str, transport: &str) -> String {
    let (sip, media) = (free_port(), free_port());
    let proxy = format!("<sip:{};transport={transport};lr>", server.address(transport));
    let mut text = format!(
        "[sip]\nsip_port={sip}\nsip_tcp_port={sip}\nsip_tls_port=0\nuse_ipv6=0\nguess_hostname=0\n\
         media_encryption=none\n\
         [rtp]\naudio_rtp_port={media}\n\
         [sound]\nechocancellation=0\n\
         [auth_info_0]\nusername={user}\nuserid={user}\npasswd={user}\nrealm=bank.example\n\
         domain=bank.example\n"
    );
    let _ = write!(
        text,
        "[proxy_0]\nreg_proxy={proxy}\nreg_route={proxy}\nreg_identity=sip:{user}@bank.example\n\
         reg_expires=300\nreg_sendregister=1\npublish=0\n"
    );
    text
}
