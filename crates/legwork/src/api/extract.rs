//! What a request's path and query say, refused in Twilio's JSON shape where they can not be read.
//!
//! Not here: who asks (`auth`), bodies (`calls`).
//! Source: axum's extractors, whose own refusals are plain text.

use axum::extract::{FromRequestParts, Path, Query};
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
