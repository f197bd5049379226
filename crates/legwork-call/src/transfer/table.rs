//! The table of the contract: what becomes of the initial call.
//!
//! Not here: how it is done (`transfer`).
//! Source: `inbound-refer.md`, sections 3 and 4, in its order and words.

use legwork_twiml as twiml;

/// What happens to a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The `referUrl` webhook was executed: a usable document is there.
    Fetched,
    /// The target answered and is bridged.
    TargetBridged,
    /// The target does not answer, is busy, fails.
    TargetFailed,
    /// `referUrl` unreachable, or its answer cannot be used.
    Unusable,
    /// `referUrl` not present on the `<Dial>`.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "`admit` refuses at the door; the row makes the table whole")
    )]
    NoReferUrl,
    /// The application declines: `<Reject>` first, or no verb at all.
    Declined,
    /// `<Hangup>` first.
    HungUp,
    /// A verb other than `<Dial>` took the call over.
    TakenOver,
    /// The document ended and nothing had taken over.
    DocumentEnded,
    /// Pending for too long.
    TimedOut,
    /// The transferee hung up.
    TransfereeLeft,
    /// REST gave the transferee a new document.
    Redirected,
}

impl Event {
    /// Does the transfer fail by it, so that there may be something to restore?
    pub(crate) const fn fails(self) -> bool {
        match self {
            Self::TargetFailed | Self::Unusable | Self::Declined | Self::TimedOut => true,
            Self::Fetched
            | Self::TargetBridged
            | Self::NoReferUrl
            | Self::HungUp
            | Self::TakenOver
            | Self::DocumentEnded
            | Self::TransfereeLeft
            | Self::Redirected => false,
        }
    }
}

/// What becomes of the transferor's leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InitialCall {
    /// Nothing has changed: the two talk on.
    Keep,
    /// It is kept, parked.
    Park,
    /// It is told and gets BYE.
    Release,
    /// Transferor and transferee are joined again.
    Restore,
}

/// What becomes of the initial call. `answer_on_bridge` is the attribute of the initial `<Dial>`; a
/// transferor that has left counts as false when the transfer fails.
pub(crate) const fn initial_call(event: Event, answer_on_bridge: bool) -> InitialCall {
    match (event, answer_on_bridge) {
        (Event::Fetched, true) => InitialCall::Park,
        (Event::Fetched, false) => InitialCall::Release,
        (Event::TargetBridged, true | false) => InitialCall::Release,
        (Event::TargetFailed, true) => InitialCall::Restore,
        (Event::TargetFailed, false) => InitialCall::Release,
        (Event::Unusable, true) => InitialCall::Restore,
        (Event::Unusable, false) => InitialCall::Release,
        (Event::NoReferUrl, true | false) => InitialCall::Keep,
        (Event::Declined | Event::TimedOut, true) => InitialCall::Restore,
        (Event::Declined | Event::TimedOut, false) => InitialCall::Release,
        (
            Event::HungUp
            | Event::TakenOver
            | Event::DocumentEnded
            | Event::TransfereeLeft
            | Event::Redirected,
            true | false,
        ) => InitialCall::Release,
    }
}

/// What the application's answer says before any of it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Usable,
    Declined,
    HangsUp,
    /// Its next verb that takes over is one this server does not have yet.
    Unbuilt(&'static str),
}

/// Reads the program as an answer to a REFER.
pub(crate) fn read(program: &twiml::Program) -> Answer {
    match program.verbs.first() {
        None | Some(twiml::Verb::Reject(_)) => return Answer::Declined,
        Some(twiml::Verb::Hangup(_)) => return Answer::HangsUp,
        Some(_) => {}
    }
    for verb in &program.verbs {
        match verb {
            twiml::Verb::Start(start) if start.action.is_some() => return Answer::Usable,
            twiml::Verb::Say(_)
            | twiml::Verb::Play(_)
            | twiml::Verb::Press(_)
            | twiml::Verb::Pause(_)
            | twiml::Verb::Leave
            | twiml::Verb::Start(_)
            | twiml::Verb::Stop(_) => {}
            twiml::Verb::Connect(connect) => match &connect.noun {
                None => {}
                Some(twiml::Connected::Stream(_) | twiml::Connected::Relay(_)) => {
                    return Answer::Usable;
                }
                Some(twiml::Connected::Unbuilt(noun)) => return Answer::Unbuilt(noun.name),
            },
            twiml::Verb::Dial(dial) => {
                return match &dial.nouns {
                    twiml::Nouns::Ring(_)
                    | twiml::Nouns::Queue(_)
                    | twiml::Nouns::Conference(_) => Answer::Usable,
                    twiml::Nouns::Unbuilt(noun) => Answer::Unbuilt(noun.name),
                };
            }
            twiml::Verb::Unbuilt(verb) if verb.takes_over => return Answer::Unbuilt(verb.name),
            twiml::Verb::Unbuilt(_) => {}
            twiml::Verb::Redirect(_)
            | twiml::Verb::Hangup(_)
            | twiml::Verb::Reject(_)
            | twiml::Verb::Gather(_)
            | twiml::Verb::Refer(_)
            | twiml::Verb::Record(_)
            | twiml::Verb::Enqueue(_)
            | twiml::Verb::Echo => return Answer::Usable,
        }
    }
    Answer::Usable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_contract() {
        use Event::*;
        use InitialCall::*;
        let table = [
            // what happens                 true     false
            (Fetched, Park, Release),
            (TargetBridged, Release, Release),
            (TargetFailed, Restore, Release),
            (Unusable, Restore, Release),
            (NoReferUrl, Keep, Keep),
            // section 4
            (Declined, Restore, Release),
            (HungUp, Release, Release),
            (TakenOver, Release, Release),
            (DocumentEnded, Release, Release),
            (TimedOut, Restore, Release),
            (TransfereeLeft, Release, Release),
            (Redirected, Release, Release),
        ];
        for (event, on_bridge, at_once) in table {
            assert_eq!(initial_call(event, true), on_bridge, "{event:?}, true");
            assert_eq!(initial_call(event, false), at_once, "{event:?}, false");
        }
    }

    #[test]
    fn answers_are_read_before_they_are_run() {
        let table = [
            ("<Response/>", Answer::Declined),
            ("<Response><Reject/><Say>x</Say></Response>", Answer::Declined),
            ("<Response><Hangup/></Response>", Answer::HangsUp),
            ("<Response><Say>x</Say><Hangup/></Response>", Answer::Usable),
            ("<Response><Dial><Sip>sip:a@b</Sip></Dial></Response>", Answer::Usable),
            ("<Response><Say>x</Say><Gather/></Response>", Answer::Usable),
            ("<Response><Say>x</Say><Connect/></Response>", Answer::Usable),
            ("<Response><Say>x</Say><Pay/></Response>", Answer::Unbuilt("Pay")),
            ("<Response><Say>x</Say><Enqueue>q</Enqueue></Response>", Answer::Usable),
            ("<Response><Dial><Queue>q</Queue></Dial></Response>", Answer::Usable),
            ("<Response><Dial><Conference>r</Conference></Dial></Response>", Answer::Usable),
            ("<Response><Say>x</Say><Refer><Sip>sip:a@b</Sip></Refer></Response>", Answer::Usable),
            ("<Response><Redirect>/x</Redirect><Connect/></Response>", Answer::Usable),
            ("<Response><Say>x</Say><Record/><Pay/></Response>", Answer::Usable),
            ("<Response><Echo/></Response>", Answer::Usable),
            ("<Response><Start><Recording/></Start><Pay/></Response>", Answer::Unbuilt("Pay")),
            ("<Response><Start action='/x'/><Pay/></Response>", Answer::Usable),
        ];
        for (document, expected) in table {
            let (program, _) = twiml::parse(document.as_bytes());
            assert_eq!(read(&program), expected, "{document}");
        }
    }
}
