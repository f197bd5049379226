//! Samples of any rate on their way out: at one of ours, in pieces worth an order to a media thread.
//!
//! Not here: the filter (`legwork_media::resample`).
//! Source: ours.

use legwork_media::Rate;
use legwork_media::resample::Importer;

use crate::limit;
use crate::speech::decode::Broken;

/// Takes samples and gives them on.
pub(super) struct Outlet<F> {
    deliver: F,
    importer: Option<(u32, Rate, Importer)>,
    ready: Vec<i16>,
    /// Samples given on.
    given: usize,
}

impl<F: FnMut(Rate, Vec<i16>) -> bool> Outlet<F> {
    pub(super) fn new(deliver: F) -> Self {
        Self { deliver, importer: None, ready: Vec::new(), given: 0 }
    }

    /// Samples of one channel.
    pub(super) fn take(&mut self, hz: u32, samples: &[i16]) -> Result<(), Broken> {
        let rate = match &mut self.importer {
            Some((known, rate, importer)) if *known == hz => {
                importer.push(samples, &mut self.ready);
                *rate
            }
            // Streams joined end to end may change their rate; ours stays.
            _ => {
                let narrow = if hz <= Rate::Narrow.hz() { Rate::Narrow } else { Rate::Wide };
                let rate = self.importer.as_ref().map_or(narrow, |(_, rate, _)| *rate);
                let mut importer = Importer::new(hz, rate).ok_or_else(|| {
                    Broken::Unknown(format!("{hz} samples a second are not known"))
                })?;
                importer.push(samples, &mut self.ready);
                self.importer = Some((hz, rate, importer));
                rate
            }
        };
        // The first piece is short, so that it is heard soon; longer ones are fewer.
        let enough = if self.given == 0 { rate.frame() } else { limit::SOUND_PIECE };
        if self.ready.len() >= enough { self.give(rate) } else { Ok(()) }
    }

    /// What is left.
    pub(super) fn finish(mut self) -> Result<(), Broken> {
        let Some((_, rate, mut importer)) = self.importer.take() else {
            return Err(Broken::Unknown("there is no sound in it".to_owned()));
        };
        importer.finish(&mut self.ready);
        if self.ready.is_empty() && self.given == 0 {
            return Err(Broken::Unknown("there is no sound in it".to_owned()));
        }
        self.give(rate)
    }

    fn give(&mut self, rate: Rate) -> Result<(), Broken> {
        let mut piece = std::mem::take(&mut self.ready);
        let most = limit::SOUND_SECONDS_MAX * rate.hz() as usize;
        let room = most.saturating_sub(self.given);
        let is_too_long = piece.len() > room;
        piece.truncate(room);
        self.given += piece.len();
        if !piece.is_empty() && !(self.deliver)(rate, piece) {
            return Err(Broken::Unwanted);
        }
        if is_too_long { Err(Broken::TooLong) } else { Ok(()) }
    }
}
