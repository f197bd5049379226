//! The server under test: a process with a configuration of its own, asked over HTTP and by commands.
//!
//! Not here: phones (`sipp`, `baresip`), the application (`app`).
//! Source: the README, "Configuration", "Commands", "Ready".

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::app::App;

/// How long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// A transaction lives 32 s.
const DRAINED: Duration = Duration::from_secs(40);
/// How often a condition is looked at.
const STEP: Duration = Duration::from_millis(20);
const ACCOUNT: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "secret";
/// What must be as it was in the beginning.
const BASELINE: [&str; 10] = [
    "legs",
    "dialogs",
    "transactions",
    "timers",
    "rtp_ports",
    "transfers",
    "fetches",
    "bindings",
    "bugs",
    "fds",
];

/// Waits until there is something.
pub(crate) fn until<T>(what: &str, patience: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within {} s", patience.as_secs());
        std::thread::sleep(STEP);
    }
}

/// Ports of this process: below those the system hands out by itself, and no other test process has them.
struct Ports {
    /// Keep the blocks: no two processes can bind the first port of one.
    guards: Vec<UdpSocket>,
    free: Range<u16>,
}

impl Ports {
    const FIRST: u16 = 10_000;
    const BLOCK: u16 = 800;
    const N_BLOCKS: u16 = 28;

    fn take_block(&mut self) {
        static TURN: AtomicU32 = AtomicU32::new(0);
        let (guard, free) = until("a free block of ports", PATIENCE, || {
            let turn = std::process::id().wrapping_mul(7) + TURN.fetch_add(1, Ordering::Relaxed);
            let block = u16::try_from(turn % u32::from(Self::N_BLOCKS)).ok()?;
            let first = Self::FIRST + block * Self::BLOCK;
            let guard = UdpSocket::bind(("127.0.0.1", first)).ok()?;
            let free = first + 2..first + Self::BLOCK;
            let bound = free.clone().map(|port| UdpSocket::bind(("127.0.0.1", port)));
            let bound: Result<Vec<UdpSocket>, _> = bound.collect();
            bound.ok().map(|_| (guard, free))
        });
        self.guards.push(guard);
        self.free = free;
    }
}

/// So many ports in a row, given to nobody else; the first is even.
pub(crate) fn free_ports(n: u16) -> Range<u16> {
    static PORTS: Mutex<Ports> = Mutex::new(Ports { guards: Vec::new(), free: 0..0 });
    let mut ports = PORTS.lock().unwrap_or_else(PoisonError::into_inner);
    if ports.free.len() < usize::from(n) {
        ports.take_block();
    }
    let first = ports.free.start;
    ports.free.start += n;
    first..first + n
}

/// A port for a phone. The three behind it are its own too: baresip takes one for TLS, SIPp for RTCP and video.
pub(crate) fn free_port() -> u16 {
    free_ports(4).start
}

/// A folder of its own, gone when dropped.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("legwork-real-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A process we started, ended when dropped. What it prints is kept.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Whoever builds the command says what it reads.
    pub(crate) fn start(command: &mut Command, log: PathBuf) -> Self {
        let out = File::create(&log).unwrap();
        let err = out.try_clone().unwrap();
        let child = command.stdout(out).stderr(err).spawn().unwrap();
        Self { child, log }
    }

    /// Everything it has printed.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let said = self.process.said();
            let odd = said.lines().filter(|line| !line.contains(" INFO "));
            let odd: String = odd.take(200).map(|line| format!("server: {line}\n")).collect();
            let _ = std::io::stderr().write_all(odd.as_bytes());
        }
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    process: Process,
    ready: String,
    baseline: Vec<(&'static str, u64)>,
    pub(crate) folder: Folder,
}

impl Server {
    /// Starts one. Domain `calls.example` takes calls from loopback, `bank.example` those of the users,
    /// who may also register; their passwords equal their names.
    pub(crate) fn start(name: &str, app: &App, users: &[&str]) -> Self {
        Self::start_with(name, &configuration(app, users))
    }

    /// Starts one with this configuration.
    pub(crate) fn start_with(name: &str, configuration: &str) -> Self {
        Self::start_by(Command::new(env!("CARGO_BIN_EXE_legwork")), name, configuration, &[])
    }

    /// The same of `start`; calls are recorded. `more`: further options.
    pub(crate) fn start_recording(name: &str, app: &App, users: &[&str], more: &[&str]) -> Self {
        let command = Command::new(env!("CARGO_BIN_EXE_legwork"));
        let options = [&["--record", "recorded"], more].concat();
        Self::start_by(command, name, &configuration(app, users), &options)
    }

    /// Starts one with this configuration in a network namespace.
    pub(crate) fn start_in(namespace: &str, name: &str, configuration: &str) -> Self {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", namespace, env!("CARGO_BIN_EXE_legwork")]);
        Self::start_by(command, name, configuration, &[])
    }

    /// Starts one by this command, with these options besides.
    pub(crate) fn start_by(
        mut command: Command,
        name: &str,
        configuration: &str,
        options: &[&str],
    ) -> Self {
        let folder = Folder::new(name);
        let config = folder.file("legwork.toml", configuration);
        let log = folder.path("server.log");
        command.arg("serve").arg("--config").arg(config).args(options).current_dir(&folder.0);
        command.stdin(Stdio::null());
        let mut process = Process::start(&mut command, log);
        let ready = until("legwork is ready", PATIENCE, || {
            assert!(process.ended().is_none(), "{}", process.said());
            let said = process.said();
            let mut lines = said.split_inclusive('\n');
            lines
                .find(|line| line.starts_with("legwork is ready: ") && line.ends_with('\n'))
                .map(str::to_owned)
        });
        let mut server = Self { process, ready, baseline: Vec::new(), folder };
        server.baseline = server.counts();
        server
    }

    pub(crate) fn address(&self, scheme: &str) -> SocketAddr {
        let mut words = self.ready.split_whitespace();
        let found = words.find_map(|word| word.strip_prefix(scheme)?.strip_prefix("://"));
        found.unwrap().parse().unwrap()
    }

    pub(crate) fn terminate(&self) {
        let pid = Pid::from_raw(i32::try_from(self.process.child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
    }

    /// How it ended, once it has.
    pub(crate) fn end(&mut self) -> ExitStatus {
        until("the end of the server", PATIENCE, || self.process.ended())
    }

    /// A command of the binary, asked of this server.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_legwork"))
            .args(arguments)
            .env("LEGWORK_URL", format!("http://{}", self.address("http")))
            .env("LEGWORK_ACCOUNT", ACCOUNT)
            .env("LEGWORK_AUTH_TOKEN", TOKEN)
            .output()
            .unwrap()
    }

    /// The ladder of a call.
    pub(crate) fn trace(&self, call: &str) -> String {
        said(&self.command(&["trace", call]), 0)
    }

    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let (status, body) = self.fetch(path);
        (status, String::from_utf8(body).unwrap())
    }

    /// Gets what is no text.
    pub(crate) fn fetch(&self, path: &str) -> (u16, Vec<u8>) {
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"));
        let mut stream = TcpStream::connect(self.address("http")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\n\
             Connection: close\r\n\r\n"
        )
        .unwrap();
        let mut reader = BufReader::new(stream);
        let mut status = String::new();
        reader.read_line(&mut status).unwrap();
        let mut line = status.clone();
        while !line.trim_end().is_empty() {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        let mut body = Vec::new();
        reader.read_to_end(&mut body).unwrap();
        (status.split(' ').nth(1).unwrap().parse().unwrap(), body)
    }

    fn counts(&self) -> Vec<(&'static str, u64)> {
        let stats: Value = serde_json::from_str(&self.get("/_/stats").1).unwrap();
        let count =
            |name| (name, stats[name].as_u64().unwrap_or_else(|| panic!("no {name}: {stats}")));
        BASELINE.into_iter().map(count).collect()
    }

    /// All that calls have left behind is gone, as soon as their last transactions are.
    pub(crate) fn is_back_at_the_baseline(&self) {
        let deadline = Instant::now() + DRAINED;
        loop {
            let counts = self.counts();
            if counts == self.baseline {
                let said = self.process.said();
                assert!(!said.contains("fault=\"us\""), "a bug of ours\n{said}");
                return;
            }
            if Instant::now() > deadline {
                let mut text = String::new();
                for ((name, was), (_, is)) in self.baseline.iter().zip(&counts) {
                    if was != is {
                        let _ = write!(text, " {name}: {was} before, {is} after;");
                    }
                }
                panic!("not back at the baseline:{text}\n{}", self.process.said());
            }
            std::thread::sleep(10 * STEP);
        }
    }

    /// The recordings so far, by the first leg of each.
    pub(crate) fn recordings(&self) -> Vec<(String, PathBuf)> {
        let files = std::fs::read_dir(self.folder.path("recorded")).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let whole = paths.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
        let stem = |path: &PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut found: Vec<_> = whole.map(|path| (stem(&path), path)).collect();
        found.sort();
        found
    }

    /// Every call that was recorded replays, alone, to the ladder it had; with made-up names, to one
    /// of as many rows that does not say `names`. There are so many calls.
    pub(crate) fn recordings_replay(&self, count: usize, names: &[&str]) {
        let recordings = until("all recordings", PATIENCE, || {
            Some(self.recordings()).filter(|found| found.len() >= count)
        });
        assert_eq!(recordings.len(), count);
        for (call, path) in recordings {
            let output = Command::new(env!("CARGO_BIN_EXE_legwork"))
                .arg("replay")
                .arg(&path)
                .output()
                .unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stderr), "");
            let (ladder, was) = (said(&output, 0), self.trace(&call));
            if names.is_empty() {
                assert_eq!(ladder, was, "{}", path.display());
            } else {
                assert_eq!(ladder.lines().count(), was.lines().count(), "{ladder}\n{was}");
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let told: Vec<_> = names.iter().filter(|name| text.contains(**name)).collect();
            assert!(told.is_empty(), "{told:?}: {text}");
            assert!(!text.contains(TOKEN), "{text}");
        }
    }

    /// What went wrong in a call, for its application's owner.
    pub(crate) fn alerts_of(&self, call: &str) -> Vec<String> {
        let alerts: Value = serde_json::from_str(&self.get("/_/alerts").1).unwrap();
        let alerts = alerts["alerts"].as_array().unwrap().clone();
        let is_it = |alert: &Value| alert["call_sid"] == call;
        alerts.into_iter().filter(is_it).map(|alert| alert.to_string()).collect()
    }

    /// Everything it has logged.
    pub(crate) fn log(&self) -> String {
        self.process.said()
    }
}

/// The configuration of `Server::start`.
pub(crate) fn configuration(app: &App, users: &[&str]) -> String {
    let rtp = free_ports(400);
    let voice = app.url("/voice");
    let users: Vec<String> = users
        .iter()
        .map(|user| format!("{{ username = \"{user}\", password = \"{user}\" }}"))
        .collect();
    format!(
        "[server]\ndrain_timeout = \"60s\"\ndata_dir = \"data\"\n\
         [sip]\nlisten = [\"udp://127.0.0.1:0\", \"tcp://127.0.0.1:0\"]\n\
         [media]\nlisten_address = \"127.0.0.1\"\nrtp_ports = \"{}-{}\"\nthreads = 2\n\
         [http]\nlisten = [\"http://127.0.0.1:0\"]\nallow_private_webhooks = true\n\
         [limits]\ncalls = 50\n\
         [[account]]\nsid = \"{ACCOUNT}\"\nauth_token = \"{TOKEN}\"\n\
         [[domain]]\nname = \"calls.example\"\nvoice_url = \"{voice}\"\n\
         ip_acl = [\"127.0.0.0/8\"]\n\
         [[domain]]\nname = \"bank.example\"\nvoice_url = \"{voice}\"\n\
         registration = true\nusers = [{}]\n",
        rtp.start,
        rtp.end - 1,
        users.join(", ")
    )
}

/// What a command printed, after it ended with this status.
pub(crate) fn said(output: &Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Is this program installed? If not, says which tests are left out.
pub(crate) fn is_installed(program: &str, package: &str, tests: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file());
    if !found {
        println!("skipped: {tests}: {program} is not installed (package {package})");
    }
    found
}
