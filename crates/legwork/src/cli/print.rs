//! Lines and JSON on stdout, remarks on stderr.
//!
//! Not here: what they say.
//! Source: the README, "Commands".

use std::borrow::Cow;
use std::io::{self, Write as _};

use serde_json::Value;

/// One line, or some.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", harmless(text))?;
    out.flush()
}

/// One line on stderr.
pub(crate) fn complaint(text: &str) -> io::Result<()> {
    writeln!(io::stderr().lock(), "legwork: {}", harmless(text))
}

/// What peers have written must not command the terminal.
fn harmless(text: &str) -> Cow<'_, str> {
    let commands = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if !text.contains(commands) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| if commands(c) { c.escape_debug().collect() } else { c.to_string() };
    Cow::Owned(text.chars().map(shown).collect())
}

/// One JSON value on one line.
pub(crate) fn json(value: &Value) -> io::Result<()> {
    line(&value.to_string())
}

/// A field of an answer as text; nothing if it has none.
pub(crate) fn field<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("")
}

/// The list in an answer.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_not_commanded() {
        assert_eq!(harmless("sip:a\u{1b}[2J\r\u{9b}@b"), "sip:a\\u{1b}[2J\\r\\u{9b}@b");
        assert_eq!(harmless("a → b\n\tc"), "a → b\n\tc");
    }
}
