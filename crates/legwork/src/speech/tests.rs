//! Sounds as the engine hears of them, from servers of every kind on loopback.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use legwork_media::tone::{Heard, heard};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::*;
use crate::config::development;
use crate::config::speech::{Format, Openai};
use crate::serve::inbox::{Inbox, inbox};

const ACCOUNT: AccountSid = AccountSid::from_bits(1);
const MP3: &[u8] = include_bytes!("decode/sounds/tone.mp3");
const ULAW: &[u8] = include_bytes!("decode/sounds/tone.ulaw");

/// What a server does with each connection, once a request is there.
#[derive(Clone)]
enum Act {
    Send(Vec<u8>),
    /// Until it is let go on.
    Hold(Arc<Notify>),
    Wait(Duration),
    /// Nothing more, for ever.
    Hang,
    /// The connection ends.
    Close,
}

/// A server that answers every request alike, or one after the other, and what it was asked.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(answers: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&asked);
        let turn = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, seen) = (answers.clone(), Arc::clone(&seen));
                let turn = Arc::clone(&turn);
                tokio::spawn(async move { answer(stream, &answers, &seen, &turn).await });
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(
    mut stream: TcpStream,
    answers: &[Vec<Act>],
    seen: &Mutex<Vec<String>>,
    turn: &AtomicUsize,
) -> Option<()> {
    let mut request = Vec::new();
    loop {
        while !is_whole(&request) {
            if stream.read_buf(&mut request).await.ok()? == 0 {
                return None;
            }
        }
        seen.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
        request.clear();
        let n = turn.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1);
        for act in &answers[n] {
            match act {
                Act::Send(bytes) => stream.write_all(bytes).await.ok()?,
                Act::Hold(gate) => gate.notified().await,
                Act::Wait(time) => tokio::time::sleep(*time).await,
                Act::Hang => std::future::pending().await,
                Act::Close => return None,
            }
        }
        if !answers[n].iter().any(|act| matches!(act, Act::Send(bytes) if has_length(bytes))) {
            return None;
        }
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn has_length(answer: &[u8]) -> bool {
    String::from_utf8_lossy(answer).contains("Content-Length")
}

/// An answer that is whole.
fn whole(headers: &str, body: &[u8]) -> Vec<Act> {
    let head = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    vec![Act::Send([head.as_bytes(), body].concat())]
}

/// The head of an answer that ends with its connection.
fn head(headers: &str) -> Act {
    Act::Send(format!("HTTP/1.1 200 OK\r\n{headers}Connection: close\r\n\r\n").into_bytes())
}

struct World {
    speech: Speech,
    inbox: Inbox,
    next: u64,
    taps: crate::media::taps::Taps,
    folder: crate::recording::Ephemeral,
    _poll: mio::Poll,
}

impl World {
    fn new(openai: Option<Openai>) -> Self {
        let mut config = development::config(0, 0, false, None);
        config.http.webhook_timeout = Duration::from_secs(1);
        let folder = crate::recording::Ephemeral::new().unwrap();
        folder.path().clone_into(&mut config.recordings.folder);
        config.recordings.free_space = 0;
        config.speech.openai = openai;
        let poll = mio::Poll::new().unwrap();
        let (post, inbox) = inbox(mio::Waker::new(poll.registry(), mio::Token(0)).unwrap());
        let media = MediaThreads::start(&config.media, 1, Arc::new(|_| ())).unwrap();
        let fetcher = Fetcher::new(&config).unwrap();
        let (taps, store) = (media.taps().clone(), Arc::default());
        let of = &config.recordings;
        let recordings =
            Recordings::new(of, crate::fetch::tls, post.clone(), taps.clone(), store).unwrap();
        let speech = Speech::new(Handle::current(), post, fetcher, media, recordings, &config);
        Self { speech, inbox, next: 1, taps, folder, _poll: poll }
    }

    /// What the engine is told at once of something it wants to be played.
    fn prepare(&mut self, request: SourceRequest) -> (SourceId, Vec<Input>) {
        let id = SourceId(self.next);
        self.next += 1;
        (id, self.speech.prepare(id, ACCOUNT, request))
    }

    fn play(&mut self, url: &str) -> (SourceId, Vec<Input>) {
        self.prepare(SourceRequest::Play { url: url.to_owned() })
    }

    async fn told(&mut self) -> Told {
        let event = timeout(Duration::from_secs(60), self.inbox.wait()).await.unwrap();
        let Event::Input(input) = event else { panic!("{event:?}") };
        told(&input)
    }

    /// Waits until nothing is being made, and gives the sound that is kept.
    async fn kept(&self, key: &str) -> Option<Sound> {
        let done = async {
            while self.speech.shelf().is_making() {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(60), done).await.unwrap();
        self.speech.shelf().cache.find(key).cloned()
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Told {
    Ready(u64),
    Failed(u64, u32),
    Flawed(u64, u32),
}

fn told(input: &Input) -> Told {
    if let Input::SourceReady { id } = input {
        Told::Ready(id.0)
    } else if let Input::SourceFailed { id, code, .. } = input {
        Told::Failed(id.0, *code)
    } else if let Input::SourceFlawed { id, code, .. } = input {
        Told::Flawed(id.0, *code)
    } else {
        panic!("{input:?}")
    }
}

/// A second of a tone, recorded; where its sound is.
async fn recorded(world: &mut World, n: u64, account: AccountSid) -> String {
    use legwork_call::io::{Recording, Tapped};
    use legwork_call::sid::{CallSid, RecordingSid};
    use legwork_media::TapId;
    let sid = RecordingSid::from_bits(n.into());
    let started = std::time::SystemTime::UNIX_EPOCH;
    let recording = Recording { sid, channels: 1, trim: false, started };
    let (tap, call) = (TapId(n), CallSid::from_bits(1));
    world.speech.0.recordings.begin(tap, account, call, &recording);
    world.taps.give(tap, &legwork_media::tone::sine(440.0, 8000.0, 8000));
    world.taps.end(tap);
    let event = timeout(Duration::from_secs(60), world.inbox.wait()).await.unwrap();
    let Event::Input(Input::Tapped { tapped, .. }) = event else { panic!("{event:?}") };
    assert_eq!(tapped, Tapped::Recorded { duration: Duration::from_secs(1) });
    format!("http://127.0.0.1:0/_/recordings/{sid}")
}

#[tokio::test]
async fn a_recording_of_ours_is_played_without_asking_ourselves() {
    let mut world = World::new(None);
    let mine = recorded(&mut world, 1, ACCOUNT).await;
    let (id, _) = world.play(&mine);
    assert_eq!(world.told().await, Told::Ready(id.0));
    assert!(world.kept(&key(&mine)).await.is_none(), "it may be deleted at any time");
    let (id, _) = world.play(&format!("{mine}.mp3"));
    assert_eq!(world.told().await, Told::Ready(id.0));
    // That of another account, one that does not exist, one without sound any more.
    let other = recorded(&mut world, 2, AccountSid::from_bits(2)).await;
    let none = mine.replace("RE0", "REf");
    for url in [other, none] {
        let (id, _) = world.play(&url);
        assert_eq!(world.told().await, Told::Failed(id.0, 11_217), "{url}");
    }
    let name = mine.rsplit('/').next().unwrap();
    std::fs::remove_file(world.folder.path().join(format!("{name}.wav"))).unwrap();
    let (id, _) = world.play(&mine);
    assert_eq!(world.told().await, Told::Failed(id.0, INTERNAL));
}

#[tokio::test]
async fn a_file_that_never_begins_to_sound_is_given_up() {
    // A byte now and then, none of which says anything.
    let trickle = (0..400).map(|_| Act::Send(vec![0])).collect::<Vec<_>>();
    let mut acts = vec![head("Content-Type: audio/mpeg\r\n"), Act::Send(b"ID3\x04".to_vec())];
    for act in trickle {
        acts.extend([act, Act::Wait(Duration::from_millis(100))]);
    }
    let server = Server::start(vec![acts]).await;
    let mut world = World::new(None);
    let begun = Instant::now();
    let _ = world.play(&server.url);
    assert_eq!(world.told().await, Told::Failed(1, TOO_SLOW));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

/// A decoder that had no turn for too long: espeak-ng, say, speaks instead.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_not_heard_after_all() {
    let world = World::new(None);
    let speech = world.speech.clone();
    let turns = speech.0.decoders.acquire_many(limit::DECODERS_MAX as u32).await.unwrap();
    let want = speech.shelf().want(&speech.0.media, SourceId(1), &"sound".into());
    let Place::First(ticket) = want else { panic!("{want:?}") };
    let n_clones = Arc::strong_count(&speech.0);
    let (out, pieces) = mpsc::channel(1);
    let file = legwork_media::wav::encode(8000, &[1000; 8000]);
    out.send(Piece::Bytes(file.into())).await.unwrap();
    drop(out);
    let decoding = speech.decode(&ticket, pieces, Hint::default(), usize::MAX);
    assert!(timeout(Duration::from_millis(20), decoding).await.is_err());
    drop(turns);
    let is_over = async {
        while Arc::strong_count(&speech.0) > n_clones {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), is_over).await.unwrap();
    assert!(!speech.shelf().is_heard(&ticket));
}

fn key(url: &str) -> String {
    format!("play\n{ACCOUNT}\n{url}")
}

#[tokio::test]
async fn a_file_is_heard_before_it_is_whole() {
    let gate = Arc::new(Notify::new());
    let (first, rest) = ULAW.split_at(4000);
    let server = Server::start(vec![vec![
        head("Content-Type: audio/basic\r\nETag: \"1\"\r\n"),
        Act::Send(first.to_vec()),
        Act::Hold(Arc::clone(&gate)),
        Act::Send(rest.to_vec()),
    ]])
    .await;
    let mut world = World::new(None);
    assert!(world.play(&server.url).1.is_empty());
    assert_eq!(world.told().await, Told::Ready(1));
    // Who wants the same meanwhile hears it from its beginning, and nothing is fetched.
    let (_, at_once) = world.play(&server.url);
    assert_eq!(at_once.iter().map(told).collect::<Vec<_>>(), [Told::Ready(2)]);
    gate.notify_one();
    let sound = world.kept(&key(&server.url)).await.unwrap();
    assert_eq!((sound.samples.len(), sound.rate), (8000, Rate::Narrow));
    assert_eq!(heard(&sound.samples), Heard::Tone(440));
    // And later, at once.
    let (_, at_once) = world.play(&server.url);
    assert_eq!(at_once.iter().map(told).collect::<Vec<_>>(), [Told::Ready(3)]);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn what_is_kept_is_asked_about_as_its_server_wants() {
    let table = [
        // Said nothing: a minute.
        ("ETag: \"1\"\r\n", 1, ""),
        ("ETag: \"1\"\r\nCache-Control: max-age=60\r\n", 1, ""),
        ("ETag: \"1\"\r\nCache-Control: no-cache\r\n", 2, "if-none-match: \"1\""),
        ("Last-Modified: then\r\nCache-Control: max-age=0\r\n", 2, "if-modified-since: then"),
        ("ETag: \"1\"\r\nCache-Control: no-store\r\n", 2, ""),
    ];
    for (headers, n_asked, with) in table {
        let is_asked = !with.is_empty();
        let again = if is_asked {
            vec![Act::Send(b"HTTP/1.1 304 X\r\nETag: \"1\"\r\nContent-Length: 0\r\n\r\n".to_vec())]
        } else {
            whole("Content-Type: audio/mpeg\r\n", MP3)
        };
        let answers = vec![whole(&format!("Content-Type: audio/mpeg\r\n{headers}"), MP3), again];
        let server = Server::start(answers).await;
        let mut world = World::new(None);
        let _ = world.play(&server.url);
        assert_eq!(world.told().await, Told::Ready(1));
        world.kept(&key(&server.url)).await;
        let (_, at_once) = world.play(&server.url);
        if at_once.is_empty() {
            assert_eq!(world.told().await, Told::Ready(2), "{headers}");
        }
        world.kept(&key(&server.url)).await;
        let asked = server.asked();
        assert_eq!(asked.len(), n_asked, "{headers}");
        assert!(asked.last().unwrap().to_lowercase().contains(with), "{headers}");
        assert!(is_asked || !asked.last().unwrap().to_lowercase().contains("if-none-match"));
    }
}

#[tokio::test]
async fn each_bad_server_has_its_code() {
    let ulaw = "Content-Type: audio/basic\r\n";
    let refused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", refused.local_addr().unwrap());
    drop(refused);
    let huge = Act::Send(
        format!("HTTP/1.1 200 OK\r\n{ulaw}Content-Length: {}\r\n\r\n", limit::SOUND_MAX + 1).into(),
    );
    let short = Act::Send(format!("HTTP/1.1 200 OK\r\n{ulaw}Content-Length: 9000\r\n\r\n").into());
    let gone = Act::Send(b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n".to_vec());
    let table: Vec<(Vec<Act>, Vec<Told>)> = vec![
        (vec![gone], vec![Told::Failed(1, 11_217)]),
        (whole("Content-Type: text/html\r\n", MP3), vec![Told::Failed(1, UNKNOWN_SOUND)]),
        (whole("Content-Type: audio/wav\r\n", b"<html>"), vec![Told::Failed(1, UNKNOWN_SOUND)]),
        (whole(ulaw, b""), vec![Told::Failed(1, UNKNOWN_SOUND)]),
        (vec![huge], vec![Told::Failed(1, 11_750)]),
        // Silent from the beginning: the time for a webhook.
        (vec![Act::Hang], vec![Told::Failed(1, 11_205)]),
        // Cut off: what came is heard.
        (
            vec![short, Act::Send(ULAW.to_vec()), Act::Close],
            vec![Told::Ready(1), Told::Flawed(1, 11_206)],
        ),
    ];
    for (acts, expected) in table {
        let server = Server::start(vec![acts]).await;
        let mut world = World::new(None);
        let _ = world.play(&server.url);
        for one in expected {
            assert_eq!(world.told().await, one);
        }
        assert!(world.kept(&key(&server.url)).await.is_none());
    }
    let mut world = World::new(None);
    let _ = world.play(&nobody);
    assert_eq!(world.told().await, Told::Failed(1, 11_202));
}

#[tokio::test]
async fn slow_servers_hold_nobody_up() {
    let ulaw = head("Content-Type: audio/basic\r\n");
    let slow = Server::start(vec![vec![ulaw, Act::Send(ULAW.to_vec()), Act::Hang]]).await;
    let quick = Server::start(vec![whole("Content-Type: audio/mpeg\r\n", MP3)]).await;
    let mut world = World::new(None);
    for n in 0..u64::try_from(4 * limit::DECODERS_MAX).unwrap() {
        let _ = world.play(&format!("{}/{n}", slow.url));
        assert_eq!(world.told().await, Told::Ready(n + 1));
    }
    let (id, _) = world.play(&quick.url);
    assert_eq!(world.told().await, Told::Ready(id.0));
    for n in 1..id.0 {
        world.speech.forget(SourceId(n));
    }
    assert!(world.kept(&key(&quick.url)).await.is_some(), "nobody is waited for any more");
}

fn openai(url: &str, format: Format) -> Openai {
    Openai {
        url: Url::parse(&format!("{url}/v1/audio/speech")).unwrap(),
        key: Some(config::Token::new("s3cret")),
        model: "tts-1".to_owned(),
        format,
        timeout: Duration::from_millis(500),
        voices: vec![("woman".to_owned(), "nova".to_owned())],
    }
}

fn hello() -> SourceRequest {
    let ssml = "Hello <emphasis>you</emphasis>".to_owned();
    SourceRequest::Say { voice: "woman".to_owned(), language: String::new(), ssml }
}

#[tokio::test]
async fn an_endpoint_speaks() {
    let pcm: Vec<u8> = legwork_media::tone::sine(440.0, 8000.0, 24_000)
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    let table = [
        (Format::Mp3, whole("Content-Type: audio/mpeg\r\n", MP3)),
        (Format::Pcm, whole("Content-Type: audio/pcm\r\n", &pcm)),
    ];
    for (format, answer) in table {
        let server = Server::start(vec![answer]).await;
        let mut world = World::new(Some(openai(&server.url, format)));
        assert!(world.prepare(hello()).1.is_empty());
        assert!(world.prepare(hello()).1.is_empty(), "the same is said once");
        let both = [world.told().await, world.told().await];
        assert_eq!(both, [Told::Ready(1), Told::Ready(2)]);
        world.kept("").await;
        let (_, at_once) = world.prepare(hello());
        assert_eq!(at_once.iter().map(told).collect::<Vec<_>>(), [Told::Ready(3)]);
        let [asked] = server.asked().try_into().unwrap();
        let (head, body) = asked.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /v1/audio/speech HTTP/1.1"), "{head}");
        assert!(head.to_lowercase().contains("authorization: bearer s3cret"), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let name = format.name();
        let expected = serde_json::json!({
            "model": "tts-1", "input": "Hello you", "voice": "nova", "response_format": name,
        });
        assert_eq!(body, expected);
    }
}

fn espeak_is_installed() -> bool {
    let found = std::process::Command::new("espeak-ng").arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: espeak-ng is not installed");
    }
    found
}

#[tokio::test]
async fn an_endpoint_that_fails_is_stood_in_for() {
    if !espeak_is_installed() {
        return;
    }
    let mp3 = || head("Content-Type: audio/mpeg\r\n");
    let mut trickles = vec![mp3()];
    for _ in 0..400 {
        trickles.extend([Act::Send(vec![0]), Act::Wait(Duration::from_millis(100))]);
    }
    let table: Vec<(&str, Vec<Act>)> = vec![
        ("refuses", vec![Act::Send(b"HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n".to_vec())]),
        ("hangs", vec![Act::Hang]),
        ("hangs behind its head", vec![mp3(), Act::Hang]),
        ("dies", vec![Act::Send(b"HTTP/1.1".to_vec())]),
        ("says nothing", vec![mp3()]),
        ("trickles", trickles),
        ("sends words", whole("Content-Type: application/json\r\n", b"{}")),
        ("sends what is no sound", whole("Content-Type: audio/mpeg\r\n", &[7; 5000])),
    ];
    for (name, acts) in table {
        let server = Server::start(vec![acts]).await;
        let mut world = World::new(Some(openai(&server.url, Format::Mp3)));
        let _ = world.prepare(hello());
        assert_eq!(world.told().await, Told::Flawed(1, ENDPOINT), "{name}");
        assert_eq!(world.told().await, Told::Ready(1), "{name}");
    }
}

#[tokio::test]
async fn an_endpoint_that_babbles_is_cut_off_and_left_alone() {
    if !espeak_is_installed() {
        return;
    }
    let minute = vec![0x7f; 60 * 2 * 24_000];
    let server = Server::start(vec![whole("Content-Type: audio/pcm\r\n", &minute)]).await;
    let mut world = World::new(Some(openai(&server.url, Format::Pcm)));
    for n in 1..=u64::from(limit::SPEECH_FAILURES_MAX) {
        let ssml = format!("{n}");
        let _ = world.prepare(SourceRequest::Say {
            voice: "man".to_owned(),
            language: String::new(),
            ssml,
        });
        assert_eq!(world.told().await, Told::Ready(n));
        assert_eq!(world.told().await, Told::Flawed(n, ENDPOINT));
    }
    let (id, _) = world.prepare(hello());
    assert_eq!(world.told().await, Told::Ready(id.0), "espeak-ng, and no word of it");
    assert_eq!(server.asked().len(), limit::SPEECH_FAILURES_MAX as usize);
}

#[tokio::test]
async fn a_voice_nobody_knows_is_told() {
    if !espeak_is_installed() {
        return;
    }
    let mut world = World::new(None);
    let (voice, language) = ("Polly.Nobody".to_owned(), "de-DE".to_owned());
    let (_, at_once) =
        world.prepare(SourceRequest::Say { voice, language, ssml: "Guten Tag".to_owned() });
    assert_eq!(at_once.iter().map(told).collect::<Vec<_>>(), [Told::Flawed(1, UNKNOWN_VOICE)]);
    assert_eq!(world.told().await, Told::Ready(1));
    let sound = world.kept("say\n\npolly.nobody\nde-DE\nGuten Tag").await.unwrap();
    assert_eq!(sound.rate, Rate::Wide);
    assert!(legwork_media::tone::rms(&sound.samples) > 300.0);
}

/// What is kept can be heard at once: from the order to the media thread's queue it is this long.
#[tokio::test]
async fn what_was_said_before_is_there_at_once() {
    if !espeak_is_installed() {
        return;
    }
    let mut world = World::new(None);
    let _ = world.prepare(hello());
    assert_eq!(world.told().await, Told::Ready(1));
    world.kept("").await;
    let begun = Instant::now();
    for _ in 0..1000 {
        assert_eq!(world.prepare(hello()).1.len(), 1);
    }
    let each = begun.elapsed() / 1000;
    assert!(each < Duration::from_millis(4), "{each:?}");
}
