//! Plays one scenario from a file and prints its ladder.
fn main() {
    let path = std::env::args().nth(1).unwrap_or_default();
    let scenario = std::fs::read_to_string(path).unwrap_or_default();
    println!("{}", legwork_sim::script::run(&scenario));
}
