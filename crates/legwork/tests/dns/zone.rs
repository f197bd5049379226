//! A name server with a few names: authoritative, over UDP, on loopback.
//!
//! Not here: what is made of its answers (`legwork_sip::locate`).
//! Source: RFC 1035 §4, RFC 2782, RFC 3403, RFC 2308.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const A: u16 = 1;
const SOA: u16 = 6;
const SRV: u16 = 33;
const NAPTR: u16 = 35;

/// A running name server; ends with the test.
#[derive(Debug)]
pub(crate) struct Zone {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<(String, u16)>>>,
}

impl Zone {
    /// One row each: `naptr NAME order preference flags services replacement`,
    /// `srv NAME priority weight port host`, `a NAME address`, `servfail NAME`, `silent NAME`.
    pub(crate) fn start(rows: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let rows: Vec<Vec<String>> =
            rows.lines().map(|row| row.split_whitespace().map(str::to_owned).collect()).collect();
        let asked: Arc<Mutex<Vec<(String, u16)>>> = Arc::default();
        let told = Arc::clone(&asked);
        std::thread::spawn(move || {
            let mut query = [0; 1500];
            while let Ok((len, from)) = socket.recv_from(&mut query) {
                let (name, kind, end) = question(&query[..len]);
                told.lock().unwrap().push((name.clone(), kind));
                if let Some(answer) = answer(&rows, &name, kind, &query[..end]) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Self { address, asked }
    }

    /// The lines of `[sip]` that make a server ask here, and wait so long.
    pub(crate) fn keys(&self, timeout: Duration) -> String {
        let (address, seconds) = (self.address, timeout.as_secs());
        format!("dns_servers = [\"{address}\"]\ndns_timeout = \"{seconds}s\"\n")
    }

    /// How often SRV records of this name were asked for.
    pub(crate) fn asked_for_srv(&self, name: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(of, kind)| of == name && *kind == SRV).count()
    }
}

/// Name, type, and where the question ends.
fn question(query: &[u8]) -> (String, u16, usize) {
    let (mut labels, mut at) = (Vec::new(), 12);
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
        at = end;
    }
    (labels.join("."), u16::from_be_bytes([query[at + 1], query[at + 2]]), at + 5)
}

fn answer(rows: &[Vec<String>], name: &str, kind: u16, query: &[u8]) -> Option<Vec<u8>> {
    let mine = || rows.iter().filter(|row| row.len() > 1 && row[1] == name);
    let is = |what: &str| mine().any(|row| row[0] == what);
    if is("silent") {
        return None;
    }
    let records: Vec<Vec<u8>> = mine().filter_map(|row| data(row, kind)).collect();
    let code = match (is("servfail"), mine().next()) {
        (true, _) => 2,
        (false, None) => 3,
        (false, Some(_)) => 0,
    };
    let (found, nothing) = (records.len() as u8, u8::from(records.is_empty() && code != 2));
    let mut answer = query[..2].to_vec();
    answer.extend([0x85, 0x80 | code, 0, 1, 0, found, 0, nothing, 0, 0]);
    answer.extend(&query[12..]);
    for data in records {
        // The name of the question, once more.
        answer.extend([0xc0, 12]);
        record(&mut answer, kind, &data);
    }
    if nothing == 1 {
        answer.extend(encoded("test"));
        let numbers = [1_u32, 60, 60, 60, 60].map(u32::to_be_bytes).concat();
        record(&mut answer, SOA, &[encoded("ns.test"), encoded("root.test"), numbers].concat());
    }
    Some(answer)
}

fn record(answer: &mut Vec<u8>, kind: u16, data: &[u8]) {
    answer.extend(kind.to_be_bytes());
    answer.extend([0, 1, 0, 0, 0, 60]);
    answer.extend((data.len() as u16).to_be_bytes());
    answer.extend(data);
}

/// The data of a row, if it is of that type.
fn data(row: &[String], kind: u16) -> Option<Vec<u8>> {
    let n = |at: usize| row[at].parse::<u16>().unwrap().to_be_bytes().to_vec();
    let text = |at: usize| [&[row[at].len() as u8], row[at].as_bytes()].concat();
    match (row[0].as_str(), kind) {
        ("a", A) => Some(row[2].parse::<Ipv4Addr>().unwrap().octets().to_vec()),
        ("srv", SRV) => Some([n(2), n(3), n(4), encoded(&row[5])].concat()),
        ("naptr", NAPTR) => {
            Some([n(2), n(3), text(4), text(5), vec![0], encoded(&row[6])].concat())
        }
        _ => None,
    }
}

fn encoded(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.') {
        bytes.push(label.len() as u8);
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes
}
