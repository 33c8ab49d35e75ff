//! Bytes to values and back, for everything that a fingerprint travels in.
//!
//! Sans-IO: nothing here opens a file, asks the time or draws a random number, and no reader panics on any input.
//! Readers return [`Decoded`]: the value together with the [`Diagnostic`]s that a person should see. [`file::open`] tells what a file
//! is, and everything in it describes itself as an [`Outline`].

pub mod ansi378;
pub mod ansi_nist;
pub mod cbeff;
mod cursor;
pub mod file;
mod finger_position;
pub mod genetic;
mod gray;
pub mod image;
mod iso19794_1;
pub mod iso19794_2;
pub mod iso19794_4;
pub mod minutiae;
mod outline;
pub mod photograph;
mod tlv;
mod xml;

pub use finger_position::{Finger, UnknownFingerCode};
pub use gray::{Gray8, GrayError, Ppi};
pub use outline::Outline;

/// Something a reader noticed and survived: what, and where in the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable machine-readable name, such as `resolution-assumed`.
    pub code: &'static str,
    /// One sentence for a person, without any content of the input that could be personal.
    pub message: String,
    /// Byte offset in the input, where that makes sense.
    pub offset: Option<usize>,
}

/// A value that was read, with what the reader noticed on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<T> {
    /// What was read.
    pub value: T,
    /// What a person should know about the reading; empty where all was in order.
    pub diagnostics: Vec<Diagnostic>,
}

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
