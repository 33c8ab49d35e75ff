//! Domains whose key-encryption keys a ring has for a time only: sealed under a data key that somebody else gives, or does not.

use zeroize::Zeroizing;

use super::{KeyRing, SECRET_BYTES};
use crate::{
    Context, DataKey, Entropy, SealError,
    cipher::Secret,
    key_domain::{Domain, Kek, MAX_VERSIONS},
};

/// Bytes before the keys: the minimum decryption version, little-endian.
const MINIMUM: usize = 4;

const MALFORMED: SealError = SealError::NotAnEnvelope { what: "not the keys of a domain" };

impl KeyRing {
    /// All keys of the context's domain, sealed under a data key: what [`KeyRing::borrow_domain`] opens. The ring stays as it is;
    /// [`KeyRing::remove_domain`] takes them out of it.
    ///
    /// # Errors
    /// [`SealError::UnknownDomain`]; [`SealError::DomainMismatch`] if the data key is for another domain.
    pub fn seal_domain(
        &self,
        context: &Context<'_>,
        under: &DataKey,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let domain = self.domain(context.domain)?;
        // Sized beforehand: a vector that grows leaves unwiped copies behind.
        let mut plain = Zeroizing::new(Vec::with_capacity(MINIMUM + domain.keys().len() * SECRET_BYTES));
        plain.extend_from_slice(&domain.minimum.to_le_bytes());
        domain.keys().iter().for_each(|key| plain.extend_from_slice(key.bytes()));
        under.seal(context, &plain, entropy)
    }

    /// Has the context's domain again, in memory, until [`KeyRing::remove_domain`]. A ring that has it already stays as it is, whatever
    /// was sealed.
    ///
    /// # Errors
    /// Those of [`DataKey::open`]; [`SealError::NotAnEnvelope`] for what [`KeyRing::seal_domain`] never makes;
    /// [`SealError::BadLabel`], [`SealError::Full`].
    pub fn borrow_domain(&mut self, context: &Context<'_>, under: &DataKey, sealed: &[u8]) -> Result<(), SealError> {
        let plain = under.open(context, sealed)?;
        if self.domain(context.domain).is_ok() {
            return Ok(());
        }
        self.check_new_label(context.domain)?;
        let (minimum, keys) = plain.split_first_chunk::<MINIMUM>().ok_or(MALFORMED)?;
        let minimum = u32::from_le_bytes(*minimum);
        let keys = keys.chunks(SECRET_BYTES).map(|key| Some(Kek::of(Secret::from_slice(key)?, self.token.as_ref())));
        let keys = keys.collect::<Option<Vec<_>>>().ok_or(MALFORMED)?;
        let newest = u32::try_from(keys.len()).unwrap_or(u32::MAX);
        if !(1..=MAX_VERSIONS).contains(&newest) || !(1..=newest).contains(&minimum) {
            return Err(MALFORMED);
        }
        self.domains.push(Domain::new(context.domain, minimum, keys));
        Ok(())
    }
}
