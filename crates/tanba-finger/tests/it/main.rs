//! Behaviour of the fingerprint science seen from outside.
#![allow(clippy::print_stderr)] // a skipped test says so

mod baselines;
mod comparing;
mod native_measures;
mod slaps;
mod template_files;
