//! Speech and sound files as samples, prepared away from the engine's and the media's threads: heard
//! from the first piece on, while the rest comes.
//!
//! Not here: playing them (`media`), what is said when (`legwork-call`).
//! Source: Twilio, `<Say>` and `<Play>`, error codes 11200 to 13521; docs/voices.md.

mod arriving;
mod cache;
mod decode;
mod endpoint;
mod espeak;
mod own;
mod phoneme;
mod say_as;
mod shelf;
mod ssml;
mod voices;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use legwork_call::bare_url;
use legwork_call::io::{Input, SourceRequest};
use legwork_call::sid::{AccountSid, RecordingSid};
use legwork_media::{Rate, SourceId};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};
use url::Url;

use crate::config::{self, Config};
use crate::fetch::Fetcher;
use crate::fetch::pour::{self, Freshness, Piece, Pour, Spout};
use crate::limit;
use crate::media::MediaThreads;
use crate::recording::Recordings;
use crate::serve::inbox::{Event, Post};
use crate::speech::arriving::Arriving;
use crate::speech::cache::Sound;
use crate::speech::decode::{Broken, Hint, is_sound};
use crate::speech::endpoint::Endpoint;
use crate::speech::own::Own;
use crate::speech::shelf::{Extended, Place, Shelf, Ticket};
use crate::speech::ssml::Spoken;
use crate::speech::voices::Speaker;

/// `Play` of something that is not a sound we know.
const UNKNOWN_SOUND: u32 = 13_420;
/// `Say` with a voice that is not known.
const UNKNOWN_VOICE: u32 = 13_511;
/// `Say` of too much.
const TOO_LONG: u32 = 13_521;
/// The speech endpoint failed.
const ENDPOINT: u32 = 91_350;
/// Our own failure.
const INTERNAL: u32 = 12_400;
/// Too much at a time.
const RETRIEVAL: u32 = 11_200;
/// It took too long.
const TOO_SLOW: u32 = 11_203;
/// `Play` of what is not there.
const NOT_THERE: u32 = 11_217;

/// Prepares sources; cheap to clone.
#[derive(Clone)]
pub struct Speech(Arc<Inner>);

struct Inner {
    runtime: Handle,
    post: Post,
    fetcher: Fetcher,
    media: MediaThreads,
    speakers: Semaphore,
    decoders: Arc<Semaphore>,
    endpoint: RwLock<Option<Arc<Endpoint>>>,
    recordings: Recordings,
    own: RwLock<Own>,
    /// Of a file, in milliseconds: something of it is heard by then.
    patience: AtomicU64,
    shelf: Mutex<Shelf>,
}

impl std::fmt::Debug for Speech {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Speech").finish_non_exhaustive()
    }
}

/// Why a source can not be played, or not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mute {
    pub(crate) code: u32,
    pub(crate) text: String,
}

impl Mute {
    fn new(code: u32, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// What is to be made.
enum Job {
    Say(Box<Saying>),
    Play { account: AccountSid, url: String },
}

/// Something to be said.
struct Saying {
    voice: String,
    speaker: Speaker,
    ssml: String,
    endpoint: Option<Arc<Endpoint>>,
}

/// How long what was made may be kept.
enum Keep {
    No,
    Until(Option<Instant>, Option<String>),
    /// What was kept is still as it was.
    Same(Sound),
}

impl Speech {
    /// Without sounds. To be called within the runtime.
    pub fn new(
        runtime: Handle,
        post: Post,
        fetcher: Fetcher,
        media: MediaThreads,
        recordings: Recordings,
        config: &Config,
    ) -> Self {
        let speech = Self(Arc::new(Inner {
            runtime,
            post,
            fetcher,
            media,
            speakers: Semaphore::new(limit::SPEAKERS_MAX),
            decoders: Arc::new(Semaphore::new(limit::DECODERS_MAX)),
            endpoint: RwLock::default(),
            recordings,
            own: RwLock::new(Own::of(config)),
            patience: AtomicU64::default(),
            shelf: Mutex::new(Shelf::new(limit::SOUNDING_BYTES_MAX)),
        }));
        speech.reload(config);
        speech
    }

    /// Takes new settings; what is being said goes on as it began. Within the runtime.
    pub fn reload(&self, config: &Config) {
        *self.0.own.write().unwrap_or_else(PoisonError::into_inner) = Own::of(config);
        // As long for the first sound as for the answer before it.
        let patience = (2 * config.http.webhook_timeout).as_millis();
        let patience = u64::try_from(patience).unwrap_or(u64::MAX);
        self.0.patience.store(patience, Ordering::Relaxed);
        self.reload_endpoint(&config.speech);
    }

    fn reload_endpoint(&self, config: &config::speech::Speech) {
        let mut endpoint = self.0.endpoint.write().unwrap_or_else(PoisonError::into_inner);
        if endpoint.as_ref().map(|endpoint| endpoint.settings()) == config.openai.as_ref() {
            return;
        }
        let next = config.openai.clone().map(Endpoint::new).transpose();
        *endpoint = next
            .unwrap_or_else(|error| {
                tracing::error!(%error, "no TLS: espeak-ng speaks instead of the speech endpoint");
                None
            })
            .map(Arc::new);
    }

    /// Prepares a source. What is known at once is given at once, for the switch; else `SourceReady`
    /// or `SourceFailed` follows.
    pub fn prepare(&self, id: SourceId, account: AccountSid, request: SourceRequest) -> Vec<Input> {
        let mut told = Vec::new();
        let (key, job) = match request {
            SourceRequest::Say { voice, language, ssml } => {
                if ssml.len() > limit::SSML_MAX {
                    let text = format!("<Say> is longer than {} kB", limit::SSML_MAX / 1024);
                    return vec![Input::SourceFailed { id, code: TOO_LONG, text }];
                }
                let (speaker, is_known) = voices::find(&voice, &language);
                if !is_known {
                    let voice = voice.chars().take(100).collect::<String>();
                    let text = format!("voice=\"{}\"; man speaks", voice.escape_debug());
                    told.push(Input::SourceFlawed { id, code: UNKNOWN_VOICE, text });
                }
                let endpoint = self.0.endpoint.read().unwrap_or_else(PoisonError::into_inner);
                let endpoint = endpoint.as_ref().map(Arc::clone);
                let engine = match &endpoint {
                    Some(endpoint) => endpoint.settings().url.as_str(),
                    None => "",
                };
                let language = &speaker.language;
                let voice_key = voice.to_ascii_lowercase();
                let key = format!("say\n{engine}\n{voice_key}\n{language}\n{ssml}");
                (key, Job::Say(Box::new(Saying { voice, speaker, ssml, endpoint })))
            }
            SourceRequest::Play { url } => {
                (format!("play\n{account}\n{url}"), Job::Play { account, url })
            }
        };
        told.extend(self.begin(id, &key.into(), job));
        told
    }

    fn begin(&self, id: SourceId, key: &Arc<str>, job: Job) -> Option<Input> {
        let mut shelf = self.shelf();
        let kept = shelf.cache.find(key).filter(|sound| sound.is_fresh(Instant::now()));
        if let Some(sound) = kept {
            self.0.media.add_source(id, sound.rate, Arc::clone(&sound.samples));
            return Some(Input::SourceReady { id });
        }
        match shelf.want(&self.0.media, id, key) {
            Place::First(ticket) => {
                let speech = self.clone();
                let made = ticket.clone();
                let task = self.0.runtime.spawn(async move { speech.make(made, job).await });
                // Held since before it began: it can not have ended yet.
                shelf.made_by(&ticket, task.abort_handle());
                None
            }
            Place::Joined(true) => Some(Input::SourceReady { id }),
            Place::Joined(false) => None,
            Place::Full => {
                let text = "too many sounds are being prepared".to_owned();
                Some(Input::SourceFailed { id, code: RETRIEVAL, text })
            }
        }
    }

    /// A source is not needed any more.
    pub fn forget(&self, id: SourceId) {
        self.shelf().forget(id);
        self.0.media.forget_source(id);
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn make(&self, ticket: Ticket, job: Job) {
        let made = match job {
            Job::Say(saying) => self.say(&ticket, &saying).await,
            Job::Play { account, url } => self.play(&ticket, account, &url).await,
        };
        for input in self.finish(&ticket, made) {
            self.0.post.send(Event::Input(input)).await;
        }
    }

    /// What those who wait for it are told in the end.
    fn finish(&self, ticket: &Ticket, made: Result<Keep, Mute>) -> Vec<Input> {
        let mut shelf = self.shelf();
        let Some(left) = shelf.finish(&self.0.media, ticket) else { return Vec::new() };
        let ids = left.listeners.into_iter();
        match made {
            Ok(Keep::Same(sound)) => {
                shelf.cache.refresh(&ticket.key, sound.until);
                let (rate, samples) = (sound.rate, sound.samples);
                ids.map(|id| {
                    self.0.media.add_source(id, rate, Arc::clone(&samples));
                    Input::SourceReady { id }
                })
                .collect()
            }
            Ok(keep) => {
                if let (Keep::Until(until, mark), Some(rate)) = (keep, left.rate) {
                    let n_samples: usize = left.pieces.iter().map(|piece| piece.len()).sum();
                    if n_samples * size_of::<i16>() <= limit::SOUND_CACHE_MAX / 4 {
                        let samples = left.pieces.concat().into();
                        shelf.cache.insert(&ticket.key, Sound { rate, samples, until, mark });
                    } else {
                        shelf.cache.remove(&ticket.key);
                    }
                }
                Vec::new()
            }
            Err(Mute { code, text }) if left.rate.is_some() => {
                ids.map(|id| Input::SourceFlawed { id, code, text: text.clone() }).collect()
            }
            Err(Mute { code, text }) => {
                ids.map(|id| Input::SourceFailed { id, code, text: text.clone() }).collect()
            }
        }
    }

    /// Who waits is told of a flaw.
    async fn flaw(&self, ticket: &Ticket, code: u32, text: String) {
        let listeners = self.shelf().listeners(ticket);
        for id in listeners {
            let input = Input::SourceFlawed { id, code, text: text.clone() };
            self.0.post.send(Event::Input(input)).await;
        }
    }

    async fn say(&self, ticket: &Ticket, saying: &Saying) -> Result<Keep, Mute> {
        let spoken = ssml::read(&saying.ssml, &saying.speaker.language);
        let mut keep = Keep::Until(None, None);
        if let Some(endpoint) = &saying.endpoint
            && spoken.text.chars().any(char::is_alphanumeric)
        {
            // What espeak-ng says instead is not said for ever.
            keep = Keep::Until(Some(Instant::now() + limit::SPEECH_REST), None);
            if endpoint.is_well(Instant::now()) {
                // It may be silent twice: before its answer, and before the first sound of that.
                let patience = 2 * endpoint.settings().timeout;
                let saying = self.say_by(endpoint, ticket, saying, &spoken);
                let said = self.begins_within(patience, ticket, saying).await;
                match said.unwrap_or_else(|| Err(endpoint.silent_for(patience))) {
                    Ok(()) => {
                        endpoint.succeeded();
                        return Ok(Keep::Until(None, None));
                    }
                    Err(why) => {
                        endpoint.failed(Instant::now());
                        if self.shelf().is_heard(ticket) {
                            return Err(Mute::new(ENDPOINT, why));
                        }
                        self.flaw(ticket, ENDPOINT, why).await;
                    }
                }
            }
        }
        let patience = limit::SPEECH_BEGINS_WITHIN;
        let said = self.begins_within(patience, ticket, self.say_by_espeak(ticket, saying, spoken));
        let late = || format!("espeak-ng has said nothing in {} s", patience.as_secs());
        said.await.unwrap_or_else(|| Err(late())).map_err(|why| Mute::new(INTERNAL, why))?;
        Ok(keep)
    }

    async fn say_by_espeak(
        &self,
        ticket: &Ticket,
        saying: &Saying,
        spoken: Spoken,
    ) -> Result<(), String> {
        let _turn = self.0.speakers.acquire().await;
        let (voices, pitch) = voices::espeak(&saying.speaker);
        let order = espeak::Order { voices, pitch, ssml: spoken.ssml };
        let (out, pieces) = mpsc::channel(limit::SOUND_QUEUE_MAX);
        let speaking = async move { espeak::ESPEAK.speak(&order, &out).await };
        let decoding = self.decode(ticket, pieces, Hint::default(), usize::MAX);
        let (spoken, decoded) = tokio::join!(speaking, decoding);
        spoken?;
        decoded.map_err(|why| format!("espeak-ng: {why}"))
    }

    /// What comes of making a sound. None: nothing of it was heard in time.
    async fn begins_within<T>(
        &self,
        patience: Duration,
        ticket: &Ticket,
        making: impl Future<Output = T>,
    ) -> Option<T> {
        let late = async {
            tokio::time::sleep(patience).await;
            if self.shelf().is_heard(ticket) {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            made = making => Some(made),
            () = late => None,
        }
    }

    async fn say_by(
        &self,
        endpoint: &Endpoint,
        ticket: &Ticket,
        saying: &Saying,
        spoken: &Spoken,
    ) -> Result<(), String> {
        let (out, pieces) = mpsc::channel(limit::SOUND_QUEUE_MAX);
        let speaking =
            async move { endpoint.speak(&saying.voice, &saying.speaker, &spoken.text, &out).await };
        let longest = endpoint::longest(spoken.text.chars().count());
        let seconds = usize::try_from(longest.as_secs()).unwrap_or(usize::MAX);
        let hint = Hint {
            extension: Some(endpoint.settings().format.name().to_owned()),
            ..Hint::default()
        };
        let decoding = self.decode(ticket, pieces, hint, seconds);
        // Slower than it is spoken is too slow to be heard.
        let whole = endpoint.settings().timeout + longest;
        let both = tokio::time::timeout(whole, async { tokio::join!(speaking, decoding) });
        let (spoken, decoded) =
            both.await.map_err(|_| "the speech endpoint never stops".to_owned())?;
        spoken?;
        decoded.map_err(|why| {
            if why == Broken::Unwanted {
                return "the speech endpoint says far more than it was given".to_owned();
            }
            format!("the speech endpoint's answer can not be played: {why}")
        })
    }

    async fn play(&self, ticket: &Ticket, account: AccountSid, url: &str) -> Result<Keep, Mute> {
        let patience = Duration::from_millis(self.0.patience.load(Ordering::Relaxed));
        let own = self.0.own.read().unwrap_or_else(PoisonError::into_inner).clone();
        let played = match own.recording(url) {
            Some(sid) => {
                let playing = self.play_own(ticket, own, account, sid);
                self.begins_within(patience, ticket, playing).await
            }
            None => {
                let playing = self.play_file(ticket, account, url);
                self.begins_within(patience, ticket, playing).await
            }
        };
        let late = || format!("nothing of it was heard in {} s", patience.as_secs_f32());
        played.unwrap_or_else(|| Err(Mute::new(TOO_SLOW, late())))
    }

    /// A recording of ours. It may be deleted at any time: it is not kept.
    async fn play_own(
        &self,
        ticket: &Ticket,
        own: Own,
        account: AccountSid,
        sid: RecordingSid,
    ) -> Result<Keep, Mute> {
        let (out, pieces) = mpsc::channel(limit::SOUND_QUEUE_MAX);
        let recordings = self.0.recordings.clone();
        let reading = async move { own.pour(&recordings, account, sid, &out).await };
        let decoding = self.decode(ticket, pieces, Hint::default(), usize::MAX);
        let (read, decoded) = tokio::join!(reading, decoding);
        read?;
        let unplayable = |why| Mute::new(UNKNOWN_SOUND, format!("the recording {sid}: {why}"));
        decoded.map(|()| Keep::No).map_err(unplayable)
    }

    async fn play_file(
        &self,
        ticket: &Ticket,
        account: AccountSid,
        url: &str,
    ) -> Result<Keep, Mute> {
        let (pour, mut pieces) = Pour::new();
        let fetching = async move { self.0.fetcher.sound(account, url, &pour).await };
        let hearing = async {
            // Nothing comes at all if the fetch fails.
            let Some(Piece::Spout(spout)) = pieces.recv().await else { return Ok(Keep::No) };
            self.hear(ticket, *spout, pieces).await
        };
        let (fetched, heard) = tokio::join!(fetching, hearing);
        match (fetched, heard) {
            (Ok(_), heard) => heard,
            // Whoever listens has had enough, and says why.
            (Err(failure), heard) if failure.code == pour::UNWANTED => heard,
            (Err(failure), _) => Err(Mute::new(failure.code, failure.text)),
        }
    }

    /// A file that begins to come.
    async fn hear(
        &self,
        ticket: &Ticket,
        spout: Spout,
        pieces: mpsc::Receiver<Piece>,
    ) -> Result<Keep, Mute> {
        let Spout { url, content_type, mark, freshness } = spout;
        let until = match freshness {
            Freshness::Never => None,
            Freshness::For(time) => Some(Instant::now() + time),
        };
        let kept = self.shelf().cache.find(&ticket.key).cloned();
        if let Some(sound) = kept.filter(|sound| sound.mark.is_some() && sound.mark == mark) {
            return Ok(Keep::Same(Sound { until, ..sound }));
        }
        let named = content_type.clone().unwrap_or_default();
        let unplayable = |why: &dyn std::fmt::Display| {
            let (url, named) = (bare_url(&url), named.escape_debug());
            Mute::new(UNKNOWN_SOUND, format!("{url} (Content-Type `{named}`): {why}"))
        };
        if !is_sound(content_type.as_deref()) {
            return Err(unplayable(&"that is no type of a sound"));
        }
        let hint = Hint { content_type, extension: extension(&url) };
        let decoded = self.decode(ticket, pieces, hint, usize::MAX).await;
        decoded.map_err(|why| unplayable(&why))?;
        Ok(until.map_or(Keep::No, |until| Keep::Until(Some(until), mark)))
    }

    /// Decodes what comes, on a thread that may wait, and hands it to those who listen; of what is longer than
    /// so many seconds nothing more is wanted.
    async fn decode(
        &self,
        ticket: &Ticket,
        pieces: mpsc::Receiver<Piece>,
        hint: Hint,
        seconds: usize,
    ) -> Result<(), Broken> {
        let runtime = self.0.runtime.clone();
        let file = Arriving::new(pieces, runtime, Arc::clone(&self.0.decoders));
        let (speech, ticket) = (self.clone(), ticket.clone());
        // Whoever gives up waiting lets go of it: something else may be said instead then.
        let wanted = Arc::new(());
        let is_wanted = Arc::downgrade(&wanted);
        let mut n_samples = 0;
        let decoding = tokio::task::spawn_blocking(move || {
            decode::decode(file, &hint, |rate: Rate, piece: Vec<i16>| {
                n_samples += piece.len();
                n_samples / rate.hz() as usize <= seconds
                    && is_wanted.strong_count() > 0
                    && speech.give(&ticket, rate, piece)
            })
        });
        let failed = |_| Broken::Unknown("the decoder failed".to_owned());
        let decoded = decoding.await.map_err(failed);
        drop(wanted);
        decoded?
    }

    /// The next piece of a sound. False: nobody wants it.
    fn give(&self, ticket: &Ticket, rate: Rate, piece: Vec<i16>) -> bool {
        let ready = self.shelf().extend(&self.0.media, ticket, rate, piece);
        let ready = match ready {
            Extended::By(ready) => ready,
            Extended::Unwanted => return false,
            Extended::Full => {
                tracing::error!("too much is heard at a time: a sound is cut off");
                return false;
            }
        };
        for id in ready {
            let told = self.0.post.send(Event::Input(Input::SourceReady { id }));
            self.0.runtime.block_on(told);
        }
        true
    }
}

/// What stands behind the last dot of a URL's path.
fn extension(url: &Url) -> Option<String> {
    let name = url.path_segments()?.next_back()?;
    let (_, extension) = name.rsplit_once('.')?;
    Some(extension.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod recognised;
