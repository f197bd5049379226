//! Pages of `docs/` that name tests: each is written from a table, and every test it names is there.
//!
//! `UPDATE_EXPECT=1 cargo test -p legwork --test pages` writes them anew.
//! Not here: pages written from what the server itself reads (`docs/verbs.md`, crate `legwork-twiml`).

mod pages {
    mod interop;
    mod named;
    mod rfc;
}
