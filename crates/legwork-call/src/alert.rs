//! What went wrong for an application's owner, by whose fault: one table.
//!
//! Not here: where it is raised (the module concerned), logged and kept (crate `legwork`).
//! Source: Twilio, "Error and Warning Dictionary" for the numbers; the words are ours, as are 913xx.

use std::time::SystemTime;

use legwork_sip::Status;

use crate::sid::{AccountSid, CallSid};

/// `error` or `warning`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A call felt it.
    Warning,
    /// A call did not do what its application wanted.
    Error,
}

impl Level {
    /// As monitors show it: `warning`, `error`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The SIP peer's.
    Peer,
    /// The application's.
    Application,
    /// The operator's.
    Operator,
    /// Ours.
    Us,
}

impl Fault {
    /// What an unanswered caller is told when nothing says otherwise.
    pub const fn status(self) -> Status {
        match self {
            Self::Peer => Status(400),
            Self::Application => Status(502),
            Self::Operator => Status(404),
            Self::Us => Status(500),
        }
    }
}

/// One alert.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Twilio's code, or ours.
    pub code: u32,
    /// How bad.
    pub level: Level,
    /// What happened, and what to do about it.
    pub text: String,
    /// Whose; none: it is about the server, or nobody knows.
    pub account: Option<AccountSid>,
    /// The call.
    pub call: Option<CallSid>,
    /// When.
    pub at: SystemTime,
    /// What was asked: `POST https://…`, or the SIP request line.
    pub request: Option<String>,
    /// What was answered: HTTP status, or SIP status line.
    pub response: Option<String>,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The code.
    pub code: u32,
    /// How bad.
    pub level: Level,
    /// Whose fault.
    pub fault: Fault,
    /// What happened.
    pub what: &'static str,
    /// What to do.
    pub cure: &'static str,
}

/// The row of `code`. Codes without a row of their own are the application's: those of TwiML's
/// table tell of a value that is replaced by its default, those of fetches bring their words along.
pub fn entry(code: u32) -> Entry {
    if let Some(known) = TABLE.iter().find(|entry| entry.code == code) {
        return *known;
    }
    let (level, what, cure) = if legwork_twiml::table::is_of_table(code) {
        let what = "A part of the document is wrong and counts as if it were not there.";
        (Level::Warning, what, "Write what is expected.")
    } else {
        let what = "The application's answer could not be used.";
        (Level::Error, what, "Look at the request and the response.")
    };
    Entry { code, level, fault: Fault::Application, what, cure }
}

const fn row(
    code: u32,
    level: Level,
    fault: Fault,
    what: &'static str,
    cure: &'static str,
) -> Entry {
    Entry { code, level, fault, what, cure }
}

/// Every alert the engine raises by itself, by code.
#[rustfmt::skip]
pub const TABLE: &[Entry] = &[
    row(11100, Level::Error, Fault::Application, "The URL can not be used.", "Write an absolute http or https URL."),
    row(11200, Level::Error, Fault::Application, "The application gave no answer that can be used.",
        "Answer with a 2xx status; look at what was asked and answered."),
    row(11201, Level::Error, Fault::Application, "No connection to the application in time.",
        "Check address, firewall and whether the application takes connections; #ct= gives it longer."),
    row(11202, Level::Error, Fault::Application, "The application's host refuses the connection.", "Start the application, or check the port."),
    row(11203, Level::Error, Fault::Application, "The time for the whole request passed.",
        "Answer sooner: retries, redirects and the body count, too."),
    row(11205, Level::Error, Fault::Application, "The application was silent, or its connection ended.",
        "Answer within 15 seconds, and keep the connection until the answer is out."),
    row(11206, Level::Error, Fault::Application, "The answer breaks the rules of HTTP.",
        "Send sound headers, and as many bytes as Content-Length says, or sound chunks."),
    row(11210, Level::Error, Fault::Application, "The host of the URL can not be found.", "Check its name and DNS."),
    row(11215, Level::Error, Fault::Application, "Redirects or documents lead to each other without end.",
        "Let a Location, <Redirect> or action lead to a document that says, plays, pauses or dials."),
    row(11216, Level::Error, Fault::Application, "A redirect leads nowhere.", "Send a Location with an http or https URL."),
    row(11217, Level::Error, Fault::Application, "The file is not there for us.", "Serve it with status 200."),
    row(11220, Level::Error, Fault::Application, "No TLS with the application.", "Check that its port speaks TLS 1.2 or 1.3."),
    row(11235, Level::Error, Fault::Application, "The application's certificate is for another name.",
        "Use a certificate with the host of the URL, or the URL with the host of the certificate."),
    row(11236, Level::Error, Fault::Application, "The application's certificate is not valid now.", "Renew it, or set the clock."),
    row(11237, Level::Error, Fault::Application, "The application's certificate leads to no authority trusted here.",
        "Send the whole chain, or add the authority to this system's roots."),
    row(11243, Level::Error, Fault::Application, "The URL's connection overrides can not be read.",
        "Write numbers for ct, rt, tt and rc, and for rp some of 4xx, 5xx, ct, rt, all."),
    row(11251, Level::Error, Fault::Application, "What answers there is not HTTP.", "Check scheme and port of the URL; https needs https://."),
    row(11750, Level::Error, Fault::Application, "The answer is too large.", "Send at most 64 kB of TwiML, 64 MB of sound."),
    row(11770, Level::Error, Fault::Application, "The answer promised a body and has none.", "Send a document, <Response/>, or status 204."),
    row(12100, Level::Error, Fault::Application, "The document is not well-formed TwiML.", "Mend it at the place named."),
    row(12101, Level::Error, Fault::Application, "The document is of another XML version.", "Write <?xml version=\"1.0\"?>, or nothing."),
    row(12102, Level::Error, Fault::Application, "The document does not begin with <Response>.", "Put all verbs into <Response>."),
    row(12200, Level::Warning, Fault::Application, "A part of the document is not understood and was passed over.", "Check the name and its nesting."),
    row(12300, Level::Error, Fault::Application, "The answer is of a type that is not used here.", "Send it as text/xml, not compressed."),
    row(12400, Level::Error, Fault::Us, "Something in the server failed.", "Report it with the server's log."),
    row(13000, Level::Warning, Fault::Application, "A <Conference> stands beside other nouns.", "Dial it alone."),
    row(13201, Level::Error, Fault::Application, "<Dial> in a document that screens a called party.", "Leave it out: the two are joined when the document ends."),
    row(13223, Level::Warning, Fault::Application, "The number is none.", "Write it as +15551234567."),
    row(13224, Level::Error, Fault::Operator, "The number can not be routed: no trunk takes it.", "Add it to the numbers of a [[trunk]]."),
    row(13236, Level::Warning, Fault::Application, "No conference of that SID is going on.", "Write its name, or the SID of one that is."),
    row(13237, Level::Warning, Fault::Application, "The name of a conference is empty or too long.", "Write 1 to 128 characters."),
    row(13238, Level::Error, Fault::Application, "A document heard in a conference has a verb it may not have.",
        "Write <Play>, <Say>, <Pause> and <Redirect>, and nothing else."),
    row(13240, Level::Error, Fault::Application, "Nobody of the CallSid in coach is in the conference.", "Write that of a call that is."),
    row(13243, Level::Warning, Fault::Application, "The SIP URI can not be used.", "Write sip:user@host, fewer than 255 characters."),
    row(13244, Level::Warning, Fault::Application, "The SIP peer asked for a user name and password, and there were none or wrong ones.",
        "Write username and password on the <Sip> or <Uri>."),
    row(13250, Level::Warning, Fault::Application, "Too many targets in one <Dial>.", "Ring fewer at a time."),
    row(13251, Level::Warning, Fault::Application, "Too many headers for the SIP peer.", "Send at most 20."),
    row(13252, Level::Warning, Fault::Application, "A <Header> has no name that a SIP header can have; its <Sip> is not dialled.", "Mend its name."),
    row(13253, Level::Warning, Fault::Application, "The headers for the SIP peer are too long.", "Send fewer than 1,024 characters."),
    row(13254, Level::Error, Fault::Application, "The host of the SIP URI can not be found.", "Check its name."),
    row(13256, Level::Warning, Fault::Application, "The recordingStatusCallback can not be used; nobody is told.", "Write an http or https URL."),
    row(13258, Level::Error, Fault::Operator, "No SIM has that SID.", "Add it as a [[sim]], or dial another."),
    row(13325, Level::Error, Fault::Application, "The audio in a <Gather> can not be played.", "Serve it as one of the types of docs/verbs.md."),
    row(13331, Level::Warning, Fault::Application, "No recogniser understands the language of a <Gather>.",
        "Write another language, or set up a model or an endpoint for it: docs/speech.md."),
    row(13340, Level::Error, Fault::Operator, "What a caller says can not be understood.",
        "Install pocketsphinx and pocketsphinx-en-us, or mend the endpoint of [recognition]."),
    row(13420, Level::Error, Fault::Application, "The audio can not be played.", "Serve it as WAV, MP3, AIFF, FLAC, Ogg, GSM or µ-law, with its Content-Type."),
    row(13520, Level::Warning, Fault::Application, "A <Say> has nothing to say.", "Write text in it."),
    row(13521, Level::Warning, Fault::Application, "A <Say> has too much to say; the rest is not spoken.", "Write several."),
    row(13617, Level::Warning, Fault::Application, "The recording is too short or too long to be transcribed.", "Let callers speak for 2 to 120 seconds."),
    row(13750, Level::Warning, Fault::Application, "A verb that this server does not have yet was passed over.", "See docs/verbs.md for those there are."),
    row(13801, Level::Error, Fault::Application, "<Refer> on a call that is not SIP: there is no phone to ask.",
        "Use <Dial>, or set refer = true on the [[trunk]] if its carrier takes REFER."),
    row(13802, Level::Error, Fault::Application, "A phone asked for a transfer, but its call has no referUrl.",
        "Put referUrl on the initial <Dial>."),
    row(14202, Level::Error, Fault::Application, "The waitUrl of an <Enqueue> can not be used; music is heard.", "Write an http or https URL."),
    row(14203, Level::Error, Fault::Application, "The action of an <Enqueue> can not be used; the next verb is run.", "Write an http or https URL."),
    row(14207, Level::Warning, Fault::Application, "The queue is full.", "Handle QueueResult queue-full, or write a larger maxQueueSize where the queue is made."),
    row(14211, Level::Error, Fault::Application, "The url of a <Queue> can not be used; the two are joined without.", "Write an http or https URL."),
    row(15002, Level::Error, Fault::Application, "A callback was dropped: it waited for too long.", "Answer faster: too many requests to this application are under way."),
    row(15003, Level::Warning, Fault::Application, "A callback was not answered with 2xx.", "Answer 200 or 204."),
    row(15004, Level::Error, Fault::Application, "A relative URL in inline TwiML has nothing to start from.", "Write an absolute URL."),
    row(16020, Level::Error, Fault::Application, "The conference is full.", "Raise maxParticipants of the first to enter, up to 250."),
    row(16021, Level::Error, Fault::Operator, "More conferences at a time than there may be.", "Let some end before others begin."),
    row(16023, Level::Error, Fault::Application, "A participantLabel can not be one: the call is not added.",
        "Write up to 128 characters, no /, and no CallSid."),
    row(16025, Level::Error, Fault::Application, "A participantLabel is another participant's: the call is not added.", "Write another."),
    row(16108, Level::Error, Fault::Application, "Something is recorded already: no more recordings of this call at a time.",
        "Start one when the other is over."),
    row(16111, Level::Error, Fault::Operator, "A recording did not get to the object store; it is tried again.",
        "Check store, endpoint, region and keys of [recordings], and whether the store answers."),
    row(21218, Level::Error, Fault::Operator, "No application has that SID.", "Add it as an [[application]], or dial another."),
    row(21220, Level::Error, Fault::Application, "The call is not in a state for that.", "Order it while the call lives."),
    row(21262, Level::Warning, Fault::Application, "Who answers is found out, and nobody is told.", "Write amdStatusCallback, or AsyncAmdStatusCallback."),
    row(21263, Level::Warning, Fault::Application, "MachineDetection beside SendDigits: who answers is not found out.", "Give one of the two."),
    row(31900, Level::Error, Fault::Application, "A stream could not be had as it was wanted.", "Give streams of one call names of their own, and stop those there are."),
    row(31901, Level::Error, Fault::Application, "No connection to the stream's WebSocket in time.", "Check address, firewall and whether the application takes connections."),
    row(31902, Level::Error, Fault::Application, "The host of the stream's WebSocket refuses the connection.", "Start the application, or check the port."),
    row(31903, Level::Error, Fault::Application, "The connection of a stream ended without a goodbye.", "Close the WebSocket when the application is done; look at its log."),
    row(31904, Level::Error, Fault::Application, "The host of the stream's WebSocket can not be reached.", "Check its name, DNS and the way to it."),
    row(31910, Level::Error, Fault::Application, "No TLS with the stream's WebSocket.", "Check its port and its certificate."),
    row(31920, Level::Error, Fault::Application, "The stream's WebSocket handshake failed.", "Answer the upgrade with 101 and Sec-WebSocket-Accept."),
    row(31921, Level::Error, Fault::Application, "The application closed the stream's WebSocket with an error.", "Look at its log; 1000 and 1001 are no errors."),
    row(31922, Level::Error, Fault::Application, "The stream's URL can not be used.", "Write wss://…; ws://… only where http.allow_private_webhooks allows it."),
    row(31923, Level::Error, Fault::Application, "The stream's URL can not be read.", "Write an absolute wss:// URL."),
    row(31924, Level::Error, Fault::Application, "The application breaks the rules of WebSockets.", "Send whole frames of text, unmasked, at most 1 MB each."),
    row(31930, Level::Warning, Fault::Application, "More sound waits in a stream than it takes.", "Read what comes, and do not say more than 20 minutes in advance."),
    row(31931, Level::Warning, Fault::Us, "Sound of a stream was lost.", "Give the server more processors."),
    row(31940, Level::Error, Fault::Operator, "No connector of the account is called so.",
        "Add it as a [[recorder]] or [[stream]], or write the name of another; a <Siprec> without a name needs exactly one."),
    row(31941, Level::Error, Fault::Application, "The tracks of a stream are not those it can have.", "Write inbound_track; outbound_track and both_tracks only in <Start>."),
    row(31950, Level::Warning, Fault::Application, "The application sent what is no message.", "Send JSON in text frames."),
    row(31951, Level::Warning, Fault::Application, "The application sent a message that a stream does not have.", "Send media, mark or clear, media with its payload in base64."),
    row(31960, Level::Error, Fault::Application, "More streams of one call than it may have.", "One both ways, and four tracks one way, at a time."),
    row(32001, Level::Error, Fault::Operator, "More calls a second than the limit allows.", "Raise limits.calls_per_second or the account's."),
    row(32006, Level::Warning, Fault::Peer, "The call has gone through too many hops.", "Look for a loop: a document that dials back to this server."),
    row(32007, Level::Warning, Fault::Peer, "Ten devices are registered under one address already.", "Unregister some, or wait until they run out."),
    row(32008, Level::Warning, Fault::Peer, "An address is registered more than five times a second.", "Register it less often."),
    row(32009, Level::Error, Fault::Application, "Nobody is registered under that address.", "Register the phone, or dial another."),
    row(32011, Level::Warning, Fault::Peer, "The SIP peer did not take the call.", "Look at its answer."),
    row(32015, Level::Warning, Fault::Application, "The call has lasted as long as it may and was ended.", "Raise time_limit if it should last longer."),
    row(32019, Level::Warning, Fault::Application, "Url and Twiml were both given; the URL is used.", "Give one of the two."),
    row(32020, Level::Error, Fault::Application, "A passport of the call can not be read: it is left out.",
        "Write PASSporTs in compact form (RFC 8225), commas between, with alg and x5u in their headers."),
    row(32022, Level::Error, Fault::Peer, "No ACK came within 32 seconds of the answer.", "Check what lies between: the Contact in our 200 must be reachable."),
    row(32101, Level::Warning, Fault::Operator, "A call came in by a trunk to a number that is not ours.", "Add a [[number]], or let the carrier not send it."),
    row(32106, Level::Error, Fault::Peer, "The address in From or To is not the user's whose password was given.", "Make user name and authentication name of the phone the same."),
    row(32110, Level::Warning, Fault::Application, "The SIP URI is not written as it must be.", "Escape what has a meaning of its own as % and two hexadecimal digits."),
    row(32111, Level::Warning, Fault::Application, "A header has a name that none can have; it is not sent.", "Use letters, digits and hyphens."),
    row(32112, Level::Warning, Fault::Application, "A header has a value that can not be sent; it is left out.", "Send UTF-8 on one line, without control characters."),
    row(32113, Level::Warning, Fault::Application, "A header may not be set by an application; it is not sent.",
        "Send X-… (not X-Twilio-…), User-to-User, Remote-Party-ID, P-Preferred-Identity or P-Called-Party-ID."),
    row(32114, Level::Warning, Fault::Application, "A parameter of the SIP URI asks for what this server does not have.",
        "Write transport=udp, transport=tcp or none, secure=false or none."),
    row(32201, Level::Error, Fault::Operator, "The caller's address is not in the domain's ip_acl, or the domain admits nobody.",
        "Add the address to ip_acl, or users to the domain."),
    row(32202, Level::Error, Fault::Peer, "The caller's credentials are wrong.", "Check user name and password of the phone."),
    row(32210, Level::Error, Fault::Operator, "Registration is not enabled for the domain.", "Set registration = true."),
    row(32212, Level::Warning, Fault::Operator, "Nobody may register: the domain has no users.", "Add users to the domain."),
    row(32218, Level::Error, Fault::Operator, "This trunk may not transfer calls.", "Set refer = true on the [[trunk]]."),
    row(32219, Level::Error, Fault::Peer, "The SIP peer redirected the call to where it can not go.", "Let it name a SIP URI of somebody else."),
    row(32223, Level::Error, Fault::Application, "The SIP URI names a domain of this server, but nobody in it.", "Write sip:user@domain."),
    row(32400, Level::Error, Fault::Application, "The account has no trunk of the name in byoc.", "Write the name of a [[trunk]]."),
    row(32650, Level::Error, Fault::Application, "A real-time transcription can not be made as it is asked for.",
        "Write a language that a recogniser here understands, and each name once: docs/speech.md."),
    row(32651, Level::Error, Fault::Operator, "The recogniser of a real-time transcription failed.",
        "Install pocketsphinx and pocketsphinx-en-us, or mend the endpoint of [recognition]."),
    row(32652, Level::Warning, Fault::Application, "A setting of a real-time transcription has no name: it is left out.",
        "Write a name of letters, digits, `_`, `-`, `.`, `[` and `]`."),
    row(64101, Level::Error, Fault::Application, "A parameter of a <ConversationRelay> can not be used.",
        "Write what docs/verbs.md expects, and a language that a recogniser here understands."),
    row(64102, Level::Error, Fault::Application, "No connection to the WebSocket of a <ConversationRelay>.",
        "Check its URL, and whether the application takes connections there."),
    row(64103, Level::Error, Fault::Operator, "What the caller of a <ConversationRelay> says can not be understood.",
        "Install pocketsphinx and pocketsphinx-en-us, or mend the endpoint of [recognition]."),
    row(64105, Level::Error, Fault::Application, "The WebSocket of a <ConversationRelay> ended before its session.",
        "Send `end` when the application is done; look at its log."),
    row(64107, Level::Warning, Fault::Application, "The application of a <ConversationRelay> sent what is no message of it.",
        "Send text, play, sendDigits, language or end, as JSON."),
    row(64109, Level::Error, Fault::Operator, "More <ConversationRelay>s at a time than there may be.", "Let fewer go on at a time."),
    row(91301, Level::Error, Fault::Application, "A phone asked for a transfer, but its <Dial> has a noun that can not be transferred.",
        "Only Sip, Number and Client can."),
    row(91302, Level::Error, Fault::Peer, "Refer-To is too long.", "Send less, or raise limits.refer_to_max."),
    row(91303, Level::Error, Fault::Peer, "Refer-To is missing, doubled or can not be read.", "Send exactly one sip, sips or tel URI for INVITE."),
    row(91304, Level::Error, Fault::Operator, "Transfers are switched off for the account.", "Set enhanced_sip_features = true."),
    row(91305, Level::Error, Fault::Peer, "More transfers a second than the account may ask for.", "Ask for fewer, or raise calls_per_second."),
    row(91306, Level::Error, Fault::Peer, "The call that an attended transfer names is not there: its target is called anew.", "See that the consultation call lives until the transfer is done."),
    row(91307, Level::Error, Fault::Application, "The answer of the referUrl can not be used.", "Look at the code beside it."),
    row(91308, Level::Error, Fault::Application, "The transfer was pending for too long.", "Let the document reach its target sooner, or raise limits.transfer_pending."),
    row(91310, Level::Error, Fault::Operator, "No free port for media.", "Widen media.rtp_ports."),
    row(91311, Level::Error, Fault::Operator, "More calls at a time than the limit allows.", "Raise limits.calls."),
    row(91312, Level::Error, Fault::Application, "Applications dial each other without end.", "Let one of them do something else than dial the next."),
    row(91330, Level::Error, Fault::Peer, "A gateway of a trunk does not answer: no call goes there while another one does.", "Check the gateway and the way to it."),
    row(91331, Level::Warning, Fault::Peer, "A gateway of a trunk answers again.", "Nothing is to be done."),
    row(91332, Level::Error, Fault::Peer, "A trunk's registrar does not take our registration.", "Check username, password and registrar of the [[trunk]]."),
    row(91333, Level::Warning, Fault::Peer, "A trunk is registered again.", "Nothing is to be done."),
    row(91340, Level::Error, Fault::Operator, "The recogniser did not say in time what was said.", "Check that it runs and keeps up."),
    row(91341, Level::Error, Fault::Us, "Nothing was heard of what became of a recording.", "Look at the disk and the server's log."),
    row(91345, Level::Error, Fault::Operator, "A recording could not be written; what there is of it is kept.",
        "Make room on the disk of server.data_dir, or lower recordings.free_space."),
    row(91346, Level::Error, Fault::Operator, "More recordings at a time than the limit allows.", "Raise recordings.at_once."),
    row(91350, Level::Warning, Fault::Operator, "The speech endpoint failed.",
        "Look at [speech] and at the endpoint; meanwhile espeak-ng speaks."),
    row(91360, Level::Warning, Fault::Application, "A verb that can not be run for a caller in a queue was passed over.",
        "In a waitUrl: Play, Say, Pause, Gather, Redirect, Leave, Hangup; in the url of a <Queue>: Play, Say, Pause, Redirect."),
    row(91361, Level::Warning, Fault::Application, "<Leave> of a caller who waits in no queue was passed over.", "Use it in the document of a waitUrl."),
    row(91362, Level::Error, Fault::Application, "Nobody has ever been enqueued there: there is no such queue.", "Write the name that <Enqueue> uses."),
    row(91363, Level::Error, Fault::Application, "Too many queues of the account are in use.", "Use fewer names."),
    row(91370, Level::Error, Fault::Peer, "A session recorder does not record the call.", "Look at the recorder: whether it runs, takes SIPREC and knows us."),
    row(91399, Level::Error, Fault::Us, "A bug in the server ended this call.", "Report it with the server's log."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_has_no_double() {
        for pair in TABLE.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} before {}", pair[0].code, pair[1].code);
        }
    }

    #[test]
    fn every_fault_has_one_answer() {
        let answers = [
            (Fault::Peer, 400),
            (Fault::Application, 502),
            (Fault::Operator, 404),
            (Fault::Us, 500),
        ];
        for (fault, status) in answers {
            assert_eq!(fault.status(), Status(status));
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_the_applications() {
        assert_eq!(entry(11205).fault, Fault::Application);
        assert_eq!(entry(91304).fault, Fault::Operator);
        // An attribute of TwiML.
        assert_eq!((entry(13212).level, entry(13212).fault), (Level::Warning, Fault::Application));
        assert_eq!(entry(11205).level, Level::Error);
    }
}
