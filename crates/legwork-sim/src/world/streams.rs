//! The application's end of streams: how it takes them, and what it says and is told.
//!
//! Sound that it says goes through the real media plane; what it hears nobody looks at.
//! Not here: when anything of it is told (`world`), what it is told to say (`script/stream`).

use std::time::Duration;

use legwork_call::io::{Input, Streaming, Tapped};
use legwork_call::ladder::What;
use legwork_media::codec::pcmu;
use legwork_media::{Command, Live, TapId, tone};
use legwork_twiml::Tracks;

use super::World;
use super::taps::Coming;
use crate::sound::APPLICATION_HZ;

/// The name of its end in ladders.
const PARTY: &str = "stream";

/// How it takes streams from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streamer {
    /// After so long it is there; none: never.
    pub takes: Option<Duration>,
    /// It is not: Twilio's code for why.
    pub refuses: Option<u32>,
    /// So long from then on it leaves.
    pub lasts: Option<Duration>,
    /// Without a goodbye.
    pub breaks: bool,
}

impl Default for Streamer {
    fn default() -> Self {
        let takes = Some(Duration::from_millis(20));
        Self { takes, refuses: None, lasts: None, breaks: false }
    }
}

impl Streamer {
    /// What comes of a stream that begins.
    pub(super) fn begin(self, tap: TapId) -> Vec<Coming> {
        let Some(takes) = self.takes else { return Vec::new() };
        if let Some(code) = self.refuses {
            let text = "the scenario says so".to_owned();
            return vec![(takes, tap, Tapped::Failed { code, text })];
        }
        let end = if self.breaks { broken() } else { Tapped::Disconnected };
        let end = self.lasts.map(|lasts| (takes + lasts, tap, end));
        [(takes, tap, Tapped::Connected)].into_iter().chain(end).collect()
    }
}

fn broken() -> Tapped {
    Tapped::Failed { code: 31903, text: "the connection is gone".to_owned() }
}

/// What it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A tone, so long.
    Sound(Duration),
    /// A mark.
    Mark(u64),
    /// What waits is not to be heard.
    Clear,
    /// What is no message.
    Nonsense,
    /// Goodbye.
    Goodbye,
    /// Nothing, and it is gone.
    Nothing,
}

impl World {
    /// The application says something by its newest stream.
    pub fn stream_says(&mut self, said: Said) {
        let (row, live, tapped) = match said {
            Said::Sound(time) => {
                let n = time.as_millis() as usize * 8;
                let samples = tone::sine(f32::from(APPLICATION_HZ), 8_000.0, n);
                let sound = samples.into_iter().map(pcmu::encode).collect();
                (format!("media, {time:?}"), Some(Live::Sound(sound)), None)
            }
            Said::Mark(number) => (format!("mark {number}"), Some(Live::Mark(number)), None),
            Said::Clear => ("clear".to_owned(), Some(Live::Clear), None),
            Said::Nonsense => {
                let text = "no JSON".to_owned();
                ("nonsense".to_owned(), None, Some(Tapped::Flawed { code: 31950, text }))
            }
            Said::Goodbye => ("close".to_owned(), None, Some(Tapped::Disconnected)),
            Said::Nothing => ("nothing, and is gone".to_owned(), None, Some(broken())),
        };
        self.ladder.row(self.clock.elapsed(), PARTY, &What::Sent(row));
        let Some((tap, speaks)) = self.taps.newest_stream() else { return };
        if let (Some(live), Some(media)) = (live, speaks) {
            self.sound.order(self.clock.mono(), media, Command::Live(tap, live));
            self.drain_sound();
        }
        if let Some(tapped) = tapped.filter(|tapped| self.taps.is_awaited(tap, tapped)) {
            self.input(Input::Tapped { tap, tapped });
        }
    }

    /// A stream begins.
    pub(super) fn show_stream(&mut self, streaming: &Streaming) {
        let tracks = match streaming.tracks {
            Tracks::Inbound => "inbound",
            Tracks::Outbound => "outbound",
            Tracks::Both => "inbound and outbound",
        };
        let mut row = format!("{}  {tracks}", streaming.url);
        for (name, value) in &streaming.parameters {
            row.push_str(&format!("  {name}={value}"));
        }
        self.tell_stream(row);
    }

    /// The application is told something.
    pub(super) fn tell_stream(&mut self, row: String) {
        self.ladder.row(self.clock.elapsed(), PARTY, &What::Got(row));
    }
}
