//! Random scenarios by seed: random acts of random phones at random times on a bad network. Only
//! what must always hold is checked.
//!
//! Not here: the checks (`books`, `World::finish`).

use std::time::Duration;

use legwork_call::command::Command;

use crate::app::Reply;
use crate::dice::Dice;
use crate::network::Quality;
use crate::phone::{Codec, Direction, HangsUp, Order, Refresher, State};
use crate::script;
use crate::world::World;

const VOICE: [&str; 13] = [
    r#"<Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial referUrl="/refer" answerOnBridge="true" action="/action"><Sip>sip:agent-a</Sip><Sip>sip:agent-c</Sip></Dial>"#,
    r#"<Dial referUrl="/refer" timeout="5"><Sip>sip:agent-c</Sip></Dial><Dial><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial referUrl="/refer" answerOnBridge="true" hangupOnStar="true" sequential="true"><Sip>sip:agent-c</Sip><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial referUrl="/refer" action="/action" timeout="5"><Sip url="/screen">sip:agent-a</Sip><Sip url="/screen" statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-c</Sip></Dial>"#,
    r#"<Dial referUrl="/refer" answerOnBridge="true" sequential="true"><Sip url="/screen">sip:agent-c</Sip><Sip url="/screen">sip:agent-a</Sip></Dial>"#,
    r#"<Dial referUrl="/refer" answerOnBridge="true" ringTone="uk"><Number sendDigits="w1w">+15551234567</Number><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial action="/action" hangupOnStar="true" timeLimit="5"><Application statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">AP00000000000000000000000000000001</Application></Dial>"#,
    r#"<Dial answerOnBridge="true" timeout="5"><Application>AP00000000000000000000000000000001</Application></Dial><Dial><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial referUrl="/refer" ringTone="de" action="/action"><Sip><Uri>sip:agent-c</Uri><Uri priority="11">sip:agent-a</Uri></Sip></Dial>"#,
    r#"<Dial referUrl="/refer" action="/action"><Sip url="/screen" statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:sbc.example.com</Sip></Dial>"#,
];
/// What is asked of a call placed by REST beside whom to call and what to run.
const PLACED: [&str; 4] = [
    "",
    "send_digits w1w; status_callback /told initiated ringing answered completed",
    "refer_url /refer; time_limit 5; status_callback /told",
    "refer_url /refer; send_digits 12; timeout 3; fallback_url /other",
];
const SCREEN: [&str; 6] = [
    "",
    "<Say>press</Say>",
    r#"<Pause length="3"/>"#,
    "<Redirect>/other</Redirect>",
    "<Pause/><Hangup/>",
    "<Dial><Sip>sip:agent-b</Sip></Dial>",
];
const REFER: [&str; 12] = [
    "<Dial><Sip>sip:agent-b</Sip></Dial>",
    r#"<Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>"#,
    r#"<Dial timeout="5" action="/action"><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>"#,
    r#"<Dial timeLimit="3"><Application>AP00000000000000000000000000000001</Application></Dial>"#,
    r#"<Pause length="2"/><Dial><Sip>sip:agent-b</Sip></Dial>"#,
    r#"<Dial answerOnBridge="true"><Sip url="/screen">sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>"#,
    "<Redirect>/other</Redirect>",
    "<Reject/>",
    "<Hangup/>",
    "<Gather/>",
    r#"<Dial><Sip>sip:nowhere.example</Sip></Dial>"#,
    r#"<Dial><Number sendDigits="2" url="/screen">+15551234567</Number></Dial>"#,
];
/// What a dialled application answers: conversations that may be transferred, and others of its kind.
const APPLICATION: [&str; 6] = [
    r#"<Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial referUrl="/refer"><Sip>sip:agent-a</Sip><Sip>sip:agent-c</Sip></Dial>"#,
    r#"<Dial action="/action"><Application>AP00000000000000000000000000000002</Application></Dial>"#,
    r#"<Dial timeLimit="4"><Application>AP00000000000000000000000000000001</Application></Dial>"#,
    r#"<Pause length="3"/><Hangup/>"#,
    "",
];

/// Runs the scenario of this seed.
///
/// # Panics
/// When a rule is broken.
pub fn run(seed: u64) {
    let mut dice = Dice::new(seed);
    let mut world = World::new(script::config("config codecs g722"), seed);
    let quality = Quality {
        loss: u32::try_from(dice.below(3) * 8).unwrap_or(0),
        duplicate: u32::try_from(dice.below(3) * 10).unwrap_or(0),
        reorder: u32::try_from(dice.below(3) * 10).unwrap_or(0),
        ..Quality::default()
    };
    world.network.set_quality(None, quality);
    add_routes(&mut world, &mut dice);
    for who in 0..5 {
        choose_habits(&mut world, &mut dice, who);
    }
    let places = ["agent-c", "agent-a"].map(str::to_owned).to_vec();
    world.add_name("sbc.example.com", Duration::from_millis(5), places);
    begin(&mut world, &mut dice);
    if dice.percent(70) {
        let talks = |world: &mut World| world.phone(0).state() == Some(State::Talking);
        world.run_until(Duration::from_secs(8), talks);
        world.run_for(dice.time(Duration::from_millis(60)));
    }
    for _ in 0..dice.below(16) {
        let longest = if dice.percent(60) { 60 } else { 6_000 };
        world.run_for(dice.time(Duration::from_millis(longest)));
        act(&mut world, &mut dice);
        world.check();
    }
    let longest = if dice.percent(90) { 5 } else { 200 };
    world.run_for(dice.time(Duration::from_secs(longest)));
    world.check();
    world.finish();
}

/// The caller calls, or is called by REST.
fn begin(world: &mut World, dice: &mut Dice) {
    if dice.percent(25) {
        let start = if dice.percent(50) {
            script::rest::url("/voice")
        } else {
            script::rest::inline("<Dial answerOnBridge=\"true\"><Sip>sip:agent-a</Sip></Dial>")
        };
        let more = dice.pick(&PLACED).copied().unwrap_or("");
        world.command(script::rest::place_call("usera", start, more));
        return;
    }
    let lines = match dice.below(8) {
        0 => vec!["Require: 100rel".to_owned()],
        1 => vec!["Supported: timer".to_owned(), "Session-Expires: 90".to_owned()],
        2 => vec!["Session-Expires: 90;refresher=uas".to_owned(), "Require: timer".to_owned()],
        _ => Vec::new(),
    };
    world.order(0, Order::Call("sip:bank@bank.example.com".to_owned(), lines));
}

fn call() -> Order {
    Order::Call("sip:bank@bank.example.com".to_owned(), Vec::new())
}

fn add_routes(world: &mut World, dice: &mut Dice) {
    let document = |verbs: &str| Reply::Document(format!("<Response>{verbs}</Response>"));
    let pick = |dice: &mut Dice, of: &[&str]| document(dice.pick(of).copied().unwrap_or(""));
    let voice = pick(dice, &VOICE);
    world.app.add_route("/voice", None, voice);
    world.app.add_route("/told", None, Reply::Empty);
    for _ in 0..3 {
        let reply = pick(dice, &SCREEN);
        let late = dice.time(Duration::from_millis(500));
        world.app.add_route("/screen", Some(late), reply);
    }
    for _ in 0..2 {
        let reply = match dice.below(10) {
            0 => Reply::Status(500),
            1 => Reply::TimesOut,
            2 => Reply::Empty,
            _ => pick(dice, &REFER),
        };
        let longest = if dice.percent(70) { 30 } else { 4_000 };
        let late = dice.time(Duration::from_millis(longest));
        let late = if reply == Reply::TimesOut { None } else { Some(late) };
        world.app.add_route("/refer", late, reply);
    }
    for path in ["/bank", "/branch"] {
        let longest = if dice.percent(70) { 30 } else { 8_000 };
        let late = dice.time(Duration::from_millis(longest));
        let reply = match dice.below(6) {
            0 => Reply::Status(500),
            _ => pick(dice, &APPLICATION),
        };
        world.app.add_route(path, Some(late), reply);
    }
    world.app.add_route("/action", None, document(r#"<Pause length="1"/>"#));
    world.app.add_route("/other", None, document("<Dial><Sip>sip:agent-b</Sip></Dial>"));
}

fn choose_habits(world: &mut World, dice: &mut Dice, who: usize) {
    let habits = &mut world.phone(who).habits;
    habits.rings = dice.percent(90);
    let soon = Duration::from_millis(if dice.percent(70) { 50 } else { 6_000 });
    habits.answers_after = dice.percent(80).then(|| dice.time(soon));
    habits.notify = match dice.below(12) {
        0 => Some(481),
        1 => None,
        _ => Some(200),
    };
    habits.hangs_up = match dice.below(5) {
        0 => HangsUp::AfterAccepted,
        1 => HangsUp::AfterResult,
        _ => HangsUp::WhenTold,
    };
    if dice.percent(10) {
        habits.acks_after = Some(dice.time(Duration::from_millis(1_500)));
    }
    habits.offers_late = dice.percent(10);
    if dice.percent(10) {
        habits.refuses_reinvite = Some(488);
    }
    habits.rings_reliably = dice.percent(20);
    habits.never_pracks = dice.percent(5);
    habits.takes_update = dice.percent(30);
    habits.session = match dice.below(8) {
        0 => Some((90, Refresher::Uac)),
        1 => Some((90, Refresher::Uas)),
        _ => None,
    };
    let codecs: &[&[Codec]] =
        &[&[Codec::Pcmu, Codec::Pcma], &[Codec::Pcma], &[Codec::G722, Codec::Pcmu], &[Codec::G722]];
    let codecs = dice.pick(codecs).copied().unwrap_or_default();
    if dice.percent(40) {
        world.phone(who).set_codecs(codecs.to_vec());
    }
}

fn act(world: &mut World, dice: &mut Dice) {
    let talking: Vec<usize> =
        (0..4).filter(|who| world.phone(*who).state() == Some(State::Talking)).collect();
    let anybody = usize::try_from(dice.below(4)).unwrap_or(0);
    let talker = dice.pick(&talking).copied().unwrap_or(anybody);
    if dice.percent(12) {
        return act_by_rest(world, dice, talker);
    }
    let (who, order) = match dice.below(23) {
        0..=5 => (talker, Order::Refer(vec!["sip:agent-b".to_owned()], refer_lines(dice))),
        6 => (anybody, Order::Refer(vec!["sip:agent-c".to_owned()], refer_lines(dice))),
        7 => (anybody, Order::Refer(vec!["nothing:".to_owned()], Vec::new())),
        8 => (anybody, Order::HangUp),
        9 => (talker, Order::HangUp),
        10 => (talker, Order::Reinvite(Direction::SendOnly)),
        11 => (talker, Order::Reinvite(Direction::SendRecv)),
        12 => (anybody, Order::Answer),
        13 => (anybody, Order::Refuse(486)),
        14 => (talker, Order::Press(10)),
        15 => (talker, Order::Subscribe(0)),
        16 => (talker, Order::Subscribe(600)),
        17 => (anybody, Order::Update(None)),
        18 => (anybody, Order::Update(Some(Direction::SendRecv))),
        19 => (anybody, Order::RingElsewhere),
        20 => (anybody, Order::RefuseWith(302, vec!["Contact: <sip:agent-b>".to_owned()])),
        21 => (anybody, Order::Refuse(503)),
        _ => (0, call()),
    };
    let twice = dice.percent(10).then(|| order.clone());
    world.order(who, order);
    if let Some(again) = twice {
        world.order(who, again);
    }
}

/// REST redirects, ends or transfers a call of that phone.
fn act_by_rest(world: &mut World, dice: &mut Dice, who: usize) {
    let call_id = world.phone(who).call_id().map(str::to_owned);
    let row = call_id.and_then(|call_id| world.books.call(&call_id));
    let Some(call) = row.filter(|row| row.ended.is_none()).map(|row| row.sid) else { return };
    world.command(match dice.below(4) {
        0 => Command::Hangup { call },
        1 | 2 => Command::Redirect { call, start: script::rest::url("/other") },
        _ => Command::Transfer { call, target: "sip:agent-b".to_owned() },
    });
}

fn refer_lines(dice: &mut Dice) -> Vec<String> {
    if dice.percent(15) { vec!["Refer-Sub: false".to_owned()] } else { Vec::new() }
}
