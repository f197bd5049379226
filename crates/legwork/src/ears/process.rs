//! A recogniser as a process: sound in, its log out, bounded; whoever stops waiting ends it.
//!
//! Not here: what the log says (`score`), how long to wait (`recogniser`).
//! Source: pocketsphinx_continuous(1): results are on stdout, scores in the log on stderr.

use std::convert::Infallible;
use std::ffi::OsString;
use std::fmt::Display;
use std::future::pending;
use std::io;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, setpriority_process};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};

use crate::limit;

/// Understanding may take long, a late packet of another call is heard.
const NICENESS: i32 = 10;

/// Runs a program with something on its stdin; what it writes on stderr. Dropped: it is killed.
///
/// # Errors
/// Why there is no log that can be used.
pub(crate) async fn run(
    program: &Path,
    arguments: Vec<OsString>,
    input: &[u8],
) -> Result<String, String> {
    let name = program.file_name().unwrap_or(program.as_os_str()).display().to_string();
    let failed = |why: &dyn Display| format!("{name} failed: {why}");
    let mut command = Command::new(program);
    command.args(arguments).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut process = command.spawn().map_err(|error| no_start(&name, &error))?;
    make_patient(&process);
    let (stdin, stderr) = (process.stdin.take(), process.stderr.take());
    // One that has said everything need not read everything.
    let log = tokio::select! {
        log = read(stderr) => log,
        never = write(stdin, input) => match never {},
    };
    let log = log.map_err(|error| failed(&error))?;
    if log.len() > limit::RECOGNISER_LOG_MAX {
        let most = limit::RECOGNISER_LOG_MAX / 1024;
        return Err(failed(&format_args!("it writes more than {most} kB")));
    }
    let status = process.wait().await.map_err(|error| failed(&error))?;
    let log = String::from_utf8_lossy(&log).into_owned();
    if status.success() { Ok(log) } else { Err(failed(&complaint(&log, &status))) }
}

fn no_start(name: &str, error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::NotFound {
        return format!(
            "{name} is not installed: install the packages pocketsphinx and pocketsphinx-en-us, or set \
             [recognition] program"
        );
    }
    format!("{name} does not start: {error}")
}

fn make_patient(process: &Child) {
    let pid = process.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // One that has ended already needs no patience.
        let _ = setpriority_process(Some(pid), NICENESS);
    }
}

async fn write(stdin: Option<ChildStdin>, input: &[u8]) -> Infallible {
    if let Some(mut stdin) = stdin {
        // It says on stderr why it does not read.
        let _ = stdin.write_all(input).await;
    }
    pending().await
}

/// What it writes, and a byte more than the limit if it writes too much.
async fn read(stderr: Option<ChildStderr>) -> io::Result<Vec<u8>> {
    let mut log = Vec::new();
    let Some(stderr) = stderr else { return Ok(log) };
    let room = u64::try_from(limit::RECOGNISER_LOG_MAX).unwrap_or(u64::MAX).saturating_add(1);
    stderr.take(room).read_to_end(&mut log).await?;
    Ok(log)
}

/// The last line that sounds like a reason.
fn complaint(log: &str, status: &dyn Display) -> String {
    let is_reason = |line: &&str| ["ERROR", "FATAL"].iter().any(|word| line.starts_with(word));
    let mut lines = log.lines().rev().filter(|line| !line.trim().is_empty());
    let reason = log.lines().rev().find(is_reason).or_else(|| lines.next());
    let reason: String = reason.unwrap_or_default().trim().chars().take(200).collect();
    format!("{status}: {}", reason.escape_debug())
}
