//! Any sequence of engine inputs: bytes are read as a schedule of what phones, applications, media
//! threads, REST and time do to one `Switch`.
//!
//! No step may panic (the switch would catch it: it counts), leave a leg that nothing moves again,
//! send a message that cannot be read, or leave anything behind once every call was hung up.
//! Not here: how the phones' messages are written (`engine/peer`), what documents say
//! (`engine/document`); whether what happens is right (ladders and `chaos`).

mod document;
mod outside;
mod peer;
mod schedule;

use crate::fuzz::sip;
use outside::Outside;
use schedule::Schedule;

/// Ops are single bytes, and text stands only where a schedule says so: words of SIP will do.
pub(super) const DICTIONARY: &[&[u8]] = sip::DICTIONARY;

/// Most ops of one input: enough for several calls and their transfers.
const OPS_MAX: usize = 400;

/// Does what the bytes say, hangs everything up, and looks at what is left.
pub(super) fn run(bytes: &[u8]) {
    let mut schedule = Schedule::new(bytes);
    let mut outside = Outside::new(schedule.byte());
    for n in 0..OPS_MAX {
        if schedule.is_over() {
            break;
        }
        op(&mut outside, &mut schedule);
        if n % 8 == 0 {
            outside.check();
        }
    }
    outside.finish();
}

/// One thing that happens. The likelier it is in a call, the more numbers it has.
fn op(outside: &mut Outside, schedule: &mut Schedule<'_>) {
    match schedule.byte() % 32 {
        0..=2 => outside.invite(schedule),
        3..=7 => outside.respond(schedule),
        8..=11 => outside.fetched(schedule),
        12..=17 => outside.request(schedule),
        18..=20 => outside.pass_time(schedule),
        21 => outside.resolved(schedule),
        22 => outside.source(schedule),
        23 => outside.media(schedule),
        24 => outside.command(schedule),
        25 => outside.again(schedule),
        26 => outside.raw(schedule),
        27 => outside.spoil(schedule),
        28 => outside.register(schedule),
        29 => outside.flow_failed(),
        30 => outside.configure(schedule),
        _ => outside.flow(schedule),
    }
}
