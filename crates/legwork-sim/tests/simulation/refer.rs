//! `<Refer>`: REFER sent by the server.

mod following;
mod legs;
mod phones;
mod transfers;
