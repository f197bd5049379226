//! `legwork trace`.
//!
//! Not here: the rows (`legwork_call::ladder`).
//! Source: the README, "Commands".

use std::time::Duration;

use serde_json::Value;

use crate::cli::client::{Server, call_path};
use crate::cli::{Outcome, print};

/// How often a followed call is asked for.
const STEP: Duration = Duration::from_millis(300);

/// Print the ladder of one call: SIP, webhooks, media, decisions
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  legwork trace CA0001c0ffee00000000000000000000ab --follow")]
pub(crate) struct Args {
    /// Its CallSid
    call: String,
    /// Go on until the call has ended
    #[arg(long)]
    follow: bool,
    /// Print one JSON object per row
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

/// Prints it.
pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut from = 0;
    loop {
        let path = call_path(&args.call, &format!("/trace?from={from}"))?;
        let trace = args.server.get(&path)?;
        let mut quiet = true;
        for row in print::list(&trace, "rows") {
            quiet = false;
            if args.json {
                print::json(row)?;
            } else {
                print::line(print::field(row, "line"))?;
            }
        }
        from = trace.get("next").and_then(Value::as_u64).unwrap_or(from);
        let over = trace.get("over").and_then(Value::as_bool).unwrap_or(true);
        // The answer to the BYE comes after the call is over.
        if !args.follow || over && quiet {
            return Ok(Outcome::Done);
        }
        std::thread::sleep(STEP);
    }
}
