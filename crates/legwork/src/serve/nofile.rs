//! Enough file descriptors: the soft limit is raised to the hard one.
//!
//! Not here: the limits of calls (`config`).
//! Source: getrlimit(2); two sockets per leg with media.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Config;
use crate::limit;

/// Descriptors that are neither RTP nor SIP connections: HTTP both ways, epolls, logs.
const OTHERS: u64 = 512;

/// Raises the limit; warns if it is still too low, and by how much.
pub(crate) fn raise(config: &Config) {
    let limits = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limits.maximum, maximum: limits.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
    let Some(allowed) = getrlimit(Resource::Nofile).current else { return };
    let needed = needed(config.switch.limits.calls, config.media.ports.len());
    grow(allowed.min(needed));
    if allowed < needed {
        tracing::warn!(
            allowed,
            needed,
            missing = needed - allowed,
            "too few open files are allowed for limits.calls: raise LimitNOFILE or limits.calls down"
        );
    }
}

/// Makes room for this many descriptors. The kernel's table grows when a number beyond its end is
/// taken, and every thread that opens something waits for that: now, not while calls come in.
fn grow(descriptors: u64) {
    let last = i32::try_from(descriptors).unwrap_or(i32::MAX).saturating_sub(1);
    // It is closed at once. Where it fails, the table grows later.
    drop(rustix::io::fcntl_dupfd_cloexec(std::io::stderr(), last));
}

/// Four sockets per call, as far as there are ports, and one per webhook under way.
fn needed(calls: usize, ports: usize) -> u64 {
    let media = calls.saturating_mul(4).min(ports);
    let webhooks = calls.min(limit::FETCHES_PER_HOST);
    u64::try_from(media + webhooks).unwrap_or(u64::MAX).saturating_add(OTHERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_needs_four_sockets() {
        assert_eq!(needed(100, 50_000), 400 + 100 + OTHERS);
        assert_eq!(needed(10_000, 40), 40 + 256 + OTHERS);
    }
}
