//! Request methods.
//!
//! Not here: which of them are allowed where (`endpoint`, `usage`).
//! Source: RFC 3261 §7.1 and the RFCs that add methods.

use std::fmt;

/// A method. Names are case-sensitive (RFC 3261 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// INVITE, RFC 3261 §13.
    Invite,
    /// ACK, RFC 3261 §13 and §17.
    Ack,
    /// BYE, RFC 3261 §15.
    Bye,
    /// CANCEL, RFC 3261 §9.
    Cancel,
    /// OPTIONS, RFC 3261 §11.
    Options,
    /// REGISTER, RFC 3261 §10.
    Register,
    /// PRACK, RFC 3262.
    Prack,
    /// UPDATE, RFC 3311.
    Update,
    /// INFO, RFC 6086.
    Info,
    /// REFER, RFC 3515.
    Refer,
    /// SUBSCRIBE, RFC 6665.
    Subscribe,
    /// NOTIFY, RFC 6665.
    Notify,
    /// MESSAGE, RFC 3428.
    Message,
    /// PUBLISH, RFC 3903.
    Publish,
    /// Any other token. As it was written: [`crate::Message::method_name`].
    Unknown,
}

impl Method {
    /// Reads a method name.
    pub fn parse(name: &[u8]) -> Self {
        match name {
            b"INVITE" => Self::Invite,
            b"ACK" => Self::Ack,
            b"BYE" => Self::Bye,
            b"CANCEL" => Self::Cancel,
            b"OPTIONS" => Self::Options,
            b"REGISTER" => Self::Register,
            b"PRACK" => Self::Prack,
            b"UPDATE" => Self::Update,
            b"INFO" => Self::Info,
            b"REFER" => Self::Refer,
            b"SUBSCRIBE" => Self::Subscribe,
            b"NOTIFY" => Self::Notify,
            b"MESSAGE" => Self::Message,
            b"PUBLISH" => Self::Publish,
            _ => Self::Unknown,
        }
    }

    /// The name as it stands in a request line. `UNKNOWN` for [`Method::Unknown`], never sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "INVITE",
            Self::Ack => "ACK",
            Self::Bye => "BYE",
            Self::Cancel => "CANCEL",
            Self::Options => "OPTIONS",
            Self::Register => "REGISTER",
            Self::Prack => "PRACK",
            Self::Update => "UPDATE",
            Self::Info => "INFO",
            Self::Refer => "REFER",
            Self::Subscribe => "SUBSCRIBE",
            Self::Notify => "NOTIFY",
            Self::Message => "MESSAGE",
            Self::Publish => "PUBLISH",
            Self::Unknown => "UNKNOWN",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_case_counts() {
        for name in [
            "INVITE",
            "ACK",
            "BYE",
            "CANCEL",
            "OPTIONS",
            "REGISTER",
            "PRACK",
            "UPDATE",
            "INFO",
            "REFER",
            "SUBSCRIBE",
            "NOTIFY",
            "MESSAGE",
            "PUBLISH",
        ] {
            assert_eq!(Method::parse(name.as_bytes()).as_str(), name);
            let lower = name.to_lowercase();
            assert_eq!(Method::parse(lower.as_bytes()), Method::Unknown);
        }
    }
}
