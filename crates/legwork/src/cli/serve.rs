//! `legwork serve`.
//!
//! Not here: the server (`crate::serve`).
//! Source: the README, "Commands" and "Development mode".

use std::path::PathBuf;

use anyhow::Context as _;
use rustix::process::{Signal, set_parent_process_death_signal};

use crate::cli::{AskedWrongly, Outcome};
use crate::config::unit::{Notation as _, WebUrl};
use crate::log;
use crate::record;
use crate::serve::{Options, run as serve};

/// Run the server; without a configuration in development mode, on loopback only
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  legwork serve --config /etc/legwork/legwork.toml")]
pub(crate) struct Args {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Development mode: who answers calls, instead of the built-in bank application
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    voice_url: Option<String>,
    /// Development mode: keep nothing on disk; else recordings go to ./legwork-data
    #[arg(long, conflicts_with = "config")]
    ephemeral: bool,
    /// Record calls: the inputs of each in a file in this folder, for `legwork replay`
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// Record them with made-up names and numbers
    #[arg(long, requires = "record")]
    record_redact: bool,
    /// End when the program that started it ends, however that ends
    #[arg(long, hide = true)]
    with_parent: bool,
}

/// Serves.
pub(crate) fn run(args: Args) -> anyhow::Result<Outcome> {
    if let Some(url) = &args.voice_url
        && WebUrl::read(url).is_none()
    {
        return Err(AskedWrongly(format!("--voice-url {url} is not {}", WebUrl::LIKE)).into());
    }
    if args.with_parent {
        set_parent_process_death_signal(Some(Signal::TERM)).context("no signal from the parent")?;
    }
    log::start();
    let redact = args.record_redact;
    let record = args.record.map(|folder| record::Options { folder, redact });
    let (config, voice_url, ephemeral) = (args.config, args.voice_url, args.ephemeral);
    let result = serve(Options { config, voice_url, ephemeral, record });
    log::settle();
    result.map(|()| Outcome::Done)
}
