//! SIPp as any of the three parties: one process, one call, one scenario that checks the signalling itself.
//!
//! Not here: the scenarios (`scenarios/*.xml`).
//! Source: the manual of SIPp 3.6.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::server::{PATIENCE, Process, Server, free_port, until};

/// A running scenario.
#[derive(Debug)]
pub(crate) struct Sipp {
    process: Process,
    name: String,
    /// Where it signals, on loopback.
    pub(crate) port: u16,
    errors: PathBuf,
    /// All messages it has sent and received.
    pub(crate) messages: PathBuf,
    /// What its scenario logs.
    pub(crate) log: PathBuf,
}

impl Sipp {
    /// Waits for a call.
    pub(crate) fn is_called(
        server: &Server,
        case: &str,
        scenario: &str,
        keys: &[(&str, &str)],
    ) -> Self {
        Self::listens_on(free_port(), server, case, &format!("real/scenarios/{scenario}"), keys)
    }

    /// Waits for a call at this port. The scenario is named by its path among the tests.
    pub(crate) fn listens_on(
        port: u16,
        server: &Server,
        case: &str,
        scenario: &str,
        keys: &[(&str, &str)],
    ) -> Self {
        let to = server.address("udp");
        let sipp = Self::start(port, to, server, case, scenario, "nobody", keys);
        until("SIPp listens", PATIENCE, || listens(sipp.port).then_some(()));
        sipp
    }

    /// Calls this user.
    pub(crate) fn calls(
        server: &Server,
        case: &str,
        user: &str,
        scenario: &str,
        keys: &[(&str, &str)],
    ) -> Self {
        Self::calls_as(server, case, user, &format!("real/scenarios/{scenario}"), keys)
    }

    /// Calls this user. The scenario is named by its path among the tests.
    pub(crate) fn calls_as(
        server: &Server,
        case: &str,
        user: &str,
        scenario: &str,
        keys: &[(&str, &str)],
    ) -> Self {
        let to = server.address("udp");
        Self::start(free_port(), to, server, case, scenario, user, keys)
    }

    /// Calls whoever listens there. The scenario is named by its path among the tests.
    pub(crate) fn calls_directly(
        to: SocketAddr,
        server: &Server,
        case: &str,
        scenario: &str,
        keys: &[(&str, &str)],
    ) -> Self {
        Self::start(free_port(), to, server, case, scenario, "nobody", keys)
    }

    fn start(
        port: u16,
        to: SocketAddr,
        server: &Server,
        case: &str,
        scenario: &str,
        user: &str,
        keys: &[(&str, &str)],
    ) -> Self {
        let name = format!("{case}-{}", scenario.rsplit('/').next().unwrap());
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let (media, control) = (free_port(), free_port());
        let errors = server.folder.path(&format!("{name}.err"));
        let messages = server.folder.path(&format!("{name}.msg"));
        let log = server.folder.path(&format!("{name}.log"));
        let mut command = Command::new("sipp");
        command.arg(to.to_string()).stdin(Stdio::null());
        command.arg("-sf").arg(folder.join(format!("{scenario}.xml")));
        command.args(["-i", "127.0.0.1", "-m", "1", "-nostdin", "-s", user]);
        command.args(["-timeout", "30s", "-timeout_error", "-recv_timeout", "20000"]);
        command.args(["-p", &port.to_string(), "-mp", &media.to_string()]);
        command.args(["-cp", &control.to_string()]);
        command.arg("-trace_err").arg("-error_file").arg(&errors);
        command.arg("-trace_msg").arg("-message_file").arg(&messages);
        command.arg("-trace_logs").arg("-log_file").arg(&log);
        for (key, value) in keys {
            command.args(["-key", key, value]);
        }
        let process = Process::start(&mut command, server.folder.path(&format!("{name}.out")));
        Self { process, name, port, errors, messages, log }
    }

    /// Its address, as a URI.
    pub(crate) fn uri(&self, user: &str) -> String {
        format!("sip:{user}@127.0.0.1:{}", self.port)
    }

    /// What went wrong, what it has logged, and all messages.
    pub(crate) fn story(&self) -> String {
        let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
        let [errors, log, messages] =
            [&self.errors, &self.log, &self.messages].map(|path| read(path));
        format!("{}:\n{errors}\n{log}\n{messages}", self.name)
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.process.ended().is_some()
    }

    /// Everything in the scenario came as it must.
    pub(crate) fn ends_well(mut self) {
        let what = format!("the end of {}", self.name);
        let status = until(&what, PATIENCE, || self.process.ended());
        assert!(status.code() == Some(0), "{status}: {}", self.story());
    }
}

/// Somebody has bound this UDP port of loopback.
fn listens(port: u16) -> bool {
    let here = SocketAddr::from(([127, 0, 0, 1], port));
    let entry = format!(": 0100007F:{:04X} ", here.port());
    std::fs::read_to_string("/proc/net/udp").is_ok_and(|table| table.contains(&entry))
}
