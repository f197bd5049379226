//! `[recognition]`: who understands, and in which languages.
//!
//! Not here: understanding (`ears`).

use std::time::Duration;

use crate::config::{Config, Recognition};

fn recognition(text: &str) -> Result<(Recognition, Vec<String>), String> {
    let config = Config::parse(text);
    let config = config.map_err(|problems| {
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    })?;
    Ok((config.recognition, config.warnings))
}

#[test]
fn without_a_word_it_is_pocketsphinx_in_american_english() {
    let (meant, _) = recognition("").unwrap();
    assert_eq!(meant, Recognition::default());
    assert!(meant.endpoint.is_none());
    assert_eq!(meant.program.to_str(), Some("pocketsphinx_continuous"));
    let tags: Vec<&str> = meant.languages.iter().map(|one| one.tag.as_str()).collect();
    assert_eq!(tags, ["en-US"]);
}

#[test]
fn an_endpoint_and_languages_are_read() {
    let text = r#"
        [recognition]
        engine = "openai"
        program = "/opt/ps"
        url = "http://127.0.0.1:9000/v1"
        api_key = "very-secret"
        model = "small"
        timeout = "3s"
        [[recognition.language]]
        tag = "de-DE"
        acoustic_model = "/m/de"
        dictionary = "/m/de.dict"
        language_model = "/m/de.lm"
        [[recognition.language]]
        tag = "en-us"
        acoustic_model = "/m/en"
        dictionary = "/m/en.dict"
        language_model = "/m/en.lm"
    "#;
    let (meant, warnings) = recognition(text).unwrap();
    assert!(!format!("{meant:?}").contains("very-secret"));
    let endpoint = meant.endpoint.unwrap();
    assert_eq!(endpoint.url.as_str(), "http://127.0.0.1:9000/v1");
    assert_eq!((endpoint.model.as_str(), endpoint.timeout), ("small", Duration::from_secs(3)));
    assert_eq!(endpoint.api_key.unwrap().expose(), b"very-secret");
    let tags: Vec<&str> = meant.languages.iter().map(|one| one.tag.as_str()).collect();
    assert_eq!(tags, ["de-DE", "en-us"], "ours is replaced");
    assert!(!warnings.iter().any(|warning| warning.contains("recognition")), "{warnings:?}");
}

#[test]
fn what_can_not_be_meant_is_told() {
    let language = |tag: &str| {
        let rest = "acoustic_model = \"a\"\ndictionary = \"b\"\nlanguage_model = \"c\"\n";
        format!("[[recognition.language]]\ntag = \"{tag}\"\n{rest}")
    };
    let many: String = (0..65).map(|n| language(&format!("x{n}"))).collect();
    let table = [
        ("[recognition]\nengine = \"openai\"".to_owned(), "2:10: missing-key: write url ="),
        ("[recognition]\nengine = \"vosk\"".to_owned(), "2:10: bad-value: "),
        ("[recognition]\nengin = \"openai\"".to_owned(), "unknown key `engin`; write `engine`"),
        ("[recognition]\ntimeout = \"16s\"".to_owned(), "write \"1s\" to \"15s\""),
        ("[recognition]\nurl = \"ftp://x\"".to_owned(), "bad-value"),
        (language("de-DE") + &language("DE-de"), "this language is here twice"),
        (language("de DE"), "write a language tag"),
        (language(""), "write a language tag"),
        (many, "write at most 64 languages"),
        (
            "[[recognition.language]]\ntag = \"de\"".to_owned(),
            "the key `acoustic_model` is missing",
        ),
    ];
    for (text, expected) in table {
        let problems = recognition(&text).unwrap_err();
        assert!(problems.contains(expected), "{text}\n{problems}");
    }
    let (_, warnings) = recognition("[recognition]\nurl = \"http://x\"").unwrap();
    assert!(warnings.iter().any(|warning| warning.contains("recognition.url")), "{warnings:?}");
}
