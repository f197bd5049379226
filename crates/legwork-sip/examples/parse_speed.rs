//! How long one message takes, and what it allocates: `cargo run --release --example parse_speed`.
//!
//! Not here: the time of whole calls (`bench`).

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that takes the time and prints it"
)]
#![expect(unsafe_code, reason = "counting allocations needs a global allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;
use legwork_sip::message::Builder;
use legwork_sip::{Message, Status};

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

struct Counting;

// SAFETY: every call goes to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// An INVITE as a desk phone sends it through two proxies, with an SDP offer.
fn invite() -> Bytes {
    let sdp = "v=0\r\no=- 20518 0 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n\
        m=audio 54400 RTP/AVP 0 8 9 18 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
        a=rtpmap:9 G722/8000\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\n\
        a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
    let head = "INVITE sip:+15550100@legwork.example.com;user=phone SIP/2.0\r\n\
        Via: SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bK776asdhds.1;rport=5060;received=203.0.113.9\r\n\
        Via: SIP/2.0/UDP 203.0.113.8:5060;branch=z9hG4bKnashds8.77ef4c2312983.1\r\n\
        Via: SIP/2.0/UDP 192.168.1.20:5060;branch=z9hG4bK-524287-1---a3b1c2d4;rport\r\n\
        Record-Route: <sip:203.0.113.9;lr;ftag=1928301774>\r\n\
        Record-Route: <sip:203.0.113.8;lr>\r\n\
        Max-Forwards: 68\r\n\
        From: \"Agent A\" <sip:agent-a@example.com>;tag=1928301774\r\n\
        To: <sip:+15550100@legwork.example.com;user=phone>\r\n\
        Call-ID: a84b4c76e66710@pc33.example.com\r\n\
        CSeq: 314159 INVITE\r\n\
        Contact: <sip:agent-a@192.168.1.20:5060;transport=udp>;+sip.instance=\"<urn:uuid:0-1>\"\r\n\
        Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, INFO, UPDATE, PRACK, MESSAGE\r\n\
        Supported: replaces, timer, 100rel, norefersub\r\n\
        Session-Expires: 1800\r\n\
        Min-SE: 90\r\n\
        User-Agent: Desk-Phone/7.1.4 (rev 2)\r\n\
        P-Asserted-Identity: \"Agent A\" <sip:+15550111@example.com>\r\n\
        X-Account: 4f1c2d7e-0b3a-4c55-9a37-f2d1e6c8b901\r\n\
        History-Info: <sip:+15550100@example.com>;index=1\r\n\
        Content-Type: application/sdp\r\n";
    format!("{head}Content-Length: {}\r\n\r\n{sdp}", sdp.len()).into()
}

/// Nanoseconds and allocations of one call: the best of many rounds, so that a busy machine does
/// not matter.
fn measure(what: &str, mut work: impl FnMut()) {
    const N: u32 = 1_000;
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    work();
    let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
    let best = (0..600)
        .map(|_| {
            let start = Instant::now();
            (0..N).for_each(|_| work());
            start.elapsed()
        })
        .min()
        .unwrap_or_default();
    let ns = best.as_nanos() / u128::from(N);
    println!("{what}: {ns} ns, {allocations} allocations");
}

fn main() {
    let bytes = invite();
    println!("INVITE of {} bytes", bytes.len());
    let message = Message::parse(bytes.clone()).expect("a good message");
    let source = "203.0.113.9:5060".parse().expect("an address");
    // The first clone of a `Bytes` made from a vector allocates its count: done above.
    measure("parse", || {
        black_box(Message::parse(black_box(bytes.clone())).is_ok());
    });
    measure("parse and validate", || {
        let message = Message::parse(black_box(bytes.clone())).expect("a good message");
        black_box(message.validate().is_ok());
    });
    measure("write a 180", || {
        let mut built = Builder::response_to(&message, Status::RINGING, Some("t"), Some(source));
        black_box(built.finish());
    });
}
