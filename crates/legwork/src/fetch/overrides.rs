//! Connection overrides: what a URL's fragment asks of our patience.
//!
//! Not here: obeying it (`journey`, `connector`).
//! Source: Twilio, "Webhooks: Connection overrides"; error code 11243.

use std::time::Duration;

use url::form_urlencoded;

use crate::fetch::failure::{Cause, Failure};
use crate::limit;

/// Twilio's code for an override that can not be read.
const INVALID: u32 = 11_243;

/// `#ct=…&rt=…&tt=…&rc=…&rp=…`, and what holds without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overrides {
    /// `ct`: one connection, TLS included.
    pub connect: Duration,
    /// `rt`: how long the application may be silent. None: as long as all may take.
    pub read: Option<Duration>,
    /// `tt`: all tries and redirects. None: what is configured.
    pub total: Option<Duration>,
    /// `rc`: further tries.
    pub retries: u32,
    /// `rp`: after what.
    pub policy: Policy,
}

/// After what a request is tried again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    connect: bool,
    read: bool,
    client_error: bool,
    server_error: bool,
    all: bool,
}

impl Default for Overrides {
    fn default() -> Self {
        Self {
            connect: limit::CONNECT_TIMEOUT,
            read: None,
            total: None,
            retries: 1,
            policy: Policy { connect: true, ..Policy::default() },
        }
    }
}

impl Overrides {
    /// Reads a fragment. Numbers out of range are taken as the nearest in it; names that are none of
    /// ours are passed over, for a fragment may be anything.
    ///
    /// # Errors
    /// 11243: `rp` names no policy, or a number is none.
    pub fn of(fragment: Option<&str>) -> Result<Self, Failure> {
        let mut overrides = Self::default();
        for (name, value) in form_urlencoded::parse(fragment.unwrap_or("").as_bytes()) {
            match &*name {
                "ct" => overrides.connect = period("ct", &value, limit::CONNECT_OVERRIDE_MS)?,
                "rt" => overrides.read = Some(period("rt", &value, limit::READ_OVERRIDE_MS)?),
                "tt" => overrides.total = Some(period("tt", &value, limit::READ_OVERRIDE_MS)?),
                "rc" => overrides.retries = number("rc", &value, (0, limit::RETRIES_MAX))?,
                "rp" => overrides.policy = Policy::of(&value)?,
                // `e` and `sni`, and what is not for us: one edge, and SNI always.
                _ => {}
            }
        }
        Ok(overrides)
    }
}

impl Policy {
    fn of(value: &str) -> Result<Self, Failure> {
        let mut policy = Self::default();
        for word in value.split(',') {
            match word.trim() {
                "ct" => policy.connect = true,
                "rt" => policy.read = true,
                "4xx" => policy.client_error = true,
                "5xx" => policy.server_error = true,
                "all" => policy.all = true,
                other => {
                    let other = other.escape_debug();
                    return Err(invalid(&format!(
                        "`#rp={other}` is no retry policy; write some of 4xx, 5xx, ct, rt, all"
                    )));
                }
            }
        }
        Ok(policy)
    }

    /// Whether that is worth another try.
    pub fn covers(self, cause: Cause) -> bool {
        match cause {
            Cause::Connect => self.connect || self.all,
            Cause::Read => self.read || self.all,
            Cause::Status(400..=499) => self.client_error || self.all,
            Cause::Status(500..=599) => self.server_error || self.all,
            Cause::Status(_) | Cause::Broken => self.all,
            Cause::Lasting => false,
        }
    }
}

fn period(name: &str, value: &str, range: (u32, u32)) -> Result<Duration, Failure> {
    number(name, value, range).map(|ms| Duration::from_millis(ms.into()))
}

fn number(name: &str, value: &str, (least, most): (u32, u32)) -> Result<u32, Failure> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        let value = value.escape_debug();
        return Err(invalid(&format!("`#{name}={value}` is no number; write {least} to {most}")));
    }
    // Only too many digits are left to fail.
    Ok(value.parse().unwrap_or(most).clamp(least, most))
}

fn invalid(text: &str) -> Failure {
    Failure::new(INVALID, Cause::Lasting, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn every_override_has_its_range() {
        let usual = Overrides::default();
        let table = [
            ("", usual),
            ("section-2", usual),
            ("e=ashburn&sni=y&x=1", usual),
            ("ct=100&ct=9000", Overrides { connect: ms(9_000), ..usual }),
            ("ct=99", Overrides { connect: ms(100), ..usual }),
            ("ct=10001", Overrides { connect: ms(10_000), ..usual }),
            ("rt=0", Overrides { read: Some(ms(100)), ..usual }),
            ("rt=15001", Overrides { read: Some(ms(15_000)), ..usual }),
            ("tt=250", Overrides { total: Some(ms(250)), ..usual }),
            ("tt=99999999999999999999", Overrides { total: Some(ms(15_000)), ..usual }),
            ("rc=0", Overrides { retries: 0, ..usual }),
            ("rc=6", Overrides { retries: 5, ..usual }),
        ];
        for (fragment, expected) in table {
            assert_eq!(Overrides::of(Some(fragment)), Ok(expected), "{fragment}");
        }
        assert_eq!(Overrides::of(None), Ok(usual));
    }

    #[test]
    fn every_policy_covers_its_causes() {
        let causes = [
            Cause::Connect,
            Cause::Read,
            Cause::Status(404),
            Cause::Status(503),
            Cause::Status(304),
            Cause::Broken,
            Cause::Lasting,
        ];
        let table = [
            ("rc=1", "1000000"),
            ("rp=ct", "1000000"),
            ("rp=rt", "0100000"),
            ("rp=4xx", "0010000"),
            ("rp=5xx", "0001000"),
            ("rp=4xx,5xx, rt", "0111000"),
            ("rp=ct%2C5xx", "1001000"),
            ("rp=all", "1111110"),
        ];
        for (fragment, expected) in table {
            let policy = Overrides::of(Some(fragment)).unwrap().policy;
            let covers = |cause: &Cause| if policy.covers(*cause) { '1' } else { '0' };
            assert_eq!(causes.iter().map(covers).collect::<String>(), expected, "{fragment}");
        }
    }

    #[test]
    fn what_can_not_be_read_is_said() {
        for fragment in ["rp=", "rp=6xx", "rp=ct,never", "ct=fast", "rt=", "tt=-1", "rc=1.5"] {
            let failure = Overrides::of(Some(fragment)).unwrap_err();
            assert_eq!(failure.code, INVALID, "{fragment}");
            assert!(failure.text.contains("write "), "{}", failure.text);
        }
    }
}
