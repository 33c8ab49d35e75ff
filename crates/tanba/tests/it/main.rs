//! The program as it is started: processes, sockets, signals, a data folder.

mod client;
mod kill;
mod service;
