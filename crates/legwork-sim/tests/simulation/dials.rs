//! `<Dial>` in full: screening, status callbacks, what `action` is told, when a call is answered.

mod answering;
mod ends;
mod screened_among;
mod screening;
mod told;
