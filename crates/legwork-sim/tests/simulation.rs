//! Scenarios in words and the ladders they must give. `UPDATE_EXPECT=1` refreshes them; then they
//! are read against the contract.
//!
//! Not here: the language (`legwork_sim::script`), what always holds (`legwork_sim::books`).

use expect_test::Expect;

mod simulation {
    pub(crate) mod amd;
    pub(crate) mod answers;
    pub(crate) mod attended;
    pub(crate) mod attributes;
    pub(crate) mod calls;
    pub(crate) mod cells;
    pub(crate) mod chained;
    pub(crate) mod challenges;
    pub(crate) mod chaos;
    pub(crate) mod conferences;
    pub(crate) mod dials;
    pub(crate) mod found;
    pub(crate) mod gather;
    pub(crate) mod interop;
    pub(crate) mod keys;
    pub(crate) mod limits;
    pub(crate) mod nouns;
    pub(crate) mod queues;
    pub(crate) mod races;
    pub(crate) mod reach;
    pub(crate) mod recordings;
    pub(crate) mod refer;
    pub(crate) mod refusals;
    pub(crate) mod registrations;
    pub(crate) mod relay;
    pub(crate) mod rest;
    pub(crate) mod samples;
    pub(crate) mod sessions;
    pub(crate) mod siprec;
    pub(crate) mod streams;
    pub(crate) mod transcriptions;
    pub(crate) mod trunks;
    pub(crate) mod unbuilt;
    pub(crate) mod wire;
}

/// UserA and AgentA talk; answerOnBridge is true. The ladder begins then.
const TRUE: &str = r#"
    app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
    usera calls, agent-a answers
    ---
"#;

/// UserA and AgentA talk; answerOnBridge is not set. The ladder begins then.
const FALSE: &str = r#"
    app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
    usera calls, agent-a answers
    ---
"#;

/// The application sends the transferee to AgentB.
const TO_B: &str = "
    app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
";

/// Runs a scenario given in parts and compares its ladder.
#[expect(clippy::needless_pass_by_value, reason = "so that `expect!` stands in the call")]
fn check(scenario: &[&str], ladder: Expect) {
    ladder.assert_eq(&legwork_sim::script::run(&scenario.concat()));
}
