//! The supervisor's orders: stop releases, let them go on. A signed note, so that only the supervisor's key gives one.
//!
//! ```text
//! tanba-keyd-order/1
//! <name of the key process>
//! <serial>
//! stop | resume
//!
//! — <name of the supervisor> <signature>
//! ```

use super::KeydError;
use crate::log::{LogSigner, LogVerifier};

const FORMAT_LINE: &str = "tanba-keyd-order/1";

/// What is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderKind {
    /// Release nothing.
    Stop,
    /// Release again.
    Resume,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The name of the key process that it is for.
    pub to: String,
    /// Orders are numbered; one is obeyed only if its number is above that of the last one, so that none is given twice.
    pub serial: u64,
    /// What.
    pub kind: OrderKind,
}

impl Order {
    /// The signed note.
    #[must_use]
    pub fn sign(&self, supervisor: &LogSigner) -> Vec<u8> {
        let kind = match self.kind {
            OrderKind::Stop => "stop",
            OrderKind::Resume => "resume",
        };
        supervisor.sign(&format!("{FORMAT_LINE}\n{}\n{}\n{kind}\n", self.to, self.serial))
    }

    /// Reads an order that `supervisor` has signed.
    ///
    /// # Errors
    /// [`KeydError::BadOrder`].
    pub fn open(note: &[u8], supervisor: &LogVerifier) -> Result<Self, KeydError> {
        let refuse = |what| KeydError::BadOrder { what };
        let text = supervisor.open(note).map_err(|_| refuse("the supervisor's key has not signed it"))?;
        let lines: Vec<&str> = text.split_terminator('\n').collect();
        let [FORMAT_LINE, to, serial, kind] = lines.as_slice() else {
            return Err(refuse("it is no tanba-keyd-order/1"));
        };
        let serial: u64 = serial.parse().map_err(|_| refuse("its serial is not a number"))?;
        let kind = match *kind {
            "stop" => OrderKind::Stop,
            "resume" => OrderKind::Resume,
            _ => return Err(refuse("it orders neither stop nor resume")),
        };
        Ok(Self { to: (*to).to_owned(), serial, kind })
    }
}
