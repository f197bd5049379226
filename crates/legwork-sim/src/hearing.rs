//! Everybody speaks for a moment: who hears whom, through the real media plane?
//!
//! Not here: tones and ears (`phone`); what the media threads were ordered (`books`).

use std::time::Duration;

use legwork_call::view::Leg;
use legwork_media::{Feed, MediaId, RoomId};

use crate::phone::{Order, Phone};
use crate::sound;
use crate::world::{PEOPLE, World};

/// What one party heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The number of the phone.
    pub who: usize,
    /// Whose tones, or what of ours; none: no sound at all, not even silence.
    pub names: Option<Vec<&'static str>>,
}

/// Everybody with a call speaks, and hears.
pub fn listen(world: &mut World) -> Vec<Heard> {
    let talking: Vec<usize> = (0..PEOPLE.len())
        .filter(|who| world.phones.get(*who).is_some_and(Phone::is_heard))
        .collect();
    for who in &talking {
        world.order(*who, Order::Speak(true));
    }
    world.sound.listen(true);
    world.run_for(Duration::from_millis(200));
    world.phones.iter_mut().for_each(Phone::listen_anew);
    world.run_for(Duration::from_millis(200));
    world.sound.listen(false);
    for who in &talking {
        world.order(*who, Order::Speak(false));
    }
    let mut sounds: Vec<(&str, u32)> = PEOPLE.iter().map(|(name, _, hz)| (*name, *hz)).collect();
    sounds.extend(sound::SOUNDS);
    let candidates: Vec<u32> = sounds.iter().map(|(_, hz)| *hz).collect();
    let of = |who: usize| {
        let heard = world.phones.get(who).and_then(|phone| phone.hears(&candidates));
        let names = heard.map(|heard| {
            let mut names: Vec<&str> = Vec::new();
            for (name, _) in sounds.iter().filter(|(_, hz)| heard.contains(hz)) {
                if !names.contains(name) {
                    names.push(name);
                }
            }
            names
        });
        Heard { who, names }
    };
    talking.into_iter().map(of).collect()
}

/// Listens, and compares what the phones hear with what the legs are fed.
///
/// # Errors
/// Who hears something else.
pub fn check(world: &mut World) -> Result<(), String> {
    let before = expected(world);
    let ears: Vec<_> = world.phones.iter().map(Phone::calls_made).collect();
    let heard = listen(world);
    // What changed meanwhile is not judged; a call that came and went took the ear with it.
    let ears_after: Vec<_> = world.phones.iter().map(Phone::calls_made).collect();
    let mut after = expected(world);
    // So it did with the mouth of whom somebody else should hear.
    let speaker = |name: &str| PEOPLE.iter().position(|person| person.0 == name);
    let is_same = |who: usize| ears.get(who) == ears_after.get(who);
    after.retain(|Expected { who, names, .. }| {
        is_same(*who) && names.iter().all(|name| speaker(name).is_none_or(is_same))
    });
    for Expected { who, names, .. } in before.iter().filter(|one| after.contains(one)) {
        let heard = heard.iter().find(|heard| heard.who == *who).map(|heard| &heard.names);
        let is_right = match heard {
            None => true,
            Some(None) => names.is_empty(),
            Some(Some(heard)) => heard == names,
        };
        if !is_right {
            let party = PEOPLE.get(*who).map_or("?", |person| person.0);
            return Err(format!("audio: {party} hears {heard:?}, but is fed {names:?}"));
        }
    }
    Ok(())
}

/// What a phone should hear.
#[derive(Debug, PartialEq, Eq)]
struct Expected {
    who: usize,
    /// In the order of `PEOPLE`; none: silence.
    names: Vec<&'static str>,
    /// How often that has changed.
    fed: u32,
}

/// Phones that can hear, and what they should.
fn expected(world: &World) -> Vec<Expected> {
    let legs = world.legs();
    let of = |leg: &Leg<'_>| {
        let (who, media) = (listener(world, &legs, leg)?, leg.media?);
        // A key stands in the place of sound.
        if world.sound.is_pressing(media) {
            return None;
        }
        let fed = world.books.times_fed(media);
        let (names, more) = match leg.feed {
            Feed::Nothing | Feed::Silence => (Vec::new(), 0),
            Feed::HoldMusic => (vec!["hold music"], 0),
            Feed::Leg(media) => {
                let source = legs.iter().find(|leg| leg.media == Some(media))?;
                (vec![PEOPLE.get(listener(world, &legs, source)?)?.0], 0)
            }
            Feed::Room(room) => in_room(world, &legs, room, media)?,
            // These have pauses, or an end.
            Feed::Ringback(_) | Feed::Source(..) | Feed::Live(_) | Feed::Copy(..) => return None,
        };
        Some(Expected { who, names, fed: fed + more })
    };
    legs.iter().filter_map(of).collect()
}

/// Whom that leg hears in a room, and how often that has changed. None: nobody can tell.
fn in_room(
    world: &World,
    legs: &[Leg<'_>],
    room: RoomId,
    hearer: MediaId,
) -> Option<(Vec<&'static str>, u32)> {
    if world.sound.plays_in(room) {
        return None;
    }
    let (mut people, mut fed) = (Vec::new(), world.sound.times_played(room));
    for leg in legs {
        let Some(media) = leg.media.filter(|media| *media != hearer) else { continue };
        let speech = world.books.speech(media).filter(|speech| speech.room == room);
        let Some(speech) = speech else { continue };
        fed += world.books.times_fed(media);
        if speech.only.is_none_or(|only| only == hearer) {
            people.push(listener(world, legs, leg)?);
        }
    }
    people.sort_unstable();
    people.dedup();
    let names = people.into_iter().map(|who| Some(PEOPLE.get(who)?.0));
    Some((names.collect::<Option<_>>()?, fed))
}

/// The phone of that leg, if sound passes both ways between the two.
fn listener(world: &World, legs: &[Leg<'_>], leg: &Leg<'_>) -> Option<usize> {
    let now = world.clock.mono();
    let agreed = leg.agreed.filter(|agreed| agreed.send && agreed.receive)?;
    // A phone that is called from its own call has one ear for both.
    let is_there =
        |other: &&Leg<'_>| other.agreed.is_some_and(|other| other.remote_rtp == agreed.remote_rtp);
    if legs.iter().filter(is_there).count() > 1 {
        return None;
    }
    let who = world.phones.iter().position(|phone| phone.can_hear(leg.sip_call_id))?;
    let is_near = world.network.is_clear(now, agreed.remote_rtp.ip());
    is_near.then_some(who)
}
