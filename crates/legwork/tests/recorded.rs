//! Recorded calls, each lived through again: a file in `tests/recorded` is a test.
//!
//! To add one: `legwork serve --record DIR --record-redact`, and copy the call's file there. Its rows are the
//! ladder it must give; `UPDATE_EXPECT=1` writes those it gives now, to be read before they are believed.
//! Not here: recording (`legwork::record`), calls of real phones (`real`).

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::expect;
use legwork::record::{Recording, replay};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded")
}

fn files() -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    files.sort();
    files
}

fn read(path: &Path) -> Recording {
    let name = path.display();
    Recording::read(&std::fs::read(path).unwrap())
        .unwrap_or_else(|damaged| panic!("{name}:{damaged}"))
}

#[test]
fn every_recorded_call_gives_its_ladder() {
    let files = files();
    assert!(!files.is_empty());
    for path in files {
        let recording = read(&path);
        let played = replay(&recording).unwrap();
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, recording.with_rows_of(&played).write()).unwrap();
        } else if let Some(difference) = recording.difference(&played) {
            panic!("{}:{difference}", path.display());
        }
    }
}

#[test]
fn what_is_committed_names_nobody_and_no_other_machine() {
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.display();
        assert!(read(&path).head.redacted, "{name}: record it with --record-redact");
        let parts = text.split(|c: char| !c.is_ascii_digit() && c != '.');
        let addresses = parts.filter_map(|part| part.parse::<std::net::Ipv4Addr>().ok());
        let foreign: Vec<_> =
            addresses.filter(|ip| !ip.is_loopback() && !ip.is_unspecified()).collect();
        assert_eq!(foreign, Vec::<std::net::Ipv4Addr>::new(), "{name}");
    }
}

fn legwork(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_legwork"))
        .args(arguments)
        .current_dir(folder())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

const TRANSFER: &str = "transfer-is-answered.jsonl";

#[test]
fn replay_prints_the_ladder() {
    let (status, ladder, said) = legwork(&["replay", TRANSFER]);
    assert_eq!((status, said.as_str()), (0, ""));
    expect![[r#"
        ursfm    ── INVITE ──▶
        ursfm   ◀── 180 Ringing
        app     ◀── POST /voice
        app      ── 200  Dial ──▶
        ursfm   ◀── INVITE
        ursfm    ── 180 Ringing ──▶
        ursfm    ── 200 OK ──▶
        ursfm   ◀── ACK
        ursfm   ◀── 200 OK
        ursfm ⇄ ursfm
        ursfm    ── ACK ──▶
        ursfm    ── REFER <sip:lmuxq-m@calls.example?X-Account=4711> ──▶
        ursfm   ◀── 202 Accepted
        ursfm   ◀── NOTIFY  100 Trying, active
        ursfm    ·  parked
        ursfm    ♪  silence
        ursfm    ♪  hold music
        app     ◀── POST /refer/parent-true-answers  ReferTransferTarget=<sip:lmuxq-m@calls.example?X-Account=4711>
        ursfm    ── 200 OK to NOTIFY ──▶
        app      ── 200  Dial ──▶
        lmuxq-m ◀── INVITE
        lmuxq-m  ── 180 Ringing ──▶
        ursfm    ♪  ringback
        ursfm   ◀── NOTIFY  180 Ringing, active
        ursfm    ── 200 OK to NOTIFY ──▶
        lmuxq-m  ── 200 OK ──▶
        lmuxq-m ◀── ACK
        ursfm ⇄ lmuxq-m
        ursfm   ◀── NOTIFY  200 OK, terminated
        ursfm    ── 200 OK to NOTIFY ──▶
        ursfm   ◀── BYE
        ursfm    ── 200 OK to BYE ──▶
        lmuxq-m  ── BYE ──▶
        lmuxq-m ◀── 200 OK to BYE
        ursfm   ◀── BYE
        ursfm    ── 200 OK to BYE ──▶
    "#]].assert_eq(&ladder);
    let (status, full, _) = legwork(&["replay", TRANSFER, "--ladder", "full"]);
    assert_eq!(status, 0);
    assert!(ladder.lines().all(|row| full.contains(row)), "{full}");
    assert!(
        full.contains("        ▶ REFER sip:") && full.contains("        ◀ SIP/2.0 202 Accepted")
    );
    let (status, rows, _) = legwork(&["replay", TRANSFER, "--json"]);
    assert_eq!((status, rows.lines().count()), (0, ladder.lines().count()));
}

/// A file that is gone with the test.
struct Changed(PathBuf);

impl Changed {
    fn of(name: &str, change: impl Fn(&str) -> String) -> Self {
        let text = std::fs::read_to_string(folder().join(TRANSFER)).unwrap();
        let path =
            std::env::temp_dir().join(format!("legwork-{name}-{}.jsonl", std::process::id()));
        std::fs::write(&path, change(&text)).unwrap();
        Self(path)
    }

    fn replay(&self) -> (i32, String) {
        let (status, _, said) = legwork(&["replay", self.0.to_str().unwrap()]);
        (status, said.replace(self.0.to_str().unwrap(), "FILE"))
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn another_ladder_is_status_1_and_its_first_difference() {
    let other = Changed::of("other", |text| text.replacen("202 Accepted", "603 Decline", 1));
    let (status, said) = other.replay();
    assert_eq!(status, 1);
    assert!(said.starts_with("legwork: FILE:") && said.contains("603 Decline"), "{said}");
    assert!(said.contains("202 Accepted`"), "{said}");
}

#[test]
fn a_damaged_file_is_status_2_and_its_line() {
    let lines =
        |text: &str, keep: usize| -> String { text.split_inclusive('\n').take(keep).collect() };
    for (name, change, said) in [
        (
            "cut",
            &(|text: &str| lines(text, 5)) as &dyn Fn(&str) -> String,
            "FILE:6: the file is cut off",
        ),
        ("half", &|text: &str| text[..text.len() / 2].to_owned(), "FILE:"),
        ("empty", &|_: &str| String::new(), "FILE:1: "),
        (
            "headless",
            &|text: &str| text.split_once('\n').unwrap().1.to_owned(),
            "FILE:1: a recording begins",
        ),
        (
            "format",
            &|text: &str| text.replacen("\"format\":1", "\"format\":9", 1),
            "FILE:1: format 9 is not known",
        ),
        ("config", &|text: &str| text.replacen("[sip]", "[sap]", 1), "FILE:1: config: "),
        (
            "back",
            &|text: &str| text.replacen("\"at\":\"0.", "\"at\":\"900.", 1),
            "FILE:3: it was earlier",
        ),
        (
            "json",
            &|text: &str| text.replacen("{\"step\"", "{\"stop\"", 2),
            "FILE:2: unknown variant `stop`",
        ),
        ("none", &|text: &str| text.replacen("\"steps\":", "\"steps\":1", 1), "steps are there"),
    ] {
        let (status, heard) = Changed::of(name, change).replay();
        assert_eq!(status, 2, "{name}: {heard}");
        assert!(heard.starts_with("legwork: FILE:") && heard.contains(said), "{name}: {heard}");
    }
    assert_eq!(legwork(&["replay", "no-such-file"]).0, 2);
    // One that never ends is not read to its end.
    assert_eq!(legwork(&["replay", "/dev/zero"]).0, 2);
}

/// xorshift: the same damage every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n.max(1) as u64).unwrap()
    }
}

fn damage(dice: &mut Dice, text: &[u8]) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        match dice.below(5) {
            0 => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
            1 => bytes[at] = b"0123456789\"\\:{}[],-"[dice.below(19)],
            2 => drop(bytes.remove(at)),
            3 => bytes.truncate(at.max(1)),
            _ => {
                // A line where it does not belong, or twice.
                let mut lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
                let (from, to) = (dice.below(lines.len()), dice.below(lines.len()));
                if dice.below(2) == 0 {
                    lines.swap(from, to);
                } else {
                    lines.insert(to, lines[from]);
                }
                bytes = lines.concat();
            }
        }
    }
    bytes
}

#[test]
fn damaged_files_are_refused_or_replayed_and_never_worse() {
    let mut dice = Dice(0x5eed);
    for path in files() {
        let text = std::fs::read(&path).unwrap();
        let (mut refused, mut replayed) = (0, 0);
        for _ in 0..1_500 {
            let Ok(recording) = Recording::read(&damage(&mut dice, &text)) else {
                refused += 1;
                continue;
            };
            let Ok(played) = replay(&recording) else { continue };
            replayed += 1;
            // The switch catches its own bugs, and tells of them.
            let rows = played.iter().flat_map(|played| &played.rows);
            let bug = rows.clone().find(|row| row.contains("91399"));
            assert_eq!(bug, None, "{}", path.display());
            recording.difference(&played);
        }
        assert!(refused > 100 && replayed > 100, "{refused} {replayed}");
    }
}
