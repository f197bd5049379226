//! The language of scenarios: one line after the other is done, what is under way arrives in
//! between.
//!
//! ```text
//! app /refer after 3s <Dial><Sip>sip:agent-b</Sip></Dial>   what it answers; several: in turn
//! app /refer 500 | empty | times out | unreachable | ok     how it fails, or has nothing to say
//! config no enhanced features | refer_to_max 100 | transfer_pending 20s | calls_per_second 1
//! config challenge | codecs pcma | codecs g722 | codecs opus
//! config trunk refers                                       and what else `script/trunk` says
//! config no registration | no users
//! config recorder none | backup at sip:agent-c               session recorders beside `archive` at srs
//! config stream agent at wss://agent.example/x              where connectorName leads
//! config calls 1 | all_calls_per_second 1 | ports 1 | media_threads 2
//! show From, To | all                                       more parameters; every message
//! show headers | speech | keys    what applications add to an INVITE; who speaks what; keys pressed
//! show recordings | alerts                                  how they are written; what they say
//! show rooms                                                who is heard in one, what all there hear
//! show lines Event, Allow, sipfrag, metadata     these of every message the server sends
//! network loses 10%, doubles 10%, reorders 20%, delays 50ms | is good   [to agent-a]
//! network drops 2 NOTIFY to agent-a | drops 1 202 from agent-a
//! dns sbc.example.com [after 3s] agent-a nobody wall agent-b | fails     where a name leads
//! ---                                                       the ladder begins here
//! wait 5s
//! listen                                                    who hears whom?
//! listen throughout                  everybody speaks and hears from now on, until `listen`
//! agent takes 1s | refuses 64102 | lasts 3s | answers "Yes." | works   how a session with it is taken
//! agent says "Hello." [and goes on] [in de-DE] [[not] to be interrupted] [to be preempted] | plays URL
//! agent presses 12 | changes de-DE [and fr-FR] | ends [DATA] | errs | closes
//! rest calls usera with /voice | calls usera running <Pause/> | hangs up usera
//! rest conference one ends | …                              and what else `script/conference` says
//! rest calls … ; record [dual | inbound | outbound] [untrimmed] [/told]
//! rest calls … ; timeout 20; send_digits 12; refer_url /refer; status_callback /s answered
//! rest takes usera from line to /other | takes Front from line to /other      out of a queue
//! rest hangs up AP00000000000000000000000000000001           a dialled application, by its `To`
//! rest redirects usera to /other | transfers agent-a to sip:agent-b | cancels usera
//! usera calls [URI] [with H: v; H: v], agent-a rings 3s, answers & usera hangs up
//! agent-a refers to sip:agent-b [with H: v; …] | to A and also B | to nobody | anew to A
//! agent-a calls A, agent-b answers, agent-a refers attended     in her other call, naming the newest
//! agent-a refers to <sip:b?Replaces={replaces}> | <{address}?Replaces={call-id};to-tag={to-tag};…>
//! agent-c refers to <sip:b?Replaces={agent-a}>              she has overheard agent-a's call
//! agent-a turns back                                        her other call is at her ear again
//! agent-c replaces agent-b's call [early-only] [with H: v]  INVITE with Replaces
//! agent-a refers for its call to A [with H: v] | for usera's call to A   outside, naming it
//! agent-a rings reliably | takes UPDATE | agrees to 90s refreshed by uac     habits of sessions
//! agent-a answers inactive                                  her answers hold
//! agent-a names no referrer | answers NOTIFY after 1s | tries re-INVITE again    more habits
//! agent-a has plus tags | gives no reasons | reconnects for every request | is behind the proxy
//! agent-a presses 5 by INFO | informs application/dtmf 5         keys that no media thread sees
//! agent-a greets 500ms | 5s after 1s | 5s and beeps | as a fax          who answered, by the sound
//! usera presses 1 2 #                                       keys, one after the other
//! usera says "yes" [for 2s]                                  words, for 1 s unless said
//! recogniser takes 3s | fails | understands nothing | works  the one that hears them
//! media keeps silent                   of who answered, and of the end of beeps
//! stream takes 1s | says nothing | refuses 31920 | lasts 3s | breaks after 3s | works   how it is taken
//! stream speaks 2s | marks 1 | clears | errs | closes | breaks    what the application says by the newest
//! recorder takes 3s | fails after 2s | hears silence | says nothing | works   what is recorded
//! agent-a holds by UPDATE | updates | plays early media elsewhere | usera never PRACKs
//! ```
//!
//! What a phone can be told stands in `phone_clause`, what it does that is sent REFER in `script/refer`.
//! `,` lets what is under way arrive; ` & ` does not, nor does ` &` at the end of a line.
//! Not here: what happens (`world`).
#![expect(clippy::panic, reason = "a scenario that cannot be read or done fails its test")]

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use legwork_call::Config;
use legwork_call::config::{
    Account, Application, Domain, Hook, Limits, Network as AddressRange, Number,
    Recorder as SessionRecorder, Sim, StreamConnector, TwimlApp,
};
use legwork_call::ladder::What;
use legwork_call::sid::AccountSid;
use legwork_media::offer_answer;
use legwork_sip as sip;
use legwork_sip::digest::Credentials;
use legwork_twiml as twiml;

use crate::app::{BASE, Reply};
use crate::hearing::{self, Heard};
use crate::network::{Quality, Trap};
use crate::phone::{Codec, Direction, HangsUp, Order, Refresher};
use crate::proxy::PROXY;
use crate::world::taps::Recorder;
use crate::world::{PEOPLE, SERVER, World};

mod conference;
mod greeting;
mod ha1;
mod lines;
mod refer;
mod relay;
pub(crate) mod rest;
mod stream;
mod trunk;

pub(crate) use trunk::quiet;

/// The account of every scenario.
pub const ACCOUNT: AccountSid = AccountSid::from_bits(1);
/// How long a phone waits to be called before the scenario gives up.
const PATIENCE: Duration = Duration::from_secs(90);

/// Runs a scenario to its end, the baseline included, and gives its ladder.
///
/// # Panics
/// When a line cannot be read or done, or a rule is broken on the way.
pub fn run(scenario: &str) -> String {
    let mut world = play(scenario);
    let ladder = world.ladder.print();
    world.finish();
    ladder
}

/// Runs a scenario up to its last line: for a closer look at the world than a ladder gives.
///
/// # Panics
/// When a line cannot be read or done, or a rule is broken on the way.
pub fn play(scenario: &str) -> World {
    let ports = scenario.lines().find_map(|line| line.trim().strip_prefix("config ports "));
    let mut world = World::with_ports(config(scenario), 1, ports.map(number));
    for line in scenario.lines().map(str::trim).filter(|line| !line.is_empty()) {
        run_line(&mut world, line);
    }
    world
}

pub(crate) fn hook(path: &str) -> Hook {
    Hook { url: format!("{BASE}{path}"), method: twiml::Method::Post }
}

/// The configuration a scenario asks for.
pub fn config(scenario: &str) -> Config {
    let has = |path: &str| scenario.contains(&format!("app {path} "));
    let application = Application {
        voice: Some(hook("/voice")),
        fallback: has("/fallback").then(|| hook("/fallback")),
        status: has("/status").then(|| hook("/status")),
    };
    let range = |address: [u8; 4]| AddressRange { address: IpAddr::from(address), prefix: 29 };
    let users = PEOPLE.iter().map(|(name, ..)| ha1::user(name, "bank.example.com", name));
    let mut config = Config {
        sip: sip::endpoint::Config {
            user_agent: "legwork".to_owned(),
            public_address: None,
            listen: vec![(sip::Transport::Udp, SERVER)],
            tag_prefix: "n0001-".to_owned(),
        },
        media_address: None,
        codecs: vec![offer_answer::Codec::Pcmu, offer_answer::Codec::Pcma],
        media_threads: 1,
        accounts: vec![Account {
            sid: ACCOUNT,
            enhanced_sip_features: true,
            calls_per_second: None,
        }],
        domains: vec![Domain {
            account: ACCOUNT,
            name: "bank.example.com".to_owned(),
            application: application.clone(),
            registration: true,
            ip_acl: vec![range([10, 0, 0, 0]), range([10, 0, 0, 16])],
            users: users.collect(),
            challenge_calls: false,
        }],
        numbers: vec![Number {
            account: ACCOUNT,
            phone_number: "+815012345678".to_owned(),
            application,
        }],
        trunks: vec![trunk::carrier()],
        sims: vec![Sim {
            account: ACCOUNT,
            sid: "HS00000000000000000000000000000001".to_owned(),
            uri: "sip:imsi-001@agent-c".to_owned(),
        }],
        recorders: vec![recorder_at("archive", "sip:srs")],
        streams: Vec::new(),
        applications: vec![twiml_app(1, "/bank", scenario), twiml_app(2, "/branch", scenario)],
        http_base: "http://legwork.example".to_owned(),
        limits: Limits::default(),
    };
    let lines = scenario.lines().filter_map(|line| line.trim().strip_prefix("config "));
    lines.for_each(|line| configure(&mut config, line));
    config
}

/// A session recorder; it knows us by the password of the phone `srs`.
fn recorder_at(name: &str, uri: &str) -> Arc<SessionRecorder> {
    let srs = || "srs".to_owned();
    let credentials = Credentials { username: srs(), password: srs(), realm: None };
    let (name, uri) = (name.to_owned(), uri.to_owned());
    Arc::new(SessionRecorder { account: ACCOUNT, name, uri, credentials: Some(credentials.into()) })
}

/// An application that can be dialled; `PATH-fallback` and `PATH-status` where the scenario has them.
fn twiml_app(number: u8, path: &str, scenario: &str) -> TwimlApp {
    let beside = |what: &str| {
        let path = format!("{path}-{what}");
        scenario.contains(&format!("app {path} ")).then(|| hook(&path))
    };
    let (fallback, status) = (beside("fallback"), beside("status"));
    let application = Application { voice: Some(hook(path)), fallback, status };
    TwimlApp { account: ACCOUNT, sid: format!("AP{number:032}"), application }
}

fn configure(config: &mut Config, line: &str) {
    let (key, value) = line.split_once(' ').unwrap_or((line, ""));
    match (key, value) {
        ("no", "enhanced features") => {
            config.accounts.iter_mut().for_each(|a| a.enhanced_sip_features = false);
        }
        ("no", "registration") => config.domains.iter_mut().for_each(|d| d.registration = false),
        ("no", "users") => config.domains.iter_mut().for_each(|d| d.users.clear()),
        ("challenge", "") => config.domains.iter_mut().for_each(|d| d.challenge_calls = true),
        ("trunk", how) => trunk::configure(config, how),
        ("codecs", "pcma") => config.codecs = vec![offer_answer::Codec::Pcma],
        ("codecs", "g722") => config.codecs.push(offer_answer::Codec::G722),
        ("codecs", "opus") => config.codecs.push(offer_answer::Codec::Opus),
        ("recorder", how) => match how.split_once(" at ") {
            Some((name, uri)) => config.recorders.push(recorder_at(name, uri)),
            None => config.recorders.clear(),
        },
        ("stream", how) => match how.split_once(" at ") {
            Some((name, url)) => {
                let (name, url) = (name.to_owned(), url.to_owned());
                config.streams.push(StreamConnector { account: ACCOUNT, name, url });
            }
            None => panic!("config {line}"),
        },
        ("calls", n) => config.limits.calls = number(n),
        ("all_calls_per_second", n) => config.limits.calls_per_second = number(n),
        ("media_threads", n) => config.media_threads = number(n),
        ("ports", _) => {} // the world's, not the switch's
        ("refer_to_max", n) => config.limits.refer_to_max = number(n),
        ("calls_per_second", n) => {
            config.accounts.iter_mut().for_each(|a| a.calls_per_second = Some(number(n)));
        }
        ("transfer_pending", time) => config.limits.transfer_pending = duration(time),
        (_, _) => panic!("config {line}"),
    }
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.trim().parse().unwrap_or_else(|_| panic!("{text}: a number is needed"))
}

fn duration(text: &str) -> Duration {
    let text = text.trim();
    match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(ms), _) => Duration::from_millis(number(ms)),
        (None, Some(s)) => Duration::from_secs_f64(number(s)),
        (None, None) => panic!("{text}: a time is needed, `3s` or `50ms`"),
    }
}

fn run_line(world: &mut World, line: &str) {
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    match first {
        "config" | "#" => {}
        "---" => world.ladder.begin(world.clock.elapsed()),
        "app" => add_route(world, rest),
        "show" if rest == "all" => world.ladder.shows_all = true,
        "show" if rest.starts_with("lines ") => {
            let names = rest.trim_start_matches("lines ").split(", ");
            world.shown_lines.extend(names.map(str::to_owned));
        }
        "show" => rest.split(',').for_each(|name| world.app.show(name.trim())),
        "network" => network(world, rest),
        "dns" => names(world, rest),
        "wait" => world.run_for(duration(rest)),
        "listen" if rest == "throughout" => {
            world.sound.listen(true);
            (0..PEOPLE.len()).for_each(|who| world.order(who, Order::Speak(true)));
        }
        "listen" => listen(world),
        "media" if rest == "keeps silent" => world.sound.keep_silent(),
        "recogniser" => recogniser(world, rest),
        "recorder" => recorder(world, rest),
        "stream" => {
            stream::line(world, rest);
            world.settle();
        }
        "agent" => relay::line(world, rest),
        "rest" => {
            rest::clause(world, rest);
            world.settle();
        }
        _ => phone_line(world, line),
    }
}

fn add_route(world: &mut World, rest: &str) {
    let (path, mut reply) = rest.split_once(' ').unwrap_or((rest, ""));
    reply = reply.trim();
    let mut after = None;
    if let Some(late) = reply.strip_prefix("after ") {
        let (time, then) = late.split_once(' ').unwrap_or((late, ""));
        (after, reply) = (Some(duration(time)), then.trim());
    }
    let reply = match reply {
        "times out" => Reply::TimesOut,
        "unreachable" => Reply::Unreachable,
        "empty" => Reply::Empty,
        "ok" => Reply::Document("<Response/>".to_owned()),
        code if code.len() == 3 && code.parse::<u16>().is_ok() => Reply::Status(number(code)),
        broken if broken.starts_with("broken ") => {
            Reply::Document(broken.trim_start_matches("broken ").to_owned())
        }
        verbs => {
            let verbs = conference::with_sids(world, verbs);
            Reply::Document(format!("<Response>{verbs}</Response>"))
        }
    };
    world.app.add_route(path, after, reply);
}

fn network(world: &mut World, rest: &str) {
    if let Some(drops) = rest.strip_prefix("drops ") {
        let words: Vec<_> = drops.split(' ').collect();
        let [count, what, side, name] = words.as_slice() else { panic!("network {rest}") };
        let ip = Some(ip_of(world, name));
        let (from, to) = if *side == "from" { (ip, None) } else { (None, ip) };
        let what = (*what).to_owned();
        return world.network.add_trap(Trap { what, from, to, count: number(count) });
    }
    let (rest, of) = match rest.split_once(" to ") {
        Some((rest, name)) => (rest, Some(ip_of(world, name))),
        None => (rest, None),
    };
    let mut quality = Quality::default();
    for part in rest.split(',') {
        let (verb, value) = part.trim().split_once(' ').unwrap_or_else(|| (part.trim(), ""));
        let percent = || number(value.trim_end_matches('%'));
        match verb {
            "is" => {}
            "loses" => quality.loss = percent(),
            "doubles" => quality.duplicate = percent(),
            "reorders" => quality.reorder = percent(),
            "delays" => quality.delay = duration(value),
            other => panic!("network {other}"),
        }
    }
    world.network.set_quality(of, quality);
}

/// Where a name leads, in order; `nobody` says nothing, `wall` sends back.
fn names(world: &mut World, rest: &str) {
    let (name, rest) = rest.split_once(' ').unwrap_or((rest, "fails"));
    let (after, rest) = match rest.strip_prefix("after ").and_then(|rest| rest.split_once(' ')) {
        Some((time, rest)) => (duration(time), rest),
        None => (Duration::from_millis(1), rest),
    };
    let hosts = rest.split(' ').filter(|host| *host != "fails");
    world.add_name(name, after, hosts.map(str::to_owned).collect());
}

fn ip_of(world: &mut World, name: &str) -> IpAddr {
    let who = person(world, name);
    world.phone(who).config().sip.ip()
}

fn person(world: &World, name: &str) -> usize {
    world.who(name).unwrap_or_else(|| panic!("{name}: who is that?"))
}

/// Everybody speaks for a moment; one line says who hears whom.
fn listen(world: &mut World) {
    let heard = hearing::listen(world);
    let mut said = Vec::new();
    for Heard { who, names } in heard {
        let phone = world.phone(who);
        let name = phone.config().name.clone();
        let what = match names {
            None => "nothing".to_owned(),
            Some(names) if names.is_empty() => "silence".to_owned(),
            Some(names) => names.join(" and "),
        };
        let keys = phone.keys_heard().iter().map(|key| format!(" and key {key}"));
        let broken = if phone.rtp_breaks() > 0 { " in a broken stream" } else { "" };
        said.push(format!("{name} hears {what}{}{broken}", keys.collect::<String>()));
    }
    let line = if said.is_empty() { "nobody talks".to_owned() } else { said.join(", ") };
    world.ladder.text(world.clock.elapsed(), line);
}

fn sid_of(world: &mut World, name: &str) -> legwork_call::sid::CallSid {
    if name.starts_with("AP") {
        let row = world.books.call_to(name);
        return row.unwrap_or_else(|| panic!("nobody has called {name}")).sid;
    }
    let who = person(world, name);
    let call_id = world.phone(who).call_id().map(str::to_owned);
    let row = call_id.and_then(|call_id| world.books.call(&call_id));
    row.unwrap_or_else(|| panic!("{name} has no call")).sid
}

fn phone_line(world: &mut World, line: &str) {
    let mut who = None;
    let (line, hurries) = line.strip_suffix(" &").map_or((line, false), |line| (line, true));
    // A Refer-To may hold commas: everything behind `refers to` belongs to it.
    let (list, last) = match line.split_once("refers ") {
        Some((before, rest)) => (before, Some(format!("refers {rest}"))),
        None => (line, None),
    };
    let mut rest = list.trim().trim_end_matches(',');
    let mut clauses: Vec<(String, bool)> = Vec::new();
    while !rest.is_empty() {
        let comma = rest.find(", ").map(|at| (at, true));
        let and = rest.find(" & ").map(|at| (at, false));
        let (at, settles) =
            comma.into_iter().chain(and).min_by_key(|(at, _)| *at).unwrap_or((rest.len(), true));
        clauses.push((rest.get(..at).unwrap_or("").trim().to_owned(), settles));
        let skip = if settles { 2 } else { 3 };
        rest = rest.get(at + skip..).unwrap_or("");
    }
    if let Some(last) = last {
        match clauses.last_mut() {
            Some((clause, _)) if world.who(clause).is_some() => {
                *clause = format!("{clause} {last}");
            }
            Some(_) | None => clauses.push((last, true)),
        }
        let hurries = clauses.last_mut().and_then(|(clause, settles)| {
            let then = clause.split_once(" & ").map(|(a, b)| (a.to_owned(), b.to_owned()))?;
            (*clause, *settles) = (then.0, false);
            Some(then.1)
        });
        clauses.extend(hurries.map(|then| (then, true)));
    }
    if hurries && let Some((_, settles)) = clauses.last_mut() {
        *settles = false;
    }
    for (clause, settles) in clauses {
        let (first, rest) = clause.split_once(' ').unwrap_or((clause.as_str(), ""));
        let verb = match world.who(first) {
            Some(other) => {
                who = Some(other);
                rest
            }
            None => clause.as_str(),
        };
        let who = who.unwrap_or_else(|| panic!("{line}: who?"));
        phone_clause(world, who, verb);
        if settles {
            world.settle();
        }
    }
}

/// One thing a phone is told. Waits for its moment where it needs one (to be called).
fn phone_clause(world: &mut World, who: usize, clause: &str) {
    let words: Vec<&str> = clause.split(' ').collect();
    if lines::clause(world, who, &words) {
        return;
    }
    match words.as_slice() {
        ["registers"] => world.order(who, Order::Register(3600, Vec::new())),
        ["registers", "with", ..] => {
            let lines = clause.split_once(" with ").map_or("", |(_, lines)| lines);
            world.order(who, Order::Register(3600, header_lines(lines)));
        }
        ["unregisters"] => world.order(who, Order::Register(0, Vec::new())),
        ["unregisters", "everything"] => {
            world.order(who, Order::Register(0, vec!["Contact: *".to_owned()]));
        }
        ["calls"] => call(world, who, "sip:bank@bank.example.com", ""),
        ["calls", to] => call(world, who, to, ""),
        ["calls", to, "with", ..] => {
            let lines = clause.split_once(" with ").map_or("", |(_, lines)| lines);
            call(world, who, to, lines);
        }
        ["rings"] => wait_for_call(world, who),
        ["rings", "reliably"] => habit(world, who, &words, clause),
        ["rings", time] => {
            wait_for_call(world, who);
            world.run_for(duration(time));
        }
        ["plays", "early", "media"] => waiting(world, who, Order::Ring(true)),
        ["plays", "early", "media", "elsewhere"] => waiting(world, who, Order::RingElsewhere),
        ["answers"] => waiting(world, who, Order::Answer),
        ["refuses", "re-INVITE", ..] => habit(world, who, &words, clause),
        ["refuses", status, "with", ..] => {
            let lines = header_lines(clause.split_once(" with ").map_or("", |(_, lines)| lines));
            waiting(world, who, Order::RefuseWith(number(status), lines));
        }
        ["refuses", status] => waiting(world, who, Order::Refuse(number(status))),
        ["hangs", "up"] | ["cancels"] => world.order(who, Order::HangUp),
        ["holds"] => world.order(who, Order::Reinvite(Direction::SendOnly)),
        ["holds", "inactive"] => world.order(who, Order::Reinvite(Direction::Inactive)),
        ["holds", "zero"] => world.order(who, Order::Reinvite(Direction::Zero)),
        ["unholds"] => world.order(who, Order::Reinvite(Direction::SendRecv)),
        ["updates"] => world.order(who, Order::Update(None)),
        ["holds", "by", "UPDATE"] => world.order(who, Order::Update(Some(Direction::SendOnly))),
        ["unholds", "by", "UPDATE"] => world.order(who, Order::Update(Some(Direction::SendRecv))),
        ["greets", how @ ..] => world.order(who, Order::Say(greeting::samples(how))),
        ["presses", key, "by", "INFO"] => world.order(who, Order::Info(Some(relay(key)))),
        ["informs", media_type, ..] => {
            let (_, body) = clause.split_once(&format!("{media_type} ")).unwrap_or_default();
            let body = body.replace("; ", "\r\n");
            world.order(who, Order::Info(Some(((*media_type).to_owned(), body))));
        }
        ["presses", keys @ ..] => presses(world, who, keys),
        ["says", ..] => says(world, who, clause),
        ["subscribes", time] => {
            let seconds = u32::try_from(duration(time).as_secs()).unwrap_or(0);
            world.order(who, Order::Subscribe(seconds));
        }
        ["asks", "options"] => world.order(who, Order::Options),
        ["refers", how @ ..] => refers(world, who, how, clause),
        _ => habit(world, who, &words, clause),
    }
}

/// INFO with a key as most phones send it.
fn relay(key: &str) -> (String, String) {
    ("application/dtmf-relay".to_owned(), format!("Signal={key}\r\nDuration=160\r\n"))
}

/// Keys, by their name or number; each is pressed for 100 ms.
fn presses(world: &mut World, who: usize, keys: &[&str]) {
    for (n, key) in keys.iter().enumerate() {
        if n > 0 {
            world.run_for(Duration::from_millis(200));
        }
        let key = match *key {
            "*" => 10,
            "#" => 11,
            key => number(key),
        };
        if world.app.is_shown("keys") {
            let name = world.phone(who).config().name.clone();
            let what = What::Sent(format!("key {}", keys.get(n).unwrap_or(&"")));
            world.ladder.row(world.clock.elapsed(), &name, &what);
        }
        world.order(who, Order::Press(key));
    }
}

/// `says "yes" [for 2s]`.
fn says(world: &mut World, who: usize, clause: &str) {
    let mut parts = clause.split('"').skip(1);
    let (words, rest) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let time = rest.trim().strip_prefix("for ").map_or(Duration::from_secs(1), duration);
    world.say(who, words, time);
}

/// What the recogniser does from now on.
fn recogniser(world: &mut World, rest: &str) {
    let recogniser = &mut world.taps.recogniser;
    match rest.split_once(' ').unwrap_or((rest, "")) {
        ("takes", time) => recogniser.takes = duration(time),
        ("fails", "") => recogniser.fails = true,
        ("understands", "nothing") => recogniser.is_deaf = true,
        ("works", "") => (recogniser.fails, recogniser.is_deaf) = (false, false),
        _ => panic!("recogniser {rest}"),
    }
}

/// What the recorder does from now on.
fn recorder(world: &mut World, rest: &str) {
    let recorder = &mut world.taps.recorder;
    match rest.split(' ').collect::<Vec<_>>().as_slice() {
        ["takes", time] => recorder.takes = Some(duration(time)),
        ["fails", "after", time] => recorder.fails_after = Some(duration(time)),
        ["hears", "silence"] => recorder.hears_silence = true,
        ["says", "nothing"] => recorder.takes = None,
        ["works"] => *recorder = Recorder::default(),
        _ => panic!("recorder {rest}"),
    }
}

/// REFER of a phone: in its call, or outside any.
fn refers(world: &mut World, who: usize, how: &[&str], clause: &str) {
    match how {
        ["anew", "to", target] => {
            world.order(who, Order::ReferAnew((*target).to_owned(), Vec::new()));
        }
        ["for", of, "call", "to", target, more @ ..] => {
            let of = if *of == "its" { who } else { person(world, of.trim_end_matches("'s")) };
            let named = world.phone(of).named_call().unwrap_or_default();
            let mut lines = header_lines(&more.join(" ").replacen("with ", "", 1));
            lines.push(format!("Target-Dialog: {named}"));
            world.order(who, Order::ReferAnew((*target).to_owned(), lines));
        }
        _ => refer(world, who, clause.trim_start_matches("refers to ")),
    }
}

/// What a phone does by itself from now on.
fn habit(world: &mut World, who: usize, words: &[&str], clause: &str) {
    if refer::habit(world, who, words) {
        return;
    }
    let phone = world.phone(who);
    let habits = &mut phone.habits;
    match words {
        ["does", "not", "ring"] => habits.rings = false,
        ["answers", "by", "itself", "after", time] => habits.answers_after = Some(duration(time)),
        ["answers", "NOTIFY", "with", status] => habits.notify = Some(number(status)),
        ["answers", "NOTIFY", "after", time] => habits.notify_after = duration(time),
        ["ignores", "NOTIFY"] => habits.notify = None,
        ["answers", "inactive"] => habits.direction = Direction::Inactive,
        ["names", "no", "referrer"] => habits.wording.names_referrer = false,
        ["gives", "no", "reasons"] => habits.wording.gives_reasons = false,
        ["has", "plus", "tags"] => habits.wording.has_plus_tags = true,
        ["tries", "re-INVITE", "again"] => habits.tries_again = true,
        ["reconnects", "for", "every", "request"] => habits.reconnects = true,
        ["hangs", "up", "after", "202"] => habits.hangs_up = HangsUp::AfterAccepted,
        ["hangs", "up", "after", "the", "result"] => habits.hangs_up = HangsUp::AfterResult,
        ["acks", "never"] => habits.acks_after = None,
        ["acks", "after", time] => habits.acks_after = Some(duration(time)),
        ["acks", "at", "once"] => habits.acks_after = Some(Duration::ZERO),
        ["refuses", "re-INVITE", "with", status] => habits.refuses_reinvite = Some(number(status)),
        ["offers", "late"] => habits.offers_late = true,
        ["answers", "without", "session"] => habits.answers_bare = true,
        ["adds", ..] => habits.wording.adds = header_lines(clause.trim_start_matches("adds ")),
        ["answers", "BYE", "with", status] => habits.bye = number(status),
        ["rings", "reliably"] => habits.rings_reliably = true,
        ["never", "PRACKs"] => habits.never_pracks = true,
        ["takes", "UPDATE"] => habits.takes_update = true,
        ["agrees", "to", time, "refreshed", "by", by] => {
            let seconds = u32::try_from(duration(time).as_secs()).unwrap_or(0);
            let by = if *by == "uac" { Refresher::Uac } else { Refresher::Uas };
            habits.session = Some((seconds, by));
        }
        ["speaks", names @ ..] => {
            let names = names.iter().filter(|name| **name != "and");
            phone.set_codecs(names.map(|name| codec(name)).collect());
        }
        ["logs", "in", "as", name, "with", password] => {
            habits.login = Some(((*name).to_owned(), (*password).to_owned()));
        }
        ["answers", "OPTIONS", "with", status] => habits.carrier.options = Some(number(status)),
        ["ignores", "OPTIONS"] => habits.carrier.options = None,
        ["answers", "REGISTER", "with", status] => habits.carrier.register = number(status),
        ["answers", "INVITE", "with", status] => habits.carrier.invite = Some(number(status)),
        ["takes", "INVITE"] => habits.carrier.invite = None,
        ["registers", "for", "at", "least", time] => {
            habits.carrier.least_s = u32::try_from(duration(time).as_secs()).unwrap_or(0);
        }
        ["asks", "for", "the", "password", "of", realm] => {
            habits.carrier.realm = Some((*realm).to_owned());
        }
        ["challenges"] => habits.challenges = true,
        ["knows", "no", "events"] => habits.knows_events = false,
        ["is", "behind", "the", "proxy"] => phone.set_server(PROXY),
        ["is", "behind", "a", "NAT"] => {
            habits.behind_nat = Some(IpAddr::from([192, 168, 1, 2]));
        }
        ["dies"] => habits.is_dead = true,
        ["revives"] => habits.is_dead = false,
        _ => panic!("{clause}: what is that?"),
    }
}

fn codec(name: &str) -> Codec {
    match name {
        "PCMU" => Codec::Pcmu,
        "PCMA" => Codec::Pcma,
        "G722" => Codec::G722,
        "opus" => Codec::Opus,
        _ => panic!("{name}: which codec is that?"),
    }
}

fn call(world: &mut World, who: usize, to: &str, lines: &str) {
    world.order(who, Order::Call(to.to_owned(), header_lines(lines)));
}

fn header_lines(text: &str) -> Vec<String> {
    let lines = text.split("; ").map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

fn refer(world: &mut World, who: usize, rest: &str) {
    let (targets, lines) = rest.split_once(" with ").unwrap_or((rest, ""));
    let mut targets: Vec<String> = match targets {
        "nobody" => Vec::new(),
        targets => targets.split(" and also ").map(str::to_owned).collect(),
    };
    lines::overhear(world, &mut targets);
    world.order(who, Order::Refer(targets, header_lines(lines)));
}

fn wait_for_call(world: &mut World, who: usize) {
    let is_called = |world: &mut World| world.phone(who).is_ringing();
    if !world.run_until(PATIENCE, is_called) {
        let name = world.phone(who).config().name.clone();
        world.broken(&format!("{name} is not called"));
    }
}

fn waiting(world: &mut World, who: usize, order: Order) {
    wait_for_call(world, who);
    world.order(who, order);
}
