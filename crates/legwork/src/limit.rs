//! The limits of the shell that are not the operator's to set.
//!
//! Not here: `[limits]` (`config`), what one message or document may be (`legwork-sip`,
//! `legwork-twiml`).
//! Source: ours, but where a line names another.

use std::time::Duration;

/// Conferences that are over and still shown. More: the oldest is forgotten.
pub const CONFERENCES_OVER_MAX: usize = 1_000;

/// SIP sockets.
pub const LISTENERS_MAX: usize = 16;
/// Media threads.
pub const MEDIA_THREADS_MAX: u8 = 16;

/// Datagrams read from one socket before the others have their turn.
pub const DATAGRAMS_PER_TURN: usize = 64;
/// Events taken from one queue before the sockets have their turn.
pub const EVENTS_PER_TURN: usize = 256;
/// Longest datagram.
pub const DATAGRAM_MAX: usize = 65_535;
/// Longest datagram sent: what IPv4 leaves room for. A longer one is lost.
pub const DATAGRAM_SENT_MAX: usize = 65_507;
/// Socket buffers asked for, bytes: a second of 1,000 calls/s.
pub const SOCKET_BUFFER: usize = 4 * 1024 * 1024;

/// Events on their way to the engine. Full: whoever sends waits (answers, streams, commands).
pub const INBOX_MAX: usize = 16_384;
/// Media events on their way to the engine. Full: digits are dropped and counted.
pub const MEDIA_INBOX_MAX: usize = 65_536;
/// How long a command may wait for its answer.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(5);

/// SIP connections. More: refused.
pub const CONNECTIONS_MAX: usize = 20_000;
/// SIP connections from one address. More: refused.
pub const CONNECTIONS_PER_IP_MAX: usize = 2_000;
/// Messages waiting for one connection. More: it is closed, its peer does not read.
pub const OUTBOX_MAX: usize = 256;
/// A connection that has not sent a whole message, or stops inside one, is closed after this.
pub const STREAM_PATIENCE: Duration = Duration::from_secs(20);
/// A peer that does not read is cut off after this.
pub const STREAM_WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection of ours must be there by then.
pub const STREAM_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Names asked at a time. More: answered as unknown.
pub const LOOKUPS_MAX: usize = 1_024;
/// How long a name may take, if the operator says nothing.
pub const DNS_TIMEOUT: Duration = Duration::from_secs(6);
/// Name servers the operator may name.
pub const DNS_SERVERS_MAX: usize = 8;
/// Answers of DNS remembered.
pub const DNS_CACHE_MAX: u64 = 4_096;
/// Records looked at in one answer.
pub const DNS_RECORDS_MAX: usize = 64;
/// How long an answer of DNS is remembered at most.
pub const DNS_TTL_MAX: Duration = Duration::from_secs(86_400);
/// How long it is remembered at most that there is no such name.
pub const DNS_NEGATIVE_TTL_MAX: Duration = Duration::from_secs(300);
/// Addresses of one application's host that are tried.
pub const TARGETS_MAX: usize = 8;
/// Remembered routes.
pub const ROUTES_MAX: usize = 4_096;
/// How long a route is remembered.
pub const ROUTE_AGE: Duration = Duration::from_secs(30);

/// All tries and redirects of one webhook. Source: Twilio, error 11205.
pub const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(15);
/// One connection. Source: Twilio, error 11201.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Redirects of one webhook. Source: Twilio, error 11215.
pub const REDIRECTS_MAX: usize = 10;
/// Webhooks under way. More: failed at once.
pub const FETCHES_MAX: usize = 20_000;
/// Webhooks under way to one application. More: they wait.
pub const FETCHES_PER_HOST: usize = 256;
/// Webhooks waiting for one application. More: failed at once.
pub const FETCHES_WAITING_MAX: usize = 2_048;
/// Applications remembered. More: those of which nothing is under way are forgotten.
pub const HOSTS_MAX: usize = 1_024;
/// Head of one answer and what is read of it at a time, bytes. More of a head: refused.
pub const ANSWER_BUFFER: usize = 64 * 1024;
/// Retries a URL may ask for. Source: Twilio, "Connection overrides".
pub const RETRIES_MAX: u32 = 5;
/// Least and most time a URL may give to connecting, milliseconds. Source: as before.
pub const CONNECT_OVERRIDE_MS: (u32, u32) = (100, 10_000);
/// Least and most time a URL may give to answering, milliseconds. Source: as before.
pub const READ_OVERRIDE_MS: (u32, u32) = (100, 15_000);
/// Calls with cookies. More: the oldest call's are forgotten.
pub const COOKIE_CALLS_MAX: usize = 10_000;
/// Cookies of one call. More: the oldest is forgotten.
pub const COOKIES_MAX: usize = 20;
/// One cookie, bytes. Larger: not kept.
pub const COOKIE_BYTES_MAX: usize = 4_096;
/// All cookies of one call, bytes. More: the oldest are forgotten.
pub const COOKIE_JAR_BYTES_MAX: usize = 8_192;
/// Documents kept for `If-None-Match`, bytes. More: the oldest are forgotten.
pub const DOCUMENT_CACHE_MAX: usize = 4 * 1024 * 1024;
/// Sound files kept for `If-None-Match`, bytes. More: the oldest are forgotten.
pub const FILE_CACHE_MAX: usize = 32 * 1024 * 1024;
/// Idle connections kept to one application.
pub const IDLE_PER_HOST: usize = 128;
/// Idle connections are looked through this often.
pub const IDLE_SWEEP: Duration = Duration::from_secs(2);
/// How long they are kept: less than the 5 s after which common servers close them, so that no
/// request meets a connection that is just being closed.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Sound files, bytes: ten minutes of 16-bit 48 kHz mono. More: 11750.
pub const SOUND_MAX: usize = 64 * 1024 * 1024;
/// How long whoever serves a sound may be silent within it.
pub const SOUND_PATIENCE: Duration = Duration::from_secs(10);
/// How long all of a sound may take to come: longer than the longest one sounds.
pub const SOUND_COMES_WITHIN: Duration = Duration::from_secs(45 * 60);
/// A recording of ours that is played is read so many bytes at a time.
pub const OWN_PIECE: u64 = 128 * 1024;
/// Pieces of a file on their way to its decoder. More wait.
pub const SOUND_QUEUE_MAX: usize = 8;
/// Samples of a piece on its way to the media threads.
pub const SOUND_PIECE: usize = 3_200;
/// Longest sound, seconds; what comes behind is not heard. Source: Twilio, "TwiML Voice: Play".
pub const SOUND_SECONDS_MAX: usize = 40 * 60;
/// Sources being prepared at a time. More: failed at once.
pub const SOURCES_MAX: usize = 1_024;
/// Sounds being fetched or spoken at a time; who wants the same waits for one. More: failed at once.
pub const SOUNDS_MAX: usize = 384;
/// What all sounds take that may be heard, bytes, beside those that are kept: nine hours of 16 kHz. More: cut off.
pub const SOUNDING_BYTES_MAX: usize = 1024 * 1024 * 1024;
/// espeak-ng processes at a time. More wait.
pub const SPEAKERS_MAX: usize = 4;
/// How long a `<Say>` may wait for its turn and its first sound, by espeak-ng.
pub const SPEECH_BEGINS_WITHIN: Duration = Duration::from_secs(30);
/// How long espeak-ng may be silent.
pub const SPEECH_TIMEOUT: Duration = Duration::from_secs(10);
/// Samples kept for saying or playing them again, bytes. More: the oldest are forgotten.
pub const SOUND_CACHE_MAX: usize = 64 * 1024 * 1024;
/// How long a file is played without asking for it again, if its server does not say.
pub const SOUND_CACHE_AGE: Duration = Duration::from_secs(60);
/// The same, whatever its server says.
pub const SOUND_CACHE_AGE_MAX: Duration = Duration::from_secs(86_400);
/// What one `<Say>` may sound like, bytes of a WAV file: 25 minutes.
pub const SPEECH_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Longest `<Say>` with its markup, bytes. Its characters are counted where it is read.
pub const SSML_MAX: usize = 128 * 1024;
/// How long a character may sound, and what any text may take beside: more is babble.
pub const SPEECH_PER_CHARACTER: Duration = Duration::from_secs(1);
/// As before.
pub const SPEECH_BESIDE: Duration = Duration::from_secs(20);
/// How long a speech endpoint that failed is left alone.
pub const SPEECH_REST: Duration = Duration::from_secs(30);
/// Failures in a row after which it is.
pub const SPEECH_FAILURES_MAX: u32 = 3;
/// How long a speech endpoint may be silent, if the operator says nothing.
pub const SPEECH_ENDPOINT_TIMEOUT: Duration = Duration::from_secs(5);
/// Voices the operator may name.
pub const VOICES_MAX: usize = 1_024;
/// Sound files being decoded at a time: it takes a processor. More wait, those whose bytes are awaited do
/// not count.
pub const DECODERS_MAX: usize = 2;

/// Transcripts of recordings remembered, newest.
pub const TRANSCRIPTS_MAX: usize = 1_000;
/// Finished calls remembered.
pub const FINISHED_MAX: usize = 1_000;
/// Alerts remembered.
pub const ALERTS_MAX: usize = 1_000;
/// Ladder rows remembered of one conversation.
pub const ROWS_MAX: usize = 1_000;
/// Conversations whose rows are remembered.
pub const LADDERS_MAX: usize = 20_000;

/// HTTP connections to us. More: they wait.
pub const API_CONNECTIONS_MAX: usize = 1_024;
/// A connection that does not begin a request, or stops inside its head, is closed after this.
pub const API_HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// The body of a request and its answer must be there by then.
pub const API_TIMEOUT: Duration = Duration::from_secs(15);
/// Bodies sent to the HTTP API.
pub const API_BODY_MAX: usize = 64 * 1024;
/// Inline TwiML, characters. Source: Twilio, error 32018.
pub const INLINE_TWIML_MAX: usize = 4_000;

/// Log lines waiting to be written. More: dropped and counted.
pub const LOG_LINES_MAX: usize = 8_192;

/// Inputs of one recording. More: the rest of the call is not in it, and it says so.
pub const RECORDED_INPUTS_MAX: usize = 4_000;
/// What one recording takes in memory, bytes. More: as before.
pub const RECORDING_BYTES_MAX: usize = 2 * 1024 * 1024;
/// What all recordings of calls that go on take in memory, bytes. More: as before.
pub const RECORDINGS_MEMORY_MAX: usize = 256 * 1024 * 1024;
/// Conversations recorded at a time. More: not recorded.
pub const RECORDINGS_OPEN_MAX: usize = 20_000;
/// Recordings in a folder. More: the oldest is removed.
pub const RECORDINGS_MAX: usize = 10_000;
/// Bytes of all of them. More: as before.
pub const RECORDINGS_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Inputs on their way to the thread that writes recordings. Full: what is lost is missing in its
/// recording, and it says so.
pub const RECORD_QUEUE_MAX: usize = 16_384;
/// The same in bytes, beside those in memory.
pub const RECORD_QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How long a server that ends may write recordings.
pub const RECORDINGS_WRITTEN: Duration = Duration::from_secs(10);
/// Longest file that is replayed, bytes.
pub const RECORDING_READ_MAX: usize = 64 * 1024 * 1024;
/// Deadlines that pass unseen in a replay. More: it is none of ours.
pub const REPLAYED_DEADLINES_MAX: usize = 100_000;
/// Deadlines handled before an input of a recorded server. More: the others wait for the next.
pub const DEADLINES_PER_TURN: usize = 10_000;

/// Most pieces of a tap's sound that wait to be taken: 200 ms each, 20 s. More are lost, and told as lost.
pub(crate) const TAP_QUEUE_MAX: usize = 100;

/// Recordings of sound made at a time, if the operator says nothing. More: failed at once.
pub const AUDIO_AT_ONCE: usize = 1_000;
/// The most the operator may say.
pub const AUDIO_AT_ONCE_MAX: usize = 100_000;
/// The disk is left this much room, bytes, if the operator says nothing.
pub const FREE_SPACE: u64 = 256_000_000;
/// Longest recording. What comes later is not kept. Source: `maxLength` of `<Record>`.
pub const AUDIO_LENGTH_MAX: Duration = Duration::from_secs(86_400);
/// Most bytes of sound in a WAV file: its sizes have 32 bits.
pub const AUDIO_BYTES_MAX: u64 = 0xffff_0000;
/// Recordings being written to the disk at the same moment. More wait, and what waits too long is lost.
pub const AUDIO_WRITERS_MAX: usize = 4;
/// Recordings that are listed, the newest. Older ones are found by their SID.
pub const AUDIO_LISTED_MAX: usize = 10_000;
/// Recordings told in one answer, if it is not said how many.
pub const AUDIO_TOLD: usize = 1_000;
/// Longest file about a recording, bytes.
pub const AUDIO_CARD_MAX: u64 = 16 * 1024;
/// MP3 files and mixes being made or waited for at a time. More: try again.
pub const AUDIO_MAKING_MAX: usize = 64;
/// The same, really being made: it takes a processor.
pub const AUDIO_MAKERS_MAX: usize = 1;
/// How long a request waits for one: less than it may take altogether.
pub const AUDIO_MADE_WITHIN: Duration = Duration::from_secs(10);
/// Recordings on their way to the object store at the same moment.
pub const UPLOADS_AT_ONCE: usize = 4;
/// Recordings that wait for their way there. More stay here until the server is started again.
pub const UPLOADS_WAITING_MAX: usize = 100_000;
/// What is sent to the object store in one piece, bytes; larger recordings are sent in several.
pub const UPLOAD_PART: usize = 8 * 1024 * 1024;
/// How long the object store may be silent.
pub const STORE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a server without calls may take to tell what was left of them: the last words of a transcription take
/// 20 s to be understood, its callback and goodbyes a few more.
pub const LAST_WORDS: Duration = Duration::from_secs(25);
/// How long a server that ends may complete the recordings that are being made.
pub const AUDIO_COMPLETED: Duration = Duration::from_secs(10);
/// Callers listened to at a time. More: not understood.
pub const RECOGNITIONS_MAX: usize = 1_024;
/// What is kept of one, samples of 16 kHz: two minutes. More is not heard.
pub const HEARD_MAX: usize = 16_000 * 120;
/// Silence kept before they begin to speak: a second. More is forgotten.
pub const SILENCE_KEPT: usize = 16_000;
/// Longest utterance of who is listened to for long, samples of 16 kHz: 20 s. Then another begins.
pub const UTTERANCE_MAX: usize = 16_000 * 20;
/// What is kept from before a voice is heard, samples: words begin softly.
pub const UTTERANCE_LEAD: usize = 16_000 / 2;
/// Utterances of one caller that wait to be understood. More are lost, and told as missed.
pub const UTTERANCES_WAITING_MAX: usize = 3;
/// Utterances in a row that could not be understood: nobody listens any more.
pub const FAILURES_IN_A_ROW_MAX: u32 = 3;
/// Partial results are made of at most so much: half a minute.
pub const PARTIAL_HEARD_MAX: usize = 16_000 * 30;
/// And not before so much more was said: a second.
pub const PARTIAL_STEP: usize = 16_000;
/// Callers understood by pocketsphinx at a time, if there are as many processors. More wait.
pub const RECOGNISERS_MAX: usize = 8;
/// How long pocketsphinx may take, beside the length of what was said: a `<Gather>` waits for 20 s.
pub const RECOGNISER_TIMEOUT: Duration = Duration::from_secs(15);
/// What a recogniser may write, bytes: scores of half an hour.
pub const RECOGNISER_LOG_MAX: usize = 1024 * 1024;
/// Largest pronouncing dictionary, bytes.
pub const DICTIONARY_MAX: u64 = 64 * 1024 * 1024;
/// Languages the operator may name.
pub const LANGUAGES_MAX: usize = 64;
/// Phrases of `hints`. Source: Twilio, `<Gather>`. More: passed over.
pub const HINTS_MAX: usize = 500;
/// Words of one of them. More: passed over.
pub const HINT_WORDS_MAX: usize = 20;
/// What is told of what was understood, characters.
pub const UNDERSTOOD_MAX: usize = 4_000;
/// Transcriptions asked for at a time. More wait.
pub const TRANSCRIPTIONS_MAX: usize = 64;
/// Largest answer of a transcription, bytes.
pub const TRANSCRIPTION_MAX: usize = 256 * 1024;
/// Hints sent with a transcription, characters: endpoints read the last 224 tokens.
pub const PROMPT_MAX: usize = 800;

/// Sessions with agents at a time. More: failed at once.
pub const RELAYS_MAX: usize = 1_024;
/// What is to be told to an agent's application and was not taken yet, messages. More are lost.
pub const RELAY_SAID_MAX: usize = 256;
/// Messages of the application of one session a second. More wait.
pub const RELAY_MESSAGES_A_SECOND: u32 = 500;
/// Messages of the application of one stream a second: a minute of sound in pieces of 20 ms, at once. More wait.
pub const STREAM_MESSAGES_A_SECOND: u32 = 3_000;
/// Streams to applications at a time. More: failed at once.
pub const STREAMS_MAX: usize = 4_096;
/// Longest message of an application by WebSocket, bytes. Longer: the end of it.
pub const WEBSOCKET_MESSAGE_MAX: usize = 1024 * 1024;
/// What an application has not taken yet of what it is sent, bytes; the kernel may keep as much. More:
/// the end of it. Source: 15 s of both tracks.
pub const WEBSOCKET_KEPT: usize = 512 * 1024;
/// What is read of a WebSocket at a time, bytes.
pub const WEBSOCKET_READ: usize = 4 * 1024;
/// The answer to the upgrade must be there by then.
pub const WEBSOCKET_HANDSHAKE: Duration = Duration::from_secs(10);
/// A ping is sent this often.
pub const WEBSOCKET_PING: Duration = Duration::from_secs(15);
/// An application that says nothing for so long, not even pongs, is gone.
pub const WEBSOCKET_SILENCE: Duration = Duration::from_secs(40);
/// How long a goodbye may take.
pub const WEBSOCKET_GOODBYE: Duration = Duration::from_secs(5);
/// How long an application that broke the rules may take to read that it did.
pub const WEBSOCKET_REFUSAL: Duration = Duration::from_secs(1);
/// What is shown of what an application says, characters.
pub const TROUBLE_SHOWN: usize = 200;
/// Keys on their way to a stream's application. More are lost.
pub const STREAM_KEYS_MAX: usize = 64;
/// Messages of an application that are alerts. More are passed over in silence.
pub const FLAWS_TOLD_MAX: usize = 10;
/// Sound that an application may say in advance: the plane keeps as much. More is left out.
pub const SAID_MAX: Duration = Duration::from_secs(20 * 60);
/// Marks that wait to be reached. More are refused.
pub const MARKS_MAX: usize = legwork_media::limit::LIVE_MARKS;
/// Longest name of a mark, bytes. Longer ones are refused.
pub const MARK_NAME_MAX: usize = 1024;
