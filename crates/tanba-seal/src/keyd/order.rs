//! The supervisor's orders: stop releases, let them go on. A signed note, so that only the supervisor's key gives one.
//!
//! ```text
//! tanba-keyd-order/1
//! <name of the key process>
//! <serial>
//! stop | resume | destroy <domain> <version>
//!
//! — <name of the supervisor> <signature>
//! ```
//!
//! An order to destroy a key carries the signature of a second person too, the custodian.

use super::KeydError;
use crate::log::{LogSigner, LogVerifier};

const FORMAT_LINE: &str = "tanba-keyd-order/1";

/// What is ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderKind {
    /// Release nothing.
    Stop,
    /// Release again.
    Resume,
    /// Destroy a retired version of a domain's key-encryption key in the token that holds it.
    Destroy {
        /// The domain.
        domain: String,
        /// The version.
        version: u32,
    },
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
        let kind = match &self.kind {
            OrderKind::Stop => "stop".to_owned(),
            OrderKind::Resume => "resume".to_owned(),
            OrderKind::Destroy { domain, version } => format!("destroy {domain} {version}"),
        };
        supervisor.sign(&format!("{FORMAT_LINE}\n{}\n{}\n{kind}\n", self.to, self.serial))
    }

    /// Adds the signature of a second person to an order that is signed.
    ///
    /// # Errors
    /// [`KeydError::BadOrder`] if it is no order.
    pub fn countersign(note: &[u8], custodian: &LogSigner) -> Result<Vec<u8>, KeydError> {
        if !note.starts_with(format!("{FORMAT_LINE}\n").as_bytes()) {
            return Err(KeydError::BadOrder { what: "it is no tanba-keyd-order/1" });
        }
        custodian.countersign(note).map_err(|_| KeydError::BadOrder { what: "it is no signed note" })
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
        let kind = match kind.split(' ').collect::<Vec<_>>().as_slice() {
            ["stop"] => OrderKind::Stop,
            ["resume"] => OrderKind::Resume,
            ["destroy", domain, version] => {
                let version = version.parse().map_err(|_| refuse("the version to destroy is not a number"))?;
                OrderKind::Destroy { domain: (*domain).to_owned(), version }
            }
            _ => return Err(refuse("it orders neither to stop nor to resume nor to destroy a key")),
        };
        Ok(Self { to: (*to).to_owned(), serial, kind })
    }
}
