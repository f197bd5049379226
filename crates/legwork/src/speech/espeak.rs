//! `espeak-ng` as a process: SSML in, WAV out.
//!
//! Not here: keeping what was said (`cache`), decoding it (`legwork_media::wav`).
//! Source: espeak-ng(1); its voices are named by language (`espeak-ng --voices`).

use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use crate::limit;

/// Speaks.
///
/// # Errors
/// Why it did not, for the alert.
pub(crate) async fn speak(voice: &str, language: &str, ssml: &str) -> Result<Vec<u8>, String> {
    let mut why = "no voice was tried".to_owned();
    for name in voices(voice, language) {
        match timeout(limit::SPEECH_TIMEOUT, run(&name, ssml)).await {
            Ok(Ok(wav)) => return Ok(wav),
            Ok(Err(error)) => why = error,
            Err(_) => return Err("espeak-ng took too long".to_owned()),
        }
    }
    Err(why)
}

async fn run(voice: &str, ssml: &str) -> Result<Vec<u8>, String> {
    let mut command = Command::new("espeak-ng");
    command.args(["-m", "-b", "1", "--stdin", "--stdout", "-v", voice]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut process = command.spawn().map_err(|error| {
        format!("espeak-ng does not start ({error}): install the package espeak-ng")
    })?;
    let document = format!("<speak>{ssml}</speak>\n");
    if let Some(mut stdin) = process.stdin.take() {
        // It says on stderr why it does not read.
        let _ = stdin.write_all(document.as_bytes()).await;
    }
    let output = process.wait_with_output().await;
    let output = output.map_err(|error| format!("espeak-ng failed: {error}"))?;
    if !output.status.success() || output.stdout.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("espeak-ng failed: {}", said.trim().escape_debug()));
    }
    Ok(output.stdout)
}

/// The voices to try, best first.
fn voices(voice: &str, language: &str) -> Vec<String> {
    let tag: String = language
        .chars()
        .take(16)
        .map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() })
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    let tag = tag.trim_matches('-');
    let base = tag.split('-').next().unwrap_or("");
    let tag = match tag {
        "" => "en-us",
        "zh-cn" | "zh-tw" | "cmn-cn" | "cmn-tw" | "cmn-hans-cn" => "cmn",
        "zh-hk" | "yue-hk" => "yue",
        "arb" => "ar",
        tag => tag,
    };
    let female = ["woman", "alice"].contains(&voice.to_ascii_lowercase().as_str());
    let variant = if female { "+f3" } else { "" };
    let mut names = vec![format!("{tag}{variant}")];
    if base.len() >= 2 && base != tag {
        names.push(format!("{base}{variant}"));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_have_voices() {
        let table = [
            ("man", "en-US", vec!["en-us", "en"]),
            ("woman", "en-GB", vec!["en-gb+f3", "en+f3"]),
            ("alice", "ja-JP", vec!["ja-jp+f3", "ja+f3"]),
            ("Polly.Joanna", "de", vec!["de"]),
            ("man", "zh-CN", vec!["cmn", "zh"]),
            ("man", "", vec!["en-us"]),
            ("man", "--version", vec!["version"]),
            ("man", "../../x y", vec!["xy"]),
        ];
        for (voice, language, expected) in table {
            assert_eq!(voices(voice, language), expected, "{language}");
        }
    }
}
