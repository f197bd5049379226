//! Playing the second act: UserA is greeted, presses a key, talks to AgentA and, transferred, to AgentB;
//! the recording of it all is fetched, measured, played back to UserA, and measured again.
//!
//! Not here: what should come of it (`second`), how it is told (`show`).
//! Source: Twilio, "TwiML Voice: Gather", "Start", "Recording", "Play".

use std::time::{Duration, Instant};

use legwork_media::{measure, tone, wav};
use legwork_sim::phone::Order;
use serde_json::Value;

use crate::config::development::DOMAIN;
use crate::demo::app::Asked;
use crate::demo::contract::{Cell, Party, Row};
use crate::demo::hearing::Sound;
use crate::demo::parts::{list, parts};
use crate::demo::second::Second;
use crate::demo::story::{
    PATIENCE, STEP, Stage, address, refer_document, refer_to, rightly_signed,
};

/// How UserA is greeted.
const GREETING: &str = "Welcome to the bank. Press one to talk to an agent.";
/// How long it is quiet before UserA takes the greeting to be over, ms: longer than between sentences.
const QUIET_MS: u32 = 600;
/// What is no voice, dB.
const SILENCE_DB: f32 = -46.0;
/// How long a phone rings, and how long is talked.
const RINGS: Duration = Duration::from_millis(800);
const TALKS: Duration = Duration::from_millis(1200);
/// How much longer than the recording playing it may take.
const PLAY_PATIENCE: Duration = Duration::from_secs(5);

impl Stage {
    /// Plays the second act and tells what came of it.
    ///
    /// # Errors
    /// A socket failed, or the server does not answer any more.
    pub(crate) fn play_second(&mut self) -> anyhow::Result<Second> {
        let began = Instant::now();
        let mut act = Second::default();
        self.app.set(vec![
            ("/voice", greeting_document()),
            ("/pressed", agent_document()),
            ("/refer", refer_document()),
        ]);
        self.phones.begin();
        self.phones.order(Party::UserA, Order::Speak(false));
        if self.greet(&mut act)? {
            self.play_call(&mut act)?;
        } else {
            act.differs("UserA was not greeted".to_owned());
            self.hang_up(&mut act.differences)?;
            self.note_call(&mut act)?;
        }
        for alert in self.new_alerts()? {
            let code = alert.get("code").and_then(Value::as_u64).unwrap_or_default();
            let text = alert.get("text").and_then(Value::as_str).unwrap_or_default();
            act.differs(format!("alert {code}: {text}"));
        }
        self.wait_for_baseline(&mut act.differences)?;
        self.phones.order(Party::UserA, Order::Speak(true));
        act.took = began.elapsed();
        Ok(act)
    }

    /// All behind the greeting.
    fn play_call(&mut self, act: &mut Second) -> anyhow::Result<()> {
        self.first_agent(act)?;
        self.second_agent(act)?;
        self.hang_up(&mut act.differences)?;
        act.heard = parts(&self.phones.tape(Party::UserA), &self.hearing);
        self.phones.order(Party::UserA, Order::Speak(false));
        let recorded = self.recorded(act)?;
        self.look_back_at_second(act)?;
        if let Some((url, file)) = recorded {
            self.measure(&file, act);
            self.play_back(&url, act)?;
        }
        act.judge();
        Ok(())
    }

    /// UserA calls and hears the greeting to its end. False: there is none.
    fn greet(&mut self, act: &mut Second) -> anyhow::Result<bool> {
        self.phones.order(Party::UserA, Order::Call(format!("sip:bank@{DOMAIN}"), Vec::new()));
        self.expect(&mut act.differences, "UserA's call is answered", |phones| {
            phones.is_talking(Party::UserA)
        })?;
        let mut deadline = Instant::now() + PATIENCE;
        let (mut quiet_ms, mut known) = (0, 0);
        let step_ms = u32::try_from(STEP.as_millis()).unwrap_or_default();
        let mut has_begun = false;
        while quiet_ms < QUIET_MS && Instant::now() < deadline {
            self.phones.wait(STEP, |_| false)?;
            let tape = self.phones.tape(Party::UserA);
            let is_loud = measure::level(tape.get(known..).unwrap_or_default()) > SILENCE_DB;
            known = tape.len();
            if is_loud && !has_begun {
                (has_begun, deadline) = (true, deadline + PATIENCE);
            }
            quiet_ms = if is_loud || !has_begun { 0 } else { quiet_ms + step_ms };
        }
        let heard = list(&parts(&self.phones.tape(Party::UserA), &self.hearing));
        act.moments.push(("UserA calls and is greeted", vec![format!("UserA hears {heard}")]));
        Ok(has_begun)
    }

    /// UserA presses a key, and talks to AgentA.
    fn first_agent(&mut self, act: &mut Second) -> anyhow::Result<()> {
        self.phones.order(Party::UserA, Order::Press(1));
        self.expect(&mut act.differences, "AgentA is called", |phones| {
            phones.is_called(Party::AgentA)
        })?;
        self.phones.wait(RINGS, |_| false)?;
        self.phones.order(Party::AgentA, Order::Answer);
        self.expect(&mut act.differences, "AgentA talks", |phones| {
            phones.is_talking(Party::AgentA)
        })?;
        self.phones.order(Party::UserA, Order::Speak(true));
        self.phones.wait(TALKS, |_| false)?;
        self.moment_of_second(
            "UserA has pressed 1, AgentA has answered",
            &[
                (Party::UserA, Sound::Tone(Party::AgentA)),
                (Party::AgentA, Sound::Tone(Party::UserA)),
            ],
            act,
        )
    }

    /// AgentA transfers UserA to AgentB, and they talk.
    fn second_agent(&mut self, act: &mut Second) -> anyhow::Result<()> {
        self.phones.order(Party::AgentA, Order::Refer(vec![refer_to()], Vec::new()));
        self.expect(&mut act.differences, "AgentB is called", |phones| {
            phones.is_called(Party::AgentB)
        })?;
        self.phones.wait(RINGS, |_| false)?;
        self.moment_of_second(
            "AgentA has sent REFER, AgentB rings",
            &[(Party::UserA, Sound::Ringback), (Party::AgentA, Sound::Silence)],
            act,
        )?;
        self.phones.order(Party::AgentB, Order::Answer);
        self.expect(&mut act.differences, "AgentA is released", |phones| {
            phones.is_free(Party::AgentA)
        })?;
        self.phones.wait(TALKS, |_| false)?;
        self.moment_of_second(
            "AgentB has answered",
            &[
                (Party::UserA, Sound::Tone(Party::AgentB)),
                (Party::AgentB, Sound::Tone(Party::UserA)),
            ],
            act,
        )
    }

    fn moment_of_second(
        &mut self,
        when: &'static str,
        expected: &[(Party, Sound)],
        act: &mut Second,
    ) -> anyhow::Result<()> {
        let lines = self.moment(when, expected, &mut act.differences)?;
        act.moments.push((when, lines));
        Ok(())
    }

    /// Where the recording is, as the application is told, and the file.
    fn recorded(&mut self, act: &mut Second) -> anyhow::Result<Option<(String, Vec<u8>)>> {
        let deadline = Instant::now() + PATIENCE;
        let told = loop {
            let asked = self.app.asked();
            if let Some(told) = asked.into_iter().find(|asked| asked.path == "/recorded") {
                break told;
            }
            if Instant::now() > deadline {
                act.differs("recordingStatusCallback was not asked".to_owned());
                return Ok(None);
            }
            self.phones.wait(STEP, |_| false)?;
        };
        let expected = [
            ("RecordingStatus", "completed"),
            ("RecordingChannels", "2"),
            ("RecordingSource", "StartCallRecordingTwiML"),
        ];
        for (name, value) in expected {
            let found = told.parameter(name).unwrap_or("missing");
            if found != value {
                act.differs(format!("{name} is {found}, not {value}"));
            }
        }
        act.told_duration =
            told.parameter("RecordingDuration").and_then(|seconds| seconds.parse().ok());
        let url = told.parameter("RecordingUrl").unwrap_or_default().to_owned();
        let sid = told.parameter("RecordingSid").unwrap_or_default();
        match self.server.api.bytes(&format!("/_/recordings/{sid}.wav")) {
            Ok(file) => Ok(Some((url, file.to_vec()))),
            Err(error) => {
                act.differs(format!("the recording can not be fetched: {error:#}"));
                Ok(None)
            }
        }
    }

    /// What was noted down while it was played.
    fn look_back_at_second(&mut self, act: &mut Second) -> anyhow::Result<()> {
        // The transfer is that of the table.
        let cell = Cell { row: Row::Answers, answer_on_bridge: true };
        if self.phones.refer_answer() != Some(cell.refer_answer()) {
            act.differs(format!("the answer to REFER should be {}", cell.refer_answer()));
        }
        if self.phones.notices() != cell.notices() {
            let expected: Vec<_> = cell.notices().iter().map(ToString::to_string).collect();
            act.differs(format!("the NOTIFYs should be {}", expected.join(", ")));
        }
        self.look_at_phones(&mut act.differences);
        let asked = self.app.asked();
        let pressed = asked.iter().find(|asked| asked.path == "/pressed");
        act.digits = pressed.and_then(|asked| asked.parameter("Digits")).map(str::to_owned);
        self.note_call(act)
    }

    /// What server and application have to tell of the call.
    fn note_call(&self, act: &mut Second) -> anyhow::Result<()> {
        let asked = self.app.asked();
        if let Some(call) = asked.first().and_then(|asked| asked.parameter("CallSid")) {
            act.ladder = self.ladder(call)?;
        }
        add_webhooks(&asked, act);
        Ok(())
    }

    /// What the file holds.
    fn measure(&self, file: &[u8], act: &mut Second) {
        let (Some([inbound, outbound]), Ok(both)) = (channels(file), wav::decode(file)) else {
            act.differs("the recording is no WAV file of two channels at 8 kHz".to_owned());
            return;
        };
        act.length_ms = u32::try_from(both.len() * 1000 / tone::RATE_HZ as usize).unwrap_or(0);
        act.inbound = parts(&inbound, &self.hearing);
        act.outbound = parts(&outbound, &self.hearing);
        act.mixed = parts(&both, &self.hearing);
    }

    /// UserA calls again and hears the recording to its end.
    fn play_back(&mut self, url: &str, act: &mut Second) -> anyhow::Result<()> {
        let document = format!("<Response><Play>{url}</Play></Response>");
        self.app.set(vec![("/voice", document)]);
        self.phones.begin();
        self.phones.order(Party::UserA, Order::Call(format!("sip:bank@{DOMAIN}"), Vec::new()));
        self.expect(&mut act.differences, "UserA's second call is answered", |phones| {
            phones.is_talking(Party::UserA)
        })?;
        let patience = Duration::from_millis(act.length_ms.into()) + PLAY_PATIENCE;
        if !self.phones.wait(patience, |phones| phones.is_free(Party::UserA))? {
            act.differs("the call does not end with the recording".to_owned());
            self.hang_up(&mut act.differences)?;
        }
        act.played = parts(&self.phones.tape(Party::UserA), &self.hearing);
        act.differences.extend(self.phones.broken_lines());
        add_webhooks(&self.app.asked(), act);
        Ok(())
    }
}

fn add_webhooks(asked: &[Asked], act: &mut Second) {
    act.webhooks += asked.len();
    act.signed += rightly_signed(asked, &mut act.differences);
}

/// The recording begins before anything else and spans all that comes.
fn greeting_document() -> String {
    format!(
        "<Response><Start>\
         <Recording channels=\"dual\" trim=\"do-not-trim\" recordingStatusCallback=\"/recorded\"/>\
         </Start><Gather numDigits=\"1\" action=\"/pressed\"><Say>{GREETING}</Say></Gather></Response>"
    )
}

fn agent_document() -> String {
    let agent = address(Party::AgentA);
    let dial =
        format!("<Dial answerOnBridge=\"true\" referUrl=\"/refer\"><Sip>{agent}</Sip></Dial>");
    format!("<Response>{dial}</Response>")
}

/// Both channels of a WAV file as the server writes it: 16 bits, 8 kHz, 44 bytes before the sound.
fn channels(file: &[u8]) -> Option<[Vec<i16>; 2]> {
    let (head, sound) = file.split_first_chunk::<44>()?;
    let [.., c0, c1, r0, r1, r2, r3, _, _, _, _, _, _, bits, _, _, _, _, _, _, _, _, _] = *head;
    let rate_hz = u32::from_le_bytes([r0, r1, r2, r3]);
    if !head.starts_with(b"RIFF") || [c0, c1, bits] != [2, 0, 16] || rate_hz != tone::RATE_HZ {
        return None;
    }
    let frames = sound.as_chunks::<4>().0.iter();
    let samples = frames.map(|[a, b, c, d]| ([*a, *b], [*c, *d]));
    let (first, second) =
        samples.map(|(a, b)| (i16::from_le_bytes(a), i16::from_le_bytes(b))).unzip();
    Some([first, second])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_two_channels() {
        let mut file = wav::encode(8_000, &[1, 2, -3, 4]);
        assert_eq!(channels(&file), None);
        file[22] = 2;
        assert_eq!(channels(&file), Some([vec![1, -3], vec![2, 4]]));
        assert_eq!(channels(&file[..40]), None);
    }

    #[test]
    fn the_documents_are_right() {
        for document in [greeting_document(), agent_document()] {
            assert_eq!(legwork_twiml::check(document.as_bytes()), [], "{document}");
        }
    }
}
