//! An application made of bytes: what it says, when, and how it ends.
//!
//! Not here: what is expected of us then (`failures`, `patience`, `memory`).

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// What it does after a request has come.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Sends this.
    Say(String),
    /// Sends these.
    Bytes(Vec<u8>),
    /// Lets time pass.
    Wait(Duration),
    /// Ends the connection with a reset.
    Reset,
    /// Ends the connection.
    Close,
    /// Never does anything again.
    Hang,
}

/// Its address, and the requests it got as they came.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub(super) base: String,
    requests: Arc<StdMutex<Vec<String>>>,
    connections: Arc<StdMutex<usize>>,
}

impl Raw {
    /// Answers the first request by the first script, and so on; the last one for ever.
    pub(super) async fn new(scripts: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let raw = Self { base, requests: Arc::default(), connections: Arc::default() };
        let serving = raw.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *serving.connections.lock().unwrap() += 1;
                let (raw, scripts) = (serving.clone(), scripts.clone());
                tokio::spawn(async move { raw.serve(stream, scripts).await });
            }
        });
        raw
    }

    /// One answer for ever.
    pub(super) async fn saying(answer: &str) -> Self {
        Self::new(vec![vec![Act::Say(answer.to_owned())]]).await
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    /// The values of one header, request by request; empty: it was not there.
    pub(super) fn header(&self, name: &str) -> Vec<String> {
        let value = |request: &String| {
            let mut lines = request.lines().filter_map(|line| line.split_once(": "));
            let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
            found.map_or(String::new(), |(_, value)| value.to_owned())
        };
        self.requests().iter().map(value).collect()
    }

    async fn serve(self, mut stream: TcpStream, scripts: Vec<Vec<Act>>) {
        while let Some(request) = read(&mut stream).await {
            let nth = {
                let mut requests = self.requests.lock().unwrap();
                requests.push(request);
                requests.len() - 1
            };
            for act in scripts.get(nth).or_else(|| scripts.last()).unwrap().clone() {
                let written = match act {
                    Act::Say(text) => stream.write_all(text.as_bytes()).await,
                    Act::Bytes(bytes) => stream.write_all(&bytes).await,
                    Act::Wait(time) => {
                        tokio::time::sleep(time).await;
                        Ok(())
                    }
                    Act::Reset => {
                        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
                        return;
                    }
                    Act::Close => return,
                    Act::Hang => std::future::pending().await,
                };
                if written.is_err() {
                    return;
                }
            }
        }
    }
}

/// One request, with its body. None: the connection is at its end.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut all = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&all).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        if stream.read_buf(&mut all).await.ok()? == 0 {
            return None;
        }
    }
}

/// A whole answer.
pub(super) fn answer(status: u16, lines: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\n{lines}Content-Length: {length}\r\n\r\n{body}")
}

/// A document with further header lines.
pub(super) fn document(lines: &str) -> String {
    answer(200, &format!("Content-Type: text/xml\r\n{lines}"), HANGUP)
}

/// A fetcher that may ask loopback, with the usual patience.
pub(super) fn fetcher() -> Fetcher {
    Fetcher::new(&config(true)).unwrap()
}

/// Asks for a document with `fetcher`.
pub(super) async fn ask(
    fetcher: &Fetcher,
    url: &str,
    method: Method,
) -> Result<Document, FetchError> {
    fetcher.fetch(request(url, method, Expects::Document)).await.unwrap()
}

/// Tells something with `fetcher`: the code of its failure.
pub(super) async fn tell(fetcher: &Fetcher, url: &str) -> Option<u32> {
    let told = fetcher.fetch(request(url, Method::Post, Expects::Nothing)).await;
    told.map(|result| result.unwrap_err().code)
}
