//! Behaviour of 1:N search seen from outside.

mod archive;
mod coverage;
mod files;
mod orders;
mod people;
mod searching;
