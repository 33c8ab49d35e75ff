//! The service as its clients meet it, over the router itself: no socket, the real register behind it.

mod access_pages;
mod bad_input;
mod browser;
mod counter_pages;
mod data_tracker;
mod document;
mod entrance;
mod entries;
mod error_rates;
mod examination;
mod files;
mod genomic;
mod genomic_pages;
mod house;
mod journey;
mod national;
mod outputs;
mod oversight;
mod passkeys;
mod public;
mod roles;
mod sessions;
mod supervision;
mod yes_or_no;
