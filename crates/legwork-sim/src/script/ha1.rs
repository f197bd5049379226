//! Credentials of the scenario's users: the server is given hashes, never passwords.
//!
//! Source: RFC 8760 §2.4, RFC 2617 §3.2.2.2.

use legwork_call::config::User;

use crate::phone::md5_hex;

/// A user of a realm. Its phones answer MD5 challenges only.
pub(super) fn user(username: &str, realm: &str, password: &str) -> User {
    User {
        username: username.to_owned(),
        ha1_md5: md5_hex(&format!("{username}:{realm}:{password}")),
        ha1_sha256: "0".repeat(64),
    }
}
