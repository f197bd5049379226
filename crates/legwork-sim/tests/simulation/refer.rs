//! `<Refer>`: REFER sent by the server.

mod following;
mod legs;
mod notices;
mod phones;
mod transfers;
