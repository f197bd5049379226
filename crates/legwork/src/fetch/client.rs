//! One request of ours and its way through retries and redirects, over kept connections.
//!
//! Not here: connections (`connector`), what the answer means (`content`), time in all (`fetch`).
//! Source: RFC 9110 §15.4; Twilio, "Webhooks", and error codes 112xx, 11750.
//! Deviation: 301 and 302 turn a POST into a GET, 303 too, as Twilio's do.

use std::error::Error;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION,
    USER_AGENT,
};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use legwork_twiml as twiml;
use url::Url;

use crate::config::Token;
use crate::fetch::connector::{Connector, NoConnection};
use crate::fetch::content::{INVALID_CONTENT_TYPE, Kind};
use crate::fetch::parameters::{Parameter, append_to_query, form};
use crate::fetch::sign::signature;
use crate::limit;

/// What applications know Twilio's requests by.
const USER_AGENT_VALUE: HeaderValue = HeaderValue::from_static("TwilioProxy/1.1");
const FORM: HeaderValue =
    HeaderValue::from_static("application/x-www-form-urlencoded; charset=UTF-8");
const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");

/// What is read of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// A document, at most 64 kB; of a sound only its URL.
    Document,
    /// The status.
    Nothing,
    /// A sound, at most [`limit::SOUND_MAX`].
    Sound,
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// Absolute URL; credentials go into `Authorization`, the fragment nowhere.
    pub url: &'a str,
    /// How the parameters are sent.
    pub method: twiml::Method,
    /// In order, not encoded.
    pub parameters: &'a [Parameter],
    /// Signs it.
    pub token: Option<&'a Token>,
    /// What is read.
    pub want: Want,
}

/// A 2xx answer.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Where it came from after redirects, without credentials and fragment.
    pub url: String,
    /// 200–299.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// What was wanted of the body.
    pub body: Bytes,
}

/// Why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Twilio's code.
    pub code: u32,
    /// What went wrong and what to do.
    pub text: String,
}

impl Failure {
    fn new(code: u32, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// How far a request has come: for the alert when it fails or takes too long.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Where it is now, without credentials.
    pub url: String,
    /// The last status that came.
    pub status: Option<u16>,
}

/// Sends requests; cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: legacy::Client<HttpsConnector<Connector>, Full<Bytes>>,
    connector: Connector,
}

impl Client {
    /// A client without connections.
    pub fn new(tls: rustls::ClientConfig) -> Self {
        let connector = Connector::default();
        let https = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector.clone());
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(limit::IDLE_TIMEOUT)
            .pool_max_idle_per_host(limit::IDLE_PER_HOST)
            .build(https);
        Self { http, connector }
    }

    /// Its connections.
    pub fn connector(&self) -> &Connector {
        &self.connector
    }

    /// Follows a request to its end.
    ///
    /// # Errors
    /// Twilio's code for whatever stopped it.
    pub async fn travel(
        &self,
        order: Order<'_>,
        progress: &mut Progress,
    ) -> Result<Arrived, Failure> {
        let mut step = Step::first(&order)?;
        for _ in 0..=limit::REDIRECTS_MAX {
            progress.url = shown(&step.url);
            let response = self.send(&step, order.token).await?;
            let status = response.status();
            progress.status = Some(status.as_u16());
            if status.is_success() {
                return arrive(&step.url, response, order.want).await;
            }
            let Some(next) = step.redirected(status, response.headers())? else {
                let text = format!("the application answered {status}; a 2xx status is needed");
                return Err(Failure::new(11_200, text));
            };
            // A redirect is short: reading it keeps the connection.
            read(response.into_body(), twiml::DOCUMENT_MAX).await?;
            step = next;
        }
        let text = format!("more than {} redirects", limit::REDIRECTS_MAX);
        Err(Failure::new(11_215, text))
    }

    /// One exchange; tried twice if no connection comes about.
    async fn send(
        &self,
        step: &Step,
        token: Option<&Token>,
    ) -> Result<Response<Incoming>, Failure> {
        let mut tries_left = 1;
        loop {
            let error = match self.http.request(step.request(token)?).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let passing = error.is_connect()
                && cause::<NoConnection>(&error).is_none_or(NoConnection::is_passing)
                && cause::<rustls::Error>(&error).is_none();
            if !passing || tries_left == 0 {
                return Err(failure(&error));
            }
            tries_left -= 1;
        }
    }
}

/// One exchange of a journey.
struct Step {
    url: Url,
    method: Method,
    body: Bytes,
    /// What `body` holds, for the signature.
    parameters: Vec<Parameter>,
}

impl Step {
    fn first(order: &Order<'_>) -> Result<Self, Failure> {
        let bad = |why: &str| Failure::new(11_100, format!("`{}` {why}", order.url.escape_debug()));
        let mut url = Url::parse(order.url).map_err(|error| bad(&format!("is no URL: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("is neither http nor https"));
        }
        url.set_fragment(None);
        Ok(match order.method {
            twiml::Method::Get => {
                append_to_query(&mut url, order.parameters);
                Self { url, method: Method::GET, body: Bytes::new(), parameters: Vec::new() }
            }
            twiml::Method::Post => Self {
                url,
                method: Method::POST,
                body: form(order.parameters).into(),
                parameters: order.parameters.to_vec(),
            },
        })
    }

    fn request(&self, token: Option<&Token>) -> Result<Request<Full<Bytes>>, Failure> {
        let invalid = |error: &dyn Error| Failure::new(11_100, format!("no usable URL: {error}"));
        let mut bare = self.url.clone();
        // Neither can fail: the URL has a host.
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        let uri: Uri = bare.as_str().parse().map_err(|error| invalid(&error))?;
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, USER_AGENT_VALUE);
        headers.insert(ACCEPT, ANYTHING);
        if self.method == Method::POST {
            headers.insert(CONTENT_TYPE, FORM);
        }
        if let Some(token) = token {
            let signed = signature(token, self.url.as_str(), &self.parameters);
            let signed = HeaderValue::try_from(signed).map_err(|error| invalid(&error))?;
            headers.insert("X-Twilio-Signature", signed);
        }
        if !self.url.username().is_empty() || self.url.password().is_some() {
            let basic = basic(self.url.username(), self.url.password().unwrap_or(""));
            let mut basic = HeaderValue::try_from(basic).map_err(|error| invalid(&error))?;
            basic.set_sensitive(true);
            headers.insert(AUTHORIZATION, basic);
        }
        Ok(request)
    }

    /// Where to go next, if the answer says so.
    fn redirected(&self, status: StatusCode, headers: &HeaderMap) -> Result<Option<Self>, Failure> {
        let keeps_body = match status.as_u16() {
            301..=303 => false,
            307 | 308 => true,
            _ => return Ok(None),
        };
        let invalid = |what: String| Failure::new(11_216, what);
        let location = headers.get(LOCATION).ok_or_else(|| {
            invalid(format!("the application answered {status} without a Location"))
        })?;
        let location = location
            .to_str()
            .map_err(|_| invalid("the Location of a redirect is not text".to_owned()))?;
        let mut url = self
            .url
            .join(location)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| {
                invalid(format!("the application redirects to `{}`", location.escape_debug()))
            })?;
        url.set_fragment(None);
        if url.query().is_none() {
            // What was asked persists, unless the Location asks for something else.
            url.set_query(self.url.query());
        }
        Ok(Some(if keeps_body {
            Self {
                url,
                method: self.method.clone(),
                body: self.body.clone(),
                parameters: self.parameters.clone(),
            }
        } else {
            Self { url, method: Method::GET, body: Bytes::new(), parameters: Vec::new() }
        }))
    }
}

/// `Authorization: Basic`; name and password come percent-encoded out of a URL.
fn basic(username: &str, password: &str) -> String {
    let decode = |text: &str| {
        // A plus is a plus here, not a blank.
        let text = text.replace('+', "%2B");
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        pairs.map(|(name, _)| name.into_owned()).next().unwrap_or_default()
    };
    let decode = |text: &str| decode(&text.replace('&', "%26").replace('=', "%3D"));
    format!("Basic {}", STANDARD.encode(format!("{}:{}", decode(username), decode(password))))
}

/// A URL as it may be shown: without credentials and fragment.
pub fn shown(url: &Url) -> String {
    if url.username().is_empty() && url.password().is_none() && url.fragment().is_none() {
        return url.as_str().to_owned();
    }
    let mut bare = url.clone();
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare.set_fragment(None);
    bare.into()
}

async fn arrive(url: &Url, response: Response<Incoming>, want: Want) -> Result<Arrived, Failure> {
    let status = response.status().as_u16();
    let content_type = response
        .headers()
        .get(CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    if want != Want::Nothing
        && let Some(encoding) = response.headers().get(CONTENT_ENCODING)
        && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
    {
        let encoding = String::from_utf8_lossy(encoding.as_bytes());
        let text = format!(
            "Content-Encoding is `{}`, which was not asked for: send the answer as it is",
            encoding.escape_debug()
        );
        return Err(Failure::new(INVALID_CONTENT_TYPE, text));
    }
    let body = response.into_body();
    let body = match want {
        Want::Document if Kind::of(content_type.as_deref()) == Kind::Audio => Bytes::new(),
        Want::Document => read(body, twiml::DOCUMENT_MAX).await?,
        // Reading it keeps the connection; too much of it does not matter.
        Want::Nothing => read(body, twiml::DOCUMENT_MAX).await.unwrap_or_default(),
        Want::Sound => read(body, limit::SOUND_MAX).await?,
    };
    Ok(Arrived { url: shown(url), status, content_type, body })
}

/// Reads a body of at most `most` bytes.
async fn read(mut body: Incoming, most: usize) -> Result<Bytes, Failure> {
    let too_long = || {
        let text = format!("the answer is longer than {} kB", most / 1024);
        Failure::new(11_750, text)
    };
    if body.size_hint().lower() > most as u64 {
        return Err(too_long());
    }
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| broken(&error))?;
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + all.len() + data.len() > most {
            return Err(too_long());
        }
        // Nearly every answer is one piece: nothing is copied then.
        if first.is_empty() && all.is_empty() {
            first = data;
            continue;
        }
        if all.is_empty() {
            all.extend_from_slice(&first);
            first = Bytes::new();
        }
        all.extend_from_slice(&data);
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

/// The first cause of that type.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = inside.and_then(|inside| inside.downcast_ref::<E>()) {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn failure(error: &legacy::Error) -> Failure {
    if let Some(reason) = cause::<NoConnection>(error) {
        return Failure::new(reason.code(), reason.to_string());
    }
    if let Some(reason) = cause::<rustls::Error>(error) {
        return tls_failure(reason);
    }
    if let Some(reason) = cause::<hyper::Error>(error) {
        return broken(reason);
    }
    Failure::new(11_205, format!("no answer: {}", innermost(error)))
}

fn tls_failure(error: &rustls::Error) -> Failure {
    use rustls::CertificateError as Bad;
    let certificate =
        if let rustls::Error::InvalidCertificate(bad) = error { Some(bad) } else { None };
    let code = match certificate {
        Some(Bad::NotValidForName | Bad::NotValidForNameContext { .. }) => 11_235,
        Some(
            Bad::Expired
            | Bad::ExpiredContext { .. }
            | Bad::NotValidYet
            | Bad::NotValidYetContext { .. },
        ) => 11_236,
        Some(Bad::UnknownIssuer) => 11_237,
        Some(_) | None => 11_220,
    };
    Failure::new(code, format!("TLS: {error}"))
}

fn broken(error: &hyper::Error) -> Failure {
    if error.is_parse() {
        return Failure::new(11_206, format!("the application does not speak HTTP: {error}"));
    }
    Failure::new(11_205, format!("the connection ended before the answer: {}", innermost(error)))
}

fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_decoded_and_not_shown() {
        assert_eq!(
            basic("user", "p%40ss+1=&"),
            format!("Basic {}", STANDARD.encode("user:p@ss+1=&"))
        );
        let url = Url::parse("https://user:pass@a.example/x?y=1#ct=5").unwrap();
        assert_eq!(shown(&url), "https://a.example/x?y=1");
    }

    #[test]
    fn where_redirects_lead() {
        let table = [
            (301, "/b", Some(("GET", "http://a.example/b?q=1"))),
            (302, "b?x=2", Some(("GET", "http://a.example/b?x=2"))),
            (303, "http://c.example/", Some(("GET", "http://c.example/?q=1"))),
            (307, "/b#f", Some(("POST", "http://a.example/b?q=1"))),
            (308, "https://a.example/b", Some(("POST", "https://a.example/b?q=1"))),
            (304, "/b", None),
            (404, "/b", None),
        ];
        let step = Step::first(&Order {
            url: "http://a.example/a?q=1#rc=3",
            method: twiml::Method::Post,
            parameters: &[("From".into(), "+1".to_owned())],
            token: None,
            want: Want::Document,
        })
        .unwrap();
        for (status, location, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(LOCATION, location.parse().unwrap());
            let next = step.redirected(StatusCode::from_u16(status).unwrap(), &headers).unwrap();
            let next = next.as_ref().map(|next| (next.method.as_str(), next.url.as_str()));
            assert_eq!(next, expected, "{status} {location}");
        }
        for bad in ["ftp://a.example/", "http://", "javascript:1"] {
            let mut headers = HeaderMap::new();
            headers.insert(LOCATION, bad.parse().unwrap());
            let refused = step.redirected(StatusCode::FOUND, &headers).err().map(|f| f.code);
            assert_eq!(refused, Some(11_216), "{bad}");
        }
    }
}
