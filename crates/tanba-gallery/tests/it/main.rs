//! Behaviour of 1:N search seen from outside.

mod coverage;
mod files;
mod people;
mod searching;
