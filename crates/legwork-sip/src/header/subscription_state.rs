//! Subscription-State of a NOTIFY.
//!
//! Not here: writing it (`usage`).
//! Source: RFC 6665 §8.2.3.

use crate::header::HeaderError;
use crate::scan::{self, Params};

/// The state word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// `active`.
    Active,
    /// `pending`.
    Pending,
    /// `terminated`.
    Terminated,
    /// Any other word; RFC 6665 says to read it like `pending`.
    Other,
}

/// The state of a subscription as its notifier tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SubscriptionState<'a> {
    /// The state word.
    pub state: State,
    /// Seconds left, if told and a number.
    pub expires: Option<u32>,
    /// `deactivated`, `noresource`, …
    pub reason: Option<&'a [u8]>,
    /// Seconds to wait before subscribing again, if told and a number.
    pub retry_after: Option<u32>,
}

impl<'a> SubscriptionState<'a> {
    /// Reads a Subscription-State value.
    ///
    /// # Errors
    /// `Malformed` unless the state is a token.
    pub fn parse(value: &'a [u8]) -> Result<Self, HeaderError> {
        let value = scan::trim(value);
        let end = memchr::memchr(b';', value).unwrap_or(value.len());
        let (word, params) = value.split_at(end);
        let word = scan::trim(word);
        let is = |text: &str| word.eq_ignore_ascii_case(text.as_bytes());
        let state = match () {
            () if is("active") => State::Active,
            () if is("pending") => State::Pending,
            () if is("terminated") => State::Terminated,
            () if scan::is_token(word) => State::Other,
            () => return Err(HeaderError::Malformed),
        };
        let params = Params::new(params);
        Ok(Self {
            state,
            expires: params.value("expires").and_then(scan::number_u32),
            reason: params.value("reason"),
            retry_after: params.value("retry-after").and_then(scan::number_u32),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states() {
        let parse = |v: &'static str| SubscriptionState::parse(v.as_bytes());
        let active = parse("Active;expires=60").unwrap();
        assert_eq!((active.state, active.expires), (State::Active, Some(60)));
        let over = parse("terminated ; reason=noresource;retry-after=x").unwrap();
        assert_eq!((over.state, over.reason), (State::Terminated, Some(&b"noresource"[..])));
        assert_eq!(over.retry_after, None);
        assert_eq!(parse("waiting").unwrap().state, State::Other);
        assert_eq!(parse(";expires=1"), Err(HeaderError::Malformed));
    }
}
