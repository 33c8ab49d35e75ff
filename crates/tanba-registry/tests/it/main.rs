//! The registry as its users meet it: whole journeys on synthetic people, and everything that may go wrong in them.

mod access;
mod bad_input;
mod citizen;
mod counter;
mod desk;
mod enrolment;
mod examination;
mod files;
mod follow_up;
mod gallery;
mod genomic;
mod house;
mod integrity;
mod law_in_use;
mod narrowing;
mod oversight;
mod passkeys;
mod persons;
mod refusal;
mod renewal;
mod retention;
mod sanctions;
mod training;
mod witnessing;
