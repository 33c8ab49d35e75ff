//! Behaviour of the fingerprint science seen from outside.
#![allow(clippy::print_stderr)] // a skipped test says so

mod baselines;
mod comparing;
mod slaps;
mod native_measures;
mod template_files;
