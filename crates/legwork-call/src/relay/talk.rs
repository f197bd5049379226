//! What an agent says: tokens become sentences, sentences are heard one after the other, until they are
//! interrupted.
//!
//! ```text
//!   tokens ──▶ gathered ──whole──▶ turns, each with a language and a manner of its own ──▶ heard
//! ```
//! Speech is made sentence by sentence, so that the first is heard while the rest is still being written. All
//! from one `last` to the next is one answer, a cycle: the next one preempts it, and a caller who breaks into
//! one that is still being written has broken into all that is yet to come of it.
//! Not here: where sentences end (`talk/sentence`), what has been heard (`talk/heard`), making and playing
//! sound, the caller (`relay`).
//! Source: Twilio, "ConversationRelay", `text`, `play`, `interruptible`, `preemptible`, `interrupt`.

mod heard;
mod sentence;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use legwork_media::SourceId;
use legwork_twiml::Interrupts;

use crate::limit;
use heard::{Heard, join};

/// Turns whose sound is asked for: the one that is heard, and the next.
const AHEAD: usize = 2;

/// All that is to be heard, in order.
#[derive(Debug, Default)]
pub(super) struct Talk {
    cycle: Cycle,
    /// Not a whole sentence yet, and not blank.
    gathered: Option<Gathered>,
    /// At most [`limit::RELAY_TURNS_MAX`]. The first is heard, or about to be.
    turns: VecDeque<Turn>,
    heard: Heard,
}

/// One answer of the application: its tokens up to `last`, or one file.
#[derive(Debug, Default)]
struct Cycle {
    number: u32,
    /// Tokens of it have come.
    is_under_way: bool,
    /// A turn of it has come: what it preempts is gone.
    has_turns: bool,
    /// The caller broke into it while it was under way.
    cut: Option<Cut>,
}

/// What yields to that is not said any more.
#[derive(Debug)]
struct Cut {
    by: By,
    /// When it was cut, or the last token came behind that.
    at: Instant,
    /// The application was told what the caller wants: it is about to answer that.
    is_past: bool,
}

/// The begin of a sentence; how it is said, its first token has said.
#[derive(Debug)]
struct Gathered {
    text: String,
    style: Style,
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
    Speech { text: String, language: String },
    File { url: String, times: u32 },
}

/// How a sentence is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) language: String,
    pub(super) manner: Manner,
}

/// Whether and how it may be cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) interrupts: Interrupts,
    pub(super) preemptible: bool,
}

impl Manner {
    fn yields(self, by: By) -> bool {
        match by {
            By::Key => self.interrupts.by_keys(),
            By::Speech => self.interrupts.by_speech(),
        }
    }
}

/// What one message says of how it is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) language: Option<String>,
    pub(super) interrupts: Option<Interrupts>,
    pub(super) preemptible: Option<bool>,
}

impl Asked {
    /// What it does not say is as there.
    pub(super) fn over(&self, usual: &Style) -> Style {
        let Style { language, manner } = usual;
        Style {
            language: self.language.as_ref().unwrap_or(language).clone(),
            manner: Manner {
                interrupts: self.interrupts.unwrap_or(manner.interrupts),
                preemptible: self.preemptible.unwrap_or(manner.preemptible),
            },
        }
    }
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

/// What came of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub(super) struct Taken {
    /// Sound of what it preempts.
    pub(super) preempted: Vec<SourceId>,
    /// There was no room for all of it: the rest is not said.
    pub(super) is_full: bool,
}

impl Talk {
    // === what is to be said ===

    /// The next token. It goes on with the sentence that has begun unless it asks for another style; what
    /// begins with it is said as it asks, or else as usual.
    pub(super) fn text(
        &mut self,
        token: &str,
        last: bool,
        asked: &Asked,
        usual: &Style,
        now: Instant,
    ) -> Taken {
        let mut taken = Taken::default();
        let usual = asked.over(usual);
        let is_new = self.cycle.is_over(now);
        if is_new {
            self.next_cycle();
        }
        self.cycle.goes_on(now);
        let mut begun = self.gathered.take();
        let is_other = |begun: &mut Gathered| {
            let wanted = if is_new { usual.clone() } else { asked.over(&begun.style) };
            wanted != begun.style
        };
        if let Some(other) = begun.take_if(is_other) {
            self.say(&other.text, &other.style, &mut taken, now);
        }
        let Gathered { mut text, mut style } =
            begun.unwrap_or_else(|| Gathered { text: String::new(), style: usual.clone() });
        text.push_str(token);
        let mut rest = text.as_str();
        while let Some((sentence, more)) = sentence::first(rest) {
            self.say(sentence, &style, &mut taken, now);
            if taken.is_full {
                rest = "";
                break;
            }
            rest = more;
            style.clone_from(&usual);
        }
        if !rest.trim().is_empty() && !self.cycle.is_cut_for(style.manner) {
            self.gathered = Some(Gathered { text: rest.to_owned(), style });
        }
        if last {
            self.end_cycle(&mut taken, now);
        }
        taken
    }

    /// A file, behind what is to be heard already.
    pub(super) fn file(&mut self, url: String, times: u32, manner: Manner, now: Instant) -> Taken {
        let mut taken = Taken::default();
        self.end_cycle(&mut taken, now);
        self.push(What::File { url, times }, manner, &mut taken, now);
        self.end_cycle(&mut taken, now);
        taken
    }

    /// Nothing more will be said.
    pub(super) fn end(&mut self, now: Instant) -> Taken {
        let mut taken = Taken::default();
        self.end_cycle(&mut taken, now);
        taken
    }

    /// The application was told what the caller wants: what comes next is the answer to that, and no rest of
    /// what he broke into.
    pub(super) fn caller_is_understood(&mut self) {
        if let Some(cut) = &mut self.cycle.cut {
            cut.is_past = true;
        }
    }

    /// Nothing more comes of this answer; what is left of it is a sentence.
    fn end_cycle(&mut self, taken: &mut Taken, now: Instant) {
        if let Some(Gathered { text, style }) = self.gathered.take() {
            self.say(&text, &style, taken, now);
        }
        self.next_cycle();
    }

    fn next_cycle(&mut self) {
        let number = self.cycle.number.wrapping_add(1);
        self.cycle = Cycle { number, ..Cycle::default() };
    }

    fn say(&mut self, text: &str, style: &Style, taken: &mut Taken, now: Instant) {
        let text = text.trim();
        if text.is_empty() || self.cycle.is_cut_for(style.manner) {
            return;
        }
        let (text, language) = (text.to_owned(), style.language.clone());
        self.push(What::Speech { text, language }, style.manner, taken, now);
    }

    /// One more turn. The first of a cycle preempts what came before.
    fn push(&mut self, what: What, manner: Manner, taken: &mut Taken, now: Instant) {
        let cycle = self.cycle.number;
        if !std::mem::replace(&mut self.cycle.has_turns, true) {
            let is_preempted = |turn: &Turn| turn.manner.preemptible && turn.cycle != cycle;
            taken.preempted.extend(self.cut(is_preempted, now));
        }
        if self.turns.len() >= limit::RELAY_TURNS_MAX {
            taken.is_full = true;
            return;
        }
        let (source, is_ready, since) = (None, false, None);
        self.turns.push_back(Turn { what, manner, cycle, source, is_ready, since });
    }

    /// Takes turns out: their sound.
    fn cut(&mut self, is_cut: impl Fn(&Turn) -> bool, now: Instant) -> Vec<SourceId> {
        let mut sources = Vec::new();
        let heard = &mut self.heard;
        self.turns.retain(|turn| {
            let is_cut = is_cut(turn);
            if is_cut {
                sources.extend(turn.source);
                turn.since.into_iter().for_each(|since| heard.sounded(since, now));
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
    pub(super) fn over(&mut self, source: SourceId, now: Instant) -> Option<String> {
        let n = self.turns.iter().position(|turn| turn.source == Some(source))?;
        let turn = self.turns.remove(n)?;
        self.heard.sounded(turn.since?, now);
        let What::Speech { text, .. } = turn.what else { return None };
        self.heard.said(&text);
        Some(text)
    }

    /// The sound to be heard from now on, if another was heard before, and how often.
    pub(super) fn play(&mut self, now: Instant) -> Option<(SourceId, u32)> {
        let first = self.turns.front_mut()?;
        let source = first.source.filter(|_| first.is_ready && first.since.is_none())?;
        first.since = Some(now);
        self.heard.begins(first.cycle, now);
        let times = match first.what {
            What::Speech { .. } => 1,
            What::File { times, .. } => times,
        };
        Some((source, times))
    }

    /// Something is heard right now.
    pub(super) fn is_playing(&self) -> bool {
        self.playing_since().is_some()
    }

    /// Something was heard then, a moment ago or now.
    pub(super) fn was_playing(&self, at: Instant) -> bool {
        self.playing_since().is_some_and(|since| since <= at) || self.heard.sounded_at(at)
    }

    fn playing_since(&self) -> Option<Instant> {
        self.turns.front()?.since
    }

    /// Something is heard, or will be.
    pub(super) fn is_on(&self) -> bool {
        !self.turns.is_empty()
    }

    /// Something is heard, or will be, and no music that is heard again and again.
    pub(super) fn will_end(&self) -> bool {
        let is_again = |turn: &Turn| matches!(turn.what, What::File { times, .. } if times != 1);
        self.is_on() && !self.turns.iter().any(is_again)
    }

    /// A key would cut something off.
    pub(super) fn yields_to_keys(&self) -> bool {
        self.turns.iter().any(|turn| turn.manner.yields(By::Key))
            || self.gathered.as_ref().is_some_and(|begun| begun.style.manner.yields(By::Key))
    }

    /// Every sound that was asked for.
    pub(super) fn sources(&self) -> impl Iterator<Item = SourceId> {
        self.turns.iter().filter_map(|turn| turn.source)
    }

    // === its end ===

    /// The caller breaks in. None: nothing is said that this interrupts. Between two sentences the agent says
    /// the one that has begun to come.
    pub(super) fn interrupt(&mut self, by: By, now: Instant) -> Option<CutOff> {
        let (cycle, manner) = match self.turns.front() {
            Some(first) => (first.cycle, first.manner),
            None => (self.cycle.number, self.gathered.as_ref()?.style.manner),
        };
        if !manner.yields(by) {
            return None;
        }
        let (mut text, after) = self.heard.breaks_off(cycle, now);
        if let Some(Turn { what: What::Speech { text: said, .. }, since: Some(since), .. }) =
            self.turns.front()
        {
            join(&mut text, sentence::heard_of(said, now.saturating_duration_since(*since)));
        }
        self.gathered.take_if(|begun| begun.style.manner.yields(by));
        if self.cycle.is_under_way {
            self.cycle.cut = Some(Cut { by, at: now, is_past: false });
        }
        let sources = self.cut(|turn| turn.manner.yields(by), now);
        Some(CutOff { sources, text, after })
    }
}

impl Cycle {
    /// A token of it has come.
    fn goes_on(&mut self, now: Instant) {
        self.is_under_way = true;
        if let Some(cut) = &mut self.cut {
            cut.at = now;
        }
    }

    /// Nothing more of it is to be expected, though there was no `last`: what comes is something new.
    fn is_over(&self, now: Instant) -> bool {
        let longest = |cut: &Cut| if cut.is_past { limit::RELAY_REST } else { limit::RELAY_PAUSE };
        let pause = |cut: &Cut| now.saturating_duration_since(cut.at);
        self.cut.as_ref().is_some_and(|cut| pause(cut) >= longest(cut))
    }

    /// What of it is said in that manner is not said any more.
    fn is_cut_for(&self, manner: Manner) -> bool {
        self.cut.as_ref().is_some_and(|cut| manner.yields(cut.by))
    }
}

#[cfg(test)]
mod tests;
