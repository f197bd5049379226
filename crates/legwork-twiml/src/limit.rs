//! Every maximum of a document, in one place.
//!
//! Not here: ranges of attributes (`verb`, `noun`).
//! Source: Twilio, "TwiML for Programmable Voice" and error 11750 (bytes), `Dial` (nouns), `Say`
//! (characters), `Sip` (URI); the rest are ours, far above what applications send.

/// The longest document, bytes: 64 kB. Longer: error 11750.
pub const DOCUMENT_MAX: usize = 64 * 1024;

/// Elements in a document. More: error 12100.
pub const ELEMENTS_MAX: usize = 5_000;

/// Elements inside each other, the root included. Deeper: error 12100.
pub const DEPTH_MAX: usize = 32;

/// Attributes of one element, namespace declarations included. More: error 12100.
pub const ATTRIBUTES_MAX: usize = 64;

/// Namespace declarations in a document: TwiML needs none. More: error 12100.
pub const NAMESPACES_MAX: usize = 16;

/// Problems listed; one more says that there are others.
pub const PROBLEMS_MAX: usize = 100;

/// Nouns of one `<Dial>`. The others are cut: warning 13250.
pub const NOUNS_MAX: usize = 10;

/// Characters of text in one `<Say>`. The others are cut: warning 13521.
pub const SAY_MAX: usize = 4_096;

/// Characters of a SIP URI before its headers: fewer than 255. Longer: not dialled, 13243.
pub const SIP_URI_MAX: usize = 254;

/// Characters of the headers of a SIP URI, or of all `<Header>`s: fewer than 1,024. Longer: not
/// dialled, 13253.
pub const SIP_HEADERS_MAX: usize = 1_023;

/// `<Uri>`s of one `<Sip>`. The others are ignored: warning 13250.
pub const URIS_MAX: usize = 10;

/// `<Header>`s of one `<Sip>`. More: not dialled, 13251.
pub const HEADERS_MAX: usize = 20;

/// `<Parameter>`s of one noun. The others are ignored: warning 12200.
pub const PARAMETERS_MAX: usize = 32;

/// `<Language>`s of one `<ConversationRelay>`. The others are ignored: warning 12200.
pub const LANGUAGES_MAX: usize = 32;

/// Characters of a user name or password for SIP: warning 13249.
pub const CREDENTIAL_MAX: usize = 255;

/// Characters of a queue's name. Longer: 14205, 14213, and nobody is enqueued or reached.
pub const QUEUE_NAME_MAX: usize = 64;

/// Keys of `<Play digits>`: warning 13430. Twice as many once `W` has become `ww`.
pub const PLAY_DIGITS: usize = 256;

/// Keys and half seconds that one `<Play digits>` can become.
pub const PLAY_DIGITS_MAX: usize = 2 * PLAY_DIGITS;

/// Keys of `sendDigits`: warning 13222.
pub const SEND_DIGITS_MAX: usize = 32;

/// Characters of `callReason`: warning 12200.
pub const CALL_REASON_MAX: usize = 50;

/// `passports` of one `<Dial>`. The others are ignored: warning 12200.
pub const PASSPORTS_MAX: usize = 8;

/// `<Config>`s of one `<Transcription>`. The others are ignored: warning 12200.
pub const CONFIGS_MAX: usize = 32;

/// Characters of a client's identity. Longer: not dialled, 12200.
pub const IDENTITY_MAX: usize = 256;

/// Characters of a conference's name: at least 1. Others: not joined, 13237.
pub const CONFERENCE_NAME_MAX: usize = 128;

/// Characters of a `callerId`: warning 13214.
pub const CALLER_ID_MAX: usize = 255;

/// Seconds of a `<Record>` that are transcribed. Longer ones are cut: warning 13615.
pub const TRANSCRIBED_MAX: u32 = 120;

/// Characters of a name or value repeated in a problem's text.
pub(crate) const SHOWN_MAX: usize = 40;
