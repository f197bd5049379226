//! Every maximum of the engine, in one place. Those an operator may set are in `config::Limits`.
//!
//! Not here: limits of SIP messages (`legwork-sip`), of documents (`legwork-twiml`).

use std::time::Duration;

/// Targets of one `<Dial>`, bindings of registered phones included. More are not rung (alert 13250).
pub const DIAL_TARGETS_MAX: usize = 20;

/// Applications dialled by each other at a time on one leg. One more is not called (alert 91312).
pub const APPLICATIONS_NESTED_MAX: usize = 10;

/// Documents run one after another without anything that takes time between them. One more ends the
/// call with alert 11215.
pub const DOCUMENTS_IN_A_ROW_MAX: u32 = 100;

/// Problems of one document that raise alerts.
pub const PROBLEMS_TOLD_MAX: usize = 10;

/// A key that comes a second time within this, another way, is the same press.
pub const SAME_PRESS: Duration = Duration::from_millis(300);

/// Presses of one leg remembered for that; further ones are told when they come the other way, too, and
/// are not passed on while it is not known yet which way they come.
pub const RECENT_PRESSES_MAX: usize = 8;

/// How long beyond its own timeout a detector may leave us without a word of who answered.
pub const ANSWERER_PATIENCE: Duration = Duration::from_secs(5);

/// `loop="0"` of `<Say>`: so many times.
pub const SAY_FOR_EVER: u32 = 1000;

/// `<Say>` without a word: a pause as long as that of `<Pause>`.
pub const EMPTY_SAY: Duration = Duration::from_secs(1);

/// `SipHeader_…` parameters of one webhook; further headers are left out.
pub const SIP_HEADERS_MAX: usize = 40;

/// Longest value of a `SipHeader_…` parameter, bytes; longer ones are cut.
pub const SIP_HEADER_VALUE_MAX: usize = 1024;

/// Headers of one kind (in the URI, as elements, parameters) that a noun puts into the INVITE; further
/// ones are left out (alert 13251).
pub const NOUN_HEADERS_MAX: usize = 20;

/// Addresses of one candidate, gateway or registrar that are tried. More: the last are left out.
pub const TARGETS_MAX: usize = 8;

/// How long a target may say nothing at all to an INVITE while there is another one to try. By then it
/// has been sent four times. RFC 3263 waits for Timer B, 32 s: longer than a `<Dial>` rings.
pub const TARGET_PATIENCE: Duration = Duration::from_secs(4);

/// How long a target that said nothing at all is passed over where there is another.
pub const SILENCE_OUTAGE: Duration = Duration::from_secs(30);

/// How long a target is passed over at most, whatever its `Retry-After` says.
pub const OUTAGE_MAX: Duration = Duration::from_secs(300);

/// Targets remembered as out. More: they are asked again.
pub const OUTAGES_MAX: usize = 1024;

/// Redirects followed for one leg. One more is alert 32219.
pub const REDIRECTS_MAX: usize = 5;

/// Contacts of one redirect that are tried. More: those of the lowest `q` are left out.
pub const REDIRECT_CONTACTS_MAX: usize = 5;

/// Longest URI a redirect may lead to, bytes: that of a `<Sip>`, without headers.
pub const REDIRECT_URI_MAX: usize = 255;

/// How long a phone that was sent REFER may say nothing of what comes of it: from the REFER until it
/// tells that somebody rings, and from there on.
pub const REFER_SILENCE: Duration = Duration::from_secs(30);

/// How long it may, at least, from its 2xx on.
pub const REFER_LATE: Duration = Duration::from_secs(5);

/// Conferences at a time, of all accounts. One more is not made (alert 16021).
pub const CONFERENCES_MAX: usize = 4_000;

/// Conferences of one account at a time. One more is not made (alert 16021).
pub const CONFERENCES_OF_ACCOUNT_MAX: usize = 1_000;

/// Verbs of one document that are announced to all in a conference; the others are passed over.
pub const ANNOUNCED_VERBS_MAX: usize = 50;

/// Recordings of one leg at a time. One more is not made (alert 16108).
pub const RECORDINGS_OF_LEG_MAX: usize = 4;

/// Tracks of one leg streamed one way: Twilio's limit. One more is not (alert 31960).
pub const STREAMED_TRACKS_MAX: usize = 4;

/// Streams of one leg both ways: Twilio's limit. One more is not begun (alert 31960).
pub const STREAMS_BOTH_WAYS_MAX: usize = 1;

/// How long it may take, a recording being over, until it is told what came of it: alert 91341 then.
pub const RECORDER_PATIENCE: Duration = Duration::from_secs(60);

/// How long the caller of a `<Record>` waits for that; `action` is told what is known by then.
pub const MESSAGE_PATIENCE: Duration = Duration::from_secs(10);

/// How long the beep before a message may take.
pub const BEEP_PATIENCE: Duration = Duration::from_secs(5);

/// The shortest recording that is transcribed: Twilio's.
pub const TRANSCRIBED_MIN: Duration = Duration::from_secs(2);

/// The longest, and a second more, for it ends by our clock.
pub const TRANSCRIBED_MAX: Duration = Duration::from_secs(121);

/// `<Transcription>`s of one leg at a time. One more is not started (alert 32650).
pub const TRANSCRIPTIONS_OF_LEG_MAX: usize = 2;

/// So much silence ends an utterance of a `<Transcription>`.
pub const UTTERANCE_SILENCE: Duration = Duration::from_millis(800);

/// So much silence ends an utterance of a `<ConversationRelay>` without `speechTimeout`.
pub const PROMPT_SILENCE: Duration = Duration::from_millis(600);

/// Sentences and files of one session that wait to be heard. More are not (error 64107).
pub const RELAY_TURNS_MAX: usize = 200;

/// Token of one `text`, bytes. Longer ones are no message (error 64107).
pub const RELAY_TEXT_MAX: usize = 16_384;

/// URL of one `play`, bytes. Longer ones are no message (error 64107).
pub const RELAY_SOURCE_MAX: usize = 4_096;

/// `handoffData` of `end`, bytes. Longer ones are no message (error 64107).
pub const RELAY_HANDOFF_MAX: usize = 65_536;

/// So long after a caller broke into an answer, or after the last token of it, the next token begins another,
/// though there was no `last`.
pub const RELAY_PAUSE: Duration = Duration::from_secs(1);

/// The same where the application was told what the caller wants: tokens that were under way then come closer
/// behind each other.
pub const RELAY_REST: Duration = Duration::from_millis(200);

/// How long a caller may hear what an agent said before its `end`. The rest is not said.
pub const RELAY_GOODBYE: Duration = Duration::from_secs(30);

/// Times the agent was heard that are remembered, to judge what the caller said meanwhile. Older ones count as
/// silence.
pub const RELAY_SPANS_MAX: usize = 16;

/// Who hears the caller begin to speak, and who understands what he says, differ by no more.
pub const RELAY_SLACK: Duration = Duration::from_millis(500);

/// A sentence without end is cut behind so many bytes.
pub const RELAY_SENTENCE_MAX: usize = 600;

/// Keys of one `sendDigits`. More are not pressed (error 64107).
pub const RELAY_DIGITS_MAX: usize = 128;

/// Messages of one session that are none, of which the account is alerted (64107). The application is told of
/// all of them.
pub const RELAY_FLAWS_TOLD_MAX: u32 = 10;

/// Tracks of one leg that session recorders get at a time: Twilio's. `<Siprec>`s beyond are not started
/// (alert 31960).
pub const SIPREC_TRACKS_MAX: usize = 4;

/// How long a session recorder may take to answer on one of its addresses.
pub const SIPREC_PATIENCE: Duration = Duration::from_secs(10);

/// Session recorders of a configuration. More: it is refused.
pub const RECORDERS_MAX: usize = 256;

/// Bytes of one of `passports`. Longer: left out, 32020.
pub const PASSPORT_MAX: usize = 4_096;

/// Connectors of streams in a configuration. More: it is refused.
pub const STREAM_CONNECTORS_MAX: usize = 256;

/// Keys of one `<Gather>` that has no `numDigits`: so many end it.
pub const GATHERED_KEYS_MAX: usize = 1_000;

/// `speechTimeout="auto"` of `<Gather>`: so much silence ends speech.
pub const SPEECH_TIMEOUT_AUTO: Duration = Duration::from_secs(1);

/// How long speech may last in a `<Gather>` without `maxSpeechTime`.
pub const SPEECH_MAX: Duration = Duration::from_secs(60);

/// How long a recogniser may think. Later it counts as if nothing had been said (alert 91340).
pub const UNDERSTANDING_MAX: Duration = Duration::from_secs(20);

/// A key so soon after a voice began was that voice: its tone is heard, too.
pub const KEY_AS_VOICE: Duration = Duration::from_millis(500);

/// How long the BYE to a transferor waits for the answer to the final NOTIFY.
pub const BYE_AFTER_NOTIFY: Duration = Duration::from_secs(2);

/// How long a call placed by REST may ring: Twilio's `Timeout`.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a call placed by REST may last: Twilio's `TimeLimit`.
pub const CALL_TIME_LIMIT: Duration = Duration::from_secs(14_400);

/// Ended legs whose late SIP messages still find their ladder.
pub const TRACED_ENDED_LEGS_MAX: usize = 1024;

/// Free pairs of ports per thread below which more are asked for: 50 ms of 2,000 calls/s, for
/// binding them takes some time.
pub const PORTS_LOW_WATER: usize = 200;

/// Wrong passwords of one user name from one address. More: 403 unseen, for a minute or two.
pub const STRIKES_MAX: u32 = 10;

/// After so long, wrong passwords begin to be forgotten.
pub const STRIKES_FOR: Duration = Duration::from_secs(60);

/// Pairs of address and user name whose wrong passwords are counted. More: the older half is forgotten.
pub const STRIKES_REMEMBERED_MAX: usize = 10_000;

/// Characters of a user name that are told apart, when wrong passwords are counted.
pub const USERNAME_MAX: usize = 64;

/// REGISTERs of one address-of-record a second: Twilio's limit. More: 503 and Retry-After (alert 32008).
pub const REGISTERS_PER_SECOND: u32 = 5;

/// Addresses-of-record whose REGISTERs are counted. More: all start anew.
pub const REGISTER_RATES_MAX: usize = 10_000;

/// What a caller over a rate or capacity limit is told, seconds.
pub const RETRY_AFTER_S: u32 = 5;

/// Trunks of a configuration. More: it is refused.
pub const TRUNKS_MAX: usize = 256;

/// Gateways of one trunk. More: the configuration is refused.
pub const GATEWAYS_MAX: usize = 16;

/// Longest life of a registration with a carrier, seconds.
pub const REGISTRATION_S_MAX: u32 = 86_400;

/// How long a gateway may take to answer OPTIONS: four of them on UDP.
pub const OPTIONS_PATIENCE: Duration = Duration::from_secs(5);

/// How long a registrar may take, challenges and its silence on one address included.
pub const REGISTER_PATIENCE: Duration = Duration::from_secs(100);

/// What an alert says of one thing, characters; more is cut. URLs and headers may be long.
pub const ALERT_TEXT_MAX: usize = 2_000;

/// Longest `CallerName`, characters; longer ones are cut.
pub const CALLER_NAME_MAX: usize = 64;

/// What a row of a ladder says of a message, bytes; more is cut. Methods and reasons may be long.
pub const ROW_MAX: usize = 1_000;

/// Queues of one account. One more takes the place of the one that has been empty for longest; where somebody
/// waits in each, nobody is enqueued (alert 91363).
pub const QUEUES_MAX: usize = 1_000;

/// A document of a queue that was run in less has taken no time: it is not asked for again at once.
pub const WAIT_TOOK_TIME: Duration = Duration::from_secs(1);

/// Documents of who waits run one after another without anything that takes time. What the last of them leads
/// to is asked for after [`WAIT_AGAIN`].
pub const WAIT_DOCUMENTS_AT_ONCE_MAX: u32 = 5;

/// How long music is heard behind such a document before it is asked for again.
pub const WAIT_AGAIN: Duration = Duration::from_secs(10);

/// The same behind one that could not be had or used.
pub const WAIT_FAILED: Duration = Duration::from_secs(60);
