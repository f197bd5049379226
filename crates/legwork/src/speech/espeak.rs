//! `espeak-ng` as a process: SSML in, WAV out, while it speaks.
//!
//! Not here: keeping what was said (`cache`), decoding it (`decode`), which voice (`voices`).
//! Source: espeak-ng(1).

use std::fmt::Display;
use std::process::Stdio;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::fetch::pour::Piece;
use crate::limit;

/// Read at a time.
const CHUNK: usize = 16 * 1024;

/// How it speaks.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Voices to try, best first.
    pub(crate) voices: Vec<String>,
    /// 0 to 99; 50 is as it is.
    pub(crate) pitch: u8,
    /// Without the `speak` element.
    pub(crate) ssml: String,
}

/// A program that speaks as `espeak-ng` does, and how long it may be silent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speaker {
    pub(crate) program: &'static str,
    pub(crate) patience: Duration,
    /// Most that it may say, bytes.
    pub(crate) most: usize,
}

/// The one there is.
pub(crate) const ESPEAK: Speaker = Speaker {
    program: "espeak-ng",
    patience: limit::SPEECH_TIMEOUT,
    most: limit::SPEECH_BYTES_MAX,
};

impl Speaker {
    /// Speaks: a WAV file comes out piece by piece.
    ///
    /// # Errors
    /// Why it did not, or not to the end, for the alert.
    pub(crate) async fn speak(
        self,
        order: &Order,
        out: &mpsc::Sender<Piece>,
    ) -> Result<(), String> {
        let mut why = "no voice was tried".to_owned();
        for voice in &order.voices {
            match self.run(voice, order, out).await {
                Ok(()) => return Ok(()),
                // Something was heard: another voice would begin again.
                Err((why, true)) => return Err(why),
                Err((error, false)) => why = error,
            }
        }
        Err(why)
    }

    /// On failure: why, and whether anything came out.
    async fn run(
        self,
        voice: &str,
        order: &Order,
        out: &mpsc::Sender<Piece>,
    ) -> Result<(), (String, bool)> {
        let mut command = Command::new(self.program);
        let pitch = order.pitch.to_string();
        command.args(["-m", "-b", "1", "--stdin", "--stdout", "-v", voice, "-p", &pitch]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        let mut process = command.spawn().map_err(|error| {
            let program = self.program;
            (format!("{program} does not start ({error}): install the package espeak-ng"), false)
        })?;
        let mut any = false;
        let spoken = self.listen(&mut process, order, out, &mut any).await;
        if spoken.is_err() {
            // Nobody waits for it any more: without this it would stay until the server ends.
            let _ = process.kill().await;
        }
        spoken.map_err(|why| (why, any))
    }

    async fn listen(
        self,
        process: &mut Child,
        order: &Order,
        out: &mpsc::Sender<Piece>,
        any: &mut bool,
    ) -> Result<(), String> {
        let failed = |why: &dyn Display| format!("{} failed: {why}", self.program);
        let silent =
            || format!("{} was silent for {} s", self.program, self.patience.as_secs_f32());
        let document = format!("<speak>{}</speak>\n", order.ssml);
        if let Some(mut stdin) = process.stdin.take() {
            // It says on stderr why it does not read.
            let written = timeout(self.patience, stdin.write_all(document.as_bytes())).await;
            let _ = written.map_err(|_| silent())?;
        }
        let mut left = self.most;
        if let Some(mut stdout) = process.stdout.take() {
            loop {
                let mut chunk = BytesMut::with_capacity(CHUNK);
                let read = timeout(self.patience, stdout.read_buf(&mut chunk)).await;
                let n = read.map_err(|_| silent())?.map_err(|error| failed(&error))?;
                if n == 0 {
                    break;
                }
                // A pause of an hour is a few characters.
                left = left.checked_sub(n).ok_or_else(|| {
                    format!("what is said is longer than {} MB of sound", self.most >> 20)
                })?;
                *any = true;
                if out.send(Piece::Bytes(Bytes::from(chunk))).await.is_err() {
                    return Err("what it says is no speech".to_owned());
                }
            }
        }
        let mut said = Vec::new();
        if let Some(stderr) = process.stderr.take() {
            let _ = timeout(self.patience, stderr.take(1024).read_to_end(&mut said)).await;
        }
        let status = timeout(self.patience, process.wait()).await.map_err(|_| silent())?;
        if !status.is_ok_and(|status| status.success()) || !*any {
            let said = String::from_utf8_lossy(&said);
            return Err(failed(&said.trim().escape_debug()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn order(voices: &[&str], ssml: &str) -> Order {
        let voices = voices.iter().map(|voice| (*voice).to_owned()).collect();
        Order { voices, pitch: 50, ssml: ssml.to_owned() }
    }

    /// A program of these lines.
    fn program(name: &str, lines: &str) -> &'static str {
        let file = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        std::fs::write(&file, format!("#!/bin/sh\n{lines}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        file.into_os_string().into_string().unwrap().leak()
    }

    async fn said(speaker: Speaker, order: &Order) -> (Result<(), String>, usize) {
        let (out, mut pieces) = mpsc::channel(8);
        let speaking = async move { speaker.speak(order, &out).await };
        let listening = async move {
            let mut n = 0;
            while let Some(piece) = pieces.recv().await {
                let Piece::Bytes(bytes) = piece else { continue };
                n += bytes.len();
            }
            n
        };
        tokio::join!(speaking, listening)
    }

    #[tokio::test]
    async fn the_first_voice_that_is_there_speaks() {
        if std::process::Command::new("espeak-ng").arg("--version").output().is_err() {
            eprintln!("skipped: espeak-ng is not installed");
            return;
        }
        let ssml = "Hello <break time=\"200ms\"/> world &amp; all";
        let (spoken, n) = said(ESPEAK, &order(&["xx-none", "de+f3"], ssml)).await;
        assert_eq!(spoken, Ok(()));
        assert!(n > 22_050, "{n}");
        let (spoken, n) = said(ESPEAK, &order(&["xx-none"], ssml)).await;
        assert!(spoken.unwrap_err().contains("espeak-ng failed") && n == 0);
    }

    #[tokio::test]
    async fn who_hangs_dies_or_babbles_is_ended() {
        let patience = Duration::from_millis(300);
        let table = [
            ("hangs", "exec sleep 600", "was silent for 0.3 s"),
            ("hangs-midway", "echo RIFF; exec sleep 600", "was silent for 0.3 s"),
            ("dies", "echo why >&2; exit 3", "failed: why"),
            ("says-nothing", "exit 0", "failed"),
            ("babbles", "exec yes", "longer than 1 MB"),
        ];
        for (name, lines, expected) in table {
            let program = program(name, lines);
            let speaker = Speaker { program, patience, most: 1 << 20 };
            let (spoken, _) = said(speaker, &order(&["en"], "Hello")).await;
            let why = spoken.unwrap_err();
            assert!(why.contains(expected), "{name}: {why}");
            assert!(!is_running(program), "{name} is left behind");
            std::fs::remove_file(program).unwrap();
        }
        let speaker = Speaker { program: "/nowhere/espeak", patience, most: 1 };
        let (spoken, _) = said(speaker, &order(&["en"], "Hello")).await;
        assert!(spoken.unwrap_err().contains("install the package"));
    }

    /// A child of ours, alive or dead and not buried, that is the program or what it became.
    fn is_running(program: &str) -> bool {
        let me = std::process::id().to_string();
        let name: String = program.rsplit('/').next().unwrap().chars().take(15).collect();
        std::fs::read_dir("/proc").unwrap().filter_map(Result::ok).any(|entry| {
            let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            let Some((before, after)) = stat.rsplit_once(')') else { return false };
            let is_named = [name.as_str(), "(sleep", "(yes"].iter().any(|it| before.contains(it));
            is_named && after.split_whitespace().nth(1) == Some(&me)
        })
    }
}
