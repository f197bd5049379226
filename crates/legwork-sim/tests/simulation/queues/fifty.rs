//! Fifty callers in a queue, hanging up and being served at random: order kept, nobody lost, nobody twice.
//!
//! `SEEDS=n FROM=m` runs so many from there on. Not here: the rules that hold after every step
//! (`legwork_sim::books`).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::time::Duration;

use legwork_call::command::Start;
use legwork_call::config::Hook;
use legwork_call::sid::CallSid;
use legwork_call::view::Waits;
use legwork_call::{Answer, Command, NewCall};
use legwork_sim::app::{BASE, Reply};
use legwork_sim::dice::Dice;
use legwork_sim::phone::Order;
use legwork_sim::script;
use legwork_sim::world::World;

const SEEDS: u64 = 300;
const CALLERS: usize = 50;
/// Who waits, and who serves: places in `PEOPLE`.
const WAITING: [(usize, &str); 3] = [(0, "usera"), (6, "userb"), (7, "agent-d")];
const SERVING: [(usize, &str); 3] = [(1, "agent-a"), (2, "agent-b"), (3, "agent-c")];

/// What callers run.
const LINES: [(&str, &str); 3] = [
    ("/music", r#"<Enqueue action="/left">line</Enqueue>"#),
    ("/documents", r#"<Enqueue waitUrl="/wait" action="/left">line</Enqueue>"#),
    ("/silence", r#"<Enqueue waitUrl="">line</Enqueue>"#),
];
/// What agents run, for ever.
const AGENTS: [(&str, &str); 2] = [
    ("/agent", r#"<Dial action="/agent" timeout="600" timeLimit="2"><Queue>line</Queue></Dial>"#),
    (
        "/brief-agent",
        r#"<Dial action="/brief-agent" timeout="600" timeLimit="2"><Queue url="/brief">line</Queue></Dial>"#,
    ),
];

fn url(path: &str) -> Start {
    let hook = Hook { url: format!("{BASE}{path}"), method: legwork_twiml::Method::Post };
    Start::Url { hook, both: false }
}

fn place(world: &mut World, to: &str, path: &str) -> CallSid {
    let call = NewCall {
        account: script::ACCOUNT,
        from: "+815012345678".to_owned(),
        to: format!("sip:{to}"),
        start: url(path),
        fallback: None,
        status: None,
        timeout: legwork_call::limit::CALL_TIMEOUT,
        time_limit: legwork_call::limit::CALL_TIME_LIMIT,
        send_digits: None,
        machine: None,
        record: None,
        refer: None,
        credentials: None,
    };
    let answer = world.command(Command::Call(Box::new(call)));
    let called = if let Answer::Called(sid) = answer { Some(sid) } else { None };
    called.unwrap()
}

fn open(seed: u64, dice: &mut Dice) -> World {
    let mut world = World::new(script::config(""), seed);
    world.ladder.is_kept = false;
    world.sound.be_deaf();
    let document = |verbs: &str| Reply::Document(format!("<Response>{verbs}</Response>"));
    for (path, verbs) in LINES.into_iter().chain(AGENTS) {
        world.app.add_route(path, None, document(verbs));
    }
    for verbs in [r#"<Say>wait</Say><Pause length="3"/>"#, "", r#"<Pause length="2"/>"#] {
        let late = dice.time(Duration::from_millis(400));
        world.app.add_route("/wait", Some(late), document(verbs));
    }
    world.app.add_route("/brief", None, document("<Pause/>"));
    world.app.add_route("/left", None, document("<Hangup/>"));
    for (who, _) in WAITING.into_iter().chain(SERVING) {
        world.phone(who).habits.answers_after = Some(dice.time(Duration::from_millis(300)));
    }
    world
}

/// One of those that live; none: there is none.
fn one_of(world: &World, dice: &mut Dice, calls: &[CallSid]) -> Option<CallSid> {
    let live: Vec<CallSid> = world.legs().iter().map(|leg| leg.call).collect();
    let live: Vec<CallSid> = calls.iter().copied().filter(|call| live.contains(call)).collect();
    dice.pick(&live).copied()
}

fn hang_up(world: &mut World, call: Option<CallSid>) {
    if let Some(call) = call {
        world.command(Command::Hangup { call });
    }
}

fn run(seed: u64) {
    let mut dice = Dice::new(seed);
    let mut world = open(seed, &mut dice);
    let (mut callers, mut agents) = (Vec::new(), Vec::new());
    while callers.len() < CALLERS {
        world.run_for(dice.time(Duration::from_millis(700)));
        match dice.below(20) {
            0..12 => {
                let (_, to) = *dice.pick(&WAITING).unwrap();
                let (path, _) = *dice.pick(&LINES).unwrap();
                callers.push(place(&mut world, to, path));
            }
            12..14 => {
                let call = one_of(&world, &mut dice, &callers);
                hang_up(&mut world, call);
            }
            14..16 => world.order(dice.pick(&WAITING).unwrap().0, Order::HangUp),
            // Nobody serves a queue that is not known yet.
            16..18 if !world.books.queue_story().arrived.is_empty() => {
                let (_, to) = *dice.pick(&SERVING).unwrap();
                let (path, _) = *dice.pick(&AGENTS).unwrap();
                agents.push(place(&mut world, to, path));
            }
            18 => {
                let call = one_of(&world, &mut dice, &agents);
                hang_up(&mut world, call);
            }
            _ => {
                let account = script::ACCOUNT;
                let (queue, start) = ("line".to_owned(), url("/left"));
                world.command(Command::Dequeue { account, queue, call: None, start });
            }
        }
    }
    world.run_for(Duration::from_secs(1));
    for (_, to) in SERVING {
        agents.push(place(&mut world, to, "/agent"));
    }
    let waits = |world: &mut World| world.legs().iter().any(|leg| leg.waits == Waits::Queue);
    assert!(world.run_until(Duration::from_secs(300), |world| !waits(world)), "somebody is lost");
    let story = world.books.queue_story().clone();
    let mut seen = BTreeSet::new();
    let arrived: Vec<CallSid> =
        story.arrived.iter().copied().filter(|call| seen.insert(*call)).collect();
    seen.clear();
    let taken: Vec<CallSid> =
        story.taken.iter().copied().filter(|call| seen.insert(*call)).collect();
    let in_order: Vec<CallSid> =
        arrived.iter().copied().filter(|call| taken.contains(call)).collect();
    assert_eq!(taken, in_order, "not in the order they came");
    // Who is taken twice has had its place again in between.
    assert!(story.taken.len() <= story.arrived.len());
    assert!(arrived.len() > CALLERS / 2 && taken.len() > 5, "{} {}", arrived.len(), taken.len());
    world.finish();
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn order_is_kept_nobody_is_lost_nobody_is_served_twice() {
    let from = number("FROM").unwrap_or(0);
    let seeds: Vec<u64> = (from..from + number("SEEDS").unwrap_or(SEEDS)).collect();
    let half = seeds.len().div_ceil(2);
    std::thread::scope(|scope| {
        for part in seeds.chunks(half.max(1)) {
            scope.spawn(|| part.iter().for_each(|seed| run(*seed)));
        }
    });
}
