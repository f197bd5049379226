//! `legwork demo`.
//!
//! Not here: the demo (`crate::demo`).
//! Source: the README, "Commands" and "Demo".

use crate::cli::{Outcome, print};
use crate::demo::contract::Cell;
use crate::demo::story::Stage;
use crate::demo::{Leg, show};

/// Show every cell of the transfer table: server, application and three phones on this machine
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  legwork demo --from parent")]
pub(crate) struct Args {
    /// Which leg of the dialled call sends the REFER
    #[arg(long, value_name = "LEG", default_value = "child")]
    from: Leg,
    /// Print one JSON object per cell, and one with the sum
    #[arg(long)]
    json: bool,
}

/// Plays all cells.
pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut stage = Stage::new(args.from)?;
    let mut reports = Vec::new();
    for (index, cell) in Cell::all().enumerate() {
        let report = stage.play(cell)?;
        if args.json {
            print::json(&show::json(index + 1, &report))?;
        } else {
            print::line(&show::cell(index + 1, &report))?;
        }
        reports.push(report);
    }
    if args.json {
        print::json(&show::json_sum(&reports))?;
    } else {
        print::line(show::table(&reports).trim_end())?;
    }
    let all = reports.iter().all(crate::demo::report::Report::is_right);
    Ok(if all { Outcome::Done } else { Outcome::No })
}
