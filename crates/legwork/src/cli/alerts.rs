//! `legwork alerts`.
//!
//! Not here: raising them (`legwork-call`).
//! Source: the README, "Commands".

use std::time::Duration;

use serde_json::Value;

use crate::cli::client::Server;
use crate::cli::{Outcome, print};

/// How often followed alerts are asked for.
const STEP: Duration = Duration::from_millis(500);

/// List alerts: what went wrong for the owners of applications, oldest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  legwork alerts --follow")]
pub(crate) struct Args {
    /// Go on until interrupted
    #[arg(long)]
    follow: bool,
    /// Print one JSON object per alert
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

/// Lists them.
pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut after = 0;
    loop {
        let alerts = args.server.get(&format!("/_/alerts?after={after}"))?;
        for alert in print::list(&alerts, "alerts") {
            if args.json {
                print::json(alert)?;
            } else {
                print::line(&line(alert))?;
            }
        }
        after = alerts.get("next").and_then(Value::as_u64).unwrap_or(after);
        if !args.follow {
            return Ok(Outcome::Done);
        }
        std::thread::sleep(STEP);
    }
}

fn line(alert: &Value) -> String {
    let field = |name| print::field(alert, name);
    let code = alert.get("code").and_then(Value::as_u64).unwrap_or(0);
    let call = match field("call_sid") {
        "" => "-",
        call => call,
    };
    format!("{}  {:<7}  {code:>5}  {call}  {}", field("at"), field("level"), field("text"))
}
