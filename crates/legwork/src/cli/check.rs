//! `legwork check`.
//!
//! Not here: what is wrong with a document (`legwork-twiml`) or a configuration (`config`).
//! Source: the README, "Commands".

use std::path::{Path, PathBuf};

use legwork_twiml::Level;
use serde_json::{Value, json};

use crate::cli::{AskedWrongly, Outcome, print};
use crate::config::Config;

/// Check TwiML documents and configuration files (*.toml)
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  legwork check voice.xml legwork.toml")]
pub(crate) struct Args {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print one JSON object per file
    #[arg(long)]
    json: bool,
}

/// One problem of either kind of file.
struct Problem {
    line: usize,
    column: usize,
    code: String,
    error: bool,
    text: String,
}

/// Checks.
pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::Done;
    for path in &args.files {
        let bytes = std::fs::read(path)
            .map_err(|error| AskedWrongly(format!("{}: {error}", path.display())))?;
        let problems = problems(path, &bytes);
        if problems.iter().any(|problem| problem.error) {
            outcome = Outcome::No;
        }
        if args.json {
            print::json(&as_json(path, &problems))?;
        } else {
            say(path, &problems)?;
        }
    }
    Ok(outcome)
}

fn problems(path: &Path, bytes: &[u8]) -> Vec<Problem> {
    if path.extension().is_some_and(|extension| extension == "toml") {
        return of_configuration(bytes);
    }
    let found = legwork_twiml::check(bytes);
    let problem = |found: legwork_twiml::Problem| Problem {
        line: found.line as usize,
        column: found.column as usize,
        code: found.code.to_string(),
        error: found.level == Level::Error,
        text: found.text,
    };
    found.into_iter().map(problem).collect()
}

fn of_configuration(bytes: &[u8]) -> Vec<Problem> {
    let at_start = |code: &str, error, text| {
        let code = code.to_owned();
        Problem { line: 1, column: 1, code, error, text }
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return vec![at_start("syntax", true, "the file is not UTF-8".to_owned())];
    };
    match Config::parse(text) {
        Ok(config) => {
            let warnings = config.warnings.into_iter();
            warnings.map(|text| at_start("warning", false, text)).collect()
        }
        Err(problems) => problems
            .into_iter()
            .map(|found| Problem {
                line: found.line,
                column: found.column,
                code: found.code.to_owned(),
                error: true,
                text: found.text,
            })
            .collect(),
    }
}

fn say(path: &Path, problems: &[Problem]) -> std::io::Result<()> {
    let file = path.display();
    if problems.is_empty() {
        return print::line(&format!("{file}: no problems"));
    }
    for Problem { line, column, code, text, .. } in problems {
        print::line(&format!("{file}:{line}:{column}: {code}: {text}"))?;
    }
    Ok(())
}

fn as_json(path: &Path, problems: &[Problem]) -> Value {
    let one = |problem: &Problem| {
        json!({
            "line": problem.line,
            "column": problem.column,
            "code": problem.code,
            "level": if problem.error { "error" } else { "warning" },
            "text": problem.text,
        })
    };
    let problems: Vec<Value> = problems.iter().map(one).collect();
    json!({ "file": path.display().to_string(), "problems": problems })
}
