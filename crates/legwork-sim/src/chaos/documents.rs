//! What applications answer in random scenarios: documents of every kind, late, never, broken, and
//! another one each time.
//!
//! Every `<Dial>` has a `referStatusCallback`: by it the rules know how a transfer ended. Not here: who asks for them (`acts`).

use std::time::Duration;

use crate::app::Reply;
use crate::dice::Dice;
use crate::world::World;

/// Stands for `@refers`: absolute, so that inline TwiML may have it.
const REFERS: &str = r#"referUrl="http://app.example/refer""#;
/// Stands for `@told`: every event of a conference is told.
const TOLD: &str = r#"statusCallback="http://app.example/told" statusCallbackEvent="start end join leave mute hold modify announcement""#;
/// Begins every `<Dial>`: calls placed by REST may have a `ReferUrl` of their own.
const DIAL: &str = r#"<Dial referStatusCallback="http://app.example/told""#;

const VOICE: [&str; 51] = [
    r#"<Dial @refers answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial @refers answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>"#,
    r"<Dial @refers><Sip>sip:agent-a</Sip></Dial>",
    r#"<Dial @refers answerOnBridge="true" action="/action"><Sip>sip:agent-a</Sip><Sip>sip:agent-c</Sip></Dial>"#,
    r#"<Dial @refers timeout="5"><Sip>sip:agent-c</Sip></Dial><Dial><Sip>sip:agent-a</Sip></Dial>"#,
    r"<Dial><Sip>sip:agent-a</Sip></Dial>",
    r#"<Dial @refers answerOnBridge="true" hangupOnStar="true" sequential="true"><Sip>sip:agent-c</Sip><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial @refers action="/action" timeout="5"><Sip url="/screen">sip:agent-a</Sip><Sip url="/screen" statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-c</Sip></Dial>"#,
    r#"<Dial @refers answerOnBridge="true" sequential="true"><Sip url="/screen">sip:agent-c</Sip><Sip url="/screen">sip:agent-a</Sip></Dial>"#,
    r#"<Dial @refers answerOnBridge="true" ringTone="uk"><Number sendDigits="w1w">+15551234567</Number><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial action="/action" hangupOnStar="true" timeLimit="5"><Application statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">AP00000000000000000000000000000001</Application></Dial>"#,
    r#"<Dial answerOnBridge="true" timeout="5"><Application url="/screen">AP00000000000000000000000000000001</Application></Dial><Dial><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial @refers ringTone="de" action="/action"><Sip><Uri>sip:agent-c</Uri><Uri priority="11">sip:agent-a</Uri></Sip></Dial>"#,
    r#"<Dial @refers action="/action"><Sip url="/screen" statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:sbc.example.com</Sip></Dial>"#,
    r#"<Dial @refers answerOnBridge="true"><Client>agent-a</Client><Client>agent-c</Client></Dial>"#,
    r#"<Dial @refers answerOnBridge="true" timeout="8"><Sip>sip:agent-a@bank.example.com</Sip></Dial><Redirect>/voice</Redirect>"#,
    r#"<Dial @refers answerOnBridge="true" timeLimit="3"><Sip>sip:agent-a</Sip></Dial><Pause length="2"/>"#,
    r#"<Say>hello</Say><Dial @refers answerOnBridge="true" hangupOnStar="true"><Sip>sip:agent-a</Sip></Dial><Say>bye</Say>"#,
    r#"<Dial @refers answerOnBridge="true" action="/voice"><Sip>sip:agent-a</Sip></Dial>"#,
    r"<Refer><Sip>sip:agent-b</Sip></Refer><Dial><Sip>sip:agent-a</Sip></Dial>",
    r#"<Gather input="dtmf speech" timeout="2" action="/action"><Say>press or say</Say><Pause/></Gather><Dial @refers answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Gather numDigits="1" timeout="1"><Play>/music.wav</Play></Gather><Dial @refers><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Record timeout="2" transcribe="true" transcribeCallback="/told" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/><Dial @refers><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Record playBeep="false" timeout="0" maxLength="7" finishOnKey="1" action="/action"/>"#,
    r#"<Start><Recording recordingStatusCallback="/told"/></Start><Dial @refers answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial @refers answerOnBridge="true" record="record-from-ringing-dual" action="/action" recordingStatusCallback="/told"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial @refers record="true" recordingStatusCallback="/told"><Sip statusCallback="/told">sip:agent-a</Sip></Dial><Echo/>"#,
    r#"<Start><Transcription statusCallbackUrl="/told" partialResults="true"/></Start><Dial @refers answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Start><Transcription name="words" track="inbound_track" statusCallbackUrl="/told"/><Transcription statusCallbackUrl="/told"/></Start><Gather input="speech dtmf" timeout="3"/><Dial @refers><Sip>sip:agent-a</Sip></Dial><Stop><Transcription name="words"/></Stop><Pause length="2"/>"#,
    r#"<Connect action="/action"><ConversationRelay url="wss://app.example/r" welcomeGreeting="Hello. How are you?" dtmfDetection="true" partialPrompts="true" reportInputDuringAgentSpeech="any" events="speaker-events tokens-played"/></Connect>"#,
    r#"<Connect><ConversationRelay url="wss://app.example/r" welcomeGreeting="Hello." interruptSensitivity="medium" preemptible="true"/></Connect><Dial @refers><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Play>/music.wav</Play><Refer action="/action"><Sip>sip:agent-b?X-Case=7</Sip></Refer>"#,
    r#"<Start><Stream url="wss://app.example/s" name="a" track="both_tracks" statusCallback="/told"/></Start><Dial @refers answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial><Stop><Stream name="a"/></Stop>"#,
    r#"<Connect action="/action"><Stream url="wss://app.example/s" statusCallback="/told"/></Connect>"#,
    r#"<Connect><Stream url="wss://app.example/s"/></Connect><Dial @refers><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Start><Stream url="wss://app.example/s" name="a" track="outbound_track"/></Start><Stop><Stream name="a"/><Stream name="b"/></Stop><Start><Stream url="wss://app.example/s" name="a"/></Start><Redirect>/voice</Redirect>"#,
    r#"<Enqueue waitUrl="/wait" action="/action">line</Enqueue>"#,
    r"<Enqueue>line</Enqueue><Say>bye</Say>",
    r#"<Enqueue waitUrl="" maxQueueSize="1" action="/voice">line</Enqueue>"#,
    r#"<Enqueue waitUrl="/wait" waitUrlMethod="GET">other</Enqueue><Redirect>/voice</Redirect>"#,
    r#"<Dial @refers action="/action" timeout="20"><Queue url="/brief">line</Queue></Dial>"#,
    r#"<Dial @refers hangupOnStar="true" answerOnBridge="true" timeLimit="4" record="true"><Queue>line</Queue></Dial><Redirect>/voice</Redirect>"#,
    r#"<Dial timeout="9"><Queue>line</Queue></Dial><Dial><Queue>other</Queue></Dial><Enqueue>line</Enqueue>"#,
    r#"<Enqueue>other</Enqueue><Dial @refers answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial action="/action"><Conference @told>one</Conference></Dial>"#,
    r#"<Dial hangupOnStar="true"><Conference waitUrl="/wait" participantLabel="caller" @told>one</Conference></Dial><Say>bye</Say>"#,
    r#"<Dial timeLimit="9"><Conference startConferenceOnEnter="false" @told>two</Conference></Dial><Dial @refers><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial action="/voice"><Conference endConferenceOnExit="true" maxParticipants="2" record="record-from-start" recordingStatusCallback="/told" @told>two</Conference></Dial>"#,
    r#"<Dial @refers answerOnBridge="true" timeLimit="4"><Sip>sip:agent-a</Sip></Dial><Dial><Conference beep="false" @told>one</Conference></Dial>"#,
    r#"<Start><Siprec connectorName="archive" statusCallback="/told"/></Start><Dial @refers answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Start><Siprec connectorName="archive" name="both" statusCallback="/told"/><Siprec connectorName="backup" track="inbound_track" statusCallback="/told"><Parameter name="case" value="7"/></Siprec></Start><Dial @refers action="/action"><Sip>sip:agent-a</Sip></Dial><Stop><Siprec name="both"/></Stop><Pause length="2"/>"#,
];
/// What is asked of a call placed by REST beside whom to call and what to run.
pub(super) const PLACED: [&str; 9] = [
    "",
    "send_digits w1w; status_callback /told initiated ringing answered completed",
    "refer_url /refer; time_limit 5; status_callback /told",
    "refer_url /refer; send_digits 12; timeout 3; fallback_url /other",
    "refer_url /refer; fallback_url /broken",
    "time_limit 2",
    "refer_url /refer; machine_detection Enable timeout 3s",
    "refer_url /refer; machine_detection DetectMessageEnd async /told; status_callback /told",
    "refer_url /refer; record dual /told; status_callback /told",
];
const SCREEN: [&str; 12] = [
    "",
    "<Say>press</Say>",
    r#"<Pause length="3"/>"#,
    "<Redirect>/other</Redirect>",
    "<Pause/><Hangup/>",
    "<Dial><Sip>sip:agent-b</Sip></Dial>",
    "<Reject/>",
    "<Redirect>/screen</Redirect>",
    r#"<Gather input="speech dtmf" timeout="3" numDigits="1" action="/other"><Say>press</Say></Gather><Hangup/>"#,
    r#"<Record maxLength="3" action="/other"/>"#,
    "<Echo/>",
    r#"<Connect><Stream url="wss://app.example/s"/></Connect>"#,
];
const REFER: [&str; 44] = [
    "<Dial><Sip>sip:agent-b</Sip></Dial>",
    "<Dial><Sip>sip:agent-b</Sip></Dial>",
    r#"<Dial @refers answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>"#,
    r#"<Dial @refers answerOnBridge="true"><Sip>sip:agent-c</Sip></Dial>"#,
    r#"<Dial timeout="5" action="/action"><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>"#,
    r#"<Dial timeLimit="3"><Application>AP00000000000000000000000000000001</Application></Dial>"#,
    r#"<Pause length="2"/><Dial><Sip>sip:agent-b</Sip></Dial>"#,
    r#"<Dial answerOnBridge="true"><Sip url="/screen">sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>"#,
    "<Redirect>/other</Redirect>",
    "<Redirect>/refer</Redirect>",
    "<Redirect>/broken</Redirect>",
    "<Reject/>",
    "<Hangup/>",
    "<Gather/>",
    "<Enqueue>line</Enqueue>",
    r#"<Record timeout="3" recordingStatusCallback="/told"/>"#,
    r#"<Start><Recording/></Start><Dial record="record-from-answer-dual" @refers answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>"#,
    "<Echo/>",
    r#"<Gather input="speech" speechTimeout="1" maxSpeechTime="4" timeout="20" bargeIn="false" partialResultCallback="/told" actionOnEmptyResult="true" action="/other"><Say>who</Say></Gather>"#,
    "",
    r"<Dial><Sip>sip:nowhere.example</Sip></Dial>",
    r"<Dial><Sip>sip:nobody</Sip></Dial>",
    r"<Dial><Sip>sip:wall</Sip></Dial>",
    r#"<Dial><Number sendDigits="2" url="/screen">+15551234567</Number></Dial>"#,
    r"<Dial><Client>agent-b</Client></Dial>",
    r"<Dial><Conference @told>one</Conference></Dial>",
    r#"<Dial><Conference endConferenceOnExit="true" @told>one</Conference></Dial>"#,
    r#"<Dial action="/action"><Conference waitUrl="/wait" participantLabel="caller" @told>two</Conference></Dial>"#,
    r#"<Say>one moment</Say><Dial><Conference muted="true" coach="CA00000000000000000000000000000001">one</Conference></Dial>"#,
    r#"<Say>one moment</Say><Pause length="1"/>"#,
    r#"<Say>one moment</Say><Hangup/>"#,
    r#"<Pause length="40"/><Dial><Sip>sip:agent-b</Sip></Dial>"#,
    r"<Refer><Sip>sip:agent-c</Sip></Refer>",
    r#"<Connect><ConversationRelay url="wss://app.example/r" welcomeGreeting="Hello."/></Connect><Dial @refers><Sip>sip:agent-b</Sip></Dial>"#,
    r#"<Stop><Transcription name="words"/></Stop><Start><Transcription name="words" track="outbound_track" statusCallbackUrl="/told"/></Start><Dial @refers answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>"#,
    r#"<Enqueue waitUrl="/wait" action="/action">line</Enqueue>"#,
    r#"<Say>one moment</Say><Enqueue maxQueueSize="1" action="/other">line</Enqueue>"#,
    r#"<Dial timeout="15" action="/action"><Queue url="/brief">line</Queue></Dial>"#,
    r#"<Dial timeout="5"><Queue>line</Queue></Dial><Dial><Sip>sip:agent-b</Sip></Dial>"#,
    r"<Dial><Queue>nobody</Queue></Dial>",
    r#"<Play>/missing.wav</Play><Dial timeout="3"><Sip>sip:agent-c</Sip></Dial><Dial><Sip>sip:agent-b</Sip></Dial>"#,
    r#"<Connect><Stream url="wss://app.example/s" statusCallback="/told"/></Connect>"#,
    r#"<Start><Stream url="wss://app.example/s" statusCallback="/told"/></Start><Dial @refers answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>"#,
    r#"<Stop><Siprec name="both"/></Stop><Start><Siprec connectorName="archive" name="both" track="outbound_track" statusCallback="/told"/></Start><Dial @refers answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>"#,
];
/// What a dialled application answers: conversations that may be transferred, and others of its kind.
const APPLICATION: [&str; 11] = [
    r#"<Dial @refers answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>"#,
    r"<Dial @refers><Sip>sip:agent-a</Sip><Sip>sip:agent-c</Sip></Dial>",
    r#"<Dial action="/action"><Application url="/screen">AP00000000000000000000000000000002</Application></Dial>"#,
    r#"<Dial timeLimit="4"><Application>AP00000000000000000000000000000001</Application></Dial>"#,
    r#"<Pause length="3"/><Hangup/>"#,
    r#"<Gather input="dtmf speech" speechTimeout="auto" timeout="4" finishOnKey="*#"/>"#,
    r#"<Record finishOnKey="*" timeout="2" action="/action"/>"#,
    r#"<Dial @refers answerOnBridge="true" record="true"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial hangupOnStar="true"><Conference waitUrl="/wait" @told>one</Conference></Dial>"#,
    "",
    r#"<Start><Stream url="wss://app.example/s" statusCallback="/told"/></Start><Connect action="/action"><Stream url="wss://app.example/s"/></Connect>"#,
];
/// What comes at the end of things.
const ACTION: [&str; 10] = [
    r#"<Pause length="1"/>"#,
    r#"<Record timeout="1" action="/action" playBeep="false"/>"#,
    r#"<Gather timeout="0" input="speech" actionOnEmptyResult="true"/>"#,
    "<Dial><Sip>sip:agent-b</Sip></Dial>",
    "<Hangup/>",
    r#"<Dial @refers answerOnBridge="true"><Sip>sip:agent-c</Sip></Dial>"#,
    "<Enqueue>line</Enqueue>",
    r#"<Dial timeout="6"><Queue>line</Queue></Dial>"#,
    r#"<Pause length="2"/><Dial timeout="8" action="/action"><Queue url="/brief">line</Queue></Dial>"#,
    r#"<Dial><Conference @told>one</Conference></Dial>"#,
];
/// Callers of queues and those that serve them.
pub(super) const QUEUING: [&str; 8] = [
    "<Enqueue>line</Enqueue>",
    r#"<Enqueue waitUrl="http://app.example/wait" action="http://app.example/action">line</Enqueue>"#,
    r#"<Enqueue waitUrl="http://app.example/wait">line</Enqueue><Enqueue waitUrl="">other</Enqueue>"#,
    r#"<Enqueue maxQueueSize="2" action="http://app.example/action">small</Enqueue>"#,
    r#"<Dial timeout="20"><Queue>line</Queue></Dial><Dial><Queue>other</Queue></Dial>"#,
    r#"<Dial timeout="30" action="http://app.example/action"><Queue url="http://app.example/brief">line</Queue></Dial>"#,
    r#"<Dial timeLimit="3" hangupOnStar="true"><Queue url="http://app.example/brief">line</Queue></Dial><Dial><Queue>line</Queue></Dial>"#,
    r#"<Dial answerOnBridge="true" record="true"><Queue>small</Queue></Dial><Dial><Queue>line</Queue></Dial>"#,
];
/// What is heard in a queue, or before a conference.
const WAIT: [&str; 14] = [
    "<Play>/music.wav</Play><Redirect/>",
    "<Say>one moment</Say>",
    r#"<Pause length="2"/><Redirect>/broken</Redirect>"#,
    "<Redirect/>",
    "<Gather/>",
    "",
    r#"<Say>you are waiting</Say><Pause length="2"/>"#,
    "<Play>/music.wav</Play>",
    r#"<Pause length="3"/><Leave/>"#,
    r#"<Pause length="1"/><Redirect>/wait</Redirect>"#,
    "<Redirect>/wait</Redirect>",
    r#"<Gather numDigits="1" timeout="3" action="/wait"><Say>press</Say></Gather>"#,
    r#"<Dial><Sip>sip:agent-b</Sip></Dial><Enqueue>line</Enqueue><Pause length="5"/><Hangup/>"#,
    r#"<Play digits="12"/><Leave/>"#,
];
/// What is heard by who was taken from one.
const BRIEF: [&str; 6] = [
    "",
    r#"<Say>recorded</Say><Pause length="1"/>"#,
    "<Redirect>/broken</Redirect>",
    r#"<Pause length="8"/>"#,
    "<Hangup/><Leave/><Play>/music.wav</Play>",
    "<Play>/missing.wav</Play>",
];

/// The verbs as a document.
pub(super) fn document(verbs: &str) -> String {
    let verbs = verbs.replace("@refers", REFERS).replace("@told", TOLD).replace("<Dial", DIAL);
    format!("<Response>{verbs}</Response>")
}

fn pick(dice: &mut Dice, of: &[&str]) -> Reply {
    Reply::Document(document(dice.pick(of).copied().unwrap_or("")))
}

/// An answer that cannot be used.
fn unusable(dice: &mut Dice) -> Reply {
    match dice.below(8) {
        0 => Reply::Status(404),
        1 => Reply::Status(500),
        2 => Reply::TimesOut,
        3 => Reply::Unreachable,
        4 => Reply::Empty,
        5 => Reply::Document("<Response><Dial>".to_owned()),
        6 => Reply::Document("<html/>".to_owned()),
        _ => Reply::Document(String::new()),
    }
}

fn late(dice: &mut Dice, percent_soon: u32, longest_ms: u64) -> Duration {
    let longest = if dice.percent(percent_soon) { 30 } else { longest_ms };
    dice.time(Duration::from_millis(longest))
}

fn add(world: &mut World, path: &str, late: Duration, reply: Reply) {
    let late = if reply == Reply::TimesOut { None } else { Some(late) };
    world.app.add_route(path, late, reply);
}

/// Gives every path an answer, most of them several in turn.
pub(super) fn add_routes(world: &mut World, dice: &mut Dice) {
    for _ in 0..1 + dice.below(2) {
        let (reply, late) = (pick(dice, &VOICE), late(dice, 80, 1_500));
        add(world, "/voice", late, reply);
    }
    world.app.add_route("/told", None, Reply::Empty);
    for _ in 0..3 {
        let (reply, late) = (pick(dice, &SCREEN), dice.time(Duration::from_millis(500)));
        add(world, "/screen", late, reply);
    }
    for _ in 0..1 + dice.below(4) {
        let reply = if dice.percent(25) { unusable(dice) } else { pick(dice, &REFER) };
        let late = late(dice, 65, 6_000);
        add(world, "/refer", late, reply);
    }
    for path in ["/bank", "/branch"] {
        let reply = if dice.percent(17) { unusable(dice) } else { pick(dice, &APPLICATION) };
        let late = late(dice, 70, 8_000);
        add(world, path, late, reply);
    }
    for (path, documents) in [("/wait", &WAIT[..]), ("/brief", &BRIEF)] {
        for _ in 0..1 + dice.below(2) {
            let reply = if dice.percent(12) { unusable(dice) } else { pick(dice, documents) };
            let late = late(dice, 80, 3_000);
            add(world, path, late, reply);
        }
    }
    let (reply, late) = (pick(dice, &ACTION), late(dice, 80, 3_000));
    add(world, "/action", late, reply);
    let other = document("<Dial><Sip>sip:agent-b</Sip></Dial>");
    world.app.add_route("/other", None, Reply::Document(other));
    let broken = unusable(dice);
    add(world, "/broken", Duration::from_millis(20), broken);
}
