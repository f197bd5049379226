//! The command line: nouns list, verbs do.
//!
//! Not here: the server (`serve`), its HTTP API (`api`).
//! Source: the README, "Commands".

mod alerts;
mod call;
mod calls;
mod check;
pub(crate) mod client;
mod demo;
mod hangup;
mod print;
mod replay;
mod serve;
mod trace;
mod transfer;
mod trunks;
mod version;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Broken;

/// A programmable-voice server for SIP: TwiML, webhooks and transfer by REFER.
#[derive(Debug, Parser)]
#[command(name = "legwork", version, arg_required_else_help = true)]
#[command(after_help = "Example:\n  legwork serve\n\nExit status: 0 done, 1 the answer is no, \
                        2 asked wrongly.")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Serve(serve::Args),
    Demo(demo::Args),
    Check(check::Args),
    Call(call::Args),
    Calls(calls::Args),
    Hangup(hangup::Args),
    Transfer(transfer::Args),
    Trace(trace::Args),
    Replay(replay::Args),
    Alerts(alerts::Args),
    Trunks(trunks::Args),
    Version(version::Args),
}

/// How a command went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is done.
    Done,
    /// The answer is no.
    No,
}

/// Asked wrongly: exit status 2.
#[derive(Debug)]
pub(crate) struct AskedWrongly(pub(crate) String);

impl std::fmt::Display for AskedWrongly {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AskedWrongly {}

/// Does what the command line says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.verb {
        Verb::Serve(args) => serve::run(args),
        Verb::Demo(args) => demo::run(&args),
        Verb::Check(args) => check::run(&args),
        Verb::Call(args) => call::run(args),
        Verb::Calls(args) => calls::run(&args),
        Verb::Hangup(args) => hangup::run(&args),
        Verb::Transfer(args) => transfer::run(&args),
        Verb::Trace(args) => trace::run(&args),
        Verb::Replay(args) => replay::run(&args),
        Verb::Alerts(args) => alerts::run(&args),
        Verb::Trunks(args) => trunks::run(&args),
        Verb::Version(args) => version::run(&args),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Err(error) => complain(&error),
    }
}

/// Says what went wrong; gives the exit status.
fn complain(error: &anyhow::Error) -> ExitCode {
    let piped = error.downcast_ref::<io::Error>().map(io::Error::kind);
    if piped == Some(io::ErrorKind::BrokenPipe) {
        // Whoever read has read enough.
        return ExitCode::SUCCESS;
    }
    let mut err = io::stderr().lock();
    // There is nowhere else to say it.
    if let Some(broken) = error.downcast_ref::<Broken>() {
        let _ = writeln!(err, "{broken}");
        return ExitCode::from(2);
    }
    let _ = writeln!(err, "legwork: {error:#}");
    let wrongly = error.downcast_ref::<AskedWrongly>().is_some();
    ExitCode::from(if wrongly { 2 } else { 1 })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example() {
        for command in Cli::command().get_subcommands_mut() {
            let help = command.render_long_help().to_string();
            assert!(help.contains("Example:\n  legwork "), "{help}");
        }
    }

    #[test]
    fn commands_are_read() {
        for line in [
            "serve",
            "serve --config legwork.toml",
            "serve --record calls --record-redact",
            "replay CA0.jsonl --ladder full",
            "replay CA0.jsonl --json",
            "serve --voice-url http://127.0.0.1:3000/voice --ephemeral",
            "demo --from parent --json",
            "check a.xml b.toml --json",
            "call +1555 sip:bob@localhost --url http://127.0.0.1/x --json",
            "call a b --twiml <Response/>",
            "calls --json --finished",
            "hangup CA0 --server http://127.0.0.1:8081",
            "transfer CA0 sip:agent-b@localhost",
            "trace CA0 --follow",
            "alerts --follow --json",
            "trunks --json",
            "version --json",
        ] {
            let words = ["legwork"].into_iter().chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
        for line in [
            "call a b",
            "call a b --url u --twiml t",
            "check",
            "serve --colour",
            "serve --record-redact",
            "hangup",
        ] {
            let words = ["legwork"].into_iter().chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_err(), "{line}");
        }
    }
}
