//! `legwork hangup`.
//!
//! Not here: ending it (`legwork-call`).
//! Source: the README, "Commands".

use crate::cli::client::{Server, call_path};
use crate::cli::{Outcome, print};

/// End a call
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  legwork hangup CA0001c0ffee00000000000000000000ab")]
pub(crate) struct Args {
    /// Its CallSid
    call: String,
    /// Print the call as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

/// Ends it.
pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let call = args.server.post(&call_path(&args.call, "/hangup")?, None)?;
    if args.json {
        print::json(&call)?;
    } else {
        let (sid, status) = (print::field(&call, "sid"), print::field(&call, "status"));
        print::line(&format!("{sid}  {status}"))?;
    }
    Ok(Outcome::Done)
}
