//! What a `<Say>` has in it, written again for whoever speaks: SSML that espeak-ng understands, and
//! plain text.
//!
//! espeak-ng understands breaks, emphasis, paragraphs, prosody and spelling. Dates, times, fractions
//! and the like become words here, for either: English words in English, else numbers in order.
//! Not here: which elements there are (`legwork-twiml`, `ssml`), how words are said (`say_as`).
//! Source: W3C SSML 1.1; Twilio, "TwiML Voice: SSML"; espeak-ng, docs/markup.md.

use roxmltree::{Document, Node};

use crate::speech::phoneme;
use crate::speech::say_as::{self, Said};
use crate::speech::voices;

/// Longest `<break>`, ms. Source: Amazon Polly, "break".
const BREAK_MAX_MS: f32 = 10_000.0;
/// Of a silent expletive, ms a character: about as long as it would have been.
const SILENCE_MS: usize = 60;

/// One `<Say>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spoken {
    /// For espeak-ng, without the `speak` element.
    pub(crate) ssml: String,
    /// For those who take text only. Blank: nothing but pauses.
    pub(crate) text: String,
}

/// Reads a fragment as `<Say>` has it. What is no XML is spoken as it is.
pub(crate) fn read(fragment: &str, language: &str) -> Spoken {
    let mut writer = Writer::default();
    match Document::parse(&format!("<speak>{fragment}</speak>")) {
        Ok(document) => writer.children(document.root_element(), language),
        Err(_) => writer.words(fragment),
    }
    let text = writer.spoken.text.trim().to_owned();
    Spoken { text, ..writer.spoken }
}

#[derive(Debug, Default)]
struct Writer {
    spoken: Spoken,
}

impl Writer {
    /// The depth of a document is limited, so this may call itself.
    fn children(&mut self, node: Node<'_, '_>, language: &str) {
        for inner in node.children() {
            if inner.is_text() {
                self.words(inner.text().unwrap_or_default());
            } else if inner.is_element() {
                self.element(inner, language);
            }
        }
    }

    fn element(&mut self, node: Node<'_, '_>, language: &str) {
        match node.tag_name().name() {
            "break" => self.pause(node),
            "emphasis" => self.inside(node, language, "emphasis", &["level"]),
            "p" => {
                self.inside(node, language, "p", &[]);
                self.spoken.text.push_str("\n\n");
            }
            "s" => {
                self.inside(node, language, "s", &[]);
                self.spoken.text.push('\n');
            }
            "prosody" => self.prosody(node, language),
            "lang" => self.lang(node, language),
            "sub" => match node.attribute("alias") {
                Some(alias) if !alias.trim().is_empty() => self.words(alias),
                Some(_) | None => self.children(node, language),
            },
            "phoneme" => self.phoneme(node, language),
            "say-as" => self.say_as(node, language),
            // `w`: a hint nobody here can use.
            _ => self.children(node, language),
        }
    }

    /// An element as it is, with those of its attributes.
    fn inside(&mut self, node: Node<'_, '_>, language: &str, name: &str, attributes: &[&str]) {
        let given = attributes.iter().filter_map(|one| Some((*one, node.attribute(*one)?)));
        self.tag(name, given);
        self.children(node, language);
        self.end(name);
    }

    fn pause(&mut self, node: Node<'_, '_>) {
        let time = node.attribute("time").and_then(milliseconds);
        match (time, node.attribute("strength")) {
            (Some(ms), _) => {
                let time = format!("{}ms", ms.min(BREAK_MAX_MS).round());
                self.empty("break", &[("time", &time)]);
            }
            (None, Some(strength)) => self.empty("break", &[("strength", strength)]),
            (None, None) => self.empty("break", &[]),
        }
        self.spoken.text.push_str(", ");
    }

    fn prosody(&mut self, node: Node<'_, '_>, language: &str) {
        let volume = node.attribute("volume").map(volume);
        let rate = node.attribute("rate").map(str::to_owned);
        let pitch = node.attribute("pitch").map(str::to_owned);
        let all = [("volume", &volume), ("rate", &rate), ("pitch", &pitch)];
        let given = all.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        self.tag("prosody", given);
        self.children(node, language);
        self.end("prosody");
    }

    /// espeak-ng changes the language by `voice`, not by `lang`.
    fn lang(&mut self, node: Node<'_, '_>, language: &str) {
        const XML: &str = "http://www.w3.org/XML/1998/namespace";
        let Some(inner) = node.attribute((XML, "lang")) else {
            return self.children(node, language);
        };
        // The last is the one that there is most likely: the language without its region.
        let voice = voices::espeak_languages(inner).pop().unwrap_or_default();
        self.tag("voice", [("xml:lang", voice.as_str())].into_iter());
        self.children(node, inner);
        self.end("voice");
    }

    /// Sounds of English are written as espeak-ng writes them; others are read as their text is.
    fn phoneme(&mut self, node: Node<'_, '_>, language: &str) {
        let alphabet = node.attribute("alphabet").unwrap_or("ipa");
        let sounds = node.attribute("ph").filter(|_| is_english(language));
        let sounds = sounds.and_then(|ph| phoneme::espeak(alphabet, ph));
        let Some(sounds) = sounds else { return self.children(node, language) };
        self.spoken.ssml.push_str("[[");
        push_escaped(&mut self.spoken.ssml, &sounds);
        self.spoken.ssml.push_str("]]");
        self.spoken.text.push_str(&text_of(node));
    }

    fn say_as(&mut self, node: Node<'_, '_>, language: &str) {
        let text = text_of(node);
        let what = node.attribute("interpret-as").unwrap_or("");
        let format = node.attribute("format").unwrap_or("");
        match say_as::read(what, format, &text, language) {
            Said::Words(words) => self.words(&words),
            Said::Spelled(letters) => {
                self.tag("say-as", [("interpret-as", "characters")].into_iter());
                push_escaped(&mut self.spoken.ssml, &letters);
                self.end("say-as");
                let apart: Vec<String> =
                    letters.chars().filter(|c| !c.is_whitespace()).map(String::from).collect();
                self.spoken.text.push_str(&apart.join(" "));
            }
            Said::Silence => {
                let ms = (SILENCE_MS * text.chars().count()).min(BREAK_MAX_MS as usize);
                self.empty("break", &[("time", &format!("{ms}ms"))]);
                self.spoken.text.push_str(", ");
            }
        }
    }

    /// Words to be spoken.
    fn words(&mut self, words: &str) {
        // What stands in two brackets would be read as sounds.
        let safe = words.replace("[[", "[ [");
        push_escaped(&mut self.spoken.ssml, &safe);
        self.spoken.text.push_str(words);
    }

    fn tag<'v>(&mut self, name: &str, attributes: impl Iterator<Item = (&'v str, &'v str)>) {
        let ssml = &mut self.spoken.ssml;
        ssml.push('<');
        ssml.push_str(name);
        for (attribute, value) in attributes {
            ssml.push(' ');
            ssml.push_str(attribute);
            ssml.push_str("=\"");
            push_escaped(ssml, value);
            ssml.push('"');
        }
        ssml.push('>');
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes.iter().copied());
        self.spoken.ssml.pop();
        self.spoken.ssml.push_str("/>");
    }

    fn end(&mut self, name: &str) {
        self.spoken.ssml.push_str("</");
        self.spoken.ssml.push_str(name);
        self.spoken.ssml.push('>');
    }
}

pub(super) fn is_english(language: &str) -> bool {
    language.get(..2).is_some_and(|base| base.eq_ignore_ascii_case("en"))
}

fn text_of(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect()
}

fn push_escaped(to: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '"' => to.push_str("&quot;"),
            c => to.push(c),
        }
    }
}

/// `2s`, `200ms`, `+0.5s`.
fn milliseconds(time: &str) -> Option<f32> {
    let time = time.trim();
    let ms = match time.strip_suffix("ms") {
        Some(ms) => ms.trim().parse::<f32>().ok()?,
        None => 1000.0 * time.strip_suffix('s')?.trim().parse::<f32>().ok()?,
    };
    Some(ms.max(0.0)).filter(|ms| ms.is_finite())
}

/// Decibels as a share of what was: espeak-ng takes those for something else.
fn volume(value: &str) -> String {
    let decibels = value.trim().strip_suffix("dB").and_then(|db| db.trim().parse::<f32>().ok());
    match decibels {
        Some(db) => format!("{}%", (10_f32.powf(db.clamp(-60.0, 6.0) / 20.0) * 100.0).round()),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_element_for_either_engine() {
        let table = [
            ("Hello &amp; you", "Hello &amp; you", "Hello & you"),
            ("a [[b]]", "a [ [b]]", "a [[b]]"),
            ("a<break/>b", "a<break/>b", "a, b"),
            ("a<break time=\"1.5s\"/>b", "a<break time=\"1500ms\"/>b", "a, b"),
            ("a<break time=\"3600s\"/>b", "a<break time=\"10000ms\"/>b", "a, b"),
            ("a<break time=\"soon\"/>b", "a<break/>b", "a, b"),
            ("<break strength=\"weak\"/>b", "<break strength=\"weak\"/>b", ", b"),
            (
                "<emphasis level=\"strong\">a</emphasis>",
                "<emphasis level=\"strong\">a</emphasis>",
                "a",
            ),
            ("<p>a</p><p><s>b</s></p>", "<p>a</p><p><s>b</s></p>", "a\n\nb"),
            (
                "<prosody rate=\"85%\" pitch=\"x-low\" volume=\"+6dB\">a</prosody>",
                "<prosody volume=\"200%\" rate=\"85%\" pitch=\"x-low\">a</prosody>",
                "a",
            ),
            ("<prosody volume=\"-6dB\">a</prosody>", "<prosody volume=\"50%\">a</prosody>", "a"),
            ("<lang xml:lang=\"fr-FR\">oui</lang>", "<voice xml:lang=\"fr-fr\">oui</voice>", "oui"),
            ("<lang xml:lang=\"de-DE\">ja</lang>", "<voice xml:lang=\"de\">ja</voice>", "ja"),
            ("<sub alias=\"World\">W</sub>", "World", "World"),
            ("<sub alias=\"\">W</sub>", "W", "W"),
            ("<w role=\"amazon:VB\">read</w>", "read", "read"),
            ("<phoneme alphabet=\"ipa\" ph=\"pɪˈkɑːn\">pecan</phoneme>", "[[pI'kA:n]]", "pecan"),
            (
                "<lang xml:lang=\"de\"><phoneme ph=\"x\">ch</phoneme></lang>",
                "<voice xml:lang=\"de\">ch</voice>",
                "ch",
            ),
            (
                "<say-as interpret-as=\"spell-out\">A&lt;1</say-as>",
                "<say-as interpret-as=\"characters\">A&lt;1</say-as>",
                "A < 1",
            ),
            ("<say-as interpret-as=\"ordinal\">3</say-as>", "3rd", "3rd"),
            (
                "<say-as interpret-as=\"expletive\">darn</say-as>it",
                "<break time=\"240ms\"/>it",
                ", it",
            ),
            ("a & b", "a &amp; b", "a & b"),
        ];
        for (fragment, ssml, text) in table {
            let spoken = Spoken { ssml: ssml.to_owned(), text: text.to_owned() };
            assert_eq!(read(fragment, "en-US"), spoken, "{fragment}");
        }
        assert_eq!(read("<break time=\"2s\"/>", "en").text, ",");
    }
}
