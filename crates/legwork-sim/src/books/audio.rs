//! Who is sent what: each party's audio path equals what the state says, and nobody whose call is up
//! is left alone in silence. Whose keys are listened for in band: where they mean something.
//!
//! Here: what the media threads were ordered, laid beside the engine's legs. Not here: what phones
//! hear of it (`hearing`).
//! Source: inbound-refer.md section 4, "Parked", "What the transferee hears".

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use legwork_call::sid::CallSid;
use legwork_call::view::{Doing, Leg, Recorder, RecorderLine, Waits};
use legwork_media::offer_answer::Agreed;
use legwork_media::{Command, Feed, MediaId, Speech};

/// Longest silence behind one question to an application, audio or keys: 64·T1, and then some.
const SILENCE_MAX: Duration = Duration::from_secs(40);
/// Longest wait for what becomes of a REFER of ours: 64·T1 for its answer, 30 s for a notice.
const REFERRED_MAX: Duration = Duration::from_secs(65);
/// Longest wait for the BYE behind the final NOTIFY: 2 s, and how late a tick may be.
const LEAVING_MAX: Duration = Duration::from_millis(2_700);
/// Longest wait of a parked leg: the setting's default, and how late a tick may be.
const PARKED_MAX: Duration = Duration::from_secs(601);

#[derive(Debug, Default)]
pub(super) struct Audio {
    lines: BTreeMap<MediaId, Line>,
    /// Doing what, and since when.
    silent_since: BTreeMap<CallSid, (Doing, Instant)>,
}

#[derive(Debug)]
struct Line {
    feed: Feed,
    /// How often that was ordered, keys, or where its own sound goes.
    fed: u32,
    /// In which room it is heard.
    speech: Option<Speech>,
    agreed: Option<Agreed>,
    /// The media thread it lives on.
    host: u8,
    hears_keys: bool,
}

impl Audio {
    /// The switch orders something of a media thread.
    pub(super) fn order(&mut self, media: MediaId, command: &Command) -> Result<(), String> {
        if matches!(command, Command::Open) {
            let line = Line {
                feed: Feed::Nothing,
                fed: 0,
                speech: None,
                agreed: None,
                host: media.thread,
                hears_keys: false,
            };
            let is_used = self.lines.keys().any(|other| other.port == media.port);
            self.lines.insert(media, line);
            return if is_used { Err(format!("audio: {media:?} opened twice")) } else { Ok(()) };
        }
        let Some(line) = self.lines.get_mut(&media) else {
            return Err(format!("audio: an order to {media:?}, which is not in use: {command:?}"));
        };
        match command {
            Command::Open
            | Command::Tap(..)
            | Command::HoldTap(..)
            | Command::Untap(_)
            | Command::Live(..) => {}
            Command::Speak(speech) => {
                line.speech = *speech;
                line.fed += 1;
            }
            // A key stands in the place of sound.
            Command::SendDigits(_) => line.fed += 1,
            Command::Hear(hearing) => line.hears_keys = hearing.keys,
            Command::Agree(agreed) => line.agreed = Some(agreed.as_ref().clone()),
            Command::Feed(feed) => {
                line.feed = *feed;
                line.fed += 1;
            }
            Command::Move(host) => line.host = *host,
            Command::Close => drop(self.lines.remove(&media)),
        }
        Ok(())
    }

    /// In which room it is heard.
    pub(super) fn speech(&self, media: MediaId) -> Option<Speech> {
        self.lines.get(&media)?.speech
    }

    /// How often it was ordered what to send, or where its own sound goes.
    pub(super) fn times_fed(&self, media: MediaId) -> u32 {
        self.lines.get(&media).map_or(0, |line| line.fed)
    }

    /// An application is asked: whoever waits for its answer waits anew.
    pub(super) fn asked(&mut self) {
        self.silent_since.retain(|_, (doing, _)| matches!(doing, Doing::Parked | Doing::Leaving));
    }

    /// Looks at every leg.
    pub(super) fn look(
        &mut self,
        now: Instant,
        legs: &[Leg<'_>],
        recorders: &[Recorder],
    ) -> Result<(), String> {
        let recorded = || recorders.iter().flat_map(|recorder| &recorder.lines);
        let is_used = |media: MediaId| {
            legs.iter().any(is_of(media)) || recorded().any(|line| line.media == media)
        };
        if let Some(media) = self.lines.keys().find(|media| !is_used(**media)) {
            return Err(format!("audio: {media:?} is in use by no leg"));
        }
        recorded().try_for_each(|line| self.look_at_recorder(line))?;
        for leg in legs {
            let Some(line) = leg.media.map(|media| self.lines.get(&media)) else { continue };
            let Some(line) = line else {
                return Err(format!("audio: never opened: {leg:?}"));
            };
            if line.feed != leg.feed || line.agreed.as_ref() != leg.agreed {
                return Err(format!("audio: {leg:?}, but its orders are {line:?}"));
            }
            if let Feed::Leg(source) = line.feed
                && self.lines.get(&source).is_some_and(|source| source.host != line.host)
            {
                return Err(format!("audio: on another media thread than whom it hears: {leg:?}"));
            }
            if line.hears_keys != leg.hears_keys {
                return Err(format!("keys: {leg:?}, but its orders are {line:?}"));
            }
            if !path_is_right(leg, legs) {
                return Err(format!("audio: the wrong path: {leg:?} among {legs:?}"));
            }
            self.look_at_silence(now, leg)?;
        }
        self.silent_since.retain(|call, _| legs.iter().any(|leg| leg.call == *call));
        Ok(())
    }

    /// A stream to a recorder copies what it shall, where that lives.
    fn look_at_recorder(&self, seen: &RecorderLine) -> Result<(), String> {
        let line = self.lines.get(&seen.media);
        let is_right = line.is_some_and(|line| {
            let is_agreed = seen.agreed.is_none() || line.agreed == seen.agreed;
            line.feed == seen.feed && line.host == seen.host && is_agreed
        });
        if is_right { Ok(()) } else { Err(format!("audio: {seen:?}, but its orders are {line:?}")) }
    }

    fn look_at_silence(&mut self, now: Instant, leg: &Leg<'_>) -> Result<(), String> {
        let is_heard = match leg.feed {
            Feed::Nothing | Feed::Silence => false,
            Feed::Leg(media) => self.lines.contains_key(&media),
            Feed::Source(..)
            | Feed::Ringback(_)
            | Feed::HoldMusic
            | Feed::Room(_)
            | Feed::Live(_)
            | Feed::Copy(..) => true,
        };
        let longest = match (leg.doing, leg.waits) {
            // The contract's own silence.
            (Doing::Parked | Doing::Consulted, _) => PARKED_MAX,
            (Doing::Leaving, _) => LEAVING_MAX,
            (
                _,
                Waits::Pause
                | Waits::Played
                | Waits::Input
                | Waits::Recorded
                | Waits::Answerer
                | Waits::Connected
                | Waits::Conference,
            ) => Duration::MAX,
            (_, Waits::Application | Waits::Source | Waits::Keys) => SILENCE_MAX,
            (_, Waits::Referred) => REFERRED_MAX,
            // That of an empty `waitUrl`.
            (_, Waits::Queue) if leg.feed == Feed::Silence => Duration::MAX,
            (_, Waits::Nothing | Waits::Targets | Waits::Echo | Waits::Queue) => Duration::ZERO,
        };
        if is_heard || !leg.is_answered || longest == Duration::MAX {
            self.silent_since.remove(&leg.call);
            return Ok(());
        }
        let (why, since) = *self
            .silent_since
            .entry(leg.call)
            .and_modify(|(why, since)| {
                if *why != leg.doing {
                    (*why, *since) = (leg.doing, now);
                }
            })
            .or_insert((leg.doing, now));
        if longest > Duration::ZERO && now - since <= longest {
            return Ok(());
        }
        Err(format!("silence: {why:?} for {:?}, and nothing to come: {leg:?}", now - since))
    }

    pub(super) fn close(&self) -> Result<(), String> {
        match self.lines.keys().next() {
            Some(media) => Err(format!("I5: {media:?} is still in use")),
            None => Ok(()),
        }
    }
}

fn is_of(media: MediaId) -> impl Fn(&Leg<'_>) -> bool {
    move |leg| leg.media == Some(media)
}

/// What the leg is sent fits what it does.
fn path_is_right(leg: &Leg<'_>, legs: &[Leg<'_>]) -> bool {
    let source = match leg.feed {
        Feed::Leg(media) => legs.iter().find(|leg| is_of(media)(leg)),
        Feed::Nothing
        | Feed::Silence
        | Feed::Source(..)
        | Feed::Ringback(_)
        | Feed::HoldMusic
        | Feed::Room(_)
        | Feed::Live(_)
        | Feed::Copy(..) => None,
    };
    if leg.waits == Waits::Connected && !matches!(leg.feed, Feed::Live(_)) {
        return false;
    }
    let echoes = leg.waits == Waits::Echo && source.is_some_and(|source| source.call == leg.call);
    match leg.doing {
        Doing::Bridged { with } => {
            let Some(partner) = legs.iter().find(|leg| leg.call == with) else { return false };
            let holds = partner.agreed.is_some_and(|agreed| !agreed.send && !agreed.receive);
            let is_voice = source.is_some_and(|source| source.call == with);
            partner.doing == Doing::Bridged { with: leg.call }
                && (is_voice && !holds || holds && leg.feed == Feed::HoldMusic)
        }
        Doing::Parked => leg.feed == Feed::Silence,
        Doing::Kept => leg.feed == Feed::HoldMusic || !leg.is_answered,
        Doing::Consulted | Doing::Leaving => matches!(leg.feed, Feed::Silence | Feed::Nothing),
        // Whom it dials may be heard before it answers.
        Doing::Alone => match leg.feed {
            Feed::Leg(_) => {
                let is_dialled = |source: &Leg<'_>| source.doing == Doing::Dialled { by: leg.call };
                echoes || source.is_some_and(is_dialled)
            }
            Feed::Source(..) => matches!(leg.waits, Waits::Played | Waits::Keys),
            Feed::Ringback(_) | Feed::HoldMusic => leg.waits != Waits::Nothing,
            Feed::Room(_) => matches!(leg.waits, Waits::Conference | Waits::Keys),
            Feed::Live(_) => leg.waits == Waits::Connected,
            Feed::Nothing | Feed::Silence => true,
            Feed::Copy(..) => false,
        },
        Doing::Dialled { .. } => match leg.feed {
            Feed::Leg(_) => echoes,
            Feed::HoldMusic | Feed::Room(_) | Feed::Copy(..) => false,
            Feed::Ringback(_) => leg.waits == Waits::Referred,
            Feed::Source(..) => leg.waits == Waits::Played,
            Feed::Live(_) => leg.waits == Waits::Connected,
            Feed::Nothing | Feed::Silence => true,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: CallSid = CallSid::from_bits(1);
    const B: CallSid = CallSid::from_bits(2);

    fn media(port: u16) -> MediaId {
        MediaId { thread: 0, port, lease: 1 }
    }

    fn leg(call: CallSid, port: u16, doing: Doing, feed: Feed) -> Leg<'static> {
        let media = Some(media(port));
        let waits = Waits::Nothing;
        let (is_answered, agreed, hears_keys) = (true, None, false);
        Leg { call, sip_call_id: "", media, is_answered, doing, feed, waits, agreed, hears_keys }
    }

    /// The orders that lead to these legs, and the look at them.
    fn look(legs: &[Leg<'_>], after: Duration) -> Result<(), String> {
        let (mut audio, start) = (Audio::default(), Instant::now());
        for leg in legs {
            audio.order(leg.media.unwrap(), &Command::Open)?;
            audio.order(leg.media.unwrap(), &Command::Feed(leg.feed))?;
        }
        audio.look(start, legs, &[])?;
        audio.look(start + after, legs, &[])
    }

    #[test]
    fn two_that_talk_are_fed_each_other() {
        let voice = |port| Feed::Leg(media(port));
        let a = leg(A, 2, Doing::Bridged { with: B }, voice(4));
        let b = leg(B, 4, Doing::Bridged { with: A }, voice(2));
        assert_eq!(look(&[a, b], Duration::ZERO), Ok(()));
        let deaf = Leg { feed: Feed::HoldMusic, ..b };
        assert!(look(&[a, deaf], Duration::ZERO).is_err(), "nobody holds");
        let alone = Leg { doing: Doing::Alone, ..b };
        assert!(look(&[a, alone], Duration::ZERO).is_err(), "joined by one side");
        assert!(look(&[a], Duration::ZERO).is_err(), "with nobody");
        let parked = Leg { doing: Doing::Parked, ..a };
        assert!(look(&[parked, b], Duration::ZERO).is_err(), "parked, and hears");
    }

    #[test]
    fn whoever_is_heard_lives_on_the_same_thread() {
        let there = MediaId { thread: 1, ..media(4) };
        let a = leg(A, 2, Doing::Bridged { with: B }, Feed::Leg(there));
        let b = leg(B, 4, Doing::Bridged { with: A }, Feed::Leg(media(2)));
        let legs = [a, Leg { media: Some(there), ..b }];
        assert!(look(&legs, Duration::ZERO).is_err());
        let mut audio = Audio::default();
        for leg in &legs {
            audio.order(leg.media.unwrap(), &Command::Open).unwrap();
            audio.order(leg.media.unwrap(), &Command::Feed(leg.feed)).unwrap();
        }
        audio.order(there, &Command::Move(0)).unwrap();
        assert_eq!(audio.look(Instant::now(), &legs, &[]), Ok(()));
    }

    #[test]
    fn silence_is_found() {
        let silent = leg(A, 2, Doing::Alone, Feed::Nothing);
        assert!(look(&[silent], Duration::ZERO).is_err());
        let asking = Leg { waits: Waits::Application, ..silent };
        assert_eq!(look(&[asking], Duration::from_secs(15)), Ok(()));
        assert!(look(&[asking], Duration::from_secs(60)).is_err(), "for ever");
        let pausing = Leg { waits: Waits::Pause, ..silent };
        assert_eq!(look(&[pausing], Duration::from_secs(60)), Ok(()));
        let parked = leg(A, 2, Doing::Parked, Feed::Silence);
        assert_eq!(look(&[parked], Duration::from_secs(60)), Ok(()));
        assert!(look(&[parked], Duration::from_secs(700)).is_err(), "parked for ever");
        let leaving = leg(A, 2, Doing::Leaving, Feed::Silence);
        assert!(look(&[leaving], Duration::from_secs(3)).is_err(), "no BYE");
    }

    #[test]
    fn streams_to_recorders_must_agree() {
        let feed = Feed::Copy(media(4), legwork_media::Track::Inbound);
        let line = RecorderLine { media: media(2), feed, host: 0, agreed: None };
        let recorder = |line| Recorder { call: A, sip_call_id: String::new(), lines: vec![line] };
        let mut audio = Audio::default();
        audio.order(media(2), &Command::Open).unwrap();
        audio.order(media(2), &Command::Feed(feed)).unwrap();
        let mut look = |line| audio.look(Instant::now(), &[], &[recorder(line)]);
        assert_eq!(look(line.clone()), Ok(()));
        assert!(look(RecorderLine { host: 1, ..line.clone() }).is_err(), "left behind");
        assert!(look(RecorderLine { feed: Feed::Nothing, ..line.clone() }).is_err(), "paused");
        assert!(look(RecorderLine { media: media(6), ..line }).is_err(), "never opened");
        assert!(audio.look(Instant::now(), &[], &[]).is_err(), "in use by nobody");
    }

    #[test]
    fn orders_and_legs_must_agree() {
        let silent = Leg { waits: Waits::Application, ..leg(A, 2, Doing::Alone, Feed::Nothing) };
        let mut audio = Audio::default();
        assert!(audio.look(Instant::now(), &[silent], &[]).is_err(), "never opened");
        audio.order(media(2), &Command::Open).unwrap();
        assert!(audio.order(media(2), &Command::Open).is_err(), "opened twice");
        audio.order(media(2), &Command::Feed(Feed::HoldMusic)).unwrap();
        assert!(audio.look(Instant::now(), &[silent], &[]).is_err(), "told otherwise");
        assert!(audio.look(Instant::now(), &[], &[]).is_err(), "in use by nobody");
        assert!(audio.close().is_err(), "I5");
        audio.order(media(2), &Command::Close).unwrap();
        assert_eq!(audio.close(), Ok(()));
        assert!(audio.order(media(2), &Command::Close).is_err(), "closed twice");
    }
}
