//! A recording as a whole: read from a file, written into one.
//!
//! Not here: single lines (`line`), living through it (`replay`).

use std::fmt;

use crate::limit;
use crate::record::config;
use crate::record::line::{End, FORMAT, Head, Line, StepLine, Time};

/// A recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// What holds for all of it.
    pub head: Head,
    /// Its inputs, in order: the first stands in line 2.
    pub steps: Vec<StepLine>,
}

/// Why a file is no recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub text: String,
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.text)
    }
}

impl std::error::Error for Damaged {}

impl Damaged {
    pub(super) fn at(line: usize, text: impl Into<String>) -> Self {
        Self { line, text: text.into() }
    }
}

impl Recording {
    /// Reads one.
    ///
    /// # Errors
    /// The first line that is not as it should be.
    pub fn read(bytes: &[u8]) -> Result<Self, Damaged> {
        if bytes.len() > limit::RECORDING_READ_MAX {
            let most = limit::RECORDING_READ_MAX;
            return Err(Damaged::at(1, format!("the file has more than {most} bytes")));
        }
        let mut lines = bytes.split(|b| *b == b'\n').enumerate().map(|(at, line)| (at + 1, line));
        let head = match lines.next().map(|(at, line)| read(at, line)).transpose()? {
            Some(Line::Recording(head)) if head.format == FORMAT => head,
            Some(Line::Recording(head)) => {
                let text = format!("format {} is not known here, only {FORMAT}", head.format);
                return Err(Damaged::at(1, text));
            }
            Some(Line::Step(_) | Line::End(_)) | None => {
                return Err(Damaged::at(1, "a recording begins with its head"));
            }
        };
        config::read(&head.config).map_err(|text| Damaged::at(1, text))?;
        let mut steps: Vec<StepLine> = Vec::new();
        let mut before = Time::default();
        for (at, line) in lines {
            match read(at, line)? {
                Line::Step(step) if step.at < before => {
                    return Err(Damaged::at(at, "it was earlier than the line before"));
                }
                Line::Step(_) if steps.len() >= limit::RECORDED_INPUTS_MAX * 2 => {
                    return Err(Damaged::at(at, "there are too many steps"));
                }
                Line::Step(step) => {
                    before = step.at;
                    steps.push(*step);
                }
                Line::End(End { steps: count }) if count == steps.len() => {
                    return Ok(Self { head, steps });
                }
                Line::End(End { steps: count }) => {
                    let text = format!("{} steps are there, {count} were", steps.len());
                    return Err(Damaged::at(at, text));
                }
                Line::Recording(_) => return Err(Damaged::at(at, "a second head")),
            }
        }
        Err(Damaged::at(steps.len() + 2, "the file is cut off: its last line is missing"))
    }

    /// The text of its file.
    pub fn write(&self) -> String {
        let end = Line::End(End { steps: self.steps.len() });
        let steps = self.steps.iter().cloned().map(|step| Line::Step(Box::new(step)));
        let lines = std::iter::once(Line::Recording(self.head.clone())).chain(steps).chain([end]);
        let mut text = String::new();
        for line in lines {
            // Strings and numbers are always written.
            text.push_str(&serde_json::to_string(&line).unwrap_or_default());
            text.push('\n');
        }
        text
    }
}

fn read(at: usize, line: &[u8]) -> Result<Line, Damaged> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Err(Damaged::at(at, "the file is cut off: its last line is missing"));
    }
    serde_json::from_slice(line).map_err(|error| Damaged::at(at, error.to_string()))
}
