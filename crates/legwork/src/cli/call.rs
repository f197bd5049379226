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
    /// Asked for a document when a phone in the call's Dial presses Transfer
    #[arg(long, value_name = "URL")]
    refer_url: Option<String>,
    /// How refer_url is asked
    #[arg(long, value_name = "METHOD")]
    refer_method: Option<String>,
    /// Told how the call gets on
    #[arg(long, value_name = "URL")]
    status_callback: Option<String>,
    /// Of what: initiated, ringing, answered, completed (the default); may be given several times
    #[arg(long, value_name = "EVENT")]
    status_callback_event: Vec<String>,
    /// Seconds to ring, 1 to 600
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// Keys sent once the call is answered: 0-9, *, # and w for half a second of silence
    #[arg(long, value_name = "DIGITS")]
    send_digits: Option<String>,
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
        let texts = [
            ("url", args.url),
            ("twiml", args.twiml),
            ("refer_url", args.refer_url),
            ("refer_method", args.refer_method),
            ("status_callback", args.status_callback),
            ("send_digits", args.send_digits),
        ];
        let given = texts.into_iter().filter_map(|(name, text)| Some((name, text?)));
        body.extend(given.map(|(name, text)| (name.to_owned(), text.into())));
        body.extend(args.timeout.map(|seconds| ("timeout".to_owned(), seconds.into())));
        if !args.status_callback_event.is_empty() {
            body.insert("status_callback_event".to_owned(), args.status_callback_event.into());
        }
    }
    let call = args.server.post("/_/calls", Some(&body))?;
    if args.json {
        print::json(&call)?;
    } else {
        print::line(print::field(&call, "sid"))?;
    }
    Ok(Outcome::Done)
}
