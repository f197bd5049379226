//! The real process: what it says, what it answers, how it ends.
//!
//! Not here: calls (the simulation, and the tests with real phones).
//! Source: the README, "Ready", "Commands", "Configuration".

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const PATIENCE: Duration = Duration::from_secs(10);

/// A folder of its own, gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("legwork-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn configuration(refer_to_max: u32) -> String {
    let first = 20_000 + std::process::id() % 400 * 100;
    format!(
        "[sip]\nlisten = [\"udp://127.0.0.1:0\", \"tcp://127.0.0.1:0\"]\n\
         [media]\nlisten_address = \"127.0.0.1\"\nrtp_ports = \"{first}-{}\"\nthreads = 1\n\
         [http]\nlisten = [\"http://127.0.0.1:0\"]\n\
         [limits]\ncalls = 20\nrefer_to_max = {refer_to_max}\n\
         [[account]]\nsid = \"{ACCOUNT}\"\nauth_token = \"secret\"\n\
         [[domain]]\nname = \"bank.example\"\nvoice_url = \"http://a.example/\"\n\
         ip_acl = [\"127.0.0.0/8\"]\n",
        first + 99
    )
}

struct Server {
    process: Child,
    ready: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_legwork"))
            .arg("serve")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let ready = lines.into_iter().find(|line| line.starts_with("legwork is ready"));
        Self { process, ready: ready.expect("it says that it is ready") }
    }

    fn address(&self, scheme: &str) -> &str {
        let mut words = self.ready.split(' ');
        words.find_map(|word| word.strip_prefix(scheme)?.strip_prefix("://")).unwrap()
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    fn ask(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_legwork"))
            .args(arguments)
            .env("LEGWORK_URL", format!("http://{}", self.address("http")))
            .env("LEGWORK_ACCOUNT", ACCOUNT)
            .env("LEGWORK_AUTH_TOKEN", "secret")
            .output()
            .unwrap()
    }

    fn http(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address("http")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // AC…1:secret
        let basic = "QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpzZWNyZXQ=";
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\n\
             Connection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn options(transport: &str, from: &str) -> String {
    format!(
        "OPTIONS sip:bank.example SIP/2.0\r\n\
         Via: SIP/2.0/{transport} {from};branch=z9hG4bKtest;rport\r\nMax-Forwards: 70\r\n\
         From: <sip:a@bank.example>;tag=1\r\nTo: <sip:bank.example>\r\nCall-ID: serve-test\r\n\
         CSeq: 1 OPTIONS\r\nContact: <sip:a@{from}>\r\nContent-Length: 0\r\n\r\n"
    )
}

fn check(path: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_legwork")).arg("check").arg(path).output().unwrap()
}

#[test]
fn it_starts_answers_and_ends() {
    let folder = Folder::new("serve");
    let path = folder.file("legwork.toml", &configuration(256));
    let mut server = Server::start(&["--config", path.to_str().unwrap()]);
    assert!(server.http("/healthz").starts_with("HTTP/1.1 200"));
    assert!(server.http("/readyz").starts_with("HTTP/1.1 200"));

    let phone = UdpSocket::bind("127.0.0.1:0").unwrap();
    phone.set_read_timeout(Some(PATIENCE)).unwrap();
    let from = phone.local_addr().unwrap().to_string();
    phone.send_to(b"\r\n\r\n", server.address("udp")).unwrap();
    phone.send_to(options("UDP", &from).as_bytes(), server.address("udp")).unwrap();
    let mut answer = [0; 4096];
    let n = phone.recv(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer[..n]);
    assert!(answer.starts_with("SIP/2.0 200 "), "{answer}");

    let mut phone = TcpStream::connect(server.address("tcp")).unwrap();
    phone.set_read_timeout(Some(PATIENCE)).unwrap();
    let from = phone.local_addr().unwrap().to_string();
    // Byte by byte, after a keep-alive that is answered first.
    phone.write_all(b"\r\n\r\n").unwrap();
    for byte in options("TCP", &from).as_bytes() {
        phone.write_all(&[*byte]).unwrap();
    }
    let mut answer = [0; 14];
    phone.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"\r\nSIP/2.0 200 ");
    // Where the next message begins can not be told any more: answered, then closed.
    let endless = options("TCP", &from).replace("Content-Length: 0", "Content-Length: x");
    phone.write_all(endless.as_bytes()).unwrap();
    let mut answer = String::new();
    phone.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\r\n\r\nSIP/2.0 400 "), "{answer}");
    drop(phone);

    let stats = server.http("/_/stats");
    assert!(stats.contains("\"legs\":0") && stats.contains("\"rtp_ports\":0"), "{stats}");
    let calls = server.ask(&["calls", "--json"]);
    assert_eq!(String::from_utf8_lossy(&calls.stdout), "{\"calls\":[]}\n");
    let nobody = server.ask(&["hangup", "CA00010000000000000000000000000000"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("20404"), "{nobody:?}");
    assert_eq!(server.ask(&["hangup", "CA1"]).status.code(), Some(2));

    folder.file("legwork.toml", "[sip]\nlisen = []\n");
    server.signal(Signal::HUP);
    assert!(server.http("/readyz").starts_with("HTTP/1.1 200"));
    folder.file("legwork.toml", &configuration(128));
    server.signal(Signal::HUP);
    assert!(server.http("/readyz").starts_with("HTTP/1.1 200"));

    server.signal(Signal::TERM);
    assert!(server.process.wait().unwrap().success());
}

#[test]
fn calls_are_shown_as_soon_as_they_are_placed() {
    let folder = Folder::new("placed");
    let path = folder.file("legwork.toml", &configuration(256));
    let server = Server::start(&["--config", path.to_str().unwrap()]);
    let phone = UdpSocket::bind("127.0.0.1:0").unwrap();
    let to = format!("sip:x@{}", phone.local_addr().unwrap());
    for _ in 0..15 {
        let placed = server.ask(&["call", "sip:a@bank.example", &to, "--twiml", "<Response/>"]);
        assert!(placed.status.success(), "{placed:?}");
        let sid = String::from_utf8_lossy(&placed.stdout).trim().to_owned();
        let ended = server.ask(&["hangup", &sid, "--json"]);
        assert!(ended.status.success(), "{ended:?}");
    }
}

#[test]
fn without_a_configuration_it_stays_on_loopback() {
    let mut server = Server::start(&["--ephemeral"]);
    let addresses = server.ready.split(' ').filter_map(|word| word.split_once("://"));
    let addresses: Vec<&str> = addresses.map(|(_, address)| address).collect();
    assert!(addresses.len() >= 3, "{}", server.ready);
    for address in addresses {
        assert!(address.starts_with("127.0.0.1:") || address.starts_with("[::1]:"), "{address}");
    }
    server.signal(Signal::INT);
    assert!(server.process.wait().unwrap().success());
}

#[test]
fn a_wrong_configuration_is_told_with_its_place() {
    let folder = Folder::new("wrong");
    let path = folder.file("legwork.toml", "[sip]\nlisen = []\n");
    let expected =
        format!("{}:2:1: unknown-key: unknown key `lisen`; write `listen`\n", path.display());
    let served = Command::new(env!("CARGO_BIN_EXE_legwork"))
        .args(["serve", "--config", path.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(served.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&served.stderr).contains(&expected), "{served:?}");
    let checked = check(&path);
    assert_eq!(checked.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&checked.stdout), expected);
}

#[test]
fn documents_are_checked() {
    let folder = Folder::new("check");
    let good = check(&folder.file("good.xml", "<Response><Hangup/></Response>"));
    assert_eq!(good.status.code(), Some(0), "{good:?}");
    let bad = check(&folder.file("bad.xml", "<Response>\n  <Dial\n</Response>"));
    assert_eq!(bad.status.code(), Some(1));
    let said = String::from_utf8_lossy(&bad.stdout).into_owned();
    assert!(said.contains("bad.xml:") && said.contains(": 12100: "), "{said}");
    let missing = check(&folder.0.join("missing.xml"));
    assert_eq!(missing.status.code(), Some(2));
}
