//! `legwork demo`.
//!
//! Not here: the demo (`crate::demo`).
//! Source: the README, "Commands" and "Demo".

use crate::cli::{Outcome, print};
use crate::demo::contract::Cell;
use crate::demo::story::Stage;
use crate::demo::{Leg, show};

/// Show every cell of the transfer table, a call that is recorded, and one that goes through a queue into a
/// conference: server, application and three phones on this machine
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  legwork demo --from parent")]
pub(crate) struct Args {
    /// Which leg of the dialled call sends the REFER
    #[arg(long, value_name = "LEG", default_value = "child")]
    from: Leg,
    /// Print one JSON object per cell, one of the second and the third act, and one with the sum
    #[arg(long)]
    json: bool,
}

/// Plays all acts.
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
    let second = stage.play_second()?;
    let third = stage.play_third()?;
    if args.json {
        print::json(&show::json_second(&second))?;
        print::json(&show::json_third(&third))?;
        print::json(&show::json_sum(&reports))?;
    } else {
        print::line(&show::second(&second))?;
        print::line(&show::third(&third))?;
        print::line(show::table(&reports).trim_end())?;
    }
    let all = reports.iter().all(crate::demo::report::Report::is_right);
    Ok(if all && second.is_right() && third.is_right() { Outcome::Done } else { Outcome::No })
}
