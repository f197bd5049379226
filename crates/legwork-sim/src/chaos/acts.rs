//! What happens in random scenarios, and how often: one table.
//!
//! Not here: when (`chaos`), what phones do by themselves (`habits`).

use std::net::IpAddr;
use std::time::Duration;

use legwork_call::command::{Command, ConferenceChange, ConferenceOrder, ParticipantChange};
use legwork_call::io::relay::RelayTold;
use legwork_call::sid::ConferenceSid;
use legwork_call::{Input, limit};

use super::documents::{PLACED, QUEUING, document};
use super::{habits, order};
use crate::dice::Dice;
use crate::phone::{Direction, Order, State};
use crate::script::{ACCOUNT, hook, rest};
use crate::world::{PEOPLE, World};

/// Phones that take part; behind them are those of the bystanders.
const PARTIES: u64 = 5;

type Act = fn(&mut World, &mut Dice);

/// How often, and what.
const ACTS: [(u64, Act); 28] = [
    (60, refers),
    (14, refers_oddly),
    (14, refers_with_replaces),
    (10, consults),
    (20, refers_attended),
    (8, refers_outside),
    (8, calls_with_replaces),
    (36, hangs_up),
    (36, offers_anew),
    (40, answers),
    (20, rings_somehow),
    (24, presses),
    (16, says),
    (14, subscribes),
    (14, updates),
    (8, informs),
    (10, restarts),
    (10, registers),
    (24, calls),
    (36, ordered_by_rest),
    (10, placed_by_rest),
    (36, queues),
    (24, confers),
    (14, goes_dark),
    (10, network_changes),
    (6, reloads),
    (2, drains),
    (8, recorder_acts),
];

/// Something happens.
pub(super) fn act(world: &mut World, dice: &mut Dice) {
    let mut at = dice.below(ACTS.iter().map(|(weight, _)| weight).sum());
    for (weight, act) in ACTS {
        if at < weight {
            return act(world, dice);
        }
        at -= weight;
    }
}

/// The first call: by a phone, by a carrier, or placed by REST.
pub(super) fn begin(world: &mut World, dice: &mut Dice) {
    match dice.below(10) {
        0 | 1 => placed_by_rest(world, dice),
        2 => world.order(4, call_of_number()),
        _ => {
            let lines = match dice.below(8) {
                0 => vec!["Require: 100rel".to_owned()],
                1 => vec!["Supported: timer".to_owned(), "Session-Expires: 90".to_owned()],
                2 => {
                    let expires = "Session-Expires: 90;refresher=uas";
                    vec![expires.to_owned(), "Require: timer".to_owned()]
                }
                _ => Vec::new(),
            };
            world.order(0, Order::Call("sip:bank@bank.example.com".to_owned(), lines));
        }
    }
}

fn call_of_number() -> Order {
    Order::Call("sip:+815012345678@10.0.0.1".to_owned(), Vec::new())
}

fn anybody(dice: &mut Dice) -> usize {
    usize::try_from(dice.below(PARTIES)).unwrap_or(0)
}

/// One who talks, if there is one.
fn talker(world: &mut World, dice: &mut Dice) -> usize {
    let parties = 0..usize::try_from(PARTIES).unwrap_or(0);
    let talks: Vec<_> =
        parties.filter(|who| world.phone(*who).state() == Some(State::Talking)).collect();
    let anybody = anybody(dice);
    dice.pick(&talks).copied().unwrap_or(anybody)
}

/// One who talks, mostly.
fn somebody(world: &mut World, dice: &mut Dice) -> usize {
    if dice.percent(60) { talker(world, dice) } else { anybody(dice) }
}

fn longest(dice: &mut Dice, of: &[u64]) -> Duration {
    Duration::from_millis(dice.pick(of).copied().unwrap_or(0))
}

// === REFER and Replaces ===

fn refer_lines(dice: &mut Dice) -> Vec<String> {
    match dice.below(14) {
        0 | 1 => vec!["Refer-Sub: false".to_owned()],
        2 => vec!["Referred-By: <sip:agent-a@bank.example.com>;cid=x".to_owned()],
        3 => vec!["Require: explicitsub".to_owned()],
        4 => vec!["X-Ticket: 7".to_owned(), "User-to-User: 56a1;encoding=hex".to_owned()],
        _ => Vec::new(),
    }
}

/// One who talks transfers: blind, or whom it has consulted.
pub(super) fn begin_transfer(world: &mut World, dice: &mut Dice) {
    match dice.below(4) {
        0 => {}
        1 => {
            consults(world, dice);
            world.run_for(dice.time(Duration::from_millis(300)));
            refers_attended(world, dice);
        }
        _ => refers(world, dice),
    }
}

fn refers(world: &mut World, dice: &mut Dice) {
    let who = if dice.percent(85) { talker(world, dice) } else { anybody(dice) };
    let to = if dice.percent(80) { "sip:agent-b" } else { "<sip:agent-c>" };
    let lines = refer_lines(dice);
    order(world, dice, who, Order::Refer(vec![to.to_owned()], lines));
}

/// Forms phones send, and some that none should.
const REFER_TO: [&str; 30] = [
    "\"Agent B\" <sip:agent-b>",
    "sip:agent-b@bank.example.com",
    "<sip:agent-b;transport=udp>;x=1",
    "<sip:agent-b?User-to-User=56a1%3Bencoding%3Dhex&X-Ticket=7>",
    "<sip:agent-b?Require=replaces&Replaces=abc%3Bto-tag%3D1%3Bfrom-tag%3D2>",
    "<sip:agent-b;Replaces=abc%3bfrom-tag%3d1%3bto-tag%3d2>",
    "<sip:agent-b;method=INVITE>",
    "<sip:agent-b;method=BYE>",
    "tel:+15551234567",
    "<tel:+1-555-123-4567;phone-context=example.com>",
    "sips:agent-b",
    "http://agent-b",
    "<sip:>",
    "sip:",
    "<sip:@agent-b;x-vendor=1>",
    "<sip:agent-b",
    "sip:agent-b>",
    "<sip:agent%2Db@agent-b>",
    "<sip:[::1]>",
    "<sip:10.0.0.4>",
    "",
    "*",
    "<sip:agent-b>, <sip:agent-c>",
    "urn:service:sos",
    "<sip:agent-b?%0d%0aRoute=x>",
    "<sip:agent-b?Route=%3Csip:10.0.0.5%3E>",
    "nothing:",
    "<>",
    "\"<sip:agent-b>",
    "<sip:é@agent-b>",
];

fn refers_oddly(world: &mut World, dice: &mut Dice) {
    let who = somebody(world, dice);
    let mut targets = vec![dice.pick(&REFER_TO).copied().unwrap_or("").to_owned()];
    match dice.below(10) {
        0 => targets.clear(),
        1 => targets.push("sip:agent-b".to_owned()),
        2 => {
            let length = dice.pick(&[200, 240, 241, 242, 300, 5_000]).copied().unwrap_or(300);
            targets = vec![format!("<sip:agent-b?X={}>", "x".repeat(length))];
        }
        _ => {}
    }
    let lines = refer_lines(dice);
    order(world, dice, who, Order::Refer(targets, lines));
}

/// Call-ID and tags of a dialog of any phone, as that phone sees them.
fn any_dialog(world: &mut World, dice: &mut Dice) -> Option<[String; 3]> {
    let named = world.phone(anybody(dice)).named_call()?;
    let mut parts = named.split(';').map(|part| part.rsplit('=').next().unwrap_or(part).to_owned());
    Some([parts.next()?, parts.next()?, parts.next()?])
}

fn refers_with_replaces(world: &mut World, dice: &mut Dice) {
    let who = somebody(world, dice);
    let Some([id, local, remote]) = any_dialog(world, dice) else { return };
    let (to, from) = if dice.percent(80) { (remote, local) } else { (local, remote) };
    let name = PEOPLE.get(anybody(dice)).map_or("agent-b", |person| person.0);
    let target = match dice.below(4) {
        0 => format!("<sip:{name}?Replaces={id}%3Bto-tag%3D{to}%3Bfrom-tag%3D{from}>"),
        1 => format!("<sip:{name}?Replaces={id}%3bfrom-tag%3d{from}%3bto-tag%3d{to}>"),
        2 => format!(
            "<sip:{name}?Require=replaces&Replaces={id}%3Bto-tag%3D{to}%3Bfrom-tag%3D{from}%3Bearly-only>"
        ),
        _ => format!("<sip:{name};Replaces={id}%3Bto-tag%3D{to}%3Bfrom-tag%3D{from}>"),
    };
    let lines = refer_lines(dice);
    order(world, dice, who, Order::Refer(vec![target], lines));
}

/// A second call, beside the one there is; or back to that.
fn consults(world: &mut World, dice: &mut Dice) {
    let who = talker(world, dice);
    if dice.percent(30) {
        return order(world, dice, who, Order::TurnBack);
    }
    if dice.percent(50) {
        world.order(who, Order::Reinvite(Direction::SendOnly));
    }
    let to = dice.pick(&["sip:bank@bank.example.com", "sip:agent-b@bank.example.com"]);
    let to = to.copied().unwrap_or_default();
    order(world, dice, who, Order::Call(to.to_owned(), Vec::new()));
}

/// One of its two calls is to be joined with the other.
fn refers_attended(world: &mut World, dice: &mut Dice) {
    let forms = [
        "<{address}?Replaces={replaces}>",
        "<sip:agent-b?Replaces={replaces}>",
        "<{address}?Replaces={call-id}%3bfrom-tag%3d{from-tag}%3bto-tag%3d{to-tag}&Require=replaces>",
        "<{address};Replaces={replaces}>",
        "<{address}?Replaces={call-id}%3Bto-tag%3D{from-tag}%3Bfrom-tag%3D{to-tag}>",
    ];
    let target = dice.pick(&forms).copied().unwrap_or_default();
    let mut parties = 0..usize::try_from(PARTIES).unwrap_or(0);
    let Some(who) = parties.find(|who| world.phone(*who).calls() > 1) else {
        return consults(world, dice);
    };
    let lines = refer_lines(dice);
    order(world, dice, who, Order::Refer(vec![target.to_owned()], lines));
}

fn refers_outside(world: &mut World, dice: &mut Dice) {
    let who = somebody(world, dice);
    let of = if dice.percent(70) { who } else { anybody(dice) };
    let named = world.phone(of).named_call().filter(|_| dice.percent(80));
    let lines = named.map(|named| format!("Target-Dialog: {named}")).into_iter().collect();
    order(world, dice, who, Order::ReferAnew("sip:agent-b".to_owned(), lines));
}

fn calls_with_replaces(world: &mut World, dice: &mut Dice) {
    let Some([id, local, remote]) = any_dialog(world, dice) else { return };
    let early = if dice.percent(20) { ";early-only" } else { "" };
    let mut lines = vec![format!("Replaces: {id};to-tag={remote};from-tag={local}{early}")];
    if dice.percent(60) {
        lines.push("Require: replaces".to_owned());
    }
    let who = anybody(dice);
    order(world, dice, who, Order::Call("sip:bank@bank.example.com".to_owned(), lines));
}

// === calls and sessions ===

fn hangs_up(world: &mut World, dice: &mut Dice) {
    let who = somebody(world, dice);
    order(world, dice, who, Order::HangUp);
}

/// The recorder of sessions pauses, goes on, leaves, transfers, or is gone.
fn recorder_acts(world: &mut World, dice: &mut Dice) {
    let deed = match dice.below(8) {
        0 | 1 => Order::HangUp,
        2 | 3 => Order::Reinvite(Direction::Inactive),
        4 => Order::Reinvite(Direction::SendRecv),
        5 => Order::Refuse(486),
        6 => Order::Refer(vec!["sip:agent-b".to_owned()], Vec::new()),
        _ => Order::Restart(longest(dice, &[0, 500, 40_000])),
    };
    order(world, dice, habits::SRS, deed);
}

fn offers_anew(world: &mut World, dice: &mut Dice) {
    let who = talker(world, dice);
    let directions =
        [Direction::SendOnly, Direction::SendRecv, Direction::Inactive, Direction::Zero];
    let direction = dice.pick(&directions).copied().unwrap_or_default();
    order(world, dice, who, Order::Reinvite(direction));
}

fn answers(world: &mut World, dice: &mut Dice) {
    let who = anybody(dice);
    let answer = match dice.below(10) {
        0 | 1 => Order::Refuse(486),
        2 => Order::Refuse(503),
        3 => Order::Refuse(600),
        4 => Order::RefuseWith(302, vec!["Contact: <sip:agent-b>".to_owned()]),
        5 => Order::RefuseWith(302, vec!["Contact: <sip:agent-c>".to_owned()]),
        _ => Order::Answer,
    };
    order(world, dice, who, answer);
}

fn rings_somehow(world: &mut World, dice: &mut Dice) {
    let who = anybody(dice);
    let ring = match dice.below(3) {
        0 => Order::RingElsewhere,
        with_sound => Order::Ring(with_sound == 1),
    };
    order(world, dice, who, ring);
}

fn presses(world: &mut World, dice: &mut Dice) {
    let who = talker(world, dice);
    let key = dice.pick(&[10, 10, 11, 0, 1, 5]).copied().unwrap_or(10);
    order(world, dice, who, Order::Press(key));
}

fn says(world: &mut World, dice: &mut Dice) {
    let who = somebody(world, dice);
    let recogniser = &mut world.taps.recogniser;
    recogniser.takes = longest(dice, &[0, 200, 200, 3_000, 30_000]);
    (recogniser.fails, recogniser.is_deaf) = (dice.percent(10), dice.percent(10));
    let recorder = &mut world.taps.recorder;
    recorder.takes = Some(longest(dice, &[0, 200, 3_000, 30_000]));
    recorder.fails_after = dice.percent(10).then(|| longest(dice, &[10, 2_000]));
    recorder.hears_silence = dice.percent(20);
    let streamer = &mut world.taps.streamer;
    streamer.takes = dice.percent(90).then(|| longest(dice, &[0, 20, 20, 3_000]));
    streamer.refuses = dice.percent(20).then_some(31_920);
    streamer.lasts = dice.percent(70).then(|| longest(dice, &[0, 300, 5_000, 30_000]));
    streamer.breaks = dice.percent(20);
    let relays = &mut world.relays;
    relays.takes = longest(dice, &[0, 20, 20, 3_000]);
    relays.refuses = dice.percent(20).then_some(64_102);
    relays.lasts = dice.percent(70).then(|| longest(dice, &[0, 300, 5_000, 30_000]));
    relays.answers = dice.pick(&agents()).cloned();
    let time = longest(dice, &[20, 400, 1_000, 8_000]);
    world.say(who, "one moment please", time);
}

/// What an agent may answer.
fn agents() -> [RelayTold; 6] {
    let text = |token: &str, last, interruptible| RelayTold::Text {
        token: token.to_owned(),
        last,
        language: None,
        interruptible,
        preemptible: None,
    };
    [
        text("One. Two. Three", true, None),
        text("Four. Five", false, Some(false)),
        RelayTold::Play {
            source: "http://app.example/missing.wav".to_owned(),
            times: 0,
            interruptible: None,
            preemptible: Some(true),
        },
        RelayTold::SendDigits { digits: "1w2".to_owned() },
        RelayTold::Language { tts: None, transcription: Some("de-DE".to_owned()) },
        RelayTold::End { handoff: Some("{}".to_owned()) },
    ]
}

fn subscribes(world: &mut World, dice: &mut Dice) {
    let who = talker(world, dice);
    let seconds = dice.pick(&[0, 0, 1, 600]).copied().unwrap_or(0);
    order(world, dice, who, Order::Subscribe(seconds));
}

fn updates(world: &mut World, dice: &mut Dice) {
    let who = somebody(world, dice);
    let directions = [None, Some(Direction::SendRecv), Some(Direction::SendOnly)];
    let direction = dice.pick(&directions).copied().flatten();
    order(world, dice, who, Order::Update(direction));
}

fn informs(world: &mut World, dice: &mut Dice) {
    let who = somebody(world, dice);
    let keys = [
        None,
        Some(("application/dtmf-relay", "Signal=*\r\nDuration=160\r\n")),
        Some(("application/dtmf-relay", "Signal=5\r\n")),
        Some(("application/dtmf", "10")),
        Some(("application/dtmf", "nonsense")),
    ];
    let content = dice.pick(&keys).copied().flatten();
    let content = content.map(|(of, body)| (of.to_owned(), body.to_owned()));
    order(world, dice, who, Order::Info(content));
}

fn restarts(world: &mut World, dice: &mut Dice) {
    let who = somebody(world, dice);
    let after = longest(dice, &[0, 0, 300, 5_000, 40_000]);
    world.order(who, Order::Restart(after));
}

fn registers(world: &mut World, dice: &mut Dice) {
    let who = anybody(dice);
    let seconds = dice.pick(&[0, 60, 60, 3_600]).copied().unwrap_or(60);
    order(world, dice, who, Order::Register(seconds, Vec::new()));
}

fn calls(world: &mut World, dice: &mut Dice) {
    let (who, call) = match dice.below(4) {
        0 => (4, call_of_number()),
        1 => (anybody(dice), Order::Call("sip:bank@bank.example.com".to_owned(), Vec::new())),
        _ => (0, Order::Call("sip:bank@bank.example.com".to_owned(), Vec::new())),
    };
    order(world, dice, who, call);
}

// === REST ===

/// REST redirects, ends, cancels or transfers a call of somebody.
fn ordered_by_rest(world: &mut World, dice: &mut Dice) {
    let who = somebody(world, dice);
    let call_id = world.phone(who).call_id().map(str::to_owned);
    let row = call_id.and_then(|call_id| world.books.call(&call_id));
    let Some(call) = row.filter(|row| row.ended.is_none()).map(|row| row.sid) else { return };
    world.command(match dice.below(8) {
        0 | 1 => Command::Hangup { call },
        2 => Command::Redirect { call, start: rest::url("/other") },
        3 => Command::Redirect { call, start: rest::url("/voice") },
        4 => Command::Redirect { call, start: rest::inline("<Pause length=\"2\"/>") },
        5 => Command::Cancel { call },
        _ => Command::Transfer { call, target: "sip:agent-b".to_owned() },
    });
}

fn placed_by_rest(world: &mut World, dice: &mut Dice) {
    let start = if dice.percent(50) {
        rest::url("/voice")
    } else {
        let verbs = "<Dial @refers answerOnBridge=\"true\"><Sip>sip:agent-a</Sip></Dial>";
        let document = document(verbs);
        let bare = document.trim_start_matches("<Response>").trim_end_matches("</Response>");
        rest::inline(bare)
    };
    let to = dice.pick(&["usera", "usera", "usera", "agent-c", "nobody"]).copied().unwrap_or("");
    let more = dice.pick(&PLACED).copied().unwrap_or("");
    world.command(rest::place_call(to, start, more));
}

/// Somebody comes into a queue or to serve it, or is taken out by REST.
fn queues(world: &mut World, dice: &mut Dice) {
    let start = rest::inline(dice.pick(&QUEUING).copied().unwrap_or(""));
    match dice.below(6) {
        0 => {
            let (queue, call) = ("line".to_owned(), None);
            world.command(Command::Dequeue { account: ACCOUNT, queue, call, start });
        }
        1 => {
            let who = somebody(world, dice);
            let call_id = world.phone(who).call_id().map(str::to_owned);
            let row = call_id.and_then(|call_id| world.books.call(&call_id));
            let live = row.filter(|row| row.ended.is_none());
            let Some(call) = live.map(|row| row.sid) else { return };
            world.command(Command::Redirect { call, start });
        }
        _ => {
            let to = dice.pick(&["usera", "agent-a", "agent-b", "agent-c"]).copied().unwrap_or("");
            let more = if dice.percent(80) { "" } else { "time_limit 5; refer_url /refer" };
            world.command(rest::place_call(to, start, more));
        }
    }
}

/// REST changes a conference, or who is in it.
fn confers(world: &mut World, dice: &mut Dice) {
    let all: Vec<ConferenceSid> = world.conferences.values().copied().collect();
    let Some(&conference) = dice.pick(&all) else { return };
    let mut call = || {
        let who = somebody(world, dice);
        let call_id = world.phone(who).call_id().map(str::to_owned);
        call_id.and_then(|call_id| world.books.call(&call_id)).map(|row| row.sid)
    };
    let (who, other) = (call(), call());
    let labelled = dice.percent(10).then(|| "caller".to_owned());
    let who = labelled.or_else(|| who.map(|call| call.to_string())).unwrap_or_default();
    let mut flag = |percent: u32| dice.percent(percent).then(|| dice.percent(50));
    let mut change = ParticipantChange {
        muted: flag(30),
        hold: flag(30),
        coaching: flag(30),
        end_on_exit: flag(20),
        beep_on_exit: flag(20),
        ..ParticipantChange::default()
    };
    change.call_sid_to_coach = other.filter(|_| dice.percent(40));
    change.hold_hook = dice.percent(40).then(|| hook("/wait"));
    change.wait_hook = dice.percent(10).then(|| hook("/wait"));
    change.announce = dice.percent(20).then(|| hook("/wait"));
    let change = match dice.below(10) {
        0 => ConferenceChange::End,
        1 => ConferenceChange::Kick { who },
        2 | 3 => ConferenceChange::Announce(hook("/wait")),
        _ => ConferenceChange::Participant { who, change: Box::new(change) },
    };
    let order = ConferenceOrder { account: ACCOUNT, conference, change };
    world.command(Command::Conference(Box::new(order)));
}

// === the world ===

fn goes_dark(world: &mut World, dice: &mut Dice) {
    let octet = PEOPLE.get(somebody(world, dice)).map_or(2, |person| person.1);
    let for_ = longest(dice, &[300, 5_000, 5_000, 35_000]);
    let until = world.clock.mono() + for_;
    world.network.black_out(IpAddr::from([10, 0, 0, octet]), until);
}

fn network_changes(world: &mut World, dice: &mut Dice) {
    match dice.below(3) {
        0 => {
            let until = world.clock.mono() + longest(dice, &[50, 400, 2_000]);
            world.network.hold_until(until);
        }
        1 => world.network.set_quality(None, habits::quality(dice)),
        _ => {
            let hosts: &[&str] =
                dice.pick(&[&["agent-a"][..], &[], &["nobody", "wall"]]).copied().unwrap_or(&[]);
            let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
            let after = longest(dice, &[5, 5, 3_000]);
            world.add_name("sbc.example.com", after, hosts);
        }
    }
}

fn reloads(world: &mut World, dice: &mut Dice) {
    let kind = dice.below(5);
    world.reload(|config| match kind {
        0 => config.accounts.iter_mut().for_each(|account| account.enhanced_sip_features = false),
        1 => config.codecs.truncate(1),
        2 => config.domains.clear(),
        3 => config.limits.transfer_pending = Duration::from_secs(5),
        _ => config.limits.refer_to_max = limit::REDIRECT_URI_MAX,
    });
}

fn drains(world: &mut World, _: &mut Dice) {
    world.input(Input::Drain);
}
