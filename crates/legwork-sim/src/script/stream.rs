//! What is said of streams: how the application takes them, and what it says.
//!
//! Not here: doing it (`world/streams`).
#![expect(clippy::panic, reason = "a scenario that cannot be read or done fails its test")]

use super::{duration, number};
use crate::world::World;
use crate::world::streams::{Said, Streamer};

/// One line, behind `stream `.
pub(super) fn line(world: &mut World, rest: &str) {
    let words: Vec<&str> = rest.split(' ').collect();
    let streamer = &mut world.taps.streamer;
    match words.as_slice() {
        ["takes", time] => streamer.takes = Some(duration(time)),
        ["says", "nothing"] => streamer.takes = None,
        ["refuses", code] => streamer.refuses = Some(number(code)),
        ["lasts", time] => streamer.lasts = Some(duration(time)),
        ["breaks", "after", time] => {
            (streamer.lasts, streamer.breaks) = (Some(duration(time)), true);
        }
        ["works"] => *streamer = Streamer::default(),
        ["speaks", time] => world.stream_says(Said::Sound(duration(time))),
        ["marks", what] => world.stream_says(Said::Mark(number(what))),
        ["clears"] => world.stream_says(Said::Clear),
        ["errs"] => world.stream_says(Said::Nonsense),
        ["closes"] => world.stream_says(Said::Goodbye),
        ["breaks"] => world.stream_says(Said::Nothing),
        _ => panic!("stream {rest}"),
    }
}
