//! `legwork version`.
//!
//! Not here: anything else.
//! Source: Cargo.toml.

use serde_json::json;

use crate::cli::{Outcome, print};

/// Print the version
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  legwork version")]
pub(crate) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints it.
pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let version = env!("CARGO_PKG_VERSION");
    if args.json {
        print::json(&json!({ "name": "legwork", "version": version }))?;
    } else {
        print::line(&format!("legwork {version}"))?;
    }
    Ok(Outcome::Done)
}
