//! `<Dial>` in full: screening, status callbacks, what `action` is told, when a call is answered.

mod answering;
mod ends;
mod screening;
mod told;
