//! Errors in Twilio's JSON shape.
//!
//! Not here: alerts (`alerts`).
//! Source: Twilio, "Twilio's Response", "Exceptions".

use axum::Json;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error as it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// HTTP status.
    pub status: u16,
    /// Twilio's code.
    pub code: u32,
    /// What is wrong and what to do.
    pub message: String,
}

impl Error {
    /// An error.
    pub fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// Wrong or no credentials.
    pub fn unauthorized() -> Self {
        Self::new(401, 20_003, "authenticate with account SID and auth token (HTTP Basic)")
    }

    /// A request that makes no sense.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, 20_001, message)
    }

    /// No such thing.
    pub fn not_found(what: &str) -> Self {
        Self::new(404, 20_404, format!("{what} was not found"))
    }

    /// The request did not come whole, or its answer took too long.
    pub fn too_slow() -> Self {
        Self::new(408, 20_408, "the request took too long")
    }

    /// The engine did not answer.
    pub fn busy() -> Self {
        Self::new(503, 20_503, "the server is too busy: try again")
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let Self { status, code, message } = self;
        let body = json!({
            "code": code,
            "message": message,
            "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
            "status": status,
        });
        let http = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (http, Json(body)).into_response();
        if status == 401 {
            let realm = HeaderValue::from_static("Basic realm=\"legwork\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, realm);
        }
        response
    }
}

/// For paths we do not have.
pub(crate) async fn no_such_path(uri: Uri) -> Error {
    Error::not_found(&format!("the requested resource {}", uri.path()))
}

/// For methods a path does not have.
pub(crate) async fn no_such_method(method: Method, uri: Uri) -> Error {
    Error::new(405, 20_004, format!("{method} is not allowed on {}", uri.path()))
}
