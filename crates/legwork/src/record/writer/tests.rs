//! What the writer keeps, what it leaves out, and what it does when nothing can be written.

use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use legwork_media::SourceId;

use super::*;
use crate::config::development;
use crate::record::file::Recording;

const FIRST: CallSid = CallSid::from_bits(1);
const TALK: TalkId = TalkId(1);

struct Office {
    writer: Writer,
    path: PathBuf,
    began: Instant,
}

impl Office {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("legwork-writer-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        let folder = Folder::open(&path, Room { files: 9, bytes: 99_999_999 }).unwrap();
        let config = development::config(5060, 8080, false, None).switch;
        Self { writer: Writer::new(folder, false, Arc::new(config)), path, began: Instant::now() }
    }

    fn take_what(&mut self, ms: u64, what: What, is_over: bool) {
        let step = Step { what, ..self.step(ms, "") };
        self.take(TALK, step, is_over);
    }

    fn text(&self, call: CallSid) -> String {
        std::fs::read_to_string(self.path.join(format!("{call}.jsonl"))).unwrap()
    }

    fn step(&self, ms: u64, text: &str) -> Step {
        let passed = Duration::from_millis(ms);
        let now = Now { mono: self.began + passed, wall: UNIX_EPOCH + passed };
        let what = What::SourceFailed { id: SourceId(ms), code: 1, text: text.to_owned() };
        Step { now, moment: Moment::default(), what, rows: Vec::new() }
    }

    fn take(&mut self, talk: TalkId, step: Step, is_over: bool) {
        let step = Box::new(step);
        self.writer.take(Note::Step { talk, step, new: Vec::new(), is_over, is_shared: false });
    }

    fn read(&self, call: CallSid) -> Recording {
        let bytes = std::fs::read(self.path.join(format!("{call}.jsonl"))).unwrap();
        Recording::read(&bytes).unwrap()
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

#[test]
fn a_call_is_written_when_it_is_over_and_quiet() {
    let mut office = Office::new("quiet");
    office.writer.take(Note::Begin(TALK, FIRST));
    office.take(TALK, office.step(0, "a"), false);
    office.writer.write_quiet(office.began + QUIET * 9);
    assert!(std::fs::read_dir(&office.path).unwrap().next().is_none());
    office.take(TALK, office.step(9, "b"), true);
    office.writer.write_quiet(office.began + QUIET);
    assert!(std::fs::read_dir(&office.path).unwrap().next().is_none());
    office.writer.write_quiet(office.began + QUIET + Duration::from_millis(9));
    let recording = office.read(FIRST);
    assert_eq!((recording.steps.len(), recording.head.incomplete.len()), (2, 0));
    assert_eq!((office.writer.weight, office.writer.talks.len()), (0, 0));
}

#[test]
fn a_recording_has_an_end() {
    let mut office = Office::new("long");
    office.writer.take(Note::Begin(TALK, FIRST));
    for ms in 0..=limit::RECORDED_INPUTS_MAX as u64 {
        office.take(TALK, office.step(ms, ""), false);
    }
    office.take(TALK, office.step(9_999, ""), true);
    office.writer.write(TALK);
    let recording = office.read(FIRST);
    assert_eq!(recording.steps.len(), limit::RECORDED_INPUTS_MAX);
    assert_eq!(recording.head.incomplete, [CUT]);

    let long = "x".repeat(limit::RECORDING_BYTES_MAX / 2);
    office.writer.take(Note::Begin(TALK, FIRST));
    for ms in 0..3 {
        office.take(TALK, office.step(ms, &long), ms == 2);
    }
    office.writer.write(TALK);
    let recording = office.read(FIRST);
    assert_eq!((recording.steps.len(), recording.head.incomplete), (1, vec![CUT.to_owned()]));
    assert_eq!(office.writer.weight, 0);
}

#[test]
fn all_recordings_have_an_end() {
    let mut office = Office::new("memory");
    office.writer.weight = limit::RECORDINGS_MEMORY_MAX - 600;
    office.writer.take(Note::Begin(TALK, FIRST));
    office.take(TALK, office.step(0, ""), false);
    office.take(TALK, office.step(1, ""), true);
    office.writer.write(TALK);
    let recording = office.read(FIRST);
    assert_eq!((recording.steps.len(), recording.head.incomplete), (1, vec![NO_ROOM.to_owned()]));
    assert_eq!(office.writer.weight, limit::RECORDINGS_MEMORY_MAX - 600);
}

#[test]
fn after_a_gap_nothing_is_written_any_more() {
    let mut office = Office::new("gap");
    office.writer.take(Note::Begin(TALK, FIRST));
    office.take(TALK, office.step(0, ""), false);
    office.writer.take(Note::Gap(TALK));
    office.take(TALK, office.step(1, ""), false);
    office.writer.write(TALK);
    let recording = office.read(FIRST);
    assert_eq!(recording.steps.len(), 1);
    assert_eq!(recording.head.incomplete, [ENDED, LOST]);
}

#[test]
fn one_whose_end_got_lost_is_written_all_the_same() {
    let mut office = Office::new("lost");
    office.writer.take(Note::Begin(TALK, FIRST));
    office.take(TALK, office.step(0, ""), false);
    office.writer.take(Note::Lost(TALK));
    office.writer.write_quiet(Instant::now() + QUIET);
    assert_eq!(office.read(FIRST).head.incomplete, [LOST]);
    assert_eq!((office.writer.weight, office.writer.talks.len()), (0, 0));
    // Nothing was kept of it at all.
    office.writer.take(Note::Begin(TALK, FIRST));
    office.writer.take(Note::Lost(TALK));
    office.writer.write_quiet(Instant::now() + QUIET);
    assert!(office.writer.talks.is_empty());
}

#[test]
fn a_configuration_told_late_comes_behind_what_was_told_before() {
    let mut office = Office::new("late");
    office.writer.take(Note::Begin(TALK, FIRST));
    office.take(TALK, office.step(0, ""), false);
    office.take(TALK, office.step(9, ""), true);
    let config = Arc::clone(&office.writer.config);
    office.writer.take(Note::Config(office.step(5, "").now, config));
    office.writer.write(TALK);
    let recording = office.read(FIRST);
    assert_eq!((recording.steps.len(), recording.head.incomplete), (3, vec![LOST.to_owned()]));
}

#[test]
fn calls_that_become_one_have_one_end() {
    let mut office = Office::new("joined");
    let second = TalkId(2);
    office.writer.take(Note::Begin(TALK, FIRST));
    office.writer.take(Note::Begin(second, CallSid::from_bits(2)));
    let half = limit::RECORDED_INPUTS_MAX as u64 / 2;
    for ms in 0..=half {
        office.take(TALK, office.step(2 * ms, ""), false);
        office.take(second, office.step(2 * ms + 1, ""), false);
    }
    office.writer.take(Note::Join(TALK, second));
    office.take(TALK, office.step(9_999, ""), true);
    office.writer.write(TALK);
    let recording = office.read(FIRST);
    assert_eq!(recording.steps.len(), limit::RECORDED_INPUTS_MAX);
    assert_eq!(recording.head.incomplete, [CUT]);
    assert_eq!(office.writer.weight, 0);
}

#[test]
fn two_calls_that_become_one_are_in_one_file_in_order() {
    let mut office = Office::new("join");
    let second = TalkId(2);
    office.writer.take(Note::Begin(TALK, FIRST));
    office.writer.take(Note::Begin(second, CallSid::from_bits(2)));
    office.take(TALK, office.step(0, "a"), false);
    office.take(second, office.step(1, "b"), false);
    office.take(TALK, office.step(2, "c"), false);
    let config = Arc::clone(&office.writer.config);
    office.writer.take(Note::Config(office.step(3, "").now, config));
    office.writer.take(Note::Join(TALK, second));
    office.take(second, office.step(4, "nobody's"), false);
    office.take(TALK, office.step(5, "d"), true);
    office.writer.write(TALK);
    let steps = office.read(FIRST).steps;
    let texts: Vec<_> = steps.iter().map(|step| format!("{:?}", step.input)).collect();
    let kinds: Vec<_> = texts.iter().map(|text| text.split([' ', '{']).next().unwrap()).collect();
    let failed = "SourceFailed";
    assert_eq!(kinds, [failed, failed, failed, "Reload", "Reload", failed]);
    assert_eq!(std::fs::read_dir(&office.path).unwrap().count(), 1);
}

/// Every way in which somebody may come into a file.
fn tell_of_ann(office: &mut Office) {
    let at = "127.0.0.1:5060".parse().unwrap();
    let transport = legwork_sip::Transport::Udp;
    let flow = legwork_sip::Flow { transport, local: at, remote: at, connection: 0 };
    let message = "INVITE sip:bank@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n\
        From: \"Ann Lee\" <sip:ann:hunter2@127.0.0.1>;tag=1\r\nTo: <sip:+815012345678@127.0.0.1>\r\n\
        Call-ID: 1\r\nCSeq: 1 INVITE\r\nX-Who: Ann\r\n Lee\r\nUser-Agent: Phone (Ann's)\r\n\
        Authorization: Digest username=\"ann-desk\", response=\"hunter2\"\r\n\r\n";
    office.writer.take(Note::Begin(TALK, FIRST));
    office.take_what(0, What::Message { flow, bytes: message.into() }, false);
    let media = legwork_media::MediaId { thread: 0, port: 2, lease: 1 };
    office.take_what(1, What::Media { media, event: legwork_media::Event::Digit(7) }, false);
    let written = crate::record::Written {
        url: "https://ann:hunter2@127.0.0.1/?token=hunter2".to_owned(),
        status: 200,
        took: Duration::ZERO,
        content_type: Some("text/xml".to_owned()),
        body: "<Response><Dial callerId=\"+815098765432\">050 2345 6789</Dial>\
               <Sip username=\"ann-sip\" password=\"hunter2\">sip:leonardo@127.0.0.1</Sip></Response>"
            .into(),
    };
    let id = legwork_call::io::FetchId(1);
    office.take_what(2, What::Fetched { id, result: Ok(written) }, false);
    let mut config = development::config(5060, 8080, false, None).switch;
    let account = config.accounts[0].sid;
    config.numbers.push(legwork_call::config::Number {
        account,
        phone_number: "+815055555555".to_owned(),
        application: config.domains[0].application.clone(),
    });
    let step = Step { what: What::Reload(Arc::new(config)), ..office.step(3, "") };
    let (step, new) = (Box::new(step), vec![(FIRST, account)]);
    office.writer.take(Note::Step { talk: TALK, step, new, is_over: true, is_shared: false });
    office.writer.write(TALK);
}

#[test]
fn a_file_has_no_secrets_and_no_names_if_so_told() {
    let mut office = Office::new("plain");
    tell_of_ann(&mut office);
    let plain = office.text(FIRST);
    assert!(!plain.contains("hunter2"), "{plain}");
    for known in ["Ann Lee", "+815012345678", "+815055555555", "\"digit\":7"] {
        assert!(plain.contains(known), "{known}: {plain}");
    }
    let mut office = Office::new("redacted");
    office.writer.redact = true;
    tell_of_ann(&mut office);
    let redacted = office.text(FIRST);
    assert!(Recording::read(redacted.as_bytes()).unwrap().head.redacted);
    for gone in ["hunter2", "Ann", "Lee", "ann-desk", "ann-sip", ":ann:", "leonardo", "\"digit\":7"]
    {
        assert!(!redacted.contains(gone), "{gone}: {redacted}");
    }
    for tail in ["345678", "765432", "456789", "2345 6789", "555555"] {
        assert!(!redacted.contains(tail), "{tail}: {redacted}");
    }
}

#[test]
fn a_full_disk_is_told_once_and_the_calls_go_on() {
    let mut office = Office::new("full");
    std::fs::remove_dir_all(&office.path).unwrap();
    for n in 1..=2 {
        office.writer.take(Note::Begin(TalkId(n), FIRST));
        office.take(TalkId(n), office.step(n, ""), true);
        office.writer.write(TalkId(n));
        assert!(office.writer.is_failing);
    }
    std::fs::create_dir_all(&office.path).unwrap();
    office.writer.take(Note::Begin(TALK, FIRST));
    office.take(TALK, office.step(3, ""), true);
    office.writer.write(TALK);
    assert!(!office.writer.is_failing);
    assert_eq!(office.read(FIRST).steps.len(), 1);
}
