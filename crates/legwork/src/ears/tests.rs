//! Ears against real recognisers, against programs and endpoints that do not behave, and against
//! callers who say nothing, or noise.

mod dictation;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use legwork_media::codec::{Decoder, Encoder, PAYLOAD_BYTES, SOUND_MAX};
use legwork_media::offer_answer::Codec;
use legwork_media::resample::Fit;
use legwork_media::{Frame, Rate};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{Sender, channel};

use super::scratch::Scratch;
use super::*;
use crate::config::{Endpoint, Language, Token};
use crate::media::taps::TapSound;

fn is_installed() -> bool {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let model = &config::Recognition::default().languages[0].language_model;
    let found = has("espeak-ng") && has("pocketsphinx_continuous") && model.exists();
    if !found {
        eprintln!("skipped: espeak-ng, pocketsphinx or pocketsphinx-en-us is not installed");
    }
    found
}

/// What espeak-ng says, at 16 kHz, with a moment before and behind.
fn spoken(voice: &str, text: &str) -> Vec<i16> {
    let mut command = Command::new("espeak-ng");
    command.args(["-v", voice, "--stdin", "--stdout"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let wav = process.wait_with_output().unwrap().stdout;
    let samples: Vec<i16> =
        wav[44..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    let mut sound = vec![0; RATE_HZ / 5];
    for n in 0..samples.len() * RATE_HZ / 22_050 - 1 {
        let (at, part) = (n * 22_050 / RATE_HZ, (n * 22_050 % RATE_HZ) as i32);
        let (a, b) = (i32::from(samples[at]), i32::from(samples[at + 1]));
        sound.push((a + (b - a) * part / RATE_HZ as i32) as i16);
    }
    sound.extend(vec![0; RATE_HZ / 5]);
    sound
}

fn hints(hints: &str) -> Recognition {
    Recognition { language: "en-US".to_owned(), hints: hints.to_owned(), ..Recognition::default() }
}

async fn understand(
    settings: config::Recognition,
    asked: &Recognition,
    sound: &[i16],
) -> Result<Heard, Deaf> {
    Recogniser::new(settings).unwrap().understand(asked, sound).await
}

const MENU: &str = "Sales, technical support, yes, no, one, two, three, opening hours";

#[tokio::test]
async fn hints_are_heard() {
    if !is_installed() {
        return;
    }
    let menu = hints(MENU);
    let numbers =
        Recognition { speech_model: "numbers_and_commands".to_owned(), ..Recognition::default() };
    let table = [
        (&menu, "en-us+f3", "sales", "Sales"),
        (&menu, "en-us", "yes", "yes"),
        (&menu, "en-us", "no", "no"),
        (&menu, "en-us", "one two three", "one two three"),
        (&menu, "en-us", "technical support", "technical support"),
        (&menu, "en-us", "opening hours", "opening hours"),
        (&numbers, "en-us", "one two three", "123"),
        (&numbers, "en-us", "eight oh two", "802"),
    ];
    for (asked, voice, text, expected) in table {
        let sound = spoken(voice, text);
        let heard = understand(config::Recognition::default(), asked, &sound).await.unwrap();
        assert_eq!(heard.text, expected, "{heard:?}");
        assert!((300..=1_000).contains(&heard.confidence), "{text}: {heard:?}");
    }
}

/// What hints the callers of the table are asked for.
const DESK: &str = "sales, technical support, opening hours, billing, cancel my order, operator, \
                    new customer, yes, no, agent, account balance, lost card, reservations, \
                    directions, speak to a manager, goodbye";
/// What is none of these, and sounds like none.
const OTHER: &str = "my name is john, what is the weather like, i would like a pizza, \
                     thank you very much, orange juice, can you hear me, i do not know";
const VOICES: [&str; 4] = ["en-us", "en-us+f3", "en-us+m3", "en-gb+f2"];

/// What comes of it in a call: from this codec, speech this loud after a moment on a line that is never quite
/// silent.
fn called(codec: Codec, db: f32, before: usize, sound: &[i16]) -> Vec<i16> {
    let loudest = sound.chunks(RATE_HZ / 50).map(legwork_media::tone::rms).fold(1.0, f32::max);
    let gain = 32_768.0 * 10_f32.powf(db / 20.0) / loudest;
    let mut dice = 7_u32;
    let silence = std::iter::repeat_n(&0, before);
    let noisy = silence.chain(sound).chain(std::iter::repeat_n(&0, RATE_HZ)).map(|sample| {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f32::from(*sample) * gain + (dice >> 16) as f32 / 1_024.0 - 32.0) as i16
    });
    let (mut encoder, mut decoder, mut fit) =
        (Encoder::new(codec), Decoder::new(codec), Fit::default());
    let mut heard = Vec::new();
    for piece in noisy.collect::<Vec<_>>().chunks_exact(RATE_HZ / 50) {
        let mut frame = Frame::silent(Rate::Wide);
        frame.samples_mut().copy_from_slice(piece);
        let (mut payload, mut decoded) = ([0; PAYLOAD_BYTES], [0; SOUND_MAX]);
        let length = encoder.encode(&frame, &mut payload);
        let length = decoder.decode(&payload[..length], &mut decoded).unwrap();
        let mut frame = Frame::silent(decoder.rate());
        frame.samples_mut().copy_from_slice(&decoded[..length]);
        heard.extend_from_slice(fit.fit(&frame, Rate::Wide).samples());
    }
    heard
}

/// Of the hints how many are understood, and of other things how many are taken for one; both of 100.
async fn understood(codec: Codec) -> (usize, usize) {
    let asked = hints(DESK);
    let (mut right, mut wrong, mut hints, mut others) = (0, 0, 0, 0);
    for (n, voice) in VOICES.iter().enumerate() {
        let texts = DESK.split(',').map(|text| (true, text.trim()));
        let texts = texts.chain(OTHER.split(',').map(|text| (false, text.trim())));
        for (m, (is_hint, text)) in texts.enumerate() {
            let db = [-10.0, -20.0, -30.0, -35.0][(n + m / 3) % 4];
            let sound = called(codec, db, (n + m) % 4 * RATE_HZ / 10, &spoken(voice, text));
            let heard = understand(config::Recognition::default(), &asked, &sound).await.unwrap();
            let is_taken = DESK.split(',').any(|hint| heard.text.contains(hint.trim()));
            let is_sure = is_taken && heard.confidence >= 700;
            if is_hint {
                (hints, right) = (hints + 1, right + usize::from(heard.text == text));
            } else {
                (others, wrong) = (others + 1, wrong + usize::from(is_sure));
            }
            if (heard.text == text) != is_hint && (is_hint || is_sure) {
                println!("{codec:?} {voice} {db} dB: {text} was heard as {heard:?}");
            }
        }
    }
    println!("{codec:?}: {right} of {hints} hints, {wrong} of {others} others taken for one");
    (right * 100 / hints, wrong * 100 / others)
}

#[tokio::test]
async fn callers_by_every_codec_are_understood() {
    if !is_installed() {
        return;
    }
    let (wide, narrow) =
        tokio::join!(tokio::spawn(understood(Codec::G722)), tokio::spawn(understood(Codec::Pcmu)));
    let (wide, narrow) = (wide.unwrap(), narrow.unwrap());
    assert!(wide.0 >= 90 && narrow.0 + 10 >= wide.0, "{wide:?} {narrow:?}");
    assert!(wide.1 <= 5 && narrow.1 <= 5, "{wide:?} {narrow:?}");
}

#[tokio::test]
async fn what_is_no_hint_is_heard_all_the_same() {
    if !is_installed() {
        return;
    }
    let sound = spoken("en-us+f3", "my name is john");
    for asked in [hints(MENU), hints(""), hints("xyzzy, qwrtz")] {
        let heard = understand(config::Recognition::default(), &asked, &sound).await.unwrap();
        assert!(heard.text.starts_with("my name"), "{}: {heard:?}", asked.hints);
        assert!((1..=1_000).contains(&heard.confidence), "{heard:?}");
    }
}

#[tokio::test]
async fn silence_and_noise_are_no_words() {
    let settings = config::Recognition { program: "/nonexistent".into(), ..Default::default() };
    for silence in [&[][..], &[0; RATE_HZ * 2], &[10; RATE_HZ]] {
        // Nothing is started for it.
        let heard = understand(settings.clone(), &hints(MENU), silence).await;
        assert_eq!(heard, Ok(Heard::default()));
    }
    if !is_installed() {
        return;
    }
    let mut seed = 1_u32;
    let mut noise = |level: i32| -> Vec<i16> {
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) as i32 - 32_768
        };
        (0..RATE_HZ).map(|_| (next() * level / 32_768) as i16).collect()
    };
    for sound in [noise(300), noise(32_000), vec![i16::MIN; RATE_HZ], vec![9_000; 3]] {
        for asked in [hints(MENU), hints("")] {
            let heard = understand(config::Recognition::default(), &asked, &sound).await.unwrap();
            assert!(heard.confidence <= 1_000 && heard.text.len() < 100, "{heard:?}");
        }
    }
}

/// A listener, and where its sound comes from.
fn listener(settings: config::Recognition, asked: Recognition) -> (Listener, Sender<TapSound>) {
    let recogniser = Arc::new(Recogniser::new(settings).unwrap());
    let (sender, receiver) = channel(limit::TAP_QUEUE_MAX);
    (Listener::new(recogniser, asked, receiver), sender)
}

#[tokio::test]
async fn partial_results_come_before_the_last() {
    if !is_installed() {
        return;
    }
    let asked = Recognition { partial: true, ..hints("") };
    let (mut listener, sender) = listener(config::Recognition::default(), asked);
    let sound = spoken("en-us+f3", "my name is john");
    assert!(sound.len() > limit::PARTIAL_STEP);
    for piece in sound.chunks(320) {
        sender.send(TapSound::Samples(piece.into())).await.unwrap();
        if sender.capacity() == 0 {
            // What was said so far is understood while the rest has not come.
            break;
        }
    }
    let rest = sound.chunks(320).skip(limit::TAP_QUEUE_MAX);
    let feed = async {
        let Tapped::Partial { stable, unstable } = listener.next().await else {
            panic!("no partial result")
        };
        assert!(stable.is_empty() && unstable.starts_with("my"), "{stable}|{unstable}");
    };
    feed.await;
    for piece in rest {
        sender.send(TapSound::Samples(piece.into())).await.unwrap();
    }
    sender.send(TapSound::End).await.unwrap();
    let mut last = listener.next().await;
    while matches!(last, Tapped::Partial { .. }) {
        last = listener.next().await;
    }
    let Tapped::Understood { text, confidence } = last else { panic!("{last:?}") };
    assert!(text.starts_with("my name") && confidence > 0, "{text} {confidence}");
}

#[tokio::test]
async fn what_is_kept_is_bounded() {
    let settings = config::Recognition { program: "/nonexistent".into(), ..Default::default() };
    let (mut listener, sender) = listener(settings, hints(MENU));
    for n in 0..limit::HEARD_MAX / RATE_HZ {
        listener.take(&[0; RATE_HZ]);
        assert!(listener.sound.len() <= limit::SILENCE_KEPT + RATE_HZ, "{n} s");
    }
    for _ in 0..limit::HEARD_MAX / RATE_HZ - 2 {
        listener.take(&tone());
    }
    assert_eq!(listener.sound.len(), limit::HEARD_MAX);
    listener.take(&tone());
    assert_eq!(listener.sound.len(), limit::HEARD_MAX);
    sender.send(TapSound::Lost(5)).await.unwrap();
    drop(sender);
    // The end of the channel is an end, too.
    let Tapped::Failed { code, text } = listener.next().await else { panic!("understood") };
    assert!(code == DEGRADED && text.contains("is not installed"), "{text}");
}

/// A program in the recogniser's place, as a shell script; models that are only there.
fn fake(script: &str) -> (config::Recognition, Scratch) {
    let scratch = Scratch::new().unwrap();
    let program = scratch.path("recogniser");
    scratch.write("recogniser", &format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    scratch.write("words", "yes Y EH S\nno N OW\n").unwrap();
    let (dictionary, acoustic_model) = (scratch.path("words"), scratch.path(""));
    let language_model = dictionary.clone();
    let tag = "en-US".to_owned();
    let languages = vec![Language { tag, acoustic_model, dictionary, language_model }];
    (config::Recognition { endpoint: None, program, languages }, scratch)
}

fn tone() -> Vec<i16> {
    (0..RATE_HZ).map(|n| if n % 40 < 20 { 4_000 } else { -4_000 }).collect()
}

#[tokio::test]
async fn programs_that_misbehave_are_told() {
    let table = [
        ("exit 3", "recogniser failed: exit status: 3: "),
        ("echo 'ERROR: \"a.c\", no model' >&2; echo bye >&2; exit 1", "no model"),
        ("kill -9 $$", "signal: 9"),
        ("yes ERROR >&2", "writes more than 1024 kB"),
    ];
    for (script, expected) in table {
        let (settings, _scratch) = fake(script);
        for asked in [hints("yes, no"), hints("")] {
            let deaf = understand(settings.clone(), &asked, &tone()).await.unwrap_err();
            assert_eq!(deaf.code, DEGRADED, "{script}");
            assert!(deaf.text.contains(expected), "{script}: {}", deaf.text);
        }
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let (mut settings, scratch) = fake("exit 0");
    // Neither reads, nor says anything.
    assert_eq!(understand(settings.clone(), &hints(""), &tone()).await, Ok(Heard::default()));
    let french = Recognition { language: "fr-FR".to_owned(), ..Recognition::default() };
    let deaf = understand(settings.clone(), &french, &tone()).await.unwrap_err();
    assert!(deaf.code == UNKNOWN_LANGUAGE && deaf.text.contains("`fr-FR`"), "{deaf:?}");
    settings.program = scratch.path("nobody");
    for asked in [hints("yes"), hints("")] {
        let deaf = understand(settings.clone(), &asked, &tone()).await.unwrap_err();
        assert!(deaf.text.contains("nobody is not installed: install"), "{}", deaf.text);
    }
    settings.languages[0].dictionary = scratch.path("no-words");
    for asked in [hints("yes"), hints("")] {
        let deaf = understand(settings.clone(), &asked, &tone()).await.unwrap_err();
        assert!(deaf.text.contains("pocketsphinx-en-us"), "{}", deaf.text);
    }
}

#[tokio::test]
async fn what_a_program_tells_is_judged() {
    let rows = |name: &str, acoustic: i64| {
        let header = "word                 start end   pprob ascr       lscr       lback";
        format!("echo '{header}\n{name} 30 129 0.800 {acoustic} 0 1' >&2; cat >/dev/null")
    };
    // By which grammar it is called; the language model says something else.
    let script = |worse: i64| {
        let (yes, sound, other) =
            (rows("w0_0_0", -500 - worse), rows("p0", -500), rows("other", -9));
        format!("case \"$*\" in *phrases*) {yes};; *sounds*) {sound};; *) {other};; esac")
    };
    for (worse, expected, confidence) in
        [(0, "yes", 1_000), (2_200, "yes", 500), (2_300, "other", 800)]
    {
        let (settings, _scratch) = fake(&script(worse));
        let heard = understand(settings, &hints("yes, no"), &tone()).await.unwrap();
        assert_eq!((heard.text.as_str(), heard.confidence), (expected, confidence), "{worse}");
    }
}

/// The process that has told its number in this file.
fn pid(file: &PathBuf) -> Option<u32> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// Waits until something holds; a test that fails does so after a while.
async fn until(holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it never happened");
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn who_is_forgotten_leaves_no_process() {
    let (settings, scratch) = fake("echo $$ >\"$(dirname \"$0\")\"/pid; exec sleep 600");
    let (poll_post, mut inbox, poll) = post();
    let taps = Taps::default();
    let ears = Ears::new(Handle::current(), poll_post, taps.clone(), &settings).unwrap();
    ears.listen(TapId(1), hints(""));
    taps.give(TapId(1), &tone());
    taps.end(TapId(1));
    let file = scratch.path("pid");
    until(|| pid(&file).is_some()).await;
    let process = PathBuf::from(format!("/proc/{}", pid(&file).unwrap()));
    assert!(process.exists() && ears.tasks().len() == 1);
    ears.forget(TapId(1));
    ears.forget(TapId(2));
    // A zombie would stay.
    until(|| !process.exists()).await;
    assert!(ears.tasks().is_empty() && inbox.next_event().is_none());
    drop(poll);
}

#[tokio::test]
async fn the_engine_is_told() {
    let (settings, _scratch) = fake("exit 9");
    let (post, mut inbox, _poll) = post();
    let taps = Taps::default();
    let ears = Ears::new(Handle::current(), post, taps.clone(), &settings).unwrap();
    ears.listen(TapId(7), hints(""));
    taps.give(TapId(7), &tone());
    taps.end(TapId(7));
    until(|| ears.tasks().is_empty()).await;
    let mut event = None;
    while event.is_none() {
        tokio::task::yield_now().await;
        event = inbox.next_event();
    }
    let Some(Event::Input(Input::Tapped { tap: TapId(7), tapped })) = event else {
        panic!("told something else")
    };
    assert!(matches!(tapped, Tapped::Failed { code: DEGRADED, .. }), "{tapped:?}");
}

fn post() -> (Post, crate::serve::inbox::Inbox, mio::Poll) {
    let poll = mio::Poll::new().unwrap();
    let waker = mio::Waker::new(poll.registry(), mio::Token(0)).unwrap();
    let (post, inbox) = crate::serve::inbox::inbox(waker);
    (post, inbox, poll)
}

#[tokio::test(start_paused = true)]
async fn a_program_that_hangs_is_given_up() {
    let (settings, _scratch) = fake("exec sleep 600");
    let deaf = understand(settings, &hints(""), &tone()).await.unwrap_err();
    assert_eq!(deaf.text, "nothing was understood in 16 s");
}

/// An endpoint that answers every request with this, or never; the requests.
async fn endpoint(
    answer: Option<Vec<u8>>,
    seconds: Option<usize>,
) -> (config::Recognition, Sender<()>, Endpoint) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/speech/", listener.local_addr().unwrap());
    let endpoint = Endpoint {
        url: url::Url::parse(&url).unwrap(),
        api_key: Some(Token::new("very-secret")),
        model: "small".to_owned(),
        timeout: Duration::from_secs(2),
    };
    let (stop, mut stopped) = channel(1);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let request = read_request(&mut stream).await;
            check(&request, seconds);
            match &answer {
                Some(answer) => {
                    let _ = stream.write_all(answer).await;
                }
                None => {
                    stopped.recv().await;
                }
            }
        }
    });
    let (settings, _) = fake("exit 0");
    let settings = config::Recognition { endpoint: Some(endpoint.clone()), ..settings };
    (settings, stop, endpoint)
}

/// Head and body, by its Content-Length.
async fn read_request(stream: &mut tokio::net::TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    loop {
        let end = request.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
            let length = head.split("content-length: ").nth(1).unwrap();
            let length: usize = length.lines().next().unwrap().parse().unwrap();
            if request.len() >= end + 4 + length {
                return request;
            }
        }
        let mut piece = [0; 4_096];
        let n = stream.read(&mut piece).await.unwrap();
        assert!(n > 0, "the request ends early");
        request.extend_from_slice(&piece[..n]);
    }
}

/// `seconds`: how long the sound is, if that is known.
fn check(request: &[u8], seconds: Option<usize>) {
    let text = String::from_utf8_lossy(request);
    assert!(text.starts_with("POST /speech/v1/audio/transcriptions HTTP/1.1\r\n"), "{text}");
    for part in [
        "authorization: Bearer very-secret\r\n",
        "name=\"model\"\r\n\r\nsmall\r\n",
        "name=\"language\"\r\n\r\nen\r\n",
        "name=\"prompt\"\r\n\r\nyes, no\r\n",
        "name=\"response_format\"\r\n\r\nverbose_json\r\n",
        "filename=\"audio.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF",
    ] {
        assert!(text.contains(part), "{part} is not in the request");
    }
    let riff = request.windows(4).position(|four| four == b"RIFF").unwrap();
    let length = u32::from_le_bytes(request[riff + 40..riff + 44].try_into().unwrap());
    assert_eq!(request[riff + 36..riff + 40], *b"data");
    assert!(seconds.is_none_or(|seconds| length as usize == seconds * RATE_HZ * 2));
}

fn http(status: &str, body: &str) -> Option<Vec<u8>> {
    let length = body.len();
    Some(format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes())
}

#[tokio::test]
async fn an_endpoint_transcribes() {
    let json = r#"{"text": "Yes, please.", "segments": [{"text": "Yes", "avg_logprob": -0.2}]}"#;
    let (settings, _stop, _) = endpoint(http("200 OK", json), Some(1)).await;
    let heard = understand(settings, &hints("yes, no, $MONTH"), &tone()).await.unwrap();
    assert_eq!(heard, Heard { text: "Yes, please.".to_owned(), confidence: 819 });
}

#[tokio::test]
async fn endpoints_that_misbehave_leave_it_to_pocketsphinx() {
    let long = format!("{{\"text\": \"{}\"}}", "a".repeat(limit::TRANSCRIPTION_MAX));
    let table = [
        (None, "no transcription in 2 s"),
        (http("500 Oh", "{}"), "refused with status 500"),
        (http("401 No", ""), "refused with status 401"),
        (http("200 OK", "{}"), "not the JSON it should be"),
        (http("200 OK", "<html>"), "not the JSON it should be"),
        (http("200 OK", &long), "longer than 256 kB"),
        (Some(b"SSH-2.0-x\r\n".to_vec()), "no HTTP"),
        (
            Some(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".to_vec()),
            "ended before the length",
        ),
        (Some(Vec::new()), "connection ended before the answer"),
    ];
    for (answer, expected) in table {
        let (settings, _stop, _) = endpoint(answer, Some(1)).await;
        let (behind, _scratch) = fake("exit 4");
        let settings = config::Recognition { endpoint: settings.endpoint, ..behind };
        let deaf = understand(settings, &hints("yes, no"), &tone()).await.unwrap_err();
        assert!(deaf.text.contains(expected), "{expected}: {}", deaf.text);
        assert!(deaf.text.contains("exit status: 4"), "both are told: {}", deaf.text);
    }
}

#[tokio::test]
async fn pocketsphinx_stands_behind_an_endpoint_that_is_gone() {
    let header = "echo 'yes 0 49 0.800 -9 0 1' >&2; cat >/dev/null";
    let (settings, _scratch) = fake(header);
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let endpoint = Endpoint {
        url: url::Url::parse(&format!("http://{gone}")).unwrap(),
        api_key: None,
        model: String::new(),
        timeout: Duration::from_secs(2),
    };
    let settings = config::Recognition { endpoint: Some(endpoint), ..settings };
    let heard = understand(settings, &hints(""), &tone()).await.unwrap();
    assert_eq!(heard, Heard { text: "yes".to_owned(), confidence: 800 });
}
