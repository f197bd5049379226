//! The log: fixed field names, numbers and addresses shortened, written by a thread of its own.
//!
//! Not here: what is worth a line (whoever writes it), ladders (`store`).
//! Source: ARCHITECTURE.md, "logging".

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use legwork_call::alert::{Alert, Level};
use legwork_call::io::CallRow;
use legwork_call::ladder::Row;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

use crate::limit;

/// What the environment variable `LEGWORK_LOG` is, if not set.
const DEFAULT: LevelFilter = LevelFilter::INFO;

/// A number or address, shortened where it names a person: `sip:al…@host`, `+81…78`.
#[derive(Clone, Copy, Debug)]
pub struct Pii<'a>(pub &'a str);

impl fmt::Display for Pii<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = match self.0.split_once(':') {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, self.0),
        };
        if let Some(scheme) = scheme {
            write!(f, "{}:", scheme.escape_debug())?;
        }
        let (user, host) = match rest.split_once('@') {
            Some((user, host)) => (user, Some(host)),
            None => (rest, None),
        };
        let n = user.chars().count();
        if n <= 4 {
            write!(f, "{}", user.escape_debug())?;
        } else {
            let head: String = user.chars().take(2).collect();
            let tail: String = user.chars().skip(n - 2).collect();
            write!(f, "{}…{}", head.escape_debug(), tail.escape_debug())?;
        }
        match host {
            Some(host) => write!(f, "@{}", host.escape_debug()),
            None => Ok(()),
        }
    }
}

/// Starts the log on stderr. `LEGWORK_LOG` takes filters such as `info` or `legwork=debug`.
pub fn start() {
    let wanted = std::env::var("LEGWORK_LOG").ok().and_then(|text| text.parse::<Targets>().ok());
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(DEFAULT));
    let lines = tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .with_writer(Scribe::start());
    let subscriber = Registry::default().with(lines.with_filter(filter));
    // A second start, as tests make it, keeps the first log.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// A call began or changed.
pub fn call(row: &CallRow) {
    tracing::info!(
        call = %row.sid,
        status = row.status,
        direction = row.direction,
        from = %Pii(&row.from),
        to = %Pii(&row.to),
        call_id = %row.sip_call_id.escape_debug(),
        "call"
    );
}

/// Something went wrong for an application's owner.
pub fn alert(alert: &Alert) {
    let call = alert.call.map(|call| call.to_string()).unwrap_or_default();
    let (code, text) = (alert.code, alert.text.escape_debug());
    match alert.level {
        Level::Error => tracing::error!(code, call, %text, "alert"),
        Level::Warning => tracing::warn!(code, call, %text, "alert"),
    }
}

/// A row of a ladder.
pub fn row(row: &Row) {
    tracing::debug!(call = %row.call, row = %row, "ladder");
}

/// Lines that wait to be written.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Waits a moment for the last lines to be written: before the process ends.
pub fn settle() {
    for _ in 0..100 {
        if WAITING.load(Ordering::Acquire) == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// For so long lines are let gather after some were written.
const GATHER: Duration = Duration::from_millis(10);

/// Hands lines to the thread that writes them; full: the line is lost and counted.
#[derive(Clone, Debug)]
struct Scribe {
    lines: SyncSender<Vec<u8>>,
    lost: Arc<AtomicU64>,
}

impl Scribe {
    fn start() -> Self {
        let (lines, written) = sync_channel(limit::LOG_LINES_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&lost);
        let thread = std::thread::Builder::new().name("legwork-log".to_owned());
        // Without the thread lines are lost, and calls go on.
        let _ = thread.spawn(move || write_lines(&written, &counted));
        Self { lines, lost }
    }
}

fn write_lines(lines: &Receiver<Vec<u8>>, lost: &AtomicU64) {
    let mut text = Vec::new();
    while let Ok(line) = lines.recv() {
        let mut taken = 1;
        text.clear();
        text.extend_from_slice(&line);
        // One system call for all that waits.
        while text.len() < 64 * 1024
            && let Ok(line) = lines.try_recv()
        {
            taken += 1;
            text.extend_from_slice(&line);
        }
        let lost = lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            text.extend_from_slice(format!("{lost} log lines were lost\n").as_bytes());
        }
        // There is nowhere to complain that the log can not be written.
        let _ = io::stderr().lock().write_all(&text);
        WAITING.fetch_sub(taken, Ordering::Release);
        // Awake, it need not be woken: waking it for every line would cost more than the line.
        std::thread::sleep(GATHER);
    }
}

impl Write for Scribe {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        WAITING.fetch_add(1, Ordering::AcqRel);
        match self.lines.try_send(line.to_vec()) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                WAITING.fetch_sub(1, Ordering::AcqRel);
                self.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Scribe {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shortened() {
        let table = [
            ("sip:alexander@bank.example", "sip:al…er@bank.example"),
            ("sip:bob@localhost", "sip:bob@localhost"),
            ("+815012345678", "+8…78"),
            ("client:agent-a", "client:ag…-a"),
            ("", ""),
            ("sip:a\r\nb@x", "sip:a\\r\\nb@x"),
        ];
        for (text, expected) in table {
            assert_eq!(Pii(text).to_string(), expected, "{text:?}");
        }
    }
}
