//! Speech for the ears of others: what espeak-ng says, and what pocketsphinx understands of what a phone heard.
//!
//! Not here: tones (`wav`).
//! Source: docs/speech.md.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use legwork_media::{Rate, resample, tone, wav};

use crate::server::{Server, is_installed};

/// Samples a second of what is understood.
const WIDE_HZ: u32 = 16_000;
/// Root mean square of the loudest 20 ms of what is.
const LOUDEST: f32 = 1200.0;
/// Debian's model of American English.
const MODEL: &str = "/usr/share/pocketsphinx/model/en-us";
/// What the phones may be told: nothing else is understood.
const GRAMMAR: &str = "#JSGF V1.0;\ngrammar told;\npublic <told> = ( welcome | tomorrow | \
    monday | customer | weather | orange | seven | elephant )*;\n";

/// Speech can be made and understood here.
pub(crate) fn can_speak(tests: &str) -> bool {
    let model = Path::new(MODEL).join("en-us.lm.bin");
    if !model.is_file() {
        println!("skipped: {tests}: {MODEL} is missing (package pocketsphinx-en-us)");
    }
    model.is_file()
        && is_installed("espeak-ng", "espeak-ng", tests)
        && is_installed("pocketsphinx_continuous", "pocketsphinx", tests)
}

/// A minute of silence.
pub(crate) fn silence(rate: Rate) -> Vec<u8> {
    wav::encode(rate.hz(), &vec![0; 60 * rate.hz() as usize])
}

/// What espeak-ng says, between a second and a long time of silence.
pub(crate) fn spoken(rate: Rate, text: &str) -> Vec<u8> {
    let mut command = Command::new("espeak-ng");
    command.args(["-v", "en-us", "--stdin", "--stdout"]);
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let wav = process.wait_with_output().unwrap().stdout;
    let pairs = wav[wav::HEAD..].chunks_exact(2);
    let samples = pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    let second = rate.hz() as usize;
    let mut sound = vec![0; second];
    sound.extend(resample::to(rate, 22_050, samples));
    sound.extend(vec![0; 60 * second]);
    wav::encode(rate.hz(), &sound)
}

/// A second of silence more wherever there are 200 ms of it: single words are not understood close together.
fn apart(heard: &[i16]) -> Vec<i16> {
    let mut apart = Vec::new();
    let mut quiet = 0;
    for frame in heard.chunks(320) {
        apart.extend_from_slice(frame);
        quiet = if tone::rms(frame) < LOUDEST / 50.0 { quiet + 1 } else { 0 };
        if quiet == 10 {
            apart.extend(vec![0; WIDE_HZ as usize]);
        }
    }
    apart
}

/// The words of the grammar in a sound of 16 kHz, which `user` heard.
pub(crate) fn understood(server: &Server, user: &str, heard: &[i16]) -> Vec<String> {
    // As loud as the model knows speech.
    let loudest = heard.chunks(320).map(tone::rms).fold(1.0, f32::max);
    let level = |sample: &i16| (f32::from(*sample) * LOUDEST / loudest) as i16;
    let levelled: Vec<i16> = heard.iter().map(level).collect();
    let bytes = wav::encode(WIDE_HZ, &apart(&levelled));
    let sound = server.folder.file(&format!("{user}-heard.wav"), bytes);
    let grammar = server.folder.file(&format!("{user}.gram"), GRAMMAR);
    let mut command = Command::new("pocketsphinx_continuous");
    command.arg("-infile").arg(sound).arg("-jsgf").arg(grammar);
    command.args(["-hmm", &format!("{MODEL}/en-us")]);
    command.args(["-dict", &format!("{MODEL}/cmudict-en-us.dict")]);
    command.args(["-logfn", "/dev/null"]).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().map(str::to_owned).collect()
}
