//! Sounds that legs can be played: prepared by the shell, whole or piece by piece, or our own.
//!
//! Not here: how far a leg has heard one (`plane::playback`).
//! Source: Twilio, "TwiML Voice: Record", `playBeep`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::command::SourceId;
use crate::sound::Rate;
use crate::tone::RingTone;
use crate::{limit, tone};

/// The beep, Hz and samples at 8 kHz: a quarter of a second.
const BEEP: (f32, usize) = (1400.0, 2000);

/// The one of who leaves a room: lower, and 150 ms.
const BEEP_OUT: (f32, usize) = (700.0, 1200);

/// Their peak: −12 dB of full scale.
const BEEP_LEVEL: f32 = 8000.0;

/// A sound, as far as it has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Sound {
    pub(super) rate: Rate,
    /// None of them empty.
    pieces: Vec<Arc<[i16]>>,
    n_samples: usize,
    /// No more will come.
    pub(super) is_whole: bool,
}

impl Sound {
    /// A whole one.
    pub(super) fn whole(rate: Rate, samples: Arc<[i16]>) -> Self {
        let mut sound = Self { rate, ..Self::default() };
        sound.extend(samples);
        sound.is_whole = true;
        sound
    }

    /// One of its pieces; none: it has not come.
    pub(super) fn piece(&self, index: usize) -> Option<&[i16]> {
        self.pieces.get(index).map(Arc::as_ref)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// False: it is too long, or in too many pieces.
    fn extend(&mut self, samples: Arc<[i16]>) -> bool {
        let n_samples = self.n_samples.saturating_add(samples.len());
        let is_narrow = usize::from(self.rate == Rate::Narrow);
        let fits = n_samples <= limit::SOURCE_SAMPLES * (2 - is_narrow);
        let room = self.pieces.len() < limit::SOURCE_PIECES;
        if fits && room && !samples.is_empty() {
            self.n_samples = n_samples;
            self.pieces.push(samples);
        }
        fits && room
    }
}

/// All that legs can be played.
#[derive(Debug)]
pub(super) struct Sources {
    prepared: HashMap<SourceId, Arc<Sound>>,
    /// Ringing tones heard so far, made when first needed.
    ring_tones: Vec<(RingTone, Arc<Sound>)>,
    /// Made when first needed.
    beep: Option<Arc<Sound>>,
    beep_out: Option<Arc<Sound>>,
    pub(super) hold_music: Arc<Sound>,
}

impl Sources {
    pub(super) fn new(hold_music: Arc<[i16]>) -> Self {
        let hold_music = Arc::new(Sound::whole(Rate::Narrow, hold_music));
        Self {
            prepared: HashMap::new(),
            ring_tones: Vec::new(),
            beep: None,
            beep_out: None,
            hold_music,
        }
    }

    /// False: too long, or too many; it is not kept.
    pub(super) fn set(&mut self, id: SourceId, rate: Rate, samples: Arc<[i16]>) -> bool {
        let mut sound = Sound { rate, ..Sound::default() };
        let fits = sound.extend(samples);
        sound.is_whole = true;
        fits && self.insert(id, sound)
    }

    /// False: too many.
    pub(super) fn begin(&mut self, id: SourceId, rate: Rate) -> bool {
        self.insert(id, Sound { rate, ..Sound::default() })
    }

    /// False: it has not begun, is over, or gets too long.
    pub(super) fn extend(&mut self, id: SourceId, samples: Arc<[i16]>) -> bool {
        let sound = self.prepared.get_mut(&id).filter(|sound| !sound.is_whole);
        // Who is hearing it keeps what it has, and looks for more at the end of that.
        sound.is_some_and(|sound| Arc::make_mut(sound).extend(samples))
    }

    pub(super) fn end(&mut self, id: SourceId) {
        if let Some(sound) = self.prepared.get_mut(&id) {
            Arc::make_mut(sound).is_whole = true;
        }
    }

    /// Gives it, as whole as it ever got.
    pub(super) fn forget(&mut self, id: SourceId) -> Option<Arc<Sound>> {
        let mut sound = self.prepared.remove(&id)?;
        if !sound.is_whole {
            Arc::make_mut(&mut sound).is_whole = true;
        }
        Some(sound)
    }

    /// It as far as it has come; what is not there is whole, and empty.
    pub(super) fn find(&mut self, id: SourceId) -> Arc<Sound> {
        if let Some(sound) = self.prepared.get(&id) {
            return Arc::clone(sound);
        }
        let (beep, (hz, n_samples)) = match id {
            SourceId::BEEP => (&mut self.beep, BEEP),
            SourceId::BEEP_OUT => (&mut self.beep_out, BEEP_OUT),
            _ => return Arc::new(Sound { is_whole: true, ..Sound::default() }),
        };
        let beep = beep.get_or_insert_with(|| {
            let samples = tone::sine(hz, BEEP_LEVEL, n_samples);
            Arc::new(Sound::whole(Rate::Narrow, samples.into()))
        });
        Arc::clone(beep)
    }

    /// More of it, if it is still coming.
    pub(super) fn more(&self, id: SourceId) -> Option<&Arc<Sound>> {
        self.prepared.get(&id)
    }

    pub(super) fn ring_tone(&mut self, tone: RingTone) -> Arc<Sound> {
        if let Some((_, sound)) = self.ring_tones.iter().find(|(known, _)| *known == tone) {
            return Arc::clone(sound);
        }
        let sound = Arc::new(Sound::whole(Rate::Narrow, tone.samples().into()));
        self.ring_tones.push((tone, Arc::clone(&sound)));
        sound
    }

    fn insert(&mut self, id: SourceId, sound: Sound) -> bool {
        let room = self.prepared.len() < limit::SOURCES || self.prepared.contains_key(&id);
        if room {
            self.prepared.insert(id, Arc::new(sound));
        }
        room
    }
}
