//! Whose is it: two calls at a time, calls that become one, and a writer that is too slow.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::UNIX_EPOCH;

use legwork_call::io::ResolveId;

use super::*;

const ACCOUNT: AccountSid = AccountSid::from_bits(7);

fn row(sid: u128, created: SystemTime, over: bool) -> Output {
    Output::Store(Change::Call(Box::new(CallRow {
        sid: CallSid::from_bits(sid),
        account: ACCOUNT,
        parent: None,
        from: String::new(),
        to: String::new(),
        direction: "inbound",
        status: "ringing",
        sip_call_id: format!("call-{sid}"),
        created,
        answered: None,
        answered_by: None,
        ended: over.then_some(created),
    })))
}

fn resolve(id: u64) -> Output {
    let host = String::new();
    Output::Resolve { id: ResolveId(id), host, port: None, transport: None, random: 0 }
}

fn flow() -> legwork_sip::Flow {
    let at = "127.0.0.1:5060".parse().unwrap();
    let transport = legwork_sip::Transport::Udp;
    legwork_sip::Flow { transport, local: at, remote: at, connection: 0 }
}

fn message(call_id: &str) -> What {
    let text = format!("BYE sip:a SIP/2.0\r\nCall-ID: {call_id}\r\n\r\n");
    What::Message { flow: flow(), bytes: text.into() }
}

struct Desk {
    book: Book,
    notes: Receiver<Note>,
    began: Instant,
}

impl Desk {
    fn new(queue: usize) -> Self {
        let (sender, notes) = sync_channel(queue);
        let book = Book::new(sender, Arc::default());
        Self { book, notes, began: Instant::now() }
    }

    fn now(&self, s: u64) -> Now {
        let passed = Duration::from_secs(s);
        Now { mono: self.began + passed, wall: UNIX_EPOCH + passed }
    }

    /// A step `s` seconds after the beginning.
    fn step(&mut self, s: u64, what: What, outputs: &[Output]) {
        outputs.iter().for_each(|output| self.book.see(output));
        self.book.end_step(self.now(s), Moment::default(), Some(what));
    }

    fn told(&self) -> Vec<String> {
        let told = |note| match note {
            Note::Begin(talk, _) => format!("{} begins", talk.0),
            Note::Step { talk, new, is_over, is_shared, .. } => {
                let over = if is_over { ", over" } else { "" };
                let shared = if is_shared { ", shared" } else { "" };
                format!("{}: {} new{over}{shared}", talk.0, new.len())
            }
            Note::Join(into, other) => format!("{} takes {}", into.0, other.0),
            Note::Gap(talk) => format!("{} has a gap", talk.0),
            Note::Lost(talk) => format!("{} is lost", talk.0),
            Note::Config(..) => "configuration".to_owned(),
        };
        self.notes.try_iter().map(told).collect()
    }
}

#[test]
fn call_ids_are_found() {
    for (message, id) in [
        ("BYE sip:a SIP/2.0\r\nCall-ID: x@y\r\n\r\n", Some("x@y")),
        ("BYE sip:a SIP/2.0\r\nI :  x \r\n\r\n", Some("x")),
        ("BYE sip:a SIP/2.0\r\nVia: z\r\n\r\ni: body", None),
        ("", None),
    ] {
        assert_eq!(call_id(message.as_bytes()), id.map(str::as_bytes), "{message}");
    }
}

#[test]
fn each_input_goes_to_its_call() {
    let mut desk = Desk::new(99);
    let at = |s| UNIX_EPOCH + Duration::from_secs(s);
    desk.step(1, message("call-1"), &[row(1, at(1), false), resolve(11)]);
    desk.step(2, message("call-2"), &[row(2, at(2), false), resolve(12)]);
    desk.step(3, What::Resolved { id: ResolveId(12), targets: Vec::new() }, &[]);
    // Of nobody: no new leg came of it.
    desk.step(4, message("register"), &[]);
    // A question is answered once.
    desk.step(5, What::Resolved { id: ResolveId(12), targets: Vec::new() }, &[]);
    desk.step(6, message("call-1"), &[row(1, at(1), true)]);
    let told = ["1 begins", "1: 1 new", "2 begins", "2: 1 new", "2: 0 new", "1: 0 new, over"];
    assert_eq!(desk.told(), told);
    // Late messages are still its own, much later ones nobody's.
    desk.step(7, message("call-1"), &[]);
    desk.step(30, message("call-2"), &[]);
    desk.step(31, message("call-1"), &[]);
    assert_eq!(desk.told(), ["1: 0 new, over", "2: 0 new"]);
    assert_eq!(desk.book.talks.len(), 1);
    assert!(desk.book.by_key.values().all(|talk| *talk == TalkId(2)));
}

#[test]
fn calls_touched_by_one_message_are_one() {
    let mut desk = Desk::new(99);
    let at = |s| UNIX_EPOCH + Duration::from_secs(s);
    desk.step(1, message("call-1"), &[row(1, at(1), false)]);
    desk.step(2, message("call-2"), &[row(2, at(2), false)]);
    desk.step(3, message("call-2"), &[row(1, at(1), false)]);
    desk.step(4, message("call-2"), &[]);
    let told =
        ["1 begins", "1: 1 new", "2 begins", "2: 1 new", "1 takes 2", "1: 0 new", "1: 0 new"];
    assert_eq!(desk.told(), told);
}

#[test]
fn a_connection_lost_by_two_makes_them_not_one() {
    let mut desk = Desk::new(99);
    let at = |s| UNIX_EPOCH + Duration::from_secs(s);
    desk.step(1, message("call-1"), &[row(1, at(1), false)]);
    desk.step(2, message("call-2"), &[row(2, at(2), false)]);
    desk.told();
    desk.step(3, What::FlowFailed(flow()), &[row(1, at(1), true), row(2, at(2), true)]);
    assert_eq!(desk.told(), ["1: 0 new, over, shared", "2: 0 new, over, shared"]);
}

#[test]
fn what_finds_the_queue_full_is_told_as_missing() {
    let mut desk = Desk::new(2);
    let created = UNIX_EPOCH + Duration::from_secs(1);
    desk.step(1, message("call-1"), &[row(1, created, false)]);
    desk.step(2, message("call-1"), &[]);
    // A call that can not even begin is not recorded at all.
    desk.step(3, message("call-2"), &[row(2, UNIX_EPOCH + Duration::from_secs(3), false)]);
    assert_eq!(desk.told(), ["1 begins", "1: 1 new"]);
    desk.step(4, message("call-1"), &[]);
    desk.step(5, message("call-2"), &[row(2, UNIX_EPOCH + Duration::from_secs(3), false)]);
    assert_eq!(desk.told(), ["1 has a gap", "1: 0 new"]);
}

#[test]
fn what_is_too_much_on_its_way_is_told_as_missing() {
    let mut desk = Desk::new(100);
    desk.step(1, message("call-1"), &[row(1, UNIX_EPOCH + Duration::from_secs(1), false)]);
    assert_eq!(desk.told(), ["1 begins", "1: 1 new"]);
    let one = desk.book.under_way.load(Ordering::Relaxed);
    desk.book.under_way.store(limit::RECORD_QUEUE_BYTES_MAX - one, Ordering::Relaxed);
    desk.step(2, message("call-1"), &[]);
    desk.step(3, message("call-1"), &[]);
    assert_eq!(desk.told(), ["1: 0 new"]);
    // The writer has taken some.
    desk.book.under_way.store(0, Ordering::Relaxed);
    desk.step(4, message("call-1"), &[]);
    assert_eq!(desk.told(), ["1 has a gap", "1: 0 new"]);
}

#[test]
fn the_writer_waits_for_no_end_that_got_lost() {
    let mut desk = Desk::new(2);
    let at = |s| UNIX_EPOCH + Duration::from_secs(s);
    desk.step(1, message("call-1"), &[row(1, at(1), false)]);
    desk.step(2, message("call-1"), &[row(1, at(1), true)]);
    assert_eq!(desk.told(), ["1 begins", "1: 1 new"]);
    desk.step(3, message("call-2"), &[row(2, at(3), false)]);
    // The queue is full still when the first is forgotten.
    desk.step(9, message("nobody's"), &[]);
    assert_eq!(desk.told(), ["2 begins", "2: 1 new"]);
    desk.step(10, message("nobody's"), &[]);
    assert_eq!(desk.told(), ["1 is lost"]);

    desk.step(11, message("call-3"), &[row(3, at(11), false)]);
    // One of two that became one, and the writer did not hear of it.
    desk.step(12, message("call-3"), &[row(2, at(3), false)]);
    assert_eq!(desk.told(), ["3 begins", "3: 1 new"]);
    desk.step(13, message("call-2"), &[]);
    assert_eq!(desk.told(), ["3 is lost", "2 has a gap"]);
    assert!(desk.book.lost.is_empty());
}

#[test]
fn conversations_have_an_end() {
    let mut desk = Desk::new(1);
    for n in 0..=limit::RECORDINGS_OPEN_MAX as u64 {
        let created = UNIX_EPOCH + Duration::from_secs(n);
        desk.step(n, message(&format!("call-{n}")), &[row(n.into(), created, false)]);
        desk.told();
    }
    assert_eq!(desk.book.talks.len(), limit::RECORDINGS_OPEN_MAX);
}

#[test]
fn calls_of_one_conference_are_one() {
    let mut desk = Desk::new(99);
    let at = |s| UNIX_EPOCH + Duration::from_secs(s);
    let sid = ConferenceSid::from_bits(9);
    let enters = |call: u128| {
        Output::Store(Change::Participant(Box::new(legwork_call::io::ParticipantRow {
            conference: sid,
            account: ACCOUNT,
            call: CallSid::from_bits(call),
            label: None,
            muted: false,
            hold: false,
            call_sid_to_coach: None,
            start_on_enter: true,
            end_on_exit: false,
            joined: UNIX_EPOCH,
            updated: UNIX_EPOCH,
            left: None,
        })))
    };
    let (room, command) = (media::RoomId(4), media::RoomCommand::Open);
    let open = Output::Room { thread: 0, room, command };
    desk.step(1, message("call-1"), &[row(1, at(1), false)]);
    desk.step(2, message("call-2"), &[row(2, at(2), false)]);
    desk.step(3, message("call-1"), &[open, enters(1)]);
    desk.step(4, message("call-2"), &[enters(2)]);
    let event = media::RoomEvent::Played(media::SourceId::BEEP);
    desk.step(5, What::Room { room, event }, &[]);
    let change = legwork_call::command::ConferenceChange::End;
    let order =
        legwork_call::command::ConferenceOrder { account: ACCOUNT, conference: sid, change };
    let command = Box::new(Command::Conference(Box::new(order)));
    let id = legwork_call::io::CommandId(1);
    desk.step(6, What::Command { id, command }, &[]);
    let told =
        ["1 begins", "1: 1 new", "2 begins", "2: 1 new", "1: 0 new", "1 takes 2", "1: 0 new"];
    let told: Vec<_> = told.into_iter().chain(["1: 0 new"; 2]).collect();
    assert_eq!(desk.told(), told);
}
