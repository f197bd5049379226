//! `espeak-ng` as a process: SSML in, WAV out.
//!
//! Not here: keeping what was said (`cache`), decoding it (`legwork_media::wav`).
//! Source: espeak-ng(1); its voices are named by language (`espeak-ng --voices`).

use std::fmt::Display;
use std::process::Stdio;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
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
    let failed = |why: &dyn Display| format!("espeak-ng failed: {why}");
    let wav = read(&mut process, limit::SPEECH_BYTES_MAX).await?;
    let output = process.wait_with_output().await.map_err(|error| failed(&error))?;
    if !output.status.success() || wav.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(failed(&said.trim().escape_debug()));
    }
    Ok(wav)
}

/// What a process writes, at most so many bytes: a pause of an hour is a few characters.
async fn read(process: &mut Child, most: usize) -> Result<Vec<u8>, String> {
    let mut wav = Vec::new();
    let Some(stdout) = process.stdout.take() else { return Ok(wav) };
    let room = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = stdout.take(room).read_to_end(&mut wav).await;
    read.map_err(|error| format!("espeak-ng failed: {error}"))?;
    if wav.len() > most {
        return Err(format!("what is said is longer than {} MB of sound", most >> 20));
    }
    Ok(wav)
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
    use legwork_media::{tone, wav};

    use super::*;

    fn is_installed() -> bool {
        let found = std::process::Command::new("espeak-ng").arg("--version").output().is_ok();
        if !found {
            eprintln!("skipped: espeak-ng is not installed");
        }
        found
    }

    #[tokio::test]
    async fn what_is_said_is_heard() {
        if !is_installed() {
            return;
        }
        for (language, ssml) in [
            ("en-US", "Hello <break time=\"200ms\"/> world &amp; all"),
            // No such voice: the language without its region speaks.
            ("de-AT", "Guten Tag"),
        ] {
            let spoken = speak("woman", language, ssml).await.unwrap();
            let samples = wav::decode(&spoken).unwrap();
            assert!(samples.len() > 8000 / 4, "{language}: {}", samples.len());
            assert!(tone::rms(&samples) > 300.0, "{language}: {}", tone::rms(&samples));
        }
    }

    #[tokio::test]
    async fn endless_output_ends() {
        let mut endless = Command::new("yes");
        endless.stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = endless.spawn().unwrap();
        let error = read(&mut process, 1 << 20).await.unwrap_err();
        assert!(error.contains("longer than 1 MB"), "{error}");
        let mut short = Command::new("echo").stdout(Stdio::piped()).spawn().unwrap();
        assert_eq!(read(&mut short, 1).await.unwrap(), b"\n");
    }

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
