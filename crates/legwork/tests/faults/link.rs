//! Two hosts on a bad network: network namespaces of our own, a pair of cables between them, and rules
//! that lose and double datagrams.
//!
//! Not here: delay and reordering (`fleet`: the kernel may not know how).
//! Source: ip-netns(8), nft(8).

use std::fs::File;
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// Where the server is.
pub(crate) const SERVER: &str = "10.77.0.1";
/// Where everybody else is.
pub(crate) const OTHERS: &str = "10.77.0.2";

/// The two hosts; gone when dropped.
#[derive(Debug)]
pub(crate) struct Link {
    name: String,
}

impl Link {
    /// Puts up both hosts. None, with a line that says so, where that is not allowed.
    pub(crate) fn put_up(tests: &str) -> Option<Self> {
        static N: AtomicU32 = AtomicU32::new(0);
        if !rustix::process::geteuid().is_root() {
            println!("skipped: {tests}: only root makes network namespaces");
            return None;
        }
        let n = N.fetch_add(1, Ordering::Relaxed);
        let link = Self { name: format!("lw{}n{n}", std::process::id()) };
        let (server, others) = (link.server(), link.others());
        // Root of a container may have been left without the right to do it.
        let tried = Command::new("ip").args(["netns", "add", &server]).output().unwrap();
        let said = String::from_utf8_lossy(&tried.stderr);
        if said.contains("Operation not permitted") || said.contains("Permission denied") {
            println!("skipped: {tests}: network namespaces are not allowed here");
            return None;
        }
        assert!(tried.status.success(), "{said}");
        ip(&["netns", "add", &others]);
        for host in [&server, &others] {
            ip(&["-n", host, "link", "set", "lo", "up"]);
        }
        ip(&[
            "link", "add", "cable", "netns", &server, "type", "veth", "peer", "name", "cable",
            "netns", &others,
        ]);
        for (host, at) in [(&server, SERVER), (&others, OTHERS)] {
            ip(&["-n", host, "address", "add", &format!("{at}/24"), "dev", "cable"]);
            ip(&["-n", host, "link", "set", "cable", "up"]);
        }
        Some(link)
    }

    /// The namespace of the server.
    pub(crate) fn server(&self) -> String {
        format!("{}s", self.name)
    }

    fn others(&self) -> String {
        format!("{}o", self.name)
    }

    /// This thread and those it starts live with the others from now on.
    pub(crate) fn enter_others(&self) {
        let namespace = File::open(format!("/run/netns/{}", self.others())).unwrap();
        let kind = Some(LinkNameSpaceType::Network);
        move_into_link_name_space(namespace.as_fd(), kind).unwrap();
    }

    /// Of a hundred datagrams each way so many are lost, and of those to the server so many come twice.
    /// When one is lost on leaving, the server is told (EPERM), as when a table of connections is full.
    pub(crate) fn worsen(&self, loss: u32, double: u32) {
        let lose = format!("meta l4proto udp numgen random mod 100 < {loss} drop;");
        let double = format!("meta l4proto udp numgen random mod 100 < {double}");
        rule(
            &self.server(),
            &format!(
                "chain arriving {{ type filter hook input priority 0; {lose} }}
                chain leaving {{ type filter hook output priority 0; {lose} }}
                chain doubling {{
                    type filter hook prerouting priority 0;
                    iifname cable {double} dup to {SERVER} device lo;
                }}"
            ),
        );
    }
}

/// Gives a host these chains of rules.
fn rule(host: &str, chains: &str) {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", host, "nft", "-f", "-"]).stdin(Stdio::piped());
    let mut nft = command.spawn().unwrap();
    let rules = format!("table ip faults {{\n{chains}\n}}\n");
    nft.stdin.take().unwrap().write_all(rules.as_bytes()).unwrap();
    assert!(nft.wait().unwrap().success());
}

impl Drop for Link {
    fn drop(&mut self) {
        for host in [self.server(), self.others()] {
            let _ = Command::new("ip").args(["netns", "delete", &host]).status();
        }
    }
}

fn ip(arguments: &[&str]) {
    let output = Command::new("ip").args(arguments).output().unwrap();
    assert!(output.status.success(), "ip {arguments:?}: {output:?}");
}
