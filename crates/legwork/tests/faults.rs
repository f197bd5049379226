//! A hundred transfers at a time on bad networks: each completes or is restored, none hangs, and nothing
//! is left over.
//!
//! Not here: single losses at chosen places (the simulation).
//! Source: reliability.md section 6.1, 6.2.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test"
)]

#[expect(dead_code, reason = "shared with the other tests of the real process")]
#[path = "real/app.rs"]
mod app;
#[path = "faults/fleet.rs"]
mod fleet;
#[path = "faults/link.rs"]
mod link;
#[expect(dead_code, reason = "shared with the other tests of the real process")]
#[path = "real/server.rs"]
mod server;
#[path = "faults/story.rs"]
mod story;

use std::time::Duration;

use app::App;
use fleet::Fleet;
use legwork_sim::network::Quality;
use link::{Link, OTHERS, SERVER};
use server::{Server, configuration, is_installed};
use story::{Outcome, Story};

const TRANSFERS: usize = 100;
/// So many must go as they should; of the others some request was lost each time it was sent: six times in
/// the half minute a target has to answer, eleven times otherwise.
const WANTED: usize = 98;
/// So many calls are up at once.
const AT_ONCE: usize = 25;
/// How often the stories are looked at.
const STEP: Duration = Duration::from_millis(10);

/// The configuration of the other tests with room for all of them, at this address.
fn roomy(app: &App, ip: &str) -> String {
    configuration(app, &[])
        .replace("calls = 50", "calls = 100")
        .replace("127.0.0.0/8", &format!("{ip}/24"))
        .replace("127.0.0.1", ip)
}

/// A hundred transfers.
fn transfer(ip: &str, server: &Server, app: &App, relay: Option<(Quality, u64)>) {
    let mut fleet = Fleet::new(ip, server.address("udp"), relay);
    let mut stories: Vec<Story> = Vec::new();
    while stories.len() < TRANSFERS || stories.iter().any(|story| story.outcome().is_none()) {
        let open = stories.iter().filter(|story| story.outcome().is_none()).count();
        if stories.len() < TRANSFERS && open < AT_ONCE {
            stories.push(Story::new(&mut fleet, app, stories.len()));
        }
        fleet.live(STEP);
        stories.iter_mut().for_each(|story| story.go_on(&mut fleet, server));
    }
    let count = |which: fn(&Story) -> bool| stories.iter().filter(|story| which(story)).count();
    let completed = count(|story| story.outcome() == Some(Outcome::Completed));
    let wanted = count(Story::is_as_wanted);
    println!("{completed} of {TRANSFERS} completed, {} restored", TRANSFERS - completed);
    assert!(wanted >= WANTED, "{wanted} of {TRANSFERS} transfers went as they should");
}

/// A hundred transfers between two hosts, of whose datagrams so many of a hundred are lost each way.
fn lose(loss: u32) {
    let tests = format!("transfers at {loss} % loss");
    if !is_installed("ip", "iproute2", &tests) || !is_installed("nft", "nftables", &tests) {
        return;
    }
    let Some(link) = Link::put_up(&tests) else { return };
    let run = || {
        link.enter_others();
        let app = App::start_at(OTHERS);
        let server =
            Server::start_in(&link.server(), &format!("loss-{loss}"), &roomy(&app, SERVER));
        link.worsen(loss, 20);
        transfer(OTHERS, &server, &app, None);
        server.is_back_at_the_baseline();
    };
    // The thread of a test may run others after it, which must not live in this namespace.
    std::thread::scope(|scope| scope.spawn(run).join()).unwrap();
}

#[test]
fn a_hundred_transfers_at_1_percent_loss() {
    lose(1);
}

#[test]
fn a_hundred_transfers_at_5_percent_loss() {
    lose(5);
}

#[test]
fn a_hundred_transfers_at_20_percent_loss() {
    lose(20);
}

#[test]
fn a_hundred_transfers_delayed_doubled_and_overtaken() {
    let app = App::start();
    let server = Server::start_with("late", &roomy(&app, "127.0.0.1"));
    let quality = Quality {
        loss: 2,
        duplicate: 20,
        reorder: 30,
        delay: Duration::from_millis(100),
        jitter: Duration::ZERO,
    };
    transfer("127.0.0.1", &server, &app, Some((quality, 4)));
    server.is_back_at_the_baseline();
}
