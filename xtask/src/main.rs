//! What CI runs, as one command.
fn main() {}
