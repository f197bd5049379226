//! `legwork replay`.
//!
//! Not here: the replay itself (`record`), recording (`cli/serve`).
//! Source: the README, "Record and replay".

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::json;

use crate::cli::{AskedWrongly, Outcome, print};
use crate::limit;
use crate::record::{Played, Recording, replay};

/// Live through a recorded call again and print its ladder; exit status 1: it has become another
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  legwork replay CA0001c0ffee00000000000000000000ab.jsonl")]
pub(crate) struct Args {
    /// A recording, made by `legwork serve --record DIR`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How much is printed
    #[arg(long, value_name = "WHAT", default_value = "rows")]
    ladder: Ladder,
    /// Print one JSON object per row
    #[arg(long, conflicts_with = "ladder")]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Ladder {
    /// Rows as `legwork trace` prints them
    Rows,
    /// Times and whole SIP messages, too
    Full,
}

/// Replays.
pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let file = args.file.display();
    let wrongly = |text: String| AskedWrongly(format!("{file}:{text}"));
    let bytes = read(&args.file).map_err(|error| wrongly(format!(" {error}")))?;
    let recording = Recording::read(&bytes).map_err(|damaged| wrongly(damaged.to_string()))?;
    for why in &recording.head.incomplete {
        print::complaint(&format!("{file}: not all of the call is recorded: {why}"))?;
    }
    let played = replay(&recording).map_err(|damaged| wrongly(damaged.to_string()))?;
    for played in &played {
        show(played, args)?;
    }
    match recording.difference(&played) {
        None => Ok(Outcome::Done),
        Some(difference) => Err(anyhow::anyhow!("{file}:{difference}")),
    }
}

/// No more than a recording may have, and one byte that tells of more.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let most = u64::try_from(limit::RECORDING_READ_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(file)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn show(played: &Played, args: &Args) -> io::Result<()> {
    let is_full = args.ladder == Ladder::Full;
    let at = played.at.as_secs_f64();
    if is_full && !played.rows.is_empty() {
        print::line(&format!("… {at:.3} s"))?;
    }
    for row in &played.rows {
        if args.json {
            print::json(&json!({ "at": at, "line": row }))?;
        } else {
            print::line(row)?;
        }
    }
    if is_full {
        let received = played.received.iter().map(|bytes| ("▶", bytes));
        for (mark, bytes) in received.chain(played.sent.iter().map(|bytes| ("◀", bytes))) {
            let text = String::from_utf8_lossy(bytes).replace('\r', "");
            for line in text.trim_end().lines() {
                print::line(&format!("        {mark} {line}"))?;
            }
        }
    }
    Ok(())
}
