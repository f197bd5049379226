//! Applications, each with places for requests under way and with connections kept for the next:
//! what one is slow with, another does not feel.
//!
//! An application is a scheme, a host and a port.
//! Not here: making connections (`connector`), using them (`journey`).
//! Source: ours.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, interval};
use url::Url;

use crate::fetch::failure::{Cause, Failure};
use crate::fetch::link::Link;
use crate::limit;

/// The applications known now.
#[derive(Clone, Debug, Default)]
pub struct Pool(Arc<Mutex<HashMap<String, Arc<Application>>>>);

/// One application.
#[derive(Debug)]
pub struct Application {
    places: Semaphore,
    waiting: AtomicUsize,
    /// The one used last stands last.
    idle: Mutex<Vec<Idle>>,
}

#[derive(Debug)]
struct Idle {
    link: Link,
    since: Instant,
}

impl Pool {
    /// Without applications. Idle connections are closed by a task of the runtime it is called in,
    /// for as long as the pool lives.
    pub fn new() -> Self {
        let pool = Self::default();
        tokio::spawn(sweep(Arc::downgrade(&pool.0)));
        pool
    }

    /// The application behind a URL.
    pub fn application(&self, url: &Url) -> Arc<Application> {
        let name = name(url);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(application) = known.get(&name) {
            return Arc::clone(application);
        }
        if known.len() >= limit::HOSTS_MAX {
            known.retain(|_, application| Arc::strong_count(application) > 1);
        }
        let application = Arc::new(Application::new());
        known.insert(name, Arc::clone(&application));
        application
    }

    /// Closes what is idle, and what is under way once that is over: other rules hold now.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How many requests wait for a place, of all applications.
    pub fn waiting(&self) -> usize {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().map(|application| application.waiting.load(Ordering::Relaxed)).sum()
    }
}

/// `http://a.example:80`: what two URLs of one application have in common.
fn name(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or(0);
    format!("{}://{}:{port}", url.scheme(), url.host_str().unwrap_or(""))
}

/// Two URLs lead to the same application.
pub fn same(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host_str() == b.host_str()
        && a.port_or_known_default() == b.port_or_known_default()
}

/// Closes what has been idle for too long, until the pool is gone.
async fn sweep(pool: Weak<Mutex<HashMap<String, Arc<Application>>>>) {
    let mut turns = interval(limit::IDLE_SWEEP);
    loop {
        turns.tick().await;
        let Some(pool) = pool.upgrade() else { return };
        let known = pool.lock().unwrap_or_else(PoisonError::into_inner);
        for application in known.values() {
            application.idle().retain(Idle::is_fresh);
        }
    }
}

impl Idle {
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < limit::IDLE_TIMEOUT
    }
}

impl Application {
    fn new() -> Self {
        Self {
            places: Semaphore::new(limit::FETCHES_PER_HOST),
            waiting: AtomicUsize::new(0),
            idle: Mutex::default(),
        }
    }

    /// A place for one request, once there is one.
    ///
    /// # Errors
    /// 15002: too many wait already.
    pub async fn enter(&self) -> Result<SemaphorePermit<'_>, Failure> {
        if let Ok(permit) = self.places.try_acquire() {
            return Ok(permit);
        }
        let full = |text: &str| Failure::new(QUEUE_FULL, Cause::Lasting, text);
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= limit::FETCHES_WAITING_MAX {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(full("too many requests wait for this application: it is too slow"));
        }
        let waiting = Waiting(&self.waiting);
        let permit = self.places.acquire().await;
        drop(waiting);
        permit.map_err(|_| full("the server is ending"))
    }

    /// A connection kept from an earlier exchange.
    pub fn kept(&self) -> Option<Link> {
        loop {
            let mut idle = self.idle().pop()?;
            if idle.is_fresh() && idle.link.is_ready() {
                return Some(idle.link);
            }
        }
    }

    /// Keeps a connection for the next exchange, if it is good for one.
    pub fn keep(&self, mut link: Link) {
        if !link.is_ready() {
            return;
        }
        let mut idle = self.idle();
        if idle.len() < limit::IDLE_PER_HOST {
            idle.push(Idle { link, since: Instant::now() });
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a full queue is for a callback; of a document it is 11200.
pub const QUEUE_FULL: u32 = 15_002;

/// Counts down even when nobody waits any more.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[test]
    fn an_application_is_scheme_host_and_port() {
        let table = [
            ("http://a.example/x", "http://u:p@A.example:80/y", true),
            ("https://a.example/x", "https://a.example:443/", true),
            ("http://a.example:443/", "https://a.example/", false),
            ("http://a.example/", "http://a.example:81/", false),
            ("http://a.example/", "http://b.example/", false),
        ];
        for (a, b, one) in table {
            let [a, b] = [a, b].map(|url| Url::parse(url).unwrap());
            assert_eq!(name(&a) == name(&b), one, "{a} {b}");
            assert_eq!(same(&a, &b), one, "{a} {b}");
        }
    }

    #[tokio::test]
    async fn a_crowd_waits_and_then_is_refused() {
        let application = Application::new();
        let mut places = Vec::new();
        for _ in 0..limit::FETCHES_PER_HOST {
            places.push(application.enter().await.unwrap());
        }
        application.waiting.store(limit::FETCHES_WAITING_MAX, Ordering::Relaxed);
        assert_eq!(application.enter().await.unwrap_err().code, QUEUE_FULL);
        application.waiting.store(0, Ordering::Relaxed);
        let given_up = timeout(Duration::from_millis(1), application.enter()).await;
        assert!(given_up.is_err());
        assert_eq!(application.waiting.load(Ordering::Relaxed), 0);
        places.pop();
        assert!(application.enter().await.is_ok());
    }

    #[tokio::test]
    async fn applications_nobody_asks_are_forgotten() {
        let pool = Pool::new();
        let url = |n: usize| Url::parse(&format!("http://h{n}.example/")).unwrap();
        let used = pool.application(&url(0));
        for n in 1..limit::HOSTS_MAX + 10 {
            pool.application(&url(n));
        }
        assert!(pool.0.lock().unwrap().len() <= limit::HOSTS_MAX);
        assert!(Arc::ptr_eq(&used, &pool.application(&url(0))));
    }
}
