//! Recordings of real phones, fetched as an application fetches them, and measured.
//!
//! Not here: callbacks and attributes one by one (`legwork-sim`, `recordings`), files and stores
//! (`legwork`, `recording`).
//! Source: Twilio, `<Record>`, `<Dial record>`, "Recording status callbacks"; the contract, on the recording of
//! a `<Dial>` across a transfer.

use std::io::Cursor;

use legwork_media::measure;
use legwork_media::tone::Heard;
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use crate::app::{App, Asked};
use crate::baresip::Baresip;
use crate::linphone::Linphone;
use crate::server::{PATIENCE, Server, is_installed, until};
use crate::together::{Ladder, Story, together};

/// What each party says, Hz.
const USERA_HZ: u16 = 400;
const AGENT_A_HZ: u16 = 620;
const AGENT_B_HZ: u16 = 1000;
/// How loud they say it: peaks of 8000, dB.
const LEVEL_DB: f32 = -15.3;

/// A file of sound, whatever it was coded with.
struct Sound {
    rate_hz: u32,
    channels: Vec<Vec<i16>>,
}

impl Sound {
    fn read(file: Vec<u8>) -> Self {
        let stream = MediaSourceStream::new(
            Box::new(Cursor::new(file)),
            MediaSourceStreamOptions::default(),
        );
        let mut reader = symphonia::default::get_probe()
            .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
            .unwrap();
        let track = reader.default_track(TrackType::Audio).unwrap();
        let parameters = track.codec_params.as_ref().unwrap().audio().unwrap().clone();
        let mut decoder = symphonia::default::get_codecs()
            .make_audio_decoder(&parameters, &AudioDecoderOptions::default())
            .unwrap();
        let (mut channels, mut piece) = (Vec::new(), Vec::new());
        while let Some(packet) = reader.next_packet().unwrap() {
            let decoded = decoder.decode(&packet).unwrap();
            decoded.copy_to_vecs_planar::<i16>(&mut piece);
            channels.resize(piece.len(), Vec::new());
            for (channel, piece) in channels.iter_mut().zip(&piece) {
                channel.extend(piece);
            }
        }
        Self { rate_hz: parameters.sample_rate.unwrap(), channels }
    }

    fn ms(&self) -> usize {
        self.channels[0].len() * 1000 / self.rate_hz as usize
    }

    /// What the channel holds, in order: what lasted 400 ms at least.
    fn story(&self, channel: usize) -> Vec<Heard> {
        crate::wav::story(&self.at_8k(channel))
    }

    /// This tone is in the middle half of the channel, as loud as it was said.
    fn holds(&self, channel: usize, hz: u16) {
        let all = self.at_8k(channel);
        let middle = &all[all.len() / 4..all.len() * 3 / 4];
        crate::wav::is_mostly(middle, hz, &format!("channel {channel}"));
    }

    fn at_8k(&self, channel: usize) -> Vec<i16> {
        legwork_media::resample::to_8k(self.rate_hz, self.channels[channel].clone())
    }
}

/// The recording that an application is told of, in this form.
fn fetched(server: &Server, asked: &Asked, form: &str) -> Sound {
    let url = url::Url::parse(asked.parameter("RecordingUrl")).unwrap();
    assert_eq!(url.path(), format!("/_/recordings/{}", asked.parameter("RecordingSid")));
    let path = format!("{}{form}", url.path());
    // An MP3 is made when it is first asked for.
    until(&path, PATIENCE, || {
        let (status, body) = server.fetch(&path);
        assert!(matches!(status, 200 | 503), "{path}: {status}");
        (status == 200).then(|| Sound::read(body))
    })
}

/// It is as long as it should be.
fn lasts(sound: &Sound, ms: usize, by: usize) {
    assert!(sound.ms().abs_diff(ms) <= by, "{} ms, not {ms}", sound.ms());
}

pub(crate) fn play() {
    for (program, package) in [("baresip", "baresip-core"), ("linphonec", "linphone-cli")] {
        if !is_installed(program, package, "recordings of real phones") {
            return;
        }
    }
    let app = App::start();
    let mut users = vec!["speaks", "keyed", "parent", "child"];
    users.extend(["a-moved", "b-moved", "u-moved", "a-given", "b-given", "u-given"]);
    let server = Server::start("record", &app, &users);
    let (server, app) = (&server, &app);
    let stories: Vec<Story<'_>> = vec![
        ("speaks".to_owned(), Box::new(move || a_caller_is_recorded(server, app))),
        ("keyed".to_owned(), Box::new(move || a_key_ends_it(server, app))),
        ("dual".to_owned(), Box::new(move || each_has_a_channel(server, app))),
        ("moved".to_owned(), Box::new(move || it_ends_with_the_transfer(server, app))),
        ("given".to_owned(), Box::new(move || it_goes_on_when_given_back(server, app))),
    ];
    together(stories);
    server.is_back_at_the_baseline();
}

fn a_caller_is_recorded(server: &Server, app: &App) {
    let _ladder = Ladder { server, app, user: "to-speaks" };
    let callback = "recordingStatusCallback=\"/recorded\"";
    let record = format!("<Record maxLength=\"3\" action=\"/spoken\" {callback}/>");
    app.answers_calls_to("to-speaks", &record);
    app.twiml("/spoken", "<Hangup/>");
    app.twiml("/recorded", "");
    let mut phone = Baresip::registered(server, "speaks", "udp", USERA_HZ);
    phone.order("dial", "sip:to-speaks@bank.example");
    phone.sees("CALL_CLOSED");
    phone.quits();
    let asked = app.asked("/spoken");
    assert_eq!((asked.parameter("RecordingDuration"), asked.parameter("Digits")), ("3", ""));
    let wav = fetched(server, &asked, ".wav");
    lasts(&wav, 3000, 100);
    wav.holds(0, USERA_HZ);
    assert_eq!(wav.channels.len(), 1);
    let mp3 = fetched(server, &asked, ".mp3");
    lasts(&mp3, 3000, 250);
    mp3.holds(0, USERA_HZ);
    let told = app.asked("/recorded");
    for (name, value) in [
        ("RecordingStatus", "completed"),
        ("RecordingSource", "RecordVerb"),
        ("RecordingChannels", "1"),
        ("RecordingDuration", "3"),
        ("RecordingUrl", asked.parameter("RecordingUrl")),
    ] {
        assert_eq!(told.parameter(name), value, "{name}");
    }
}

fn a_key_ends_it(server: &Server, app: &App) {
    let _ladder = Ladder { server, app, user: "to-keyed" };
    let attributes = "playBeep=\"false\" finishOnKey=\"5\" action=\"/keyed\"";
    app.answers_calls_to("to-keyed", &format!("<Record {attributes}/>"));
    app.twiml("/keyed", "<Play loop=\"1\">/beep.wav</Play>");
    app.put("/beep.wav", "audio/wav", crate::wav::tone_file(700, 2));
    let mut phone = Linphone::registered(server, "keyed", "tcp", AGENT_A_HZ);
    phone.order("call sip:to-keyed@bank.example");
    phone.comes_to("StreamsRunning");
    let hears_more = |phone: &Linphone, ms: usize| {
        let n = phone.heard().len();
        until("more sound", PATIENCE, || (phone.heard().len() > n + 8 * ms).then_some(()));
    };
    hears_more(&phone, 1500);
    phone.order("1");
    hears_more(&phone, 1500);
    phone.order("5");
    phone.comes_to("Released");
    phone.quits();
    let asked = app.asked("/keyed");
    assert_eq!(asked.parameter("Digits"), "5");
    let wav = fetched(server, &asked, ".wav");
    assert!(wav.ms() >= 2500, "{} ms", wav.ms());
    wav.holds(0, AGENT_A_HZ);
}

fn each_has_a_channel(server: &Server, app: &App) {
    let _ladder = Ladder { server, app, user: "to-dual" };
    let attributes = "record=\"record-from-answer-dual\" recordingStatusCallback=\"/dual\" \
        action=\"/after-dual\"";
    let dial = format!("<Dial {attributes}><Sip>sip:child@bank.example</Sip></Dial>");
    app.answers_calls_to("to-dual", &dial);
    app.twiml("/after-dual", "<Hangup/>");
    app.twiml("/dual", "");
    let mut parent = Baresip::registered(server, "parent", "udp", USERA_HZ);
    let mut child = Linphone::registered(server, "child", "udp", AGENT_A_HZ);
    parent.order("dial", "sip:to-dual@bank.example");
    child.comes_to("IncomingReceived");
    child.order("answer");
    parent.hears(Heard::Tone(AGENT_A_HZ));
    child.hears(Heard::Tone(USERA_HZ));
    let heard = parent.heard().len();
    until("two seconds more", PATIENCE, || (parent.heard().len() > heard + 16_000).then_some(()));
    child.order("terminate");
    parent.sees("CALL_CLOSED");
    let after = app.asked("/after-dual");
    assert_eq!(after.parameter("DialCallStatus"), "completed");
    let told = app.asked("/dual");
    assert_eq!(told.parameter("RecordingSid"), after.parameter("RecordingSid"));
    assert_eq!(told.parameter("RecordingChannels"), "2");
    for form in [".wav", ".mp3"] {
        let sound = fetched(server, &told, form);
        assert_eq!(sound.channels.len(), 2, "{form}");
        sound.holds(0, USERA_HZ);
        sound.holds(1, AGENT_A_HZ);
    }
    let one = fetched(server, &told, ".wav?RequestedChannels=1");
    assert_eq!(one.channels.len(), 1);
    let all = &one.channels[0];
    for hz in [USERA_HZ, AGENT_A_HZ] {
        let middle = &all[all.len() / 4..all.len() * 3 / 4];
        let level = measure::tone_level(middle, one.rate_hz, f32::from(hz));
        assert!(level > LEVEL_DB - 8.0, "{hz} Hz in one channel: {level} dB");
    }
    parent.quits();
    child.quits();
}

/// UserA is recorded talking with AgentA, who transfers to AgentB.
fn transferred(server: &Server, app: &App, story: &str) -> (Baresip, Linphone, Baresip) {
    let [a, b, u] = ["a", "b", "u"].map(|party| format!("{party}-{story}"));
    let attributes = format!(
        "answerOnBridge=\"true\" referUrl=\"/refer/{story}\" record=\"record-from-answer-dual\" \
         recordingStatusCallback=\"/told/{story}\""
    );
    let dial = format!("<Dial {attributes}><Sip>sip:{a}@bank.example</Sip></Dial>");
    app.answers_calls_to(&format!("to-{story}"), &dial);
    let dial = format!("<Dial><Sip>sip:{b}@bank.example</Sip></Dial>");
    app.twiml(&format!("/refer/{story}"), &dial);
    app.twiml(&format!("/told/{story}"), "");
    let mut usera = Baresip::registered(server, &u, "udp", USERA_HZ);
    // Unlike baresip it does not hang up when its transfer fails.
    let mut agent_a = Linphone::registered(server, &a, "udp", AGENT_A_HZ);
    let mut agent_b = Baresip::registered(server, &b, "udp", AGENT_B_HZ);
    usera.order("dial", &format!("sip:to-{story}@bank.example"));
    agent_a.comes_to("IncomingReceived");
    agent_a.order("answer");
    usera.hears(Heard::Tone(AGENT_A_HZ));
    agent_a.hears(Heard::Tone(USERA_HZ));
    agent_a.order(&format!("transfer sip:{b}@bank.example"));
    agent_b.sees("CALL_INCOMING");
    usera.hears(Heard::Ringback);
    (usera, agent_a, agent_b)
}

/// What the recording holds of both, whoever they talked with.
fn both(server: &Server, asked: &Asked) -> [Vec<Heard>; 2] {
    assert_eq!(asked.parameter("RecordingSource"), "DialVerb");
    let sound = fetched(server, asked, ".wav");
    [0, 1].map(|channel| sound.story(channel))
}

fn it_ends_with_the_transfer(server: &Server, app: &App) {
    let _ladder = Ladder { server, app, user: "to-moved" };
    let (mut usera, mut agent_a, mut agent_b) = transferred(server, app, "moved");
    agent_b.order("accept", "");
    agent_a.comes_to("Released");
    usera.hears(Heard::Tone(AGENT_B_HZ));
    // Told of already: UserA and AgentB still talk.
    let told = app.asked("/told/moved");
    let [said, heard] = both(server, &told);
    assert!(!heard.contains(&Heard::Tone(AGENT_B_HZ)), "{heard:?}");
    let tones = |story: &[Heard], hz| story.iter().filter(|h| **h == Heard::Tone(hz)).count();
    assert_eq!((tones(&said, USERA_HZ), tones(&heard, AGENT_A_HZ)), (1, 1), "{said:?} {heard:?}");
    assert_eq!((said.last(), heard.last()), (Some(&Heard::Silence), Some(&Heard::Silence)));
    usera.order("hangup", "");
    agent_b.sees("CALL_CLOSED");
    agent_a.quits();
    [usera, agent_b].into_iter().for_each(Baresip::quits);
}

fn it_goes_on_when_given_back(server: &Server, app: &App) {
    let _ladder = Ladder { server, app, user: "to-given" };
    let (mut usera, mut agent_a, mut agent_b) = transferred(server, app, "given");
    agent_b.order("hangup", "");
    usera.hears(Heard::Tone(AGENT_A_HZ));
    agent_a.hears(Heard::Tone(USERA_HZ));
    assert!(app.first("/told/given").is_none(), "it goes on");
    agent_a.order("terminate");
    usera.sees("CALL_CLOSED");
    let told = app.asked("/told/given");
    let [said, heard] = both(server, &told);
    let silence = Heard::Silence;
    let (usera_says, agent_a_says) = (Heard::Tone(USERA_HZ), Heard::Tone(AGENT_A_HZ));
    assert_eq!(within(&said), [usera_says, silence, usera_says]);
    assert_eq!(within(&heard), [agent_a_says, silence, agent_a_says]);
    agent_a.quits();
    [usera, agent_b].into_iter().for_each(Baresip::quits);
}

/// Without silence at the beginning and at the end.
fn within(story: &[Heard]) -> &[Heard] {
    let story = story.strip_prefix(&[Heard::Silence]).unwrap_or(story);
    story.strip_suffix(&[Heard::Silence]).unwrap_or(story)
}
