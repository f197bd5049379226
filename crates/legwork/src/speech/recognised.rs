//! What `<Say>` spoke is understood by a recogniser that knows a few words.
//!
//! Not here: recognising callers.
//! Source: pocketsphinx_continuous(1); JSpeech Grammar Format.

use std::process::Command;

use legwork_media::wav;

use super::espeak::{ESPEAK, Order};
use super::*;

const GRAMMAR: &str = "#JSGF V1.0;\ngrammar words;\npublic <words> = (<word>)+;\n\
                       <word> = hello | goodbye | seven | three | transfer | balance | yes | no;\n";

/// What is heard in a WAV file.
fn understood(folder: &std::path::Path, wav: &[u8]) -> String {
    let (grammar, file) = (folder.join("words.gram"), folder.join("said.wav"));
    std::fs::write(&grammar, GRAMMAR).unwrap();
    std::fs::write(&file, wav).unwrap();
    let heard = Command::new("pocketsphinx_continuous")
        .args(["-jsgf", grammar.to_str().unwrap(), "-infile", file.to_str().unwrap()])
        .args(["-logfn", "/dev/null"])
        .output()
        .unwrap();
    String::from_utf8(heard.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn words_that_are_said_are_understood() {
    for (program, question) in [("pocketsphinx_continuous", "-h"), ("espeak-ng", "--version")] {
        if Command::new(program).arg(question).output().is_err() {
            eprintln!("skipped: {program} is not installed");
            return;
        }
    }
    let folder = std::env::temp_dir().join(format!("legwork-said-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let said = [
        ("man", "<say-as interpret-as=\"cardinal\">7</say-as>", "seven"),
        ("man", "hello <break time=\"300ms\"/> seven", "hello seven"),
        ("man", "<sub alias=\"transfer\">xfer</sub>", "transfer"),
    ];
    for (voice, ssml, words) in said {
        let (speaker, _) = voices::find(voice, "");
        let (voices, pitch) = voices::espeak(&speaker);
        let order = Order { voices, pitch, ssml: ssml::read(ssml, "en-US").ssml };
        let (out, mut pieces) = mpsc::channel(1000);
        ESPEAK.speak(&order, &out).await.unwrap();
        drop(out);
        let mut file = Vec::new();
        while let Some(piece) = pieces.recv().await {
            let Piece::Bytes(bytes) = piece else { continue };
            file.extend_from_slice(&bytes);
        }
        let mut samples = Vec::new();
        decode::decode(std::io::Cursor::new(file), &Hint::default(), |rate, piece| {
            assert_eq!(rate, Rate::Wide);
            samples.extend(piece);
            true
        })
        .unwrap();
        assert_eq!(understood(&folder, &wav::encode(Rate::Wide.hz(), &samples)), words, "{ssml}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
