//! Recordings from the tap to the file, and what is told of them.
//!
//! Not here: the object store (`tests/bucket`), servers that are killed and disks that are full
//! (`tests/crash`), HTTP (`api/tests/recordings`), what two phones say (`tests/heard`).

mod bucket;
mod crash;
mod heard;
pub(crate) mod studio;

use std::time::Duration;

use legwork_call::io::Tapped;
use legwork_media::tone::{self, Heard};
use studio::{CALL, MINE, Studio, sid, tap};

use super::*;

/// 200 ms.
const PIECE: usize = 1_600;

fn recorded(ms: u64) -> Tapped {
    Tapped::Recorded { duration: Duration::from_millis(ms) }
}

#[tokio::test]
async fn what_is_said_is_in_the_file_when_it_is_told() {
    let mut studio = Studio::new("said");
    let said = tone::sine(440.0, 8_000.0, 8_000 * 5 / 2 + 7);
    studio.begin(1, 1, false);
    studio.say(1, &said).await;
    assert_eq!(
        studio.told().await,
        (tap(1), Tapped::Recorded { duration: Duration::from_nanos(2_500_875_000) })
    );
    assert_eq!(studio.heard(1), [said]);
    let card = studio.recordings.find(sid(1)).await.unwrap();
    assert_eq!((card.account, card.call, card.channels), (MINE, CALL, 1));
    assert_eq!((card.status.as_str(), card.duration_ms), ("completed", Some(2_500)));
    assert!(!studio.folder.join(format!("{}.open.wav", sid(1))).exists());
}

#[tokio::test]
async fn both_parties_have_a_channel_each() {
    let mut studio = Studio::new("both");
    let [one, other] = [440.0, 1_000.0].map(|hz| tone::sine(hz, 8_000.0, 16_000));
    let both: Vec<i16> = one.iter().zip(&other).flat_map(|(a, b)| [*a, *b]).collect();
    studio.begin(1, 2, true);
    studio.say(1, &both).await;
    assert_eq!(studio.told().await.1, recorded(2_000));
    assert_eq!(studio.heard(1), [one, other]);
}

#[tokio::test]
async fn silence_at_the_ends_is_left_out_and_nothing_but_silence_is_nothing() {
    let mut studio = Studio::new("silence");
    let silence = vec![0; 24_000];
    let mut said = silence.clone();
    said.extend(tone::sine(440.0, 8_000.0, 8_000));
    said.extend(&silence);
    studio.begin(1, 1, true);
    studio.say(1, &said).await;
    assert_eq!(studio.told().await.1, recorded(1_200));
    let [heard] = studio.heard(1).try_into().unwrap();
    assert_eq!(tone::heard(&heard[800..8_800]), Heard::Tone(440));
    assert_eq!((tone::rms(&heard[..800]), tone::rms(&heard[8_800..])), (0.0, 0.0));
    studio.begin(2, 1, true);
    studio.say(2, &silence).await;
    assert_eq!(studio.told().await.1, recorded(0));
    let card = studio.recordings.find(sid(2)).await.unwrap();
    assert_eq!((card.status.as_str(), card.place), ("absent", Place::Nowhere));
    assert_eq!(studio.recordings.media(&card, false, None).await.unwrap_err(), NoMedia::None);
    studio.begin(3, 1, false);
    studio.say(3, &silence).await;
    assert_eq!(studio.told().await.1, recorded(3_000));
    assert_eq!(studio.files(), ["1.json", "1.wav", "2.json", "3.json", "3.wav"]);
}

#[tokio::test]
async fn what_is_lost_is_silent_and_counted() {
    let mut studio = Studio::new("lost");
    studio.begin(1, 1, false);
    let piece = tone::sine(440.0, 8_000.0, PIECE);
    // The task has no chance to take any of it.
    for _ in 0..limit::TAP_QUEUE_MAX + 9 {
        studio.taps.give(tap(1), &piece);
    }
    studio.until_taken(1).await;
    studio.taps.give(tap(1), &piece);
    studio.taps.end(tap(1));
    let n = limit::TAP_QUEUE_MAX + 10;
    assert_eq!(studio.told().await.1, recorded(200 * n as u64));
    let [heard] = studio.heard(1).try_into().unwrap();
    let silent = limit::TAP_QUEUE_MAX * PIECE..(n - 1) * PIECE;
    assert!(heard[silent.clone()].iter().all(|sample| *sample == 0));
    assert_eq!(heard[silent.end..], piece);
    assert_eq!(studio.recordings.find(sid(1)).await.unwrap().lost_ms, 1_800);
}

#[tokio::test]
async fn what_is_lost_at_the_very_end_is_silent_and_counted_too() {
    let mut studio = Studio::new("lost-end");
    studio.begin(1, 1, false);
    let piece = tone::sine(440.0, 8_000.0, PIECE);
    for _ in 0..limit::TAP_QUEUE_MAX + 4 {
        studio.taps.give(tap(1), &piece);
    }
    studio.taps.end(tap(1));
    assert_eq!(studio.told().await.1, recorded(200 * (limit::TAP_QUEUE_MAX as u64 + 4)));
    assert_eq!(studio.recordings.find(sid(1)).await.unwrap().lost_ms, 800);
}

#[tokio::test]
async fn one_too_many_fails_and_the_others_go_on() {
    let mut studio = Studio::with("many", |config| config.at_once = 2);
    studio.begin(1, 1, false);
    studio.begin(2, 1, false);
    studio.begin(3, 1, false);
    let (which, tapped) = studio.told().await;
    let text = "2 recordings are being made: raise recordings.at_once".to_owned();
    assert_eq!((which, tapped), (tap(3), Tapped::Failed { code: 91_346, text }));
    assert_eq!(studio.recordings.find(sid(3)).await.unwrap().status, "failed");
    for n in [1, 2] {
        studio.say(n, &[5; 8_000]).await;
        assert_eq!(studio.told().await, (tap(n), recorded(1_000)));
    }
    // Their places are free again.
    studio.begin(4, 1, false);
    studio.say(4, &[5; 8_000]).await;
    assert_eq!(studio.told().await, (tap(4), recorded(1_000)));
}

#[tokio::test]
async fn a_disk_is_left_the_room_that_others_need() {
    let mut studio = Studio::with("room", |config| config.free_space = u64::MAX);
    studio.begin(1, 1, false);
    let Tapped::Failed { code: 91_345, text } = studio.told().await.1 else { panic!() };
    assert!(text.contains("less than recordings.free_space is free"), "{text}");
    let card = studio.recordings.find(sid(1)).await.unwrap();
    assert_eq!((card.status.as_str(), card.place), ("failed", Place::Nowhere));
}

#[tokio::test]
async fn a_folder_that_can_not_be_made_is_told() {
    let name = format!("legwork-no-folder-{}", std::process::id());
    let file = std::env::temp_dir().join(name);
    let folder = file.join("recordings");
    let mut studio = Studio::with("none", |config| config.folder = folder);
    // It was not there when the server started.
    std::fs::write(&file, "mine").unwrap();
    studio.begin(1, 1, false);
    let (_, tapped) = studio.told().await;
    assert!(matches!(tapped, Tapped::Failed { code: 91_345, .. }), "{tapped:?}");
    std::fs::remove_file(&file).unwrap();
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let mut studio = Studio::new("restart");
    for n in 1..=3 {
        studio.begin(n, 1, false);
        studio.say(n, &[5; 8_000]).await;
        studio.told().await;
    }
    let before = studio.recordings.list(MINE, Some(CALL), 9);
    assert_eq!(before.len(), 3);
    let studio = studio.again();
    assert_eq!(studio.recordings.list(MINE, Some(CALL), 9), before);
    assert_eq!(before[0].sid, sid(3));
}

#[tokio::test]
async fn a_server_that_ends_completes_what_is_being_made() {
    let mut studio = Studio::new("end");
    studio.begin(1, 1, false);
    studio.taps.give(tap(1), &[5; 4_000]);
    studio.until_taken(1).await;
    studio.recordings.end().await;
    assert_eq!(studio.told().await.1, recorded(500));
    assert_eq!(studio.heard(1), [vec![5; 4_000]]);
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_what_is_being_made_is_not_deleted() {
    let mut studio = Studio::new("delete");
    studio.begin(1, 1, false);
    studio.taps.give(tap(1), &[5; 8_000]);
    studio.until_taken(1).await;
    let card = studio.recordings.find(sid(1)).await.unwrap();
    assert_eq!(studio.recordings.delete(&card).await, Err(NotDeleted::Growing));
    studio.taps.end(tap(1));
    studio.told().await;
    let card = studio.recordings.find(sid(1)).await.unwrap();
    let mp3 = studio.recordings.media(&card, true, None).await.unwrap();
    assert_eq!(mp3.form.content_type(), "audio/mpeg");
    assert_eq!(studio.files(), ["1.json", "1.mp3", "1.wav"]);
    studio.recordings.delete(&card).await.unwrap();
    assert_eq!(studio.files(), Vec::<String>::new());
    assert_eq!(studio.recordings.find(sid(1)).await, None);
    assert_eq!(studio.recordings.list(MINE, None, 9), []);
}

#[tokio::test]
async fn a_form_of_what_is_deleted_meanwhile_is_not_left_behind() {
    let mut studio = Studio::new("meanwhile");
    studio.begin(1, 1, false);
    studio.say(1, &tone::sine(440.0, 8_000.0, 800_000)).await;
    studio.told().await;
    let card = studio.recordings.find(sid(1)).await.unwrap();
    let asking = tokio::spawn({
        let (recordings, card) = (studio.recordings.clone(), card.clone());
        async move { recordings.media(&card, true, None).await.map(drop) }
    });
    let begun = || studio.files().iter().any(|name| name.ends_with(".part"));
    studio.until("it is being made", begun).await;
    studio.recordings.delete(&card).await.unwrap();
    assert_eq!(asking.await.unwrap(), Err(NoMedia::Later));
    assert_eq!(studio.files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_form_is_made_once_for_all_who_ask() {
    let mut studio = Studio::new("once");
    let both: Vec<i16> = tone::sine(440.0, 8_000.0, 80_000);
    studio.begin(1, 2, false);
    studio.say(1, &both).await;
    studio.told().await;
    let card = studio.recordings.find(sid(1)).await.unwrap();
    let ask = || studio.recordings.media(&card, true, Some(1));
    let (one, other, third) = tokio::join!(ask(), ask(), ask());
    let sizes = [one, other, third].map(|media| media.unwrap().size);
    assert!(sizes[0] > 5_000 && sizes[1..] == [sizes[0]; 2], "{sizes:?}");
    assert_eq!(studio.files(), ["1.1.mp3", "1.json", "1.wav"]);
    let mono = Card { channels: 1, ..card.clone() };
    let asked = studio.recordings.media(&mono, false, Some(2)).await;
    assert_eq!(asked.unwrap_err(), NoMedia::NotDual);
}
