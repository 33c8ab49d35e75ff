//! Behaviour of 1:N search seen from outside.

mod archive;
mod coverage;
mod device;
mod files;
mod orders;
mod people;
mod searching;
