//! Queues by themselves, at their edges.

use std::time::{Duration, SystemTime};

use super::*;
use crate::config::{Config, Limits};
use crate::io::Now;
use crate::switch::Switch;

const ACCOUNT: AccountSid = AccountSid::from_bits(1);

#[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
fn start() -> Instant {
    Instant::now()
}

fn config() -> Config {
    Config {
        sip: legwork_sip::endpoint::Config {
            user_agent: "legwork".to_owned(),
            public_address: None,
            listen: Vec::new(),
            tag_prefix: "n0001-".to_owned(),
        },
        media_address: None,
        codecs: Vec::new(),
        media_threads: 1,
        accounts: Vec::new(),
        domains: Vec::new(),
        numbers: Vec::new(),
        trunks: Vec::new(),
        sims: Vec::new(),
        recorders: Vec::new(),
        streams: Vec::new(),
        applications: Vec::new(),
        http_base: String::new(),
        limits: Limits::default(),
    }
}

fn sid(n: usize) -> QueueSid {
    QueueSid::from_bits(n as u128)
}

fn add(queues: &mut Queues, n: usize, account: AccountSid, empty_since: Instant) {
    let name = n.to_string();
    queues.by_name.insert((account, name.clone()), sid(n));
    let (line, taken, agents) = (Line::new(empty_since), BTreeSet::new(), VecDeque::new());
    let queue = Queue { account, name, max_size: 5, line, taken, agents, empty_since };
    queues.queues.insert(sid(n), queue);
}

fn join(queues: &mut Queues, n: usize, place: u64, since: Instant) {
    let member = Member { leg: LegId(place), since, since_wall: SystemTime::UNIX_EPOCH };
    queues.queues.get_mut(&sid(n)).unwrap().line.insert(Place(place), member);
}

#[test]
fn one_more_takes_the_place_of_the_one_that_has_been_empty_for_longest() {
    let (mut queues, now) = (Queues::default(), start());
    add(&mut queues, 0, AccountSid::from_bits(2), now);
    for n in 1..limit::QUEUES_MAX {
        add(&mut queues, n, ACCOUNT, now + Duration::from_secs(n as u64));
    }
    assert_eq!(queues.make_room(ACCOUNT), Ok(None), "there is room for one more");
    add(&mut queues, limit::QUEUES_MAX, ACCOUNT, now + Duration::from_hours(1));
    join(&mut queues, 1, 1, now);
    queues.agents(sid(2)).unwrap().push_back(LegId(9));
    assert_eq!(queues.make_room(ACCOUNT), Ok(Some(sid(3))));
    assert_eq!((queues.named(ACCOUNT, "3"), queues.named(ACCOUNT, "1")), (None, Some(sid(1))));
    add(&mut queues, 3, ACCOUNT, now);
    (1..=limit::QUEUES_MAX).for_each(|n| join(&mut queues, n, 1, now));
    assert_eq!(queues.make_room(ACCOUNT), Err(()), "somebody waits in each");
    assert_eq!(queues.make_room(AccountSid::from_bits(2)), Ok(None), "others have their own");
    queues.relive(&[], true);
    assert_eq!(queues.make_room(AccountSid::from_bits(2)), Err(()), "there were too many");
}

#[test]
fn a_queue_that_somebody_may_come_back_to_is_in_use() {
    let mut switch = Switch::new(Now { mono: start(), wall: SystemTime::UNIX_EPOCH }, config(), 1);
    let (calls, leg) = (&mut switch.calls, LegId(1));
    let make = |n: usize| calls.make_queue(ACCOUNT, &n.to_string(), 5).unwrap();
    let queues: Vec<_> = (0..limit::QUEUES_MAX).map(make).collect();
    let first = queues[0];
    let place = calls.stand_in_line(first, leg);
    for other in &queues[1..] {
        calls.stand_in_line(*other, leg);
    }
    assert_eq!(calls.make_queue(ACCOUNT, "one more", 5), None);
    assert_eq!(calls.take_first(first).map(|member| member.leg), Some(leg));
    assert_eq!(calls.make_queue(ACCOUNT, "one more", 5), None, "it is taken, not gone");
    assert_eq!(calls.queues.len(), limit::QUEUES_MAX);
    calls.forget_taken(first, place);
    assert!(calls.make_queue(ACCOUNT, "one more", 5).is_some());
    assert_eq!(calls.queues.named(ACCOUNT, "0"), None);
}

#[test]
fn a_line_is_counted_right_whoever_comes_and_goes() {
    let now = start();
    let mut line = Line::new(now);
    let member = |s: u64| {
        let (leg, since) = (LegId(s), now + Duration::from_secs(s));
        Member { leg, since, since_wall: SystemTime::UNIX_EPOCH }
    };
    assert_eq!(line.average(now), Duration::ZERO);
    for place in 0..1_000 {
        line.insert(Place(place), member(place));
    }
    for place in (0..1_000).filter(|place| place % 10 != 0) {
        assert_eq!(line.remove(Place(place)).map(|member| member.leg), Some(LegId(place)));
        assert!(line.remove(Place(place)).is_none());
    }
    assert_eq!((line.len(), line.first()), (100, Some(Place(0))));
    assert_eq!((line.position(Place(990)), line.position(Place(10))), (100, 2));
    // They came at 0, 10, … 990 s.
    assert_eq!(line.average(now + Duration::from_secs(1_000)), Duration::from_secs(505));
    line.remove(Place(0)).unwrap();
    line.insert(Place(0), member(0));
    assert_eq!((line.first(), line.at(Place(0))), (Some(Place(0)), Some(LegId(0))));
    assert_eq!(line.average(now), Duration::ZERO, "a clock that stood still");
}

#[test]
fn places_are_counted_and_times_averaged() {
    let (mut queues, now) = (Queues::default(), start());
    add(&mut queues, 1, ACCOUNT, now);
    let at = now + Duration::from_secs(10);
    let sees = |queues: &Queues, place: Option<u64>| {
        let seen = queues.sees(sid(1), place.map(Place), at).unwrap();
        (seen.size, seen.position, seen.average_s)
    };
    assert_eq!(sees(&queues, None), (0, 0, 0));
    join(&mut queues, 1, 7, now);
    join(&mut queues, 1, 3, now + Duration::from_secs(5));
    assert_eq!(sees(&queues, None), (2, 0, 7));
    assert_eq!(sees(&queues, Some(3)), (2, 1, 7));
    assert_eq!(sees(&queues, Some(7)), (2, 2, 7));
    assert_eq!(queues.first(sid(1)), Some(LegId(3)));
    assert!(queues.holds(sid(1), Place(7), LegId(7)) && !queues.holds(sid(1), Place(7), LegId(3)));
    assert!(queues.sees(sid(2), None, at).is_none());
    assert_eq!(queues.len(), 2);
}

#[test]
fn a_replay_sees_what_was_seen() {
    let now = Now { mono: start(), wall: SystemTime::UNIX_EPOCH };
    let mut switch = Switch::new(now, config(), 1);
    switch.observe();
    let moment = switch.begin_step(1);
    let there =
        moment::Queue { sid: Some(sid(7)), max_size: 2, size: 2, position: 2, average_s: 9 };
    let nowhere = moment::Queue::default();
    let queues = vec![there.clone(), nowhere.clone()];
    let found = moment::Found { queues: queues.clone(), ..moment::Found::default() };
    switch.relive(now, &moment::Moment { found, ..moment });
    let calls = &mut switch.calls;
    // Others have made it, and wait in it.
    assert_eq!(calls.see_queue_named(ACCOUNT, "line"), there);
    assert_eq!(calls.queues.named(ACCOUNT, "line"), Some(sid(7)));
    assert_eq!(calls.see_queue_named(ACCOUNT, "other"), nowhere);
    assert_eq!(switch.end_step().queues, queues);
    // Behind that it sees what is there.
    let seen = switch.calls.see_queue_named(ACCOUNT, "line");
    assert_eq!((seen.sid, seen.size), (Some(sid(7)), 0));
}
