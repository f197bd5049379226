//! `legwork calls`.
//!
//! Not here: the calls (`store`).
//! Source: the README, "Commands".

use crate::cli::client::Server;
use crate::cli::{Outcome, print};

/// List live calls, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  legwork calls --json")]
pub(crate) struct Args {
    /// Ended calls too
    #[arg(long)]
    finished: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

/// Lists them.
pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let calls = args.server.get(&format!("/_/calls?finished={}", args.finished))?;
    if args.json {
        print::json(&calls)?;
        return Ok(Outcome::Done);
    }
    for call in print::list(&calls, "calls") {
        let field = |name| print::field(call, name);
        print::line(&format!(
            "{}  {:<11}  {:<13}  {} → {}",
            field("sid"),
            field("status"),
            field("direction"),
            field("from"),
            field("to")
        ))?;
    }
    Ok(Outcome::Done)
}
