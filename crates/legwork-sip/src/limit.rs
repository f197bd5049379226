//! Every maximum of this crate, in one place.
//!
//! Not here: what is answered when one is exceeded (said at each constant, done where it is met).

// === messages ===

/// Bytes of one message, head and body. Longer: 513 in a datagram, a stream is closed.
pub const MESSAGE_MAX: usize = 65_535;

/// Bytes of the head of a message on a stream. Longer: the stream is closed.
pub const HEAD_MAX: usize = 32_768;

/// Header lines of one message. More: 400.
pub const HEADERS_MAX: usize = 256;

/// Bytes of one header name. Longer: 400.
pub const HEADER_NAME_MAX: usize = 128;

/// Comma-separated values looked at in one kind of header (Via, Contact, Route, …). More: 400.
pub const VALUES_MAX: usize = 128;

/// Bytes of a Request-URI. Longer: 414.
pub const URI_MAX: usize = 4_096;

// === digest ===

/// Nonces whose counts are remembered. More: the oldest is forgotten, and stale from then on.
pub const NONCES_MAX: usize = 20_000;

/// Seconds a nonce may be used. Later: 401 with `stale=true`.
pub const NONCE_LIFETIME_S: u64 = 600;

// === endpoint ===

/// Dialogs, early ones included. More: an INVITE gets 503, one of ours fails with 503.
pub const DIALOGS_MAX: usize = 50_000;

/// Transactions of both kinds. More: an INVITE gets 503, other requests are dropped; ours fail as if
/// nobody had answered.
pub const TRANSACTIONS_MAX: usize = 200_000;

/// REFERs and their subscriptions at one time in one dialog. More: 500 and Retry-After.
pub const SUBSCRIPTIONS_MAX: usize = 8;

/// Forks of one INVITE. A reliable 1xx or a 2xx of more is not acknowledged, so its sender ends it.
pub const FORKS_MAX: usize = 16;

/// Reliable 1xx of ours that wait for the PRACK of the one before. More are left out.
pub const RINGS_WAITING_MAX: usize = 4;

/// Seconds of Min-SE that we meet after a 422. More: the call or refresh has failed with 422.
pub const MIN_SE_MAX_S: u32 = 86_400;

/// How often a refresh is sent again with a longer interval after 422. Then it has failed.
pub const INTERVAL_RETRIES_MAX: u8 = 1;

/// Route values kept in a dialog. More are left out.
pub const ROUTES_MAX: usize = 32;

/// How often a re-INVITE is sent again after 491. Then it is told as failed.
pub const GLARE_RETRIES_MAX: u8 = 2;

/// How often one request of ours is sent again with an answer to a challenge: once for the peer and
/// once for a proxy before it, or for a stale nonce. Then the challenge is its final answer.
pub const CHALLENGES_ANSWERED_MAX: u8 = 2;

/// Bytes of the user part copied into our Contact. Longer: a constant one.
pub const CONTACT_USER_MAX: usize = 64;

/// Characters of a node's prefix in tags, branches and Call-IDs. Longer: cut.
pub const TAG_PREFIX_MAX: usize = 7;

// === registrar ===

/// Bindings of one address-of-record. More: 503, and Retry-After when the first of them ends.
pub const BINDINGS_OF_ONE_MAX: usize = 10;

/// Bindings of all. More: 503 and Retry-After.
pub const BINDINGS_MAX: usize = 100_000;

/// Path values of a binding: one more is answered 400.
pub const PATH_MAX: usize = 8;

/// Bytes of the URI of a binding, and of each Path value. Longer: 400.
pub const CONTACT_MAX: usize = 1024;

/// Bytes of `+sip.instance`. Longer: 400.
pub const INSTANCE_MAX: usize = 256;

// === where a URI leads ===

/// Services (NAPTR records) of one domain that are followed. More: the last are left out.
pub const SERVICES_MAX: usize = 4;

/// SRV records of one service that are looked at, those of the best priority first. More are left out.
pub const SRV_RECORDS_MAX: usize = 32;

/// Hosts looked up, and targets found, in one search. More: the last are left out.
pub const TARGETS_MAX: usize = 8;

/// Longest body of an INFO that is read for a key, bytes. They have some 30.
pub const KEY_BODY_BYTES: usize = 256;
