//! The server under demonstration: this very program as a process of its own.
//!
//! Not here: what it does (`crate::serve`).

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::cli::client;

/// How long it may take to end.
const PATIENCE: Duration = Duration::from_secs(3);
const STEP: Duration = Duration::from_millis(10);

/// The numbers of `/_/stats` that must come back to where they were.
const BASELINE: [&str; 5] = ["legs", "rtp_ports", "transfers", "fetches", "bugs"];

/// A running server; it ends with its value.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    /// Kept open: the server may write.
    _stdout: BufReader<ChildStdout>,
    /// Where it takes SIP over UDP.
    pub(crate) sip: SocketAddr,
    /// Its HTTP API.
    pub(crate) api: client::Server,
}

impl Server {
    /// Starts it in development mode and waits until it is ready.
    ///
    /// # Errors
    /// It does not start; why, it has said on stderr.
    pub(crate) fn start(voice_url: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--ephemeral", "--with-parent", "--voice-url", voice_url]);
        if std::env::var_os("LEGWORK_LOG").is_none() {
            // Its alerts are part of the story and told there.
            command.env("LEGWORK_LOG", "off");
        }
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().context("the server does not start")?;
        let stdout = process.stdout.take().context("the server has no stdout")?;
        let mut stdout = BufReader::new(stdout);
        let ready = ready_line(&mut stdout)?;
        let address = |scheme: &str| {
            let mut words = ready.split_whitespace();
            words.find_map(|word| word.strip_prefix(scheme)).map(str::to_owned)
        };
        let (sip, http) = (address("udp://"), address("http://"));
        let (Some(sip), Some(http)) = (sip, http) else {
            bail!("the server listens nowhere: {ready}");
        };
        let api = client::Server::in_development(format!("http://{http}"));
        Ok(Self { process, _stdout: stdout, sip: sip.parse()?, api })
    }

    /// What must come back to where it was: `legs=0 rtp_ports=0 …`.
    ///
    /// # Errors
    /// It does not answer.
    pub(crate) fn census(&self) -> anyhow::Result<String> {
        let stats = self.api.get("/_/stats")?;
        let count = |name: &&str| format!("{name}={}", stats.get(*name).unwrap_or(&Value::Null));
        Ok(BASELINE.iter().map(count).collect::<Vec<_>>().join(" "))
    }

    fn end(&mut self) -> anyhow::Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.process.id())?).context("no such process")?;
        kill_process(pid, Signal::TERM)?;
        let deadline = Instant::now() + PATIENCE;
        while self.process.try_wait()?.is_none() {
            if Instant::now() > deadline {
                bail!("the server does not end");
            }
            std::thread::sleep(STEP);
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.end().is_err() {
            // There is nobody left to tell.
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

fn ready_line(stdout: &mut BufReader<ChildStdout>) -> anyhow::Result<String> {
    let mut line = String::new();
    while stdout.read_line(&mut line)? > 0 {
        if line.starts_with("legwork is ready") {
            return Ok(line);
        }
        line.clear();
    }
    bail!("the server ended before it was ready")
}
