//! What the synthesis promises: the same people for the same seed, and a ground truth that is true.

mod advice;
mod codes;
mod determinism;
mod genetics;
mod golden;
mod learned;
mod pattern;
mod people;
mod pinned;
mod prints;
mod slaps;
