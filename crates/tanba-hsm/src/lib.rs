//! Key-encryption keys in a hardware security module, by PKCS#11 2.40 or later.
//!
//! [`Hsm`] is a [`Token`](tanba_seal::Token): it makes AES-256 keys inside the module (`CKM_AES_KEY_GEN`), with which the
//! module encrypts and decrypts data keys (`CKM_AES_GCM`), and which it gives to nobody: `CKA_SENSITIVE` is true,
//! `CKA_EXTRACTABLE`, `CKA_WRAP`, `CKA_UNWRAP`, `CKA_DERIVE` and `CKA_MODIFIABLE` are false. A key that was brought in from
//! elsewhere (`CKA_LOCAL`) or could once leave (`CKA_NEVER_EXTRACTABLE`, `CKA_ALWAYS_SENSITIVE`) is refused.
//!
//! The vendor's module is foreign code in this process, loaded while it runs. That is why this is a crate of its own and
//! why nothing but the key process should use it: nothing is needed to build it, and whoever names no module loads none.

mod hsm;
mod session;

pub use hsm::Hsm;
pub use session::Pin;
