//! What an agent says: tokens become sentences, sentences are heard one after the other, until they are
//! interrupted.
//!
//! Speech is made sentence by sentence, so that the first is heard while the rest is still being written. How
//! much of a sentence was heard by the time it was interrupted is estimated from how fast people speak.
//! Not here: making and playing sound, the caller (`relay`).
//! Source: Twilio, "ConversationRelay", `text`, `play`, `interruptible`, `preemptible`, `interrupt`.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use legwork_media::SourceId;
use legwork_twiml::Interrupts;

use crate::limit;

/// Characters heard in a second: 150 to 160 words of English a minute.
const CHARACTERS_A_SECOND: u128 = 15;
/// Turns whose sound is asked for: the one that is heard, and the next.
const AHEAD: usize = 2;

/// All that is to be heard, in order.
#[derive(Debug, Default)]
pub(super) struct Talk {
    /// Not a whole sentence yet.
    gathered: String,
    /// Counts talks: from one `last` to the next.
    cycle: u32,
    /// At most [`limit::RELAY_TURNS_MAX`]. The first is heard, or about to be.
    turns: VecDeque<Turn>,
    heard: Heard,
}

/// What of the talk at hand has been heard to its end.
#[derive(Debug, Default)]
struct Heard {
    cycle: u32,
    text: String,
    since: Option<Instant>,
}

/// One sentence, or one file.
#[derive(Debug)]
struct Turn {
    what: What,
    manner: Manner,
    cycle: u32,
    source: Option<SourceId>,
    is_ready: bool,
    /// It is heard since then.
    since: Option<Instant>,
}

/// What is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Speech { text: String, language: Option<String> },
    File { url: String, times: u32 },
}

/// Whether and how it may be cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) interrupts: Interrupts,
    pub(super) preemptible: bool,
}

/// What breaks in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Key,
    Speech,
}

/// What was cut off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CutOff {
    /// Sound that is of no use any more.
    pub(super) sources: Vec<SourceId>,
    /// Of the talk, as far as it was heard.
    pub(super) text: String,
    /// For how long it was heard.
    pub(super) after: Duration,
}

/// Nothing more can be said now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Talk {
    /// The next token; what of the talk before is preempted by it.
    pub(super) fn text(
        &mut self,
        token: &str,
        last: bool,
        language: Option<&str>,
        manner: Manner,
    ) -> Result<Vec<SourceId>, Full> {
        if self.gathered.len() + token.len() > limit::RELAY_GATHERED_MAX
            || self.turns.len() >= limit::RELAY_TURNS_MAX
        {
            return Err(Full);
        }
        self.gathered.push_str(token);
        let mut preempted = Vec::new();
        while let Some(text) = self.sentence(last) {
            let what = What::Speech { text, language: language.map(str::to_owned) };
            preempted.extend(self.push(what, manner));
        }
        if last {
            self.cycle = self.cycle.wrapping_add(1);
        }
        Ok(preempted)
    }

    /// A file, behind what is to be heard already; what of that is preempted.
    pub(super) fn file(
        &mut self,
        url: String,
        times: u32,
        manner: Manner,
    ) -> Result<Vec<SourceId>, Full> {
        if self.turns.len() >= limit::RELAY_TURNS_MAX {
            return Err(Full);
        }
        self.cycle = self.cycle.wrapping_add(1);
        let preempted = self.push(What::File { url, times }, manner);
        self.cycle = self.cycle.wrapping_add(1);
        Ok(preempted)
    }

    fn push(&mut self, what: What, manner: Manner) -> Vec<SourceId> {
        let cycle = self.cycle;
        let preempted = self.cut(|turn| turn.manner.preemptible && turn.cycle != cycle);
        let (source, is_ready, since) = (None, false, None);
        self.turns.push_back(Turn { what, manner, cycle, source, is_ready, since });
        preempted
    }

    /// The next whole sentence; all that is left, if nothing follows.
    fn sentence(&mut self, last: bool) -> Option<String> {
        while !self.gathered.is_empty() {
            let end = match end_of_sentence(&self.gathered) {
                Some(end) => end,
                None if last => self.gathered.len(),
                None => return None,
            };
            let rest = self.gathered.split_off(end.min(self.gathered.len()));
            let sentence = std::mem::replace(&mut self.gathered, rest);
            if !sentence.trim().is_empty() {
                return Some(sentence.trim().to_owned());
            }
        }
        None
    }

    /// Takes turns out: their sound.
    fn cut(&mut self, is_cut: impl Fn(&Turn) -> bool) -> Vec<SourceId> {
        let mut sources = Vec::new();
        self.turns.retain(|turn| {
            let is_cut = is_cut(turn);
            if is_cut {
                sources.extend(turn.source);
            }
            !is_cut
        });
        sources
    }

    // === its sound ===

    /// The next turn whose sound is to be asked for.
    pub(super) fn to_prepare(&self) -> Option<&What> {
        let turns = self.turns.iter().take(AHEAD);
        turns.into_iter().find(|turn| turn.source.is_none()).map(|turn| &turn.what)
    }

    /// It was asked for.
    pub(super) fn asked(&mut self, source: SourceId) {
        if let Some(turn) = self.turns.iter_mut().find(|turn| turn.source.is_none()) {
            turn.source = Some(source);
        }
    }

    /// The sound is there.
    pub(super) fn ready(&mut self, source: SourceId) {
        if let Some(turn) = self.turns.iter_mut().find(|turn| turn.source == Some(source)) {
            turn.is_ready = true;
        }
    }

    /// Will never be there, or has been heard: what was said with it.
    pub(super) fn over(&mut self, source: SourceId) -> Option<String> {
        let n = self.turns.iter().position(|turn| turn.source == Some(source))?;
        let turn = self.turns.remove(n)?;
        let (What::Speech { text, .. }, Some(_)) = (turn.what, turn.since) else { return None };
        if self.heard.text.len() < limit::RELAY_GATHERED_MAX {
            join(&mut self.heard.text, &text);
        }
        Some(text)
    }

    /// The sound to be heard from now on, if another was heard before, and how often.
    pub(super) fn play(&mut self, now: Instant) -> Option<(SourceId, u32)> {
        let first = self.turns.front_mut()?;
        let source = first.source.filter(|_| first.is_ready && first.since.is_none())?;
        first.since = Some(now);
        if self.heard.since.is_none() || self.heard.cycle != first.cycle {
            self.heard = Heard { cycle: first.cycle, text: String::new(), since: Some(now) };
        }
        let times = match first.what {
            What::Speech { .. } => 1,
            What::File { times, .. } => times,
        };
        Some((source, times))
    }

    /// Something is heard right now.
    pub(super) fn is_playing(&self) -> bool {
        self.turns.front().is_some_and(|turn| turn.since.is_some())
    }

    /// Something is heard, or will be.
    pub(super) fn is_on(&self) -> bool {
        !self.turns.is_empty()
    }

    /// Every sound that was asked for.
    pub(super) fn sources(&self) -> impl Iterator<Item = SourceId> {
        self.turns.iter().filter_map(|turn| turn.source)
    }

    // === its end ===

    /// The caller breaks in. None: nothing is said that this interrupts.
    pub(super) fn interrupt(&mut self, by: By, now: Instant) -> Option<CutOff> {
        let yields = |turn: &Turn| match by {
            By::Key => turn.manner.interrupts.by_keys(),
            By::Speech => turn.manner.interrupts.by_speech(),
        };
        let first = self.turns.front().filter(|turn| yields(turn))?;
        let mut text = String::new();
        let mut after = Duration::ZERO;
        if self.heard.cycle == first.cycle
            && let Some(since) = self.heard.since
        {
            text = std::mem::take(&mut self.heard.text);
            after = now.saturating_duration_since(since);
        }
        if let (What::Speech { text: said, .. }, Some(since)) = (&first.what, first.since) {
            join(&mut text, heard_of(said, now.saturating_duration_since(since)));
        }
        self.heard = Heard::default();
        self.gathered.clear();
        let sources = self.cut(yields);
        Some(CutOff { sources, text, after })
    }
}

/// Where the first sentence ends: behind a mark and the blank that follows it, or where it becomes too long.
fn end_of_sentence(text: &str) -> Option<usize> {
    let mut marked = false;
    let mut blank = None;
    for (at, c) in text.char_indices() {
        if c == '\n' || marked && c.is_whitespace() {
            return Some(at + c.len_utf8());
        }
        if matches!(c, '。' | '！' | '？') {
            return Some(at + c.len_utf8());
        }
        if c.is_whitespace() {
            blank = Some(at + c.len_utf8());
        }
        // Quotation marks and brackets close a sentence with its mark.
        marked = matches!(c, '.' | '!' | '?' | '…' | ';' | ':')
            || marked && matches!(c, '"' | '\'' | ')' | '”' | '’');
        if at >= limit::RELAY_SENTENCE_MAX {
            return blank.or_else(|| Some(at + c.len_utf8()));
        }
    }
    None
}

/// The words that can be heard in so much time.
fn heard_of(text: &str, time: Duration) -> &str {
    let characters = time.as_millis() * CHARACTERS_A_SECOND / 1_000;
    let characters = usize::try_from(characters).unwrap_or(usize::MAX);
    let Some((end, _)) = text.char_indices().nth(characters) else { return text };
    let begun = text.get(..end).unwrap_or(text);
    // A word that has begun is not heard.
    begun.rfind(char::is_whitespace).and_then(|at| begun.get(..at)).unwrap_or("").trim_end()
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

#[cfg(test)]
mod tests;
