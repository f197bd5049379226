//! `GET /_/openapi.json`.
//!
//! Not here: what it describes (`calls`, `alerts`, `stats`).
//! Source: OpenAPI 3.1.0.

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

/// The document, as it stands in the repository.
pub(crate) const DOCUMENT: &str = include_str!("openapi.json");

/// The document.
pub(crate) async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT)
}
