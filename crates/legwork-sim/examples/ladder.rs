//! Prints the ladder of a scenario given on standard input:
//! `cargo run -p legwork-sim --example ladder < scenario`.

use std::io::{Read, Write};

fn main() -> std::io::Result<()> {
    let mut scenario = String::new();
    std::io::stdin().read_to_string(&mut scenario)?;
    std::io::stdout().write_all(legwork_sim::script::run(&scenario).as_bytes())
}
