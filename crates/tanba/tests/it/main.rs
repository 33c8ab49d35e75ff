//! The program as its users run it: exit status, one answer on standard output, errors that say what to do.

mod audit;
mod bench;
mod client;
mod dna;
mod entrusted;
mod formats;
mod keyd;
mod kill;
mod law;
mod lineage;
mod memory;
mod notices;
mod people;
mod prints;
mod program;
mod releases;
mod retention;
mod sanction;
mod service;
mod sign_in;
mod slaps;
mod synth;
mod system_calls;
mod tls;
mod train;
mod witness;
