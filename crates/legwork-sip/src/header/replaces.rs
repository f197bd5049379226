//! Replaces and Target-Dialog: headers that name a dialog by Call-ID and tags.
//!
//! Not here: finding that dialog (`endpoint/named`).
//! Source: RFC 3891 §6.1, RFC 4538 §7.

use std::fmt;

use crate::header::HeaderError;
use crate::scan::{self, Params};

/// The dialog to be replaced, as its other end names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replaces {
    /// Call-ID.
    pub call_id: Vec<u8>,
    /// The tag of whoever receives this header. `0` matches a dialog without that tag.
    pub to_tag: Vec<u8>,
    /// The tag of the other end of that dialog.
    pub from_tag: Vec<u8>,
    /// Only an early dialog may be replaced.
    pub early_only: bool,
}

impl Replaces {
    /// Reads a Replaces value, escapes already decoded. Tags may stand in either order.
    ///
    /// # Errors
    /// `Malformed` without a Call-ID or one of the tags.
    pub fn parse(value: &[u8]) -> Result<Self, HeaderError> {
        let (call_id, params) = split(value)?;
        Ok(Self {
            call_id: call_id.to_vec(),
            to_tag: tag(params, "to-tag")?,
            from_tag: tag(params, "from-tag")?,
            early_only: params.named("early-only").is_some(),
        })
    }
}

impl fmt::Display for Replaces {
    /// As the value of a Replaces header. What it was read from holds nothing but ASCII.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |bytes| std::str::from_utf8(bytes).unwrap_or_default();
        let (call_id, to, from) = (text(&self.call_id), text(&self.to_tag), text(&self.from_tag));
        let early = if self.early_only { ";early-only" } else { "" };
        write!(f, "{call_id};to-tag={to};from-tag={from}{early}")
    }
}

/// The dialog on whose behalf a request outside it comes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TargetDialog {
    /// Call-ID.
    pub call_id: Vec<u8>,
    /// The tag of whoever sent this header.
    pub local_tag: Vec<u8>,
    /// The tag of whoever receives it.
    pub remote_tag: Vec<u8>,
}

impl TargetDialog {
    /// Reads a Target-Dialog value.
    ///
    /// # Errors
    /// `Malformed` without a Call-ID or one of the tags.
    pub fn parse(value: &[u8]) -> Result<Self, HeaderError> {
        let (call_id, params) = split(value)?;
        Ok(Self {
            call_id: call_id.to_vec(),
            local_tag: tag(params, "local-tag")?,
            remote_tag: tag(params, "remote-tag")?,
        })
    }
}

fn split(value: &[u8]) -> Result<(&[u8], Params<'_>), HeaderError> {
    let value = scan::trim(value);
    let end = memchr::memchr(b';', value).unwrap_or(value.len());
    let (call_id, params) = value.split_at(end);
    let call_id = scan::trim(call_id);
    if call_id.is_empty() || call_id.iter().any(|b| !b.is_ascii_graphic() || *b == b',') {
        return Err(HeaderError::Malformed);
    }
    Ok((call_id, Params::new(params)))
}

fn tag(params: Params<'_>, name: &str) -> Result<Vec<u8>, HeaderError> {
    match params.value(name) {
        Some(tag) if !tag.is_empty() && tag.iter().all(is_of_tag) => Ok(tag.to_vec()),
        Some(_) | None => Err(HeaderError::Malformed),
    }
}

/// Tags are tokens; phones write more than that into them, but nothing that ends one.
fn is_of_tag(byte: &u8) -> bool {
    byte.is_ascii_graphic() && !b",;\"<>".contains(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_in_either_order() {
        let expected = Replaces {
            call_id: b"c@h".to_vec(),
            to_tag: b"t+1".to_vec(),
            from_tag: b"f".to_vec(),
            early_only: false,
        };
        for value in ["c@h;to-tag=t+1;from-tag=f", " c@h ; from-tag=f ; to-tag=t+1 ;x=y"] {
            assert_eq!(Replaces::parse(value.as_bytes()).as_ref(), Ok(&expected), "{value}");
        }
        assert!(Replaces::parse(b"c;to-tag=1;from-tag=2;early-only").unwrap().early_only);
        let bad = [
            "",
            ";to-tag=1;from-tag=2",
            "c;to-tag=1",
            "c;from-tag=1;to-tag=",
            "c,d",
            "c;to-tag=1;from-tag=2, d;to-tag=1;from-tag=2",
            "c;to-tag=\"1\";from-tag=2",
            "c\u{e9};to-tag=1;from-tag=2",
            "c;to-tag=1;from-tag=\u{7f}",
        ];
        for bad in bad {
            assert_eq!(Replaces::parse(bad.as_bytes()), Err(HeaderError::Malformed), "{bad}");
        }
    }

    #[test]
    fn what_was_read_is_written() {
        for value in ["c@h;to-tag=t+1;from-tag=f", "c;to-tag=0;from-tag=f;early-only"] {
            assert_eq!(Replaces::parse(value.as_bytes()).unwrap().to_string(), value);
        }
    }

    #[test]
    fn target_dialog() {
        let target = TargetDialog::parse(b"c;local-tag=l;remote-tag=r").unwrap();
        assert_eq!((target.local_tag, target.remote_tag), (b"l".to_vec(), b"r".to_vec()));
        assert_eq!(TargetDialog::parse(b"c;local-tag=l"), Err(HeaderError::Malformed));
    }
}
