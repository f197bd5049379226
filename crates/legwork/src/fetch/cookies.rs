//! Cookies that applications set for the documents of one call.
//!
//! Not here: which requests carry them (`fetch`: documents), when a call is over (`serve/engine`).
//! Source: RFC 6265 §5; Twilio, "Cookies": kept for one call.
//! Deviation: without a list of public suffixes, a `Domain` needs a dot within.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use hyper::header::{HeaderMap, HeaderValue, SET_COOKIE};
use legwork_call::sid::CallSid;
use url::{Host, Url};

use crate::limit;

/// The cookies of all calls.
#[derive(Debug, Default)]
pub struct Jars(Mutex<Calls>);

#[derive(Debug, Default)]
struct Calls {
    jars: HashMap<CallSid, Jar>,
    /// Oldest first; calls that are over may still stand here.
    order: VecDeque<CallSid>,
}

/// The cookies of one call.
#[derive(Debug, Default)]
pub struct Jar(Vec<Cookie>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    domain: String,
    /// Only to `domain` itself.
    host_only: bool,
    path: String,
    secure: bool,
    expires: Option<SystemTime>,
}

impl Jars {
    /// `Cookie` for a request of a call.
    pub fn cookie(&self, now: SystemTime, call: CallSid, url: &Url) -> Option<HeaderValue> {
        self.calls().jars.get(&call)?.cookie(now, url)
    }

    /// Keeps what an answer sets.
    pub fn keep(&self, now: SystemTime, call: CallSid, url: &Url, headers: &HeaderMap) {
        if !headers.contains_key(SET_COOKIE) {
            return;
        }
        let mut calls = self.calls();
        let Calls { jars, order } = &mut *calls;
        if !jars.contains_key(&call) {
            while jars.len() >= limit::COOKIE_CALLS_MAX
                && let Some(oldest) = order.pop_front()
            {
                jars.remove(&oldest);
            }
            if order.len() >= 2 * limit::COOKIE_CALLS_MAX {
                order.retain(|call| jars.contains_key(call));
            }
            order.push_back(call);
        }
        let jar = jars.entry(call).or_default();
        for value in headers.get_all(SET_COOKIE) {
            jar.set(now, url, value.as_bytes());
        }
    }

    /// A call is over.
    pub fn forget(&self, call: CallSid) {
        self.calls().jars.remove(&call);
    }

    /// How many calls have cookies.
    pub fn calls_with_cookies(&self) -> usize {
        self.calls().jars.len()
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jar {
    fn cookie(&self, now: SystemTime, url: &Url) -> Option<HeaderValue> {
        let mut line = String::new();
        let fitting = self.0.iter().filter(|cookie| cookie.fits(now, url));
        let mut fitting: Vec<&Cookie> = fitting.collect();
        // Longer paths first, older ones first: the sort keeps their order.
        fitting.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        for cookie in fitting {
            if !line.is_empty() {
                line.push_str("; ");
            }
            line.push_str(&cookie.name);
            line.push('=');
            line.push_str(&cookie.value);
        }
        if line.is_empty() { None } else { HeaderValue::try_from(line).ok() }
    }

    /// One `Set-Cookie`. One that is expired is forgotten, one that breaks the rules is not kept.
    fn set(&mut self, now: SystemTime, url: &Url, line: &[u8]) {
        let Some(cookie) = Cookie::read(now, url, line) else { return };
        let same = |a: &Cookie| {
            a.name == cookie.name && a.domain == cookie.domain && a.path == cookie.path
        };
        let before = self.0.iter().position(same);
        if cookie.expires.is_some_and(|expires| expires <= now) {
            self.0.retain(|other| !same(other));
            return;
        }
        match before.and_then(|at| self.0.get_mut(at)) {
            Some(old) => *old = cookie,
            None => self.0.push(cookie),
        }
        while self.0.len() > limit::COOKIES_MAX || self.size() > limit::COOKIE_JAR_BYTES_MAX {
            self.0.remove(0);
        }
    }

    fn size(&self) -> usize {
        self.0.iter().map(Cookie::size).sum()
    }
}

impl Cookie {
    fn size(&self) -> usize {
        self.name.len() + self.value.len() + self.domain.len() + self.path.len()
    }

    /// RFC 6265 §5.2 and §5.3.
    fn read(now: SystemTime, url: &Url, line: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(line).ok()?;
        let mut parts = line.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let host = url.host_str()?.to_ascii_lowercase();
        let mut cookie = Self {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: host.clone(),
            host_only: true,
            path: default_path(url.path()).to_owned(),
            secure: false,
            expires: None,
        };
        let mut max_age = None;
        for attribute in parts {
            let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "expires" => cookie.expires = date(value).or(cookie.expires),
                "max-age" => max_age = age(now, value).or(max_age),
                "domain" if !value.is_empty() => {
                    cookie.domain = value.trim_start_matches('.').to_ascii_lowercase();
                    cookie.host_only = false;
                }
                "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
                "secure" => cookie.secure = true,
                _ => {}
            }
        }
        cookie.expires = max_age.or(cookie.expires);
        let foreign = cookie.domain != host
            && (!belongs(&host, &cookie.domain)
                || !cookie.domain.contains('.')
                || !matches!(url.host(), Some(Host::Domain(_))));
        let insecure = cookie.secure && url.scheme() != "https";
        let sound = !name.is_empty() && cookie.size() <= limit::COOKIE_BYTES_MAX;
        (sound && !foreign && !insecure).then_some(cookie)
    }

    /// RFC 6265 §5.4.
    fn fits(&self, now: SystemTime, url: &Url) -> bool {
        let host = url.host_str().unwrap_or("");
        let to_host = host == self.domain || (!self.host_only && belongs(host, &self.domain));
        let path = url.path();
        let to_path = path == self.path
            || path
                .strip_prefix(self.path.as_str())
                .is_some_and(|rest| self.path.ends_with('/') || rest.starts_with('/'));
        let alive = self.expires.is_none_or(|expires| expires > now);
        to_host && to_path && alive && (!self.secure || url.scheme() == "https")
    }
}

/// `a.b.example` belongs to `b.example`.
fn belongs(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// RFC 6265 §5.1.4.
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(end) => path.get(..end).unwrap_or("/"),
    }
}

fn age(now: SystemTime, value: &str) -> Option<SystemTime> {
    let seconds: i64 = value.parse().ok()?;
    match u64::try_from(seconds) {
        Ok(0) | Err(_) => Some(SystemTime::UNIX_EPOCH),
        Ok(seconds) => now.checked_add(Duration::from_secs(seconds)),
    }
}

/// RFC 6265 §5.1.1: day, month, year and time in any order, between any marks.
fn date(value: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let words = value.split(|c: char| !c.is_ascii_alphanumeric() && c != ':');
    for word in words.filter(|word| !word.is_empty()) {
        let number = word.parse::<u64>().ok();
        if time.is_none() && word.contains(':') {
            time = clock(word);
        } else if day.is_none() && word.len() <= 2 && number.is_some() {
            day = number;
        } else if month.is_none() && number.is_none() {
            let start = word.get(..3).unwrap_or("").to_ascii_lowercase();
            month = (1..).zip(MONTHS).find(|(_, name)| **name == start).map(|(n, _)| n);
        } else if year.is_none() {
            year = number.map(|year| match year {
                70..=99 => year + 1900,
                0..=69 => year + 2000,
                _ => year,
            });
        }
    }
    let year = year.filter(|year| (1601..=9999).contains(year))?;
    let day = day.filter(|day| (1..=31).contains(day))?;
    if year < 1970 {
        return Some(SystemTime::UNIX_EPOCH);
    }
    let days = crate::date::days(year, month?, day);
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(days * 86_400 + time?))
}

/// Seconds of `hh:mm:ss`.
fn clock(word: &str) -> Option<u64> {
    let mut parts = word.split(':').map(|part| part.parse::<u64>().ok());
    let mut next = |most| parts.next().flatten().filter(|n| *n <= most);
    Some(next(23)? * 3_600 + next(59)? * 60 + next(59)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn now() -> SystemTime {
        NOW + Duration::from_secs(1_700_000_000)
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn headers(lines: &[&str]) -> HeaderMap {
        let lines = lines.iter().map(|line| (SET_COOKIE, line.parse().unwrap()));
        lines.collect()
    }

    #[test]
    fn where_cookies_go() {
        let table = [
            ("a=1", "http://b.a.example/x/y", "a=1"),
            ("a=1", "http://b.a.example/x/z/q", "a=1"),
            ("a=1", "http://b.a.example/xy", ""),
            ("a=1", "http://b.a.example/", ""),
            ("a=1", "http://a.example/x/y", ""),
            ("a=1; Path=/", "http://b.a.example/", "a=1"),
            ("a=1; Path=/x", "http://b.a.example/x", "a=1"),
            ("a=1; path=other", "http://b.a.example/x", "a=1"),
            ("a=1; Path=/; Domain=a.example", "http://c.a.example/", "a=1"),
            ("a=1; Path=/; Domain=.a.example", "http://a.example/", "a=1"),
            ("a=1; Domain=example", "http://b.a.example/x/y", ""),
            ("a=1; Domain=other.example", "http://b.a.example/x/y", ""),
            ("a=1; Domain=b.b.a.example", "http://b.a.example/x/y", ""),
            ("a=1; Secure", "http://b.a.example/x/y", ""),
            ("a=1; Max-Age=60", "http://b.a.example/x/y", "a=1"),
            ("a=1; Max-Age=0", "http://b.a.example/x/y", ""),
            ("a=1; Max-Age=-5", "http://b.a.example/x/y", ""),
            ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://b.a.example/x/y", ""),
            ("a=1; Expires=Wed, 21-Oct-2099 07:28:00 GMT", "http://b.a.example/x/y", "a=1"),
            ("a=1; Expires=Thu, 01-Jan-70 00:00:00 GMT; Max-Age=5", "http://b.a.example/x", "a=1"),
            ("a=1; Expires=nonsense; HttpOnly; SameSite=Lax", "http://b.a.example/x", "a=1"),
            ("=1", "http://b.a.example/x/y", ""),
            ("a", "http://b.a.example/x/y", ""),
            (" a = \"1 2\" ", "http://b.a.example/x/y", "a=\"1 2\""),
        ];
        for (line, to, expected) in table {
            let mut jar = Jar::default();
            jar.set(now(), &url("http://b.a.example/x/y"), line.as_bytes());
            let sent = jar.cookie(now(), &url(to));
            assert_eq!(
                sent.map_or(String::new(), |v| v.to_str().unwrap().to_owned()),
                expected,
                "{line} {to}"
            );
        }
    }

    #[test]
    fn secure_cookies_need_tls() {
        let mut jar = Jar::default();
        jar.set(now(), &url("https://a.example/"), b"a=1; Secure");
        assert!(jar.cookie(now(), &url("https://a.example/")).is_some());
        assert!(jar.cookie(now(), &url("http://a.example/")).is_none());
    }

    #[test]
    fn cookies_are_replaced_removed_and_end() {
        let (mut jar, from) = (Jar::default(), url("http://a.example/"));
        for line in ["a=1", "b=2; Path=/deep", "a=3", "c=4; Max-Age=10"] {
            jar.set(now(), &from, line.as_bytes());
        }
        let sent = |jar: &Jar, at, to: &str| {
            jar.cookie(at, &url(to)).map(|value| value.to_str().unwrap().to_owned())
        };
        let deep = "http://a.example/deep/er";
        assert_eq!(sent(&jar, now(), deep).as_deref(), Some("b=2; a=3; c=4"));
        let later = now() + Duration::from_secs(10);
        assert_eq!(sent(&jar, later, deep).as_deref(), Some("b=2; a=3"));
        jar.set(now(), &from, b"a=; Max-Age=0");
        assert_eq!(sent(&jar, now(), "http://a.example/").as_deref(), Some("c=4"));
    }

    #[test]
    fn a_jar_has_a_bottom() {
        let (mut jar, from) = (Jar::default(), url("http://a.example/"));
        for n in 0..limit::COOKIES_MAX + 1 {
            jar.set(now(), &from, format!("n{n}=1").as_bytes());
        }
        assert_eq!((jar.0.len(), jar.0[0].name.as_str()), (limit::COOKIES_MAX, "n1"));
        let large = "x".repeat(limit::COOKIE_BYTES_MAX - "large".len() - "a.example/".len());
        jar.set(now(), &from, format!("large={large}x").as_bytes());
        assert!(jar.0.iter().all(|cookie| cookie.name != "large"), "one byte too many");
        for n in 0..3 {
            let large = &large[n..];
            jar.set(now(), &from, format!("large{n}={}", &large[1..]).as_bytes());
        }
        assert!(jar.size() <= limit::COOKIE_JAR_BYTES_MAX);
        assert_eq!(jar.0.last().unwrap().name, "large2");
    }

    #[test]
    fn calls_do_not_share_and_are_forgotten() {
        let (jars, from) = (Jars::default(), url("http://a.example/"));
        let call = |n: usize| CallSid::from_bits(n as u128);
        jars.keep(now(), call(0), &from, &headers(&[]));
        assert_eq!(jars.calls_with_cookies(), 0);
        jars.keep(now(), call(0), &from, &headers(&["a=1", "b=2"]));
        assert_eq!(jars.cookie(now(), call(0), &from).unwrap(), "a=1; b=2");
        assert_eq!(jars.cookie(now(), call(1), &from), None);
        jars.forget(call(0));
        assert_eq!(jars.cookie(now(), call(0), &from), None);
        for n in 0..limit::COOKIE_CALLS_MAX + 1 {
            jars.keep(now(), call(n), &from, &headers(&["a=1"]));
        }
        assert_eq!(jars.calls_with_cookies(), limit::COOKIE_CALLS_MAX);
        assert_eq!(jars.cookie(now(), call(0), &from), None, "the oldest is gone");
        for n in 0..3 * limit::COOKIE_CALLS_MAX {
            jars.forget(call(n));
            jars.keep(now(), call(n), &from, &headers(&["a=1"]));
        }
        assert!(jars.calls().order.len() <= 2 * limit::COOKIE_CALLS_MAX);
    }

    #[test]
    fn dates_in_every_form() {
        let second = |n| Some(NOW + Duration::from_secs(n));
        let table = [
            ("Sun, 06 Nov 1994 08:49:37 GMT", second(784_111_777)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", second(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", second(784_111_777)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", second(0)),
            ("Mon, 01 Jan 1601 00:00:00 GMT", second(0)),
            ("Tue, 29 Feb 2000 00:00:00 GMT", second(951_782_400)),
            ("Sun, 06 Nov 1994 28:49:37 GMT", None),
            ("32 Nov 1994 08:49:37", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(date(text), expected, "{text}");
        }
    }
}
