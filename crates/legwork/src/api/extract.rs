//! What a request's path and query say, refused in Twilio's JSON shape where they can not be read.
//!
//! Not here: who asks (`auth`), what a body means (`new_call`).
//! Source: axum's extractors, whose own refusals are plain text.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::api::Error;

/// The SID in a path, as written.
#[derive(Debug)]
pub(crate) struct Named(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(sid)) => Ok(Self(sid)),
            Err(wrong) => Err(Error::bad_request(wrong.body_text())),
        }
    }
}

/// The parameters of a query.
#[derive(Debug)]
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(wrong) => Err(Error::bad_request(wrong.body_text())),
        }
    }
}

/// The body, whole.
#[derive(Debug)]
pub(crate) struct Whole(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Whole {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        match Bytes::from_request(request, state).await {
            Ok(body) => Ok(Self(body)),
            Err(wrong) => Err(Error::new(wrong.status().as_u16(), 20_001, wrong.body_text())),
        }
    }
}
