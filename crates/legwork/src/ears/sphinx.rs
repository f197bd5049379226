//! `pocketsphinx_continuous`: first with a grammar of what is expected, then with the language.
//!
//! A grammar always finds something in what is said. So the same sound is also made of any phones in
//! any order: where those fit much better, something else was said, and the language model decides.
//! Not here: the grammar (`grammar`), what a log says (`score`), the process (`process`).
//! Source: pocketsphinx_continuous(1); the thresholds are ours, by measurement (docs/speech.md).

use std::ffi::OsString;
use std::path::Path;

use legwork_call::io::Recognition;

use crate::config::Language;
use crate::ears::grammar::{Grammar, Phrases};
use crate::ears::loudness::Levelled;
use crate::ears::score::Found;
use crate::ears::scratch::Scratch;
use crate::ears::{Heard, process};
use crate::limit;

/// How much worse per frame of 10 ms in which somebody spoke a hint may fit than any sounds, before
/// something else was said: about 2.2 nats.
const WORSE_MAX: f32 = 22.0;
/// The same of several hints, one behind the other: of many in any order, much can be made.
const CHAIN_WORSE_MAX: f32 = 5.0;
/// Probability of one word more in hints (`-wip`): “no” is not “two no”, though that fits a little better.
const WORD_MORE: &str = "0.1";
/// How much of what was said must be within words.
const COVERED_MIN: f32 = 0.65;

/// Understands sound of 16 kHz.
///
/// # Errors
/// Why it does not, and what to do.
pub(crate) async fn understand(
    program: &Path,
    language: &Language,
    asked: &Recognition,
    sound: &Levelled,
) -> Result<Heard, String> {
    let phrases = Phrases::new(&asked.hints, &asked.speech_model);
    if !phrases.is_empty()
        && let Some(heard) = by_grammar(program, language, phrases, sound).await?
    {
        return Ok(heard);
    }
    is_there(&language.language_model)?;
    let mut arguments = arguments(language, &language.dictionary)?;
    arguments.extend(["-lm".into(), language.language_model.clone().into()]);
    let found = Found::read(&process::run(program, arguments, &sound.bytes).await?);
    let text = found.text();
    let confidence = if text.is_empty() { 0 } else { thousandths(found.posterior()) };
    Ok(Heard { text, confidence })
}

/// None: it was none of the phrases.
async fn by_grammar(
    program: &Path,
    language: &Language,
    phrases: Phrases,
    sound: &Levelled,
) -> Result<Option<Heard>, String> {
    let dictionary = language.dictionary.clone();
    let written = tokio::task::spawn_blocking(move || write(&phrases, &dictionary)).await;
    let written = written.unwrap_or_else(|_| Err("the hints could not be written".to_owned()))?;
    let Some((grammar, scratch)) = written else { return Ok(None) };
    let run = async |name: &str, more: &[&str]| {
        let mut arguments = arguments(language, &scratch.path("dictionary"))?;
        arguments.extend(["-jsgf".into(), scratch.path(name).into()]);
        arguments.extend(more.iter().map(OsString::from));
        Ok::<_, String>(Found::read(&process::run(program, arguments, &sound.bytes).await?))
    };
    let (phrases, sounds) =
        tokio::try_join!(run("phrases", &["-wip", WORD_MORE]), run("sounds", &[]))?;
    Ok(judge(&grammar, &phrases, &sounds, &sound.loud))
}

fn write(phrases: &Phrases, dictionary: &Path) -> Result<Option<(Grammar, Scratch)>, String> {
    is_there(dictionary)?;
    let failed = |error| format!("{} can not be read: {error}", dictionary.display());
    let length = std::fs::metadata(dictionary).map_err(failed)?.len();
    if length > limit::DICTIONARY_MAX {
        return Err(format!("{} is no dictionary: it is too large", dictionary.display()));
    }
    let text = std::fs::read(dictionary).map_err(failed)?;
    let Some(grammar) = phrases.grammar(&String::from_utf8_lossy(&text)) else { return Ok(None) };
    let written = Scratch::new().and_then(|scratch| {
        scratch.write("phrases", &grammar.phrases)?;
        scratch.write("sounds", &grammar.sounds)?;
        scratch.write("dictionary", &grammar.dictionary)?;
        Ok(scratch)
    });
    let folder = std::env::temp_dir();
    let scratch = written.map_err(|error| {
        format!("the hints can not be written in {}: {error}", folder.display())
    })?;
    Ok(Some((grammar, scratch)))
}

fn arguments(language: &Language, dictionary: &Path) -> Result<Vec<OsString>, String> {
    is_there(&language.acoustic_model)?;
    is_there(dictionary)?;
    let model = language.acoustic_model.clone().into();
    let dictionary = dictionary.to_owned().into();
    let mut arguments = vec!["-hmm".into(), model, "-dict".into(), dictionary];
    arguments.extend(["-infile", "/dev/stdin", "-backtrace", "yes"].map(OsString::from));
    // It is cut to what was said already, and words that begin softly would lose their beginning. Without
    // it frames are counted from the beginning of the sound.
    arguments.extend(["-remove_silence", "no", "-remove_noise", "no"].map(OsString::from));
    Ok(arguments)
}

/// Missing models are told in our words.
fn is_there(path: &Path) -> Result<(), String> {
    if path.exists() {
        return Ok(());
    }
    Err(format!(
        "{} is not there: install the package pocketsphinx-en-us, or mend the [[recognition.language]]",
        path.display()
    ))
}

/// Whether it was one of the phrases, and how surely. `loud`: in which frames somebody spoke.
fn judge(grammar: &Grammar, phrases: &Found, sounds: &Found, loud: &[bool]) -> Option<Heard> {
    let names = || phrases.words.iter().map(|word| word.name.as_str());
    let text = grammar.shown(names());
    let spoken = || (0_u32..).zip(loud).filter(|(_, loud)| **loud);
    let said = spoken().count().max(1) as f32;
    let covered = spoken().filter(|(frame, _)| phrases.covers(*frame)).count() as f32 / said;
    let worse = sounds.acoustic.saturating_sub(phrases.acoustic) as f32 / said;
    let is_chain = Grammar::phrases_in(names()) > 1;
    let worse_max = if is_chain { CHAIN_WORSE_MAX } else { WORSE_MAX };
    tracing::debug!(covered, worse, is_chain, "hints compared with what was said");
    if text.is_empty() || covered < COVERED_MIN || worse > worse_max {
        return None;
    }
    // As good as any sounds: certain. At the threshold: as likely as not.
    let sure = 1.0 - 0.5 * (worse / worse_max).max(0.0);
    Some(Heard { text, confidence: thousandths(sure * covered) })
}

fn thousandths(sure: f32) -> u16 {
    // Saturates; NaN is 0.
    (sure.clamp(0.0, 1.0) * 1_000.0).round() as u16
}
