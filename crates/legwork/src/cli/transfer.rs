//! `legwork transfer`.
//!
//! Not here: what becomes of it (`legwork-call`).
//! Source: the README, "Commands".

use serde_json::json;

use crate::cli::client::{Server, call_path};
use crate::cli::{Outcome, print};

/// Do what a REFER of this leg would do: the call's referUrl is asked
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  legwork transfer CA0001c0ffee00000000000000000000ab \
                        sip:agent-b@localhost")]
pub(crate) struct Args {
    /// CallSid of the transferor's leg
    call: String,
    /// Where to: a SIP URI, as in Refer-To
    target: String,
    /// Print the call as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

/// Starts it.
pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let body = json!({ "target": args.target });
    let call = args.server.post(&call_path(&args.call, "/transfer")?, Some(&body))?;
    if args.json {
        print::json(&call)?;
    } else {
        print::line(&format!("{}  transfer accepted", print::field(&call, "sid")))?;
    }
    Ok(Outcome::Done)
}
