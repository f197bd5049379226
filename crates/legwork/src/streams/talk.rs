//! One stream: what its leg says to the application, and back, until one of them has had enough.
//!
//! Not here: the messages (`streams::message`), the socket (`websocket`).
//! Source: Twilio, "Media Streams: WebSocket messages".

use std::collections::VecDeque;
use std::time::Instant;

use legwork_call::io::{Input, Streaming, Tapped};
use legwork_media::codec::pcmu;
use legwork_media::{Command, Live, Rate, TapId, Track};
use legwork_twiml::Tracks;
use tokio::sync::mpsc::Receiver;

use crate::limit;
use crate::media::MediaThreads;
use crate::media::taps::TapSound;
use crate::serve::inbox::{Event, Post};
use crate::streams::ahead::Ahead;
use crate::streams::message::{self, Said, Source};
use crate::websocket::pace::Pace;
use crate::websocket::{Came, Socket, Trouble};

/// Samples of a frame.
const FRAME: usize = Rate::Narrow.frame();

/// What comes of a leg.
pub(super) struct Ends {
    pub(super) sound: Receiver<TapSound>,
    pub(super) keys: Receiver<u8>,
}

/// One stream.
pub(super) struct Talk {
    media: MediaThreads,
    tap: TapId,
    source: Source,
    streaming: Box<Streaming>,
    /// The number of the last message.
    number: u64,
    /// Frames of each track so far.
    frames: u64,
    ahead: Ahead,
    /// Marks that were not reached yet.
    marks: VecDeque<(u64, String)>,
    next_mark: u64,
    flaws: usize,
}

/// How it goes on.
enum Next {
    On,
    /// Something is wrong, and it goes on.
    Flawed(Trouble),
    /// The leg is over, or it is stopped.
    Stop,
    /// The application has left.
    Left,
    Failed(Trouble),
}

impl Talk {
    pub(super) fn new(
        media: MediaThreads,
        tap: TapId,
        source: Source,
        streaming: Box<Streaming>,
    ) -> Self {
        Self {
            media,
            tap,
            source,
            streaming,
            number: 0,
            frames: 0,
            ahead: Ahead::new(Instant::now()),
            marks: VecDeque::new(),
            next_mark: 0,
            flaws: 0,
        }
    }

    /// Talks to the end, which it gives; what comes in between is posted.
    pub(super) async fn hold(mut self, mut socket: Socket, ends: &mut Ends, post: &Post) -> Tapped {
        let mut next = self.begin(&mut socket);
        let mut pace = Pace::new(limit::STREAM_MESSAGES_A_SECOND);
        loop {
            match next {
                Next::On => {}
                Next::Flawed(Trouble { code, text }) => {
                    self.flaws += 1;
                    if self.flaws <= limit::FLAWS_TOLD_MAX {
                        let (tap, tapped) = (self.tap, Tapped::Flawed { code, text });
                        post.send(Event::Input(Input::Tapped { tap, tapped })).await;
                    }
                }
                Next::Stop => {
                    let last = message::stop(self.source, self.number());
                    // Who does not hear it hears the goodbye.
                    let _ = socket.send(last);
                    socket.close().await;
                    return Tapped::Disconnected;
                }
                Next::Left => {
                    socket.close().await;
                    return Tapped::Disconnected;
                }
                Next::Failed(Trouble { code, text }) => {
                    socket.close().await;
                    return Tapped::Failed { code, text };
                }
            }
            next = tokio::select! {
                biased;
                sound = ends.sound.recv() => self.hear(&mut socket, sound),
                Some(key) = ends.keys.recv() => {
                    let key = message::dtmf(self.source, self.number(), key);
                    sent(socket.send(key))
                }
                came = async { pace.ready().await; socket.next().await } => {
                    pace.took();
                    self.take(came)
                }
            };
        }
    }

    fn begin(&mut self, socket: &mut Socket) -> Next {
        self.number = 1;
        let start = message::start(self.source, &self.streaming);
        sent(socket.send(message::CONNECTED).and_then(|()| socket.send(start)))
    }

    fn number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// Something comes of the leg.
    fn hear(&mut self, socket: &mut Socket, sound: Option<TapSound>) -> Next {
        match sound {
            Some(TapSound::Samples(samples)) => sent(self.speak(socket, &samples)),
            Some(TapSound::Lost(samples)) => {
                self.frames += (samples / self.samples()) as u64;
                let text = format!("{samples} samples came too fast for us");
                Next::Flawed(Trouble::new(31_931, text))
            }
            Some(TapSound::Mark(number)) => {
                // Nobody reaches a mark before the one that stands before it.
                while let Some((_, name)) = self.marks.pop_front_if(|(of, _)| *of <= number) {
                    let mark = message::mark(self.source, self.number(), &name);
                    if let Err(trouble) = socket.send(mark) {
                        return Next::Failed(trouble);
                    }
                }
                Next::On
            }
            Some(TapSound::End) | None => Next::Stop,
        }
    }

    /// Samples of 20 ms of all its tracks.
    const fn samples(&self) -> usize {
        FRAME * self.streaming.tracks.count()
    }

    fn speak(&mut self, socket: &mut Socket, samples: &[i16]) -> Result<(), Trouble> {
        for frame in samples.chunks(self.samples()) {
            let time = self.frames * 20;
            self.frames += 1;
            let chunk = self.frames;
            let (tracks, step): (&[(Track, usize)], usize) = match self.streaming.tracks {
                Tracks::Inbound => (&[(Track::Inbound, 0)], 1),
                Tracks::Outbound => (&[(Track::Outbound, 0)], 1),
                Tracks::Both => (&[(Track::Inbound, 0), (Track::Outbound, 1)], 2),
            };
            for (track, first) in tracks {
                let mut payload = [pcmu::encode(0); FRAME];
                let samples = frame.iter().skip(*first).step_by(step);
                for (byte, sample) in payload.iter_mut().zip(samples) {
                    *byte = pcmu::encode(*sample);
                }
                let number = self.number();
                let media = (*track, chunk, time);
                socket.send(message::media(self.source, number, media, &payload))?;
            }
        }
        Ok(())
    }

    /// Something came from the application.
    fn take(&mut self, came: Came) -> Next {
        let text = match came {
            Came::Text(text) => text,
            Came::Binary(bytes) => {
                let text = format!("a message of {} bytes that are no text", bytes.len());
                return Next::Flawed(Trouble::new(31_950, text));
            }
            Came::Goodbye(Ok(())) => return Next::Left,
            Came::Goodbye(Err(trouble)) | Came::Broken(trouble) => return Next::Failed(trouble),
        };
        let said = message::read(self.source, text.as_str());
        let (said, media) = match (said, self.streaming.speaks) {
            (Ok(said), Some(media)) => (said, media),
            (Ok(_), None) => {
                let text = "the application only hears here; <Connect> lets it speak";
                return Next::Flawed(Trouble::new(31_951, text));
            }
            (Err(trouble), _) => return Next::Flawed(trouble),
        };
        let live = match said {
            Said::Media(sound) if sound.is_empty() => return Next::On,
            Said::Media(sound) => {
                if !self.ahead.say(Instant::now(), sound.len()) {
                    let text = "this piece is left out: more than 20 minutes wait to be heard";
                    return Next::Flawed(Trouble::new(31_930, text));
                }
                Live::Sound(sound.into())
            }
            Said::Mark(_) if self.marks.len() >= limit::MARKS_MAX => {
                let text = format!("{} marks wait to be reached already", limit::MARKS_MAX);
                return Next::Flawed(Trouble::new(31_930, text));
            }
            Said::Mark(name) => {
                self.next_mark += 1;
                self.marks.push_back((self.next_mark, name));
                Live::Mark(self.next_mark)
            }
            Said::Clear => {
                self.ahead.clear(Instant::now());
                Live::Clear
            }
        };
        self.media.command(media, Command::Live(self.tap, live));
        Next::On
    }
}

fn sent(sent: Result<(), Trouble>) -> Next {
    sent.map_or_else(Next::Failed, |()| Next::On)
}
