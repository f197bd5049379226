//! A server that is killed in the middle of a recording, and one whose disk is full: each a process of
//! its own.
//!
//! Not here: what a folder left behind becomes, case by case (`shelf`).

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use legwork_media::tone;

use super::studio::{MINE, Studio, channels, sid, tap};
use super::*;

/// Where the process to be started records.
const FOLDER: &str = "LEGWORK_TEST_RECORDINGS";

/// The configuration of a process started by a test of this file; none: nobody started it.
fn ordered() -> Option<config::Recordings> {
    let folder = std::env::var_os(FOLDER)?;
    let mut config = config::development::config(5060, 8080, false, None).recordings;
    config.folder = folder.into();
    config.free_space = 0;
    Some(config)
}

/// This program again, to run one test.
fn process(test: &str, shell: &str, folder: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{shell} exec \"$0\" \"$@\"")]);
    command.arg(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", "--include-ignored"]);
    command.arg(format!("recording::tests::crash::{test}"));
    command.env(FOLDER, folder).stdin(Stdio::null());
    command
}

fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("legwork-crash-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    path
}

#[tokio::test]
async fn records_until_it_is_killed() {
    let Some(config) = ordered() else { return };
    let studio = Studio::of(config);
    let second = tone::sine(440.0, 8_000.0, 8_000);
    let both: Vec<i16> = second.iter().flat_map(|sample| [*sample, 0]).collect();
    studio.begin(1, 1, true);
    studio.begin(2, 2, false);
    let size = |n: u64| {
        let path = studio.folder.join(format!("{}.open.wav", sid(n)));
        std::fs::metadata(path).map_or(0, |about| about.len())
    };
    for n in 1_u64.. {
        studio.taps.give(tap(1), &second);
        studio.taps.give(tap(2), &both);
        // Each has a task of its own: either may be the later one.
        let there = || size(1) >= 44 + n * 16_000 && size(2) >= 44 + n * 32_000;
        studio.until("a second is in the files", there).await;
        println!("second {n}");
    }
}

#[tokio::test]
async fn a_server_that_is_killed_leaves_what_was_said() {
    if ordered().is_some() {
        return;
    }
    let folder = folder("killed");
    let mut command = process("records_until_it_is_killed", "", &folder);
    let mut killed = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(killed.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "second 3"));
    killed.kill().unwrap();
    killed.wait().unwrap();
    // Any reader can read it as it is.
    let left = std::fs::read(folder.join(format!("{}.open.wav", sid(1)))).unwrap();
    let [heard] = channels(&left).try_into().unwrap();
    assert!(heard.len() >= 16_000 && tone::heard(&heard[..16_000]) == Heard::Tone(440));
    let mut config = config::development::config(5060, 8080, false, None).recordings;
    config.folder = folder;
    let studio = Studio::of(config);
    let cards = studio.recordings.list(MINE, None, 9);
    assert_eq!(cards.len(), 2);
    for (card, n) in cards.into_iter().zip([2, 1]) {
        assert_eq!((card.sid, card.status.as_str()), (sid(n), "completed"));
        let heard = studio.heard(n);
        assert_eq!(card.duration_ms, Some(heard[0].len() as u64 / 8));
        assert!(card.duration_ms >= Some(2_000), "{card:?}");
        assert_eq!(heard.len(), usize::from(card.channels));
    }
}

#[tokio::test]
async fn records_more_than_there_is_room_for() {
    let Some(config) = ordered() else { return };
    let mut studio = Studio::of(config);
    let second = tone::sine(440.0, 8_000.0, 8_000);
    studio.begin(1, 1, false);
    studio.begin(2, 1, false);
    let (which, tapped) = loop {
        studio.taps.give(tap(1), &second);
        studio.until_taken(1).await;
        if !studio.taps.is_open(tap(1)) {
            break studio.told().await;
        }
    };
    let Tapped::Failed { code: 91_345, text } = tapped else { panic!("{tapped:?}") };
    assert!(which == tap(1) && text.contains("could not be written any further"), "{text}");
    // Another one does not notice.
    studio.say(2, &second).await;
    assert_eq!(studio.told().await, (tap(2), recorded(1_000)));
    studio.recordings.end().await;
    studio.leave();
}

#[tokio::test]
async fn a_full_disk_ends_one_recording_and_keeps_what_there_is() {
    if ordered().is_some() {
        return;
    }
    let folder = folder("full");
    // No file may be longer than 100 kB: what a write meets then is an error like that of a full disk.
    let limited = "trap '' XFSZ; ulimit -f 200;";
    let mut command = process("records_more_than_there_is_room_for", limited, &folder);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut config = config::development::config(5060, 8080, false, None).recordings;
    config.folder = folder;
    let studio = Studio::of(config);
    let card = studio.recordings.find(sid(1)).await.unwrap();
    assert_eq!((card.status.as_str(), card.place), ("failed", Place::Folder));
    let [heard] = studio.heard(1).try_into().unwrap();
    assert_eq!(card.duration_ms, Some(heard.len() as u64 / 8));
    assert!((3 * 8_000..=2 * 6 * 8_000 + 8_000).contains(&heard.len()), "{}", heard.len());
    assert_eq!(tone::heard(&heard[..16_000]), Heard::Tone(440));
    assert!(studio.recordings.media(&card, false, None).await.is_ok());
    assert_eq!(studio.recordings.find(sid(2)).await.unwrap().status, "completed");
}
