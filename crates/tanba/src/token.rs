//! The options that name a token (a hardware security module) with the key-encryption keys.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tanba_hsm::{Hsm, Pin};
use tanba_seal::Token;

/// Where the key-encryption keys lie, if not in the key file.
#[derive(Args)]
pub(crate) struct TokenArgs {
    /// The vendor's PKCS#11 module (a shared library): the key-encryption keys lie in a token and never leave it.
    #[arg(long, value_name = "PATH", requires_all = ["token", "pin_file"])]
    pkcs11_module: Option<PathBuf>,
    /// The label of the token, which is made and given its PIN with the vendor's tools.
    #[arg(long, value_name = "LABEL", requires = "pkcs11_module")]
    token: Option<String>,
    /// A file with the PIN of the token's user.
    #[arg(long, value_name = "FILE", requires = "pkcs11_module")]
    pin_file: Option<PathBuf>,
}

impl TokenArgs {
    /// Opens the token; `None` if none is named.
    pub(crate) fn open(&self) -> anyhow::Result<Option<Arc<dyn Token>>> {
        let (Some(module), Some(label), Some(pin)) = (&self.pkcs11_module, &self.token, &self.pin_file) else {
            return Ok(None);
        };
        Ok(Some(Arc::new(Hsm::open(module, label, Pin::read(pin)?)?)))
    }
}
