//! What a webhook costs us: `bench_fetch URL [REQUESTS]`.
//!
//! Asks the application behind the URL as the server does, over kept connections, first one request
//! at a time and then sixteen, and prints the processor time of this process for each request. The
//! application is another process, so that its time is not counted.
//! Not here: the application (`bench_app`), the table (`bench/run`).

#![expect(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::error::Error;
use std::fs;
use std::time::Instant;

use legwork::config::development;
use legwork::fetch::Fetcher;
use legwork_call::config::Hook;
use legwork_call::io::{Expects, Fetch, FetchId};
use legwork_call::sid::CallSid;
use legwork_twiml::Method;

// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Asked before it is counted.
const WARM_UP: u128 = 2_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("bench_fetch URL [REQUESTS]")?;
    let requests = arguments.next().map_or(Ok(20_000), |count| count.parse())?;
    // As many threads as the server has on two processors.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let fetcher = Fetcher::new(&development::config(5060, 8080, false, None))?;
        ask(&fetcher, &url, 1, WARM_UP).await?;
        for at_a_time in [1, 16] {
            let (cpu, wall) = (cpu_us()?, Instant::now());
            ask(&fetcher, &url, at_a_time, requests).await?;
            let each = (cpu_us()? - cpu) / requests as f64;
            let rate = requests as f64 / wall.elapsed().as_secs_f64();
            println!("{at_a_time} at a time: {each:.1} us CPU, {rate:.0} requests/s");
        }
        Ok(())
    })
}

/// Asks so often, by so many tasks.
async fn ask(
    fetcher: &Fetcher,
    url: &str,
    at_a_time: u128,
    requests: u128,
) -> Result<(), Box<dyn Error>> {
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..at_a_time {
        let (fetcher, url) = (fetcher.clone(), url.to_owned());
        tasks.spawn(async move {
            for n in (task..requests).step_by(at_a_time as usize) {
                let answered = fetcher.fetch(fetch(&url, n)).await;
                if answered.is_none_or(|answered| answered.is_err()) {
                    return Err("a webhook failed");
                }
            }
            Ok(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(())
}

/// The first webhook of a call from a SIP phone.
fn fetch(url: &str, n: u128) -> Fetch {
    let call = CallSid::from_bits(n);
    let parameters = [
        ("AccountSid", development::ACCOUNT.to_string()),
        ("ApiVersion", "2010-04-01".to_owned()),
        ("CallSid", call.to_string()),
        ("CallStatus", "ringing".to_owned()),
        ("Called", "sip:+15550100@bench.example".to_owned()),
        ("Caller", "sip:usera@192.0.2.7:5066".to_owned()),
        ("Direction", "inbound".to_owned()),
        ("From", "sip:usera@192.0.2.7:5066".to_owned()),
        ("To", "sip:+15550100@bench.example".to_owned()),
        ("SipCallId", format!("{n:032x}@192.0.2.7")),
        ("SipDomain", "bench.example".to_owned()),
        ("SipSourceIp", "192.0.2.7".to_owned()),
        ("SipHeader_X-Campaign", "spring".to_owned()),
    ];
    Fetch {
        id: FetchId(0),
        account: development::ACCOUNT,
        call,
        hook: Hook { url: url.to_owned(), method: Method::Post },
        parameters: parameters.map(|(name, value)| (name.into(), value)).into(),
        expects: Expects::Document,
    }
}

/// What all threads of this process have used so far, by the scheduler's account.
fn cpu_us() -> Result<f64, Box<dyn Error>> {
    let mut all = 0.0;
    for task in fs::read_dir("/proc/self/task")? {
        let told = fs::read_to_string(task?.path().join("schedstat"))?;
        let ns: f64 = told.split(' ').next().ok_or("no schedstat")?.parse()?;
        all += ns / 1_000.0;
    }
    Ok(all)
}
