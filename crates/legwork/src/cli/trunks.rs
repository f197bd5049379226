//! `legwork trunks`.
//!
//! Not here: watching gateways and registering (`legwork-call`, `trunk`).
//! Source: the README, "Commands".

use serde_json::Value;

use crate::cli::client::Server;
use crate::cli::{Outcome, print};

/// List trunks: do their gateways live, are we registered
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  legwork trunks --json")]
pub(crate) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

/// Lists them.
pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let trunks = args.server.get("/_/trunks")?;
    if args.json {
        print::json(&trunks)?;
        return Ok(Outcome::Done);
    }
    for trunk in print::list(&trunks, "trunks") {
        let name = print::field(trunk, "name");
        for gateway in print::list(trunk, "gateways") {
            let uri = print::field(gateway, "uri");
            print::line(&line(name, gateway, uri))?;
        }
        if let Some(registration) = trunk.get("registration").filter(|r| !r.is_null()) {
            let address = print::field(registration, "address");
            print::line(&line(name, registration, address))?;
        }
    }
    Ok(Outcome::Done)
}

fn line(trunk: &str, of: &Value, what: &str) -> String {
    let answer = of.get("answer").and_then(Value::as_u64).map(|status| status.to_string());
    let answer = answer.as_deref().unwrap_or("-");
    format!("{trunk:<16}  {:<10}  {answer:>3}  {what}", print::field(of, "state"))
}
