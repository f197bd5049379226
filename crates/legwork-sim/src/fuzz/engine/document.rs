//! What the application answers: documents that lead into every part of the engine, and failures.
//!
//! Not here: odd XML (`fuzz::twiml`).

use std::time::Duration;

use legwork_call::io::{Document, Fetch, FetchError};
use legwork_twiml as twiml;

use super::schedule::Schedule;

/// Documents, without the `<Response>`.
pub(super) const DOCUMENTS: [&str; 40] = [
    r#"<Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial referUrl="/refer" record="record-from-ringing-dual" recordingStatusCallback="/told"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial referUrl="/refer" action="/action"><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>"#,
    r#"<Dial referUrl="/refer" answerOnBridge="true" sequential="true" timeout="5"><Sip>sip:agent-c</Sip><Sip>sip:agent-b</Sip></Dial>"#,
    r#"<Dial action="/action" hangupOnStar="true" timeLimit="5"><Sip url="/screen">sip:agent-a</Sip></Dial>"#,
    r#"<Dial referUrl="/refer" ringTone="uk"><Number sendDigits="w1w" url="/screen">+15551234567</Number><Client>agent-a</Client></Dial>"#,
    r#"<Dial><Application statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">AP00000000000000000000000000000001</Application></Dial>"#,
    r#"<Dial timeLimit="3" referUrl="/refer"><Application copyParentTo="true">AP00000000000000000000000000000002</Application></Dial>"#,
    r#"<Dial answerOnBridge="true" referUrl="/refer"><Sip statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:a@name.example?X-A=1</Sip></Dial>"#,
    r#"<Dial><Sip><Uri>sip:agent-a</Uri><Uri priority="2">sip:agent-b</Uri></Sip><Sim>HS00000000000000000000000000000001</Sim></Dial>"#,
    r#"<Dial><Sip username="u" password="p">sip:agent-a;transport=tcp</Sip></Dial><Say>after</Say>"#,
    r#"<Say loop="2">hello</Say><Play loop="0">/a.wav</Play>"#,
    r#"<Play>/a.wav</Play><Pause length="3"/><Redirect>/other</Redirect>"#,
    r#"<Record timeout="2" action="/action" recordingStatusCallback="/told" transcribe="true" transcribeCallback="/told"/><Say>after</Say>"#,
    r#"<Redirect method="GET">/other?a=b#c</Redirect>"#,
    "<Hangup/>",
    r#"<Reject reason="busy"/>"#,
    r#"<Gather input="dtmf speech" partialResultCallback="/told" action="/action"><Say>x</Say><Pause/></Gather><Say>after</Say>"#,
    "",
    r#"<Say/><Dial timeout="0"/><Dial>+15551234567</Dial>"#,
    r#"<Refer action="/action"><Sip>sip:agent-c</Sip></Refer>"#,
    r#"<Refer><Sip>sip:agent-c?X-A=1</Sip></Refer><Dial><Sip>sip:agent-b</Sip></Dial>"#,
    r#"<Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial><Dial><Sip>sip:agent-c</Sip></Dial>"#,
    r#"<Dial timeout="1"><Sip>sip:agent-c</Sip></Dial><Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial><Conference>room</Conference></Dial>"#,
    r#"<Enqueue action="/action" waitUrl="/other">line</Enqueue><Say>after</Say>"#,
    r#"<Leave/><Enqueue maxQueueSize="1">line</Enqueue>"#,
    r#"<Dial action="/action" referUrl="/refer"><Queue url="/other">line</Queue></Dial>"#,
    r#"<Dial timeout="5" hangupOnStar="true"><Queue>line</Queue></Dial><Redirect>/other</Redirect>"#,
    r#"<Start><Recording recordingStatusCallback="/told"/></Start><Dial record="true"><Number>+815012345678</Number></Dial><Echo/>"#,
    r#"<Dial><Sip>sip:bank@bank.example.com</Sip></Dial>"#,
    r#"<Redirect/>"#,
    r#"<Connect action="/action"><Stream url="wss://a/b" statusCallback="/told"><Parameter name="a" value="b"/></Stream></Connect><Say>after</Say>"#,
    r#"<Start><Stream url="wss://a/b" name="x" track="both_tracks" statusCallback="/told"/></Start><Pause/><Stop><Stream name="x"/></Stop><Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Connect action="/action"><ConversationRelay url="wss://a/b" welcomeGreeting="One. Two." dtmfDetection="true" partialPrompts="true" events="speaker-events tokens-played" reportInputDuringAgentSpeech="any"/></Connect><Say>after</Say>"#,
    r#"<Start><Transcription name="x" statusCallbackUrl="/told" partialResults="true"/></Start><Pause/><Stop><Transcription name="x"/></Stop><Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Dial answerOnBridge="true"><Application>AP00000000000000000000000000000002</Application><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Reject/><Dial><Sip>sip:agent-a</Sip></Dial>"#,
    r#"<Play/><Say voice="x" language="de-DE">a<break/>b</Say>"#,
    r#"<Dial callerId="client:x" referUrl="" action=""><Sip>agent-a</Sip></Dial>"#,
];

/// An answer to this request.
pub(super) fn answer(fetch: &Fetch, schedule: &mut Schedule<'_>) -> Result<Document, FetchError> {
    match schedule.byte() {
        250.. => failed(fetch, schedule.pick(&[11200, 11205, 11750, 12300, 15002, 15003, 0])),
        248..=249 => Ok(document(fetch, schedule.text(), 200)),
        n => {
            let verbs = DOCUMENTS.get(usize::from(n) % DOCUMENTS.len()).copied().unwrap_or("");
            let text = format!("<Response>{verbs}</Response>");
            Ok(document(fetch, text.as_bytes(), 200))
        }
    }
}

/// It could not be had.
pub(super) fn failed(fetch: &Fetch, code: u32) -> Result<Document, FetchError> {
    Err(FetchError {
        code,
        text: "failed".to_owned(),
        account: fetch.account,
        call: fetch.call,
        method: fetch.hook.method,
        url: fetch.hook.url.clone(),
        status: code.is_multiple_of(2).then_some(500),
        took: Duration::from_secs(1),
    })
}

fn document(fetch: &Fetch, text: &[u8], status: u16) -> Document {
    let (program, problems) = twiml::parse(text);
    let took = Duration::from_millis(20);
    Document { url: fetch.hook.url.clone(), program, problems, status, took }
}
