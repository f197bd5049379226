//! Twilio's own sample documents (`data/twiml-samples`, MIT): what each is read as.
//!
//! Not here: single rules (`src/parse/tests.rs`).
//! Source: the samples of Twilio's documentation.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use legwork_twiml::{Connected, Level, Noun, Nouns, Started, Stopped, StreamTo, Verb, Whom, parse};

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/twiml-samples");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "twiml"))
        .collect();
    paths.sort();
    paths
}

#[test]
fn every_sample_is_read_as_listed() {
    let paths = samples();
    assert_eq!(paths.len(), 144);
    let mut listed = String::new();
    for path in paths {
        let (program, problems) = parse(&std::fs::read(&path).unwrap());
        let name = path.file_stem().unwrap().to_string_lossy();
        assert!(problems.iter().all(|p| p.level == Level::Warning), "{name}: {problems:?}");
        let verbs: Vec<String> = program.verbs.iter().map(verb).collect();
        write!(listed, "{name}: {}", verbs.join(", ")).unwrap();
        for problem in problems {
            write!(listed, " !{}", problem.code).unwrap();
        }
        listed.push('\n');
    }
    expect_file!["data/samples.txt"].assert_eq(&listed);
}

fn verb(verb: &Verb) -> String {
    match verb {
        Verb::Dial(dial) => match &dial.nouns {
            Nouns::Ring(ring) => format!("Dial({})", ring.iter().map(noun).collect::<String>()),
            Nouns::Unbuilt(unbuilt) => format!("Dial(no {})", unbuilt.name),
            Nouns::Queue(queue) => format!("Dial(Queue {})", queue.name),
            Nouns::Conference(conference) => format!("Dial(Conference {})", conference.name),
        },
        Verb::Say(_) => "Say".to_owned(),
        Verb::Play(play) => format!("Play({}x)", play.times),
        Verb::Press(press) => format!("Play({} {}x)", press.keys, press.times),
        Verb::Enqueue(enqueue) => format!("Enqueue({})", enqueue.name),
        Verb::Leave => "Leave".to_owned(),
        Verb::Pause(pause) => format!("Pause({:?})", pause.length),
        Verb::Redirect(redirect) => format!("Redirect({})", redirect.url),
        Verb::Hangup(_) => "Hangup".to_owned(),
        Verb::Reject(reject) => format!("Reject({:?})", reject.reason),
        Verb::Refer(refer) => format!("Refer({})", refer.uri),
        Verb::Record(record) => format!("Record({:?})", record.max_length),
        Verb::Start(start) => {
            let nouns = start.nouns.iter().map(|noun| match noun {
                Started::Recording(recording) => format!("Recording({:?})", recording.sides),
                Started::Stream(stream) => format!("Stream({:?})", stream.tracks),
                Started::Siprec(it) => format!("Siprec({:?})", it.tracks),
                Started::Transcription(it) => format!("Transcription({:?})", it.tracks),
            });
            format!("Start({})", nouns.collect::<Vec<_>>().join(", "))
        }
        Verb::Echo => "Echo".to_owned(),
        Verb::Gather(gather) => format!("Gather({} prompts)", gather.prompts.len()),
        Verb::Connect(connect) => match &connect.noun {
            None => "Connect()".to_owned(),
            Some(Connected::Stream(stream)) => match &stream.to {
                StreamTo::Url(to) | StreamTo::Connector(to) => format!("Connect(Stream {to})"),
            },
            Some(Connected::Relay(relay)) => format!("Connect(Relay {})", relay.url),
            Some(Connected::Unbuilt(unbuilt)) => format!("Connect(no {})", unbuilt.name),
        },
        Verb::Stop(stop) => {
            let nouns = stop.nouns.iter().map(|noun| match noun {
                Stopped::Stream(name) => format!("Stream {name}"),
                Stopped::Transcription(name) => format!("Transcription {name}"),
                Stopped::Siprec(name) => format!("Siprec {name}"),
            });
            format!("Stop({})", nouns.collect::<Vec<_>>().join(", "))
        }
        Verb::Unbuilt(unbuilt) => format!("no {}", unbuilt.name),
    }
}

fn noun(noun: &Noun) -> &'static str {
    match noun.whom {
        Whom::Sip(_) => "S",
        Whom::Client(_) => "C",
        Whom::Number(_) => "N",
        Whom::Sim(_) => "M",
        Whom::Application(_) => "A",
    }
}
