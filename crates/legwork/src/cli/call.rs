//! `legwork call`.
//!
//! Not here: placing it (`legwork-call`).
//! Source: the README, "Commands".

use serde_json::json;

use crate::cli::client::Server;
use crate::cli::{Outcome, print};

/// Place a call and print its CallSid
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  legwork call sip:bank@localhost sip:alice@localhost \
                        --twiml '<Response><Say>Hello</Say></Response>'")]
#[command(group = clap::ArgGroup::new("start").required(true).args(["url", "twiml"]))]
pub(crate) struct Args {
    /// Caller ID: a number, client:NAME or a SIP URI
    from: String,
    /// Whom to call: a number, client:NAME or a SIP URI
    to: String,
    /// Where the TwiML is that runs once the call is answered
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The TwiML itself
    #[arg(long, value_name = "TWIML")]
    twiml: Option<String>,
    /// Print the call as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

/// Places it.
pub(crate) fn run(args: Args) -> anyhow::Result<Outcome> {
    let mut body = json!({ "from": args.from, "to": args.to });
    if let Some(body) = body.as_object_mut() {
        body.extend(args.url.map(|url| ("url".to_owned(), url.into())));
        body.extend(args.twiml.map(|twiml| ("twiml".to_owned(), twiml.into())));
    }
    let call = args.server.post("/_/calls", Some(&body))?;
    if args.json {
        print::json(&call)?;
    } else {
        print::line(print::field(&call, "sid"))?;
    }
    Ok(Outcome::Done)
}
