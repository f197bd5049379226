//! Attended transfers: somebody consults AgentB on a second line, then refers one call to the other.
//!
//! Source: inbound-refer.md, section 4, "Attended transfer"; refer-interop.md, lines 12 to 15, 29, 39 to 41.

mod asked;
mod blonde;
mod foreign;
mod invite_replaces;
mod kept;
mod kept_ringing;
mod nominal;
mod races;
mod threads;

/// UserA and AgentA talk; answerOnBridge is true. Whoever calls then is connected with AgentB.
const TRUE: &str = r#"
    app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
    app /voice <Dial action="/consulted"><Sip>sip:agent-b</Sip></Dial>
    usera calls, agent-a answers
"#;

/// The same; answerOnBridge is not set.
const FALSE: &str = r#"
    app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
    app /voice <Dial action="/consulted"><Sip>sip:agent-b</Sip></Dial>
    usera calls, agent-a answers
"#;

/// AgentA takes UserA aside and talks with AgentB. The ladder begins then.
const AGENT_A_CONSULTS: &str = "
    agent-a holds, calls sip:agent-b@bank.example.com, agent-b answers
    ---
";

/// UserA takes AgentA aside and talks with AgentB. The ladder begins then.
const USERA_CONSULTS: &str = "
    usera holds, calls sip:agent-b@bank.example.com, agent-b answers
    ---
";

/// The application dials whom was consulted.
const TO_CONSULTED: &str = "
    app /refer <Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>
";
