//! The application of the bench at the other end of Media Streams: `bench_streams ADDRESS` says back
//! every piece it hears. Not here: calls (`bench/phone.py`), their media (`bench_rtp`).

#![expect(clippy::print_stdout, reason = "a program that says where it listens")]

use std::io;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::{Error, Message};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:15092".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("the bench streams at {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(echo(stream));
    }
}

/// Says back what it hears, until the other side leaves.
async fn echo(stream: TcpStream) -> Result<(), Error> {
    let mut socket = accept_async(stream).await?;
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        let (Some(payload), Some(stream)) =
            (value(&text, "\"payload\":\""), value(&text, "\"streamSid\":\""))
        else {
            continue;
        };
        let back = format!(
            r#"{{"event":"media","streamSid":"{stream}","media":{{"payload":"{payload}"}}}}"#
        );
        socket.send(Message::text(back)).await?;
    }
    Ok(())
}

/// What stands between `before` and the next quotation mark.
fn value<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once('"')?.0)
}
