//! One exchange of a journey: what is sent, and where a redirect leads.
//!
//! Not here: sending it (`journey`), encoding parameters (`parameters`).
//! Source: RFC 9110 §15.4; Twilio, "Webhooks"; error codes 11100, 11216.
//! Deviation: 301 and 302 turn a POST into a GET, as Twilio's do.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, LOCATION, USER_AGENT};
use hyper::{Method, Request, StatusCode, Uri};
use legwork_call::shown_url;
use legwork_twiml as twiml;
use url::{Position, Url};

use crate::config::Token;
use crate::fetch::failure::{Cause, Failure};
use crate::fetch::parameters::{Parameter, append_to_query, form};
use crate::fetch::pool;
use crate::fetch::sign::signature;

/// What applications know Twilio's requests by.
const USER_AGENT_VALUE: HeaderValue = HeaderValue::from_static("TwilioProxy/1.1");
const FORM: HeaderValue =
    HeaderValue::from_static("application/x-www-form-urlencoded; charset=UTF-8");
const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");

/// What is asked, and where.
#[derive(Debug)]
pub struct Step<'a> {
    /// Credentials included, without fragment.
    pub url: Url,
    /// GET or POST.
    pub method: Method,
    body: Bytes,
    /// What `body` holds, for the signature.
    parameters: &'a [Parameter],
}

/// Reads the URL of an application.
///
/// # Errors
/// 11100: it is none.
pub fn read(url: &str) -> Result<Url, Failure> {
    let bad = |why: &str| {
        let text = format!("`{}` {why}", shown_url(url).escape_debug());
        Failure::new(11_100, Cause::Lasting, text)
    };
    let read = Url::parse(url).map_err(|error| bad(&format!("is no URL: {error}")))?;
    if matches!(read.scheme(), "http" | "https") {
        Ok(read)
    } else {
        Err(bad("is neither http nor https"))
    }
}

impl<'a> Step<'a> {
    /// The first one.
    pub fn first(mut url: Url, method: twiml::Method, parameters: &'a [Parameter]) -> Self {
        url.set_fragment(None);
        match method {
            twiml::Method::Get => {
                append_to_query(&mut url, parameters);
                Self { url, method: Method::GET, body: Bytes::new(), parameters: &[] }
            }
            twiml::Method::Post => {
                Self { url, method: Method::POST, body: form(parameters).into(), parameters }
            }
        }
    }

    /// The request, signed if there is a token.
    ///
    /// # Errors
    /// 11100: the URL holds what HTTP can not send.
    pub fn request(&self, token: Option<&Token>) -> Result<Request<Full<Bytes>>, Failure> {
        let invalid = |_| Failure::new(11_100, Cause::Lasting, "the URL can not be sent by HTTP");
        let target = &self.url[Position::BeforePath..Position::AfterQuery];
        let uri: Uri = target.parse().map_err(|_| invalid(()))?;
        let host = &self.url[Position::BeforeHost..Position::AfterPort];
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.reserve(12);
        headers.insert(HOST, HeaderValue::try_from(host).map_err(|_| invalid(()))?);
        headers.insert(USER_AGENT, USER_AGENT_VALUE);
        headers.insert(ACCEPT, ANYTHING);
        if self.method == Method::POST {
            headers.insert(CONTENT_TYPE, FORM);
        }
        if let Some(token) = token {
            let signed = signature(token, self.url.as_str(), self.parameters);
            let signed = HeaderValue::try_from(signed).map_err(|_| invalid(()))?;
            headers.insert("x-twilio-signature", signed);
        }
        Ok(request)
    }

    /// Where to go next, if the answer says so.
    ///
    /// # Errors
    /// 11216: it does not say it so that one could go there.
    pub fn redirected(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Result<Option<Self>, Failure> {
        let keeps_body = match status.as_u16() {
            301..=303 => false,
            307 | 308 => true,
            _ => return Ok(None),
        };
        let invalid = |what: String| Failure::new(11_216, Cause::Lasting, what);
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
                let to = shown_url(location);
                invalid(format!("the application redirects to `{}`", to.escape_debug()))
            })?;
        url.set_fragment(None);
        if url.query().is_none() {
            // What was asked persists, unless the Location asks for something else.
            url.set_query(self.url.query());
        }
        let nameless = url.username().is_empty() && url.password().is_none();
        if nameless && pool::same(&url, &self.url) {
            // Neither can fail: the URL has a host.
            let _ = url.set_username(self.url.username());
            let _ = url.set_password(self.url.password());
        }
        Ok(Some(if keeps_body {
            let (method, body) = (self.method.clone(), self.body.clone());
            Self { url, method, body, parameters: self.parameters }
        } else {
            Self { url, method: Method::GET, body: Bytes::new(), parameters: &[] }
        }))
    }
}

#[cfg(test)]
mod tests {
    use legwork_call::bare_url;

    use super::*;

    #[test]
    fn credentials_are_not_shown() {
        let url = Url::parse("https://user:pass@a.example/x?y=1#ct=5").unwrap();
        assert_eq!(bare_url(&url), "https://a.example/x?y=1");
    }

    #[test]
    fn nor_are_those_of_what_is_no_url() {
        for bad in ["http://u:secret@a.example:99999/x", "ftp://u:secret@a.example/x"] {
            let refused = read(bad).unwrap_err();
            assert_eq!(refused.code, 11_100);
            assert!(refused.text.contains("a.example"), "{refused}");
            assert!(!refused.text.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn where_redirects_lead() {
        let table = [
            (301, "/b", Some(("GET", "http://u:p@a.example/b?q=1"))),
            (302, "b?x=2", Some(("GET", "http://u:p@a.example/b?x=2"))),
            (303, "http://c.example/", Some(("GET", "http://c.example/?q=1"))),
            (303, "http://a.example/c", Some(("GET", "http://u:p@a.example/c?q=1"))),
            (307, "/b#f", Some(("POST", "http://u:p@a.example/b?q=1"))),
            (307, "http://v:w@a.example/", Some(("POST", "http://v:w@a.example/?q=1"))),
            (308, "https://a.example/b", Some(("POST", "https://a.example/b?q=1"))),
            (304, "/b", None),
            (404, "/b", None),
        ];
        let parameters = [("From".into(), "+1".to_owned())];
        let url = read("http://u:p@a.example/a?q=1#rc=3").unwrap();
        let step = Step::first(url, twiml::Method::Post, &parameters);
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
        let secret = "http://u:secret@a.example:99999/".parse().unwrap();
        let secret = HeaderMap::from_iter([(LOCATION, secret)]);
        let refused = step.redirected(StatusCode::FOUND, &secret).unwrap_err();
        assert!(!refused.text.contains("secret"), "{refused}");
        let nowhere = step.redirected(StatusCode::FOUND, &HeaderMap::new()).unwrap_err();
        assert_eq!(nowhere.code, 11_216);
    }
}
