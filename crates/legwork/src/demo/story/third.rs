//! Playing the third act: UserA waits in a queue, AgentA takes the call and transfers it by REFER into a
//! conference, to which the application calls AgentB.
//!
//! Not here: what should come of it (`third`), how it is told (`show`).
//! Source: Twilio, "TwiML Voice: Enqueue", "Conference"; the contract: "conference at the join".

use std::time::{Duration, Instant};

use legwork_sim::phone::Order;
use serde_json::{Value, json};

use crate::config::development::DOMAIN;
use crate::demo::app::Asked;
use crate::demo::contract::{Notice, Party};
use crate::demo::hearing::Sound;
use crate::demo::story::{PATIENCE, STEP, Stage, address, refer_to, rightly_signed};
use crate::demo::third::Third;

/// The queue and the room.
const NAME: &str = "bank";
/// How long is waited and talked.
const TALKS: Duration = Duration::from_millis(1200);

impl Stage {
    /// Plays the third act and tells what came of it.
    ///
    /// # Errors
    /// A socket failed, or the server does not answer any more.
    pub(crate) fn play_third(&mut self) -> anyhow::Result<Third> {
        let began = Instant::now();
        let mut act = Third::default();
        self.app.set(vec![
            ("/voice", queue_document()),
            ("/agent", agent_document()),
            ("/refer", room_document(self.app.base(), " endConferenceOnExit=\"true\"")),
        ]);
        self.phones.begin();
        self.wait_in_queue(&mut act)?;
        self.take(&mut act)?;
        self.transfer_to_room(&mut act)?;
        self.second_in_room(&mut act)?;
        self.hang_up(&mut act.differences)?;
        self.look_back_at_third(&mut act)?;
        self.wait_for_baseline(&mut act.differences)?;
        act.judge();
        act.took = began.elapsed();
        Ok(act)
    }

    fn wait_in_queue(&mut self, act: &mut Third) -> anyhow::Result<()> {
        self.phones.order(Party::UserA, Order::Call(format!("sip:bank@{DOMAIN}"), Vec::new()));
        self.expect(&mut act.differences, "UserA's call is answered", |phones| {
            phones.is_talking(Party::UserA)
        })?;
        self.phones.wait(TALKS, |_| false)?;
        let expected = [(Party::UserA, Sound::HoldMusic)];
        self.moment_of_third("UserA waits in the queue", &expected, act)
    }

    /// AgentA's desk takes the first of the queue.
    fn take(&mut self, act: &mut Third) -> anyhow::Result<()> {
        let body = json!({ "url": format!("{}/agent", self.app.base()) });
        self.server.api.post(&format!("/_/queues/{NAME}/members/Front"), Some(&body))?;
        self.expect(&mut act.differences, "AgentA is called", |phones| {
            phones.is_called(Party::AgentA)
        })?;
        self.phones.order(Party::AgentA, Order::Answer);
        self.expect(&mut act.differences, "AgentA talks", |phones| {
            phones.is_talking(Party::AgentA)
        })?;
        self.phones.wait(TALKS, |_| false)?;
        let expected = [
            (Party::UserA, Sound::Tone(Party::AgentA)),
            (Party::AgentA, Sound::Tone(Party::UserA)),
        ];
        self.moment_of_third("AgentA has taken the call", &expected, act)
    }

    /// AgentA presses Transfer.
    fn transfer_to_room(&mut self, act: &mut Third) -> anyhow::Result<()> {
        self.phones.order(Party::AgentA, Order::Refer(vec![refer_to()], Vec::new()));
        self.expect(&mut act.differences, "AgentA is released", |phones| {
            phones.is_free(Party::AgentA)
        })?;
        self.phones.wait(TALKS, |_| false)?;
        let expected = [(Party::UserA, Sound::HoldMusic)];
        self.moment_of_third("AgentA has sent REFER, UserA is in the room", &expected, act)
    }

    /// The application calls AgentB into the room.
    fn second_in_room(&mut self, act: &mut Third) -> anyhow::Result<()> {
        let (from, to) = (address(Party::UserA), address(Party::AgentB));
        let body = json!({ "from": from, "to": to, "twiml": room_document(self.app.base(), "") });
        self.server.api.post("/_/calls", Some(&body))?;
        self.expect(&mut act.differences, "AgentB is called", |phones| {
            phones.is_called(Party::AgentB)
        })?;
        self.phones.order(Party::AgentB, Order::Answer);
        self.expect(&mut act.differences, "AgentB talks", |phones| {
            phones.is_talking(Party::AgentB)
        })?;
        self.phones.wait(TALKS, |_| false)?;
        let expected = [
            (Party::UserA, Sound::Tone(Party::AgentB)),
            (Party::AgentB, Sound::Tone(Party::UserA)),
        ];
        self.moment_of_third("AgentB has answered", &expected, act)
    }

    fn moment_of_third(
        &mut self,
        when: &'static str,
        expected: &[(Party, Sound)],
        act: &mut Third,
    ) -> anyhow::Result<()> {
        let lines = self.moment(when, expected, &mut act.differences)?;
        act.moments.push((when, lines));
        Ok(())
    }

    /// What was noted down while it was played.
    fn look_back_at_third(&mut self, act: &mut Third) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !Third::is_told(&events(&self.app.asked())) && Instant::now() < deadline {
            self.phones.wait(STEP, |_| false)?;
        }
        if self.phones.refer_answer() != Some(202) {
            act.differs("the answer to REFER should be 202".to_owned());
        }
        let notice = |status, is_last| Notice { status, is_last };
        if self.phones.notices() != [notice(100, false), notice(200, true)] {
            act.differs("the NOTIFYs should be 100, 200 (last)".to_owned());
        }
        self.look_at_phones(&mut act.differences);
        let asked = self.app.asked();
        act.events = events(&asked);
        act.webhooks = asked.len();
        act.signed = rightly_signed(&asked, &mut act.differences);
        if let Some(call) = asked.first().and_then(|asked| asked.parameter("CallSid")) {
            act.ladder = self.ladder(call)?;
        }
        for alert in self.new_alerts()? {
            let code = alert.get("code").and_then(Value::as_u64).unwrap_or_default();
            let text = alert.get("text").and_then(Value::as_str).unwrap_or_default();
            act.differs(format!("alert {code}: {text}"));
        }
        Ok(())
    }
}

/// What was told of the room, in the order it happened.
fn events(asked: &[Asked]) -> Vec<String> {
    let of_room = asked.iter().filter(|asked| asked.path == "/room");
    let event = |asked: &Asked| {
        let number: u32 = asked.parameter("SequenceNumber")?.parse().ok()?;
        Some((number, asked.parameter("StatusCallbackEvent")?.to_owned()))
    };
    let mut events: Vec<(u32, String)> = of_room.filter_map(event).collect();
    events.sort();
    events.into_iter().map(|(_, event)| event).collect()
}

fn queue_document() -> String {
    format!("<Response><Enqueue>{NAME}</Enqueue></Response>")
}

fn agent_document() -> String {
    let agent = address(Party::AgentA);
    let dial =
        format!("<Dial answerOnBridge=\"true\" referUrl=\"/refer\"><Sip>{agent}</Sip></Dial>");
    format!("<Response>{dial}</Response>")
}

/// `base`: where the application is; a call that is placed with its document has no other to start from.
/// The last attributes are `more`.
fn room_document(base: &str, more: &str) -> String {
    format!(
        "<Response><Dial><Conference beep=\"false\"{more} statusCallback=\"{base}/room\" \
         statusCallbackEvent=\"start end join leave\">{NAME}</Conference></Dial></Response>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_are_right() {
        for document in
            [queue_document(), agent_document(), room_document("http://app.example", "")]
        {
            assert_eq!(legwork_twiml::check(document.as_bytes()), [], "{document}");
        }
    }
}
