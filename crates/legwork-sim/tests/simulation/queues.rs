//! `<Enqueue>`, `<Leave>`, `<Dial><Queue>`: every result, every race, transfers into queues.
//!
//! Not here: attributes one by one (`attributes`); many callers at a time (`queues/fifty`, `queues/crowd`).

mod crowd;
mod dialled;
mod fifty;
mod orders;
mod races;
mod transfers;
mod waiting;
