//! What is listened for in what legs say, beside the plane.
//!
//! Not here: the detectors (`legwork-media`, `detect`).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use legwork_media as media;
use legwork_media::codec::{pcma, pcmu};
use legwork_media::detect::Listening;

const FRAME: Duration = Duration::from_millis(20);

#[derive(Debug)]
struct Heard {
    listening: Listening,
    frame: Option<media::Frame>,
    next: Instant,
}

/// Legs listened to.
#[derive(Debug, Default)]
pub(super) struct Attention(BTreeMap<media::MediaId, Heard>);

impl Attention {
    pub(super) fn hear(&mut self, now: Instant, id: media::MediaId, hearing: &media::Hearing) {
        if hearing.is_nothing() {
            self.0.remove(&id);
        } else if let Some(heard) = self.0.get_mut(&id) {
            heard.listening.change(hearing);
        } else {
            let listening = Listening::new(hearing);
            self.0.insert(id, Heard { listening, frame: None, next: now + FRAME });
        }
    }

    pub(super) fn forget(&mut self, id: media::MediaId) {
        self.0.remove(&id);
    }

    pub(super) fn packet(&mut self, port: u16, packet: &[u8]) {
        let Some((_, heard)) = self.0.iter_mut().find(|(id, _)| id.port == port) else { return };
        let Some((header, payload)) = packet.split_first_chunk::<12>() else { return };
        let decode = match header[1] & 0x7f {
            0 => pcmu::decode,
            8 => pcma::decode,
            _ => return,
        };
        let mut frame = media::Frame::silent(media::Rate::Narrow);
        for (sample, byte) in frame.samples_mut().iter_mut().zip(payload) {
            *sample = decode(*byte);
        }
        heard.frame = Some(frame);
    }

    pub(super) fn next_tick(&self) -> Option<Instant> {
        self.0.values().map(|heard| heard.next).min()
    }

    pub(super) fn tick(
        &mut self,
        now: Instant,
        mut tell: impl FnMut(media::MediaId, media::Event),
    ) {
        for (id, heard) in &mut self.0 {
            while heard.next <= now {
                heard.next += FRAME;
                let silent = media::Frame::silent(media::Rate::Narrow);
                let frame = heard.frame.take().unwrap_or(silent);
                heard.listening.hear(&frame, &mut |event| tell(*id, event));
            }
        }
    }
}
