//! What phones do by themselves in random scenarios, and how bad the network is.
//!
//! Not here: what they are told (`acts`).

use std::time::Duration;

use crate::dice::Dice;
use crate::network::Quality;
use crate::phone::referred::{self, Act, Names, Notice};
use crate::phone::{Codec, HangsUp, Refresher};
use crate::world::World;

/// The number of the phone that records sessions.
pub(super) const SRS: usize = 8;

/// A network for all.
pub(super) fn quality(dice: &mut Dice) -> Quality {
    let part = |dice: &mut Dice, of: u32| u32::try_from(dice.below(4)).unwrap_or(0) * of;
    let delay = dice.pick(&[0, 0, 2, 2, 2, 2, 20, 150]).copied().unwrap_or(2);
    let jitter = dice.pick(&[0, 0, 0, 0, 10, 40, 150, 500]).copied().unwrap_or(0);
    Quality {
        loss: part(dice, 7),
        duplicate: part(dice, 8),
        reorder: part(dice, 8),
        delay: Duration::from_millis(delay),
        jitter: Duration::from_millis(jitter),
    }
}

/// What a phone does that is sent REFER.
fn referred(dice: &mut Dice) -> referred::Habits {
    let notice = |status: u16, is_last| {
        Act::Notify(Notice { status: Some(status), is_last, is_short: false })
    };
    let plays = match dice.below(6) {
        0 => Some(vec![notice(100, false), Act::Answer, notice(200, true)]),
        1 => Some(vec![Act::Answer, notice(100, false)]),
        2 => Some(vec![
            Act::Answer,
            Act::Pause(dice.time(Duration::from_secs(40))),
            notice(486, true),
        ]),
        _ => None,
    };
    let answer = dice.pick(&[Some(202), Some(202), Some(202), Some(603), Some(405), None]);
    referred::Habits {
        answer: answer.copied().flatten(),
        challenge: dice.percent(20).then_some(407),
        plays,
        names: dice
            .pick(&[Names::Nothing, Names::It, Names::Another])
            .copied()
            .unwrap_or(Names::It),
    }
}

/// A phone that answers, and does as the standard says.
pub(super) fn choose_plain(world: &mut World, dice: &mut Dice, who: usize) {
    let habits = &mut world.phone(who).habits;
    let longest = if dice.percent(80) { 50 } else { 3_000 };
    habits.answers_after = Some(dice.time(Duration::from_millis(longest)));
    if dice.percent(30) {
        habits.hangs_up = HangsUp::AfterResult;
    }
}

/// The one that records sessions: mostly as it should, but it need not.
pub(super) fn choose_recorder(world: &mut World, dice: &mut Dice) {
    if dice.percent(30) {
        return choose(world, dice, SRS);
    }
    let habits = &mut world.phone(SRS).habits;
    habits.answers_after = Some(dice.time(Duration::from_millis(300)));
    habits.challenges = dice.percent(30);
}

/// The habits of one phone.
pub(super) fn choose(world: &mut World, dice: &mut Dice, who: usize) {
    let habits = &mut world.phone(who).habits;
    habits.rings = dice.percent(90);
    let soon = Duration::from_millis(if dice.percent(70) { 50 } else { 6_000 });
    habits.answers_after = dice.percent(80).then(|| dice.time(soon));
    habits.notify = match dice.below(14) {
        0 => Some(481),
        1 => Some(500),
        2 => None,
        _ => Some(200),
    };
    habits.bye = if dice.percent(5) { 481 } else { 200 };
    habits.hangs_up = match dice.below(5) {
        0 => HangsUp::AfterAccepted,
        1 => HangsUp::AfterResult,
        _ => HangsUp::WhenTold,
    };
    habits.acks_after = match dice.below(20) {
        0 | 1 => Some(dice.time(Duration::from_millis(1_500))),
        2 => Some(dice.time(Duration::from_secs(40))),
        3 => None,
        _ => Some(Duration::ZERO),
    };
    habits.offers_late = dice.percent(10);
    habits.answers_bare = dice.percent(3);
    habits.refuses_reinvite = match dice.below(20) {
        0 | 1 => Some(488),
        2 => Some(491),
        3 => Some(481),
        _ => None,
    };
    habits.rings_reliably = dice.percent(20);
    habits.never_pracks = dice.percent(5);
    habits.takes_update = dice.percent(30);
    habits.knows_events = dice.percent(90);
    habits.referred = referred(dice);
    habits.session = match dice.below(8) {
        0 => Some((90, Refresher::Uac)),
        1 => Some((90, Refresher::Uas)),
        _ => None,
    };
    let codecs: &[&[Codec]] =
        &[&[Codec::Pcmu, Codec::Pcma], &[Codec::Pcma], &[Codec::G722, Codec::Pcmu], &[Codec::G722]];
    let codecs = dice.pick(codecs).copied().unwrap_or_default();
    if dice.percent(40) {
        world.phone(who).set_codecs(codecs.to_vec());
    }
}
