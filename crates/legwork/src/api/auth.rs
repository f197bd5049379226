//! Who asks: Basic authentication with account SID and auth token.
//!
//! Not here: the tokens (`config`).
//! Source: RFC 7617; Twilio, "Requests to the API".

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use legwork_call::sid::AccountSid;
use subtle::ConstantTimeEq as _;

use crate::api::{Error, Shared};
use crate::config::Tokens;

/// The account that asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller(pub(crate) AccountSid);

impl FromRequestParts<Arc<Shared>> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Error> {
        let header = parts.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        header
            .and_then(|value| account(value, &shared.tokens()))
            .map(Self)
            .ok_or_else(Error::unauthorized)
    }
}

/// The account whose credentials these are. Takes as long for a wrong token as for a right one.
fn account(authorization: &[u8], tokens: &Tokens) -> Option<AccountSid> {
    let (scheme, encoded) = authorization.split_at_checked(6)?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim_ascii()).ok()?;
    let colon = decoded.iter().position(|b| *b == b':')?;
    let (sid, token) = decoded.split_at_checked(colon)?;
    let token = token.get(1..)?;
    let sid: AccountSid = std::str::from_utf8(sid).ok()?.parse().ok()?;
    let right = tokens.get(&sid)?.expose();
    bool::from(right.ct_eq(token)).then_some(sid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Token;

    #[test]
    fn only_the_right_token_opens() {
        let sid = AccountSid::from_bits(7);
        let tokens: Tokens = [(sid, Token::new("s3:cret"))].into();
        let check = |text: &str| account(text.as_bytes(), &tokens);
        let basic = |plain: String| format!("Basic {}", STANDARD.encode(plain));
        assert_eq!(check(&basic(format!("{sid}:s3:cret"))), Some(sid));
        assert_eq!(check(&basic(format!("{sid}:s3:cret")).replace("Basic", "bAsIc")), Some(sid));
        let other = AccountSid::from_bits(8);
        for wrong in [
            basic(format!("{sid}:s3:crew")),
            basic(format!("{sid}:")),
            basic(format!("{sid}")),
            basic(format!("{other}:s3:cret")),
            basic("s3:cret".to_owned()),
            "Basic".to_owned(),
            "Basic !!!".to_owned(),
            format!("Bearer {sid}:s3:cret"),
            String::new(),
        ] {
            assert_eq!(check(&wrong), None, "{wrong}");
        }
    }
}
