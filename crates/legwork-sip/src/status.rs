//! SIP status codes and their reasons.
//!
//! Not here: which code answers what (`message::check`, `endpoint`, `legwork-call`).
//! Source: RFC 3261 §21 and the IANA registry of SIP response codes.

use std::fmt;

/// A status code, 100 to 699.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Status(pub u16);

macro_rules! statuses {
    ($($name:ident = $code:literal $reason:literal,)+) => {
        impl Status {
            $(#[doc = concat!($code, " ", $reason, ".")]
            pub const $name: Self = Self($code);)+

            fn registered_reason(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some($reason),)+
                    _ => None,
                }
            }
        }
    };
}

statuses! {
    TRYING = 100 "Trying",
    RINGING = 180 "Ringing",
    CALL_IS_BEING_FORWARDED = 181 "Call Is Being Forwarded",
    QUEUED = 182 "Queued",
    SESSION_PROGRESS = 183 "Session Progress",
    EARLY_DIALOG_TERMINATED = 199 "Early Dialog Terminated",
    OK = 200 "OK",
    ACCEPTED = 202 "Accepted",
    NO_NOTIFICATION = 204 "No Notification",
    MULTIPLE_CHOICES = 300 "Multiple Choices",
    MOVED_PERMANENTLY = 301 "Moved Permanently",
    MOVED_TEMPORARILY = 302 "Moved Temporarily",
    USE_PROXY = 305 "Use Proxy",
    ALTERNATIVE_SERVICE = 380 "Alternative Service",
    BAD_REQUEST = 400 "Bad Request",
    UNAUTHORIZED = 401 "Unauthorized",
    PAYMENT_REQUIRED = 402 "Payment Required",
    FORBIDDEN = 403 "Forbidden",
    NOT_FOUND = 404 "Not Found",
    METHOD_NOT_ALLOWED = 405 "Method Not Allowed",
    NOT_ACCEPTABLE = 406 "Not Acceptable",
    PROXY_AUTHENTICATION_REQUIRED = 407 "Proxy Authentication Required",
    REQUEST_TIMEOUT = 408 "Request Timeout",
    GONE = 410 "Gone",
    CONDITIONAL_REQUEST_FAILED = 412 "Conditional Request Failed",
    REQUEST_ENTITY_TOO_LARGE = 413 "Request Entity Too Large",
    REQUEST_URI_TOO_LONG = 414 "Request-URI Too Long",
    UNSUPPORTED_MEDIA_TYPE = 415 "Unsupported Media Type",
    UNSUPPORTED_URI_SCHEME = 416 "Unsupported URI Scheme",
    UNKNOWN_RESOURCE_PRIORITY = 417 "Unknown Resource-Priority",
    BAD_EXTENSION = 420 "Bad Extension",
    EXTENSION_REQUIRED = 421 "Extension Required",
    SESSION_INTERVAL_TOO_SMALL = 422 "Session Interval Too Small",
    INTERVAL_TOO_BRIEF = 423 "Interval Too Brief",
    BAD_LOCATION_INFORMATION = 424 "Bad Location Information",
    USE_IDENTITY_HEADER = 428 "Use Identity Header",
    PROVIDE_REFERRER_IDENTITY = 429 "Provide Referrer Identity",
    FLOW_FAILED = 430 "Flow Failed",
    ANONYMITY_DISALLOWED = 433 "Anonymity Disallowed",
    BAD_IDENTITY_INFO = 436 "Bad Identity Info",
    UNSUPPORTED_CREDENTIAL = 437 "Unsupported Credential",
    INVALID_IDENTITY_HEADER = 438 "Invalid Identity Header",
    FIRST_HOP_LACKS_OUTBOUND_SUPPORT = 439 "First Hop Lacks Outbound Support",
    MAX_BREADTH_EXCEEDED = 440 "Max-Breadth Exceeded",
    BAD_INFO_PACKAGE = 469 "Bad Info Package",
    CONSENT_NEEDED = 470 "Consent Needed",
    TEMPORARILY_UNAVAILABLE = 480 "Temporarily Unavailable",
    CALL_DOES_NOT_EXIST = 481 "Call/Transaction Does Not Exist",
    LOOP_DETECTED = 482 "Loop Detected",
    TOO_MANY_HOPS = 483 "Too Many Hops",
    ADDRESS_INCOMPLETE = 484 "Address Incomplete",
    AMBIGUOUS = 485 "Ambiguous",
    BUSY_HERE = 486 "Busy Here",
    REQUEST_TERMINATED = 487 "Request Terminated",
    NOT_ACCEPTABLE_HERE = 488 "Not Acceptable Here",
    BAD_EVENT = 489 "Bad Event",
    REQUEST_PENDING = 491 "Request Pending",
    UNDECIPHERABLE = 493 "Undecipherable",
    SECURITY_AGREEMENT_REQUIRED = 494 "Security Agreement Required",
    SERVER_INTERNAL_ERROR = 500 "Server Internal Error",
    NOT_IMPLEMENTED = 501 "Not Implemented",
    BAD_GATEWAY = 502 "Bad Gateway",
    SERVICE_UNAVAILABLE = 503 "Service Unavailable",
    SERVER_TIME_OUT = 504 "Server Time-out",
    VERSION_NOT_SUPPORTED = 505 "Version Not Supported",
    MESSAGE_TOO_LARGE = 513 "Message Too Large",
    PUSH_NOTIFICATION_SERVICE_NOT_SUPPORTED = 555 "Push Notification Service Not Supported",
    PRECONDITION_FAILURE = 580 "Precondition Failure",
    BUSY_EVERYWHERE = 600 "Busy Everywhere",
    DECLINE = 603 "Decline",
    DOES_NOT_EXIST_ANYWHERE = 604 "Does Not Exist Anywhere",
    NOT_ACCEPTABLE_ANYWHERE = 606 "Not Acceptable",
    UNWANTED = 607 "Unwanted",
    REJECTED = 608 "Rejected",
}

impl Status {
    /// Reads three digits, 100 to 699.
    pub fn parse(digits: &[u8]) -> Option<Self> {
        let [a @ b'1'..=b'6', b @ b'0'..=b'9', c @ b'0'..=b'9'] = digits else { return None };
        let digit = |byte: &u8| u16::from(byte.wrapping_sub(b'0'));
        Some(Self(digit(a) * 100 + digit(b) * 10 + digit(c)))
    }

    /// The registered reason, else that of its class (RFC 3261 §8.1.3.2). Never empty.
    pub fn reason(self) -> &'static str {
        self.registered_reason().unwrap_or(match self.0 / 100 {
            1 => "Session Progress",
            2 => "OK",
            3 => "Redirection",
            4 => "Request Failure",
            5 => "Server Failure",
            _ => "Global Failure",
        })
    }

    /// 1xx.
    pub fn is_provisional(self) -> bool {
        self.0 < 200
    }

    /// 2xx to 6xx.
    pub fn is_final(self) -> bool {
        !self.is_provisional()
    }

    /// 2xx.
    pub fn is_success(self) -> bool {
        self.0 / 100 == 2
    }

    /// 3xx.
    pub fn is_redirection(self) -> bool {
        self.0 / 100 == 3
    }

    /// 3xx to 6xx.
    pub fn is_failure(self) -> bool {
        self.0 >= 300
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.reason())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_reason() {
        for code in 100..700 {
            assert!(!Status(code).reason().is_empty(), "{code}");
        }
        assert_eq!(Status(486).to_string(), "486 Busy Here");
        assert_eq!(Status(499).to_string(), "499 Request Failure");
    }

    #[test]
    fn three_digits_only() {
        let cases: [(&[u8], Option<u16>); 8] = [
            (b"200", Some(200)),
            (b"699", Some(699)),
            (b"100", Some(100)),
            (b"099", None),
            (b"700", None),
            (b"20", None),
            (b"2000", None),
            (b"2 0", None),
        ];
        for (digits, expected) in cases {
            assert_eq!(Status::parse(digits), expected.map(Status), "{digits:?}");
        }
    }

    #[test]
    fn classes() {
        assert!(Status(183).is_provisional() && !Status(183).is_final());
        assert!(Status(202).is_success() && Status(202).is_final() && !Status(202).is_failure());
        assert!(Status(302).is_redirection() && Status(302).is_failure());
        assert!(Status(603).is_failure());
    }
}
