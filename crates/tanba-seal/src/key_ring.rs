//! The opened key file: every key of the installation, by domain and version.

mod lent;

use std::{fmt, sync::Arc};

use hkdf::{
    Hkdf,
    hmac::{Hmac, KeyInit, Mac},
};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    Context, DataKey, Entropy, KdfParams, SealError, Token, TokenKeyName,
    cipher::Secret,
    index::Label,
    key_domain::{Domain, Kek, MAX_VERSIONS},
    key_file::{self, DomainHeader, LogKeyKind, damaged},
    keyd::ReleasedKey,
    log::{LogSigner, Seeds, WitnessSigner, valid_key_name},
};

const SECRET_BYTES: usize = 32;

/// Bounds on what a ring may hold, so that its file stays small.
const MAX_DOMAINS: usize = 64;
const MAX_LABEL_BYTES: usize = 32;

/// All keys of an installation, in memory, wiped when dropped.
///
/// Made by [`KeyRing::create`] or [`KeyRing::open`]. The methods that change it ([`KeyRing::rotate`],
/// [`KeyRing::retire_below`], [`KeyRing::add_domain`]) change memory only: write the bytes of [`KeyRing::rewrap`] to
/// durable storage *before* sealing anything with the changed ring, or what was sealed is lost with the process.
pub struct KeyRing {
    origin: String,
    /// The keys that the log signs with: one, or two while it changes its key, the older one first.
    log_keys: Vec<LogSeed>,
    index_root: Secret,
    domains: Vec<Domain>,
    token: Option<Arc<dyn Token>>,
}

/// A secret that the log's keys of both kinds are made from.
struct LogSeed {
    seed: Secret,
    kind: LogKeyKind,
}

impl LogSeed {
    /// Made from the seed as it is, and for ML-DSA-44 by `HKDF-SHA-256` with the info `tanba-seal/1 log ML-DSA-44`.
    fn seeds(&self) -> Seeds<'_> {
        let post_quantum = match self.kind {
            LogKeyKind::Classic => None,
            LogKeyKind::Both => Some(Zeroizing::new(*derived(&self.seed, b"tanba-seal/1 log ML-DSA-44").bytes())),
        };
        (self.seed.bytes(), post_quantum)
    }
}

impl KeyRing {
    /// Makes new random keys for `domains` and a new log signing key for `origin`, and the key file that holds them.
    ///
    /// A domain label has 1 to 32 characters of `a-z`, `0-9` and `-`. The origin names the log in its checkpoints,
    /// by convention a URL without its scheme, such as `registry.example/log`; it cannot be changed later.
    ///
    /// # Errors
    /// [`SealError::WeakPassphrase`], [`SealError::KdfParams`], [`SealError::BadLabel`], [`SealError::Full`].
    pub fn create(
        passphrase: &str,
        domains: &[&str],
        origin: &str,
        kdf: KdfParams,
        entropy: &mut dyn Entropy,
    ) -> Result<(Vec<u8>, Self), SealError> {
        Self::create_with((None, LogKeyKind::Classic), passphrase, domains, origin, kdf, entropy)
    }

    /// As [`KeyRing::create`], with a log that signs its checkpoints with Ed25519 and ML-DSA-44.
    ///
    /// # Errors
    /// As [`KeyRing::create`].
    pub fn create_post_quantum(
        passphrase: &str,
        domains: &[&str],
        origin: &str,
        kdf: KdfParams,
        entropy: &mut dyn Entropy,
    ) -> Result<(Vec<u8>, Self), SealError> {
        Self::create_with((None, LogKeyKind::Both), passphrase, domains, origin, kdf, entropy)
    }

    /// As [`KeyRing::create`], with the key-encryption keys made in `token`, which they never leave. The log's signing key
    /// and the root of blind indexes are in the file.
    ///
    /// # Errors
    /// As [`KeyRing::create`]; [`SealError::Token`], and then there may be keys in the token that nothing uses.
    pub fn create_in_token(
        token: Arc<dyn Token>,
        passphrase: &str,
        domains: &[&str],
        origin: &str,
        kdf: KdfParams,
        entropy: &mut dyn Entropy,
    ) -> Result<(Vec<u8>, Self), SealError> {
        Self::create_with((Some(token), LogKeyKind::Classic), passphrase, domains, origin, kdf, entropy)
    }

    fn create_with(
        (token, kind): (Option<Arc<dyn Token>>, LogKeyKind),
        passphrase: &str,
        domains: &[&str],
        origin: &str,
        kdf: KdfParams,
        entropy: &mut dyn Entropy,
    ) -> Result<(Vec<u8>, Self), SealError> {
        if !valid_key_name(origin) {
            return Err(SealError::BadLabel { why: "a log origin has no spaces, control characters or `+`" });
        }
        let mut ring = Self {
            origin: origin.to_owned(),
            log_keys: vec![LogSeed { seed: Secret::random(entropy), kind }],
            index_root: Secret::random(entropy),
            domains: Vec::new(),
            token,
        };
        for label in domains {
            ring.add_domain(label, entropy)?;
        }
        let file = ring.rewrap(passphrase, kdf, entropy)?;
        Ok((file, ring))
    }

    /// Opens a key file.
    ///
    /// # Errors
    /// [`SealError::WrongPassphrase`] if the file is intact and the passphrase does not fit,
    /// [`SealError::DamagedKeyFile`] if any byte of the file changed, [`SealError::KeyFileVersion`],
    /// [`SealError::TokenNeeded`] if its key-encryption keys lie in a token.
    pub fn open(file: &[u8], passphrase: &str) -> Result<Self, SealError> {
        Self::open_with(None, file, passphrase)
    }

    /// Opens a key file whose key-encryption keys lie in `token`. Each that may still be used is looked up there.
    ///
    /// # Errors
    /// As [`KeyRing::open`]; [`SealError::NoTokenKeys`] if the file holds its keys itself, [`SealError::Token`] if one is
    /// not there or could leave the token.
    pub fn open_in_token(token: Arc<dyn Token>, file: &[u8], passphrase: &str) -> Result<Self, SealError> {
        Self::open_with(Some(token), file, passphrase)
    }

    fn open_with(token: Option<Arc<dyn Token>>, file: &[u8], passphrase: &str) -> Result<Self, SealError> {
        let (header, secrets) = key_file::read(file, passphrase)?;
        // The header was authenticated with the secrets, so what follows fails only on a faulty writer.
        let inconsistent = || damaged("header and keys disagree");
        let mut secrets = secrets.chunks(SECRET_BYTES).map(Secret::from_slice);
        let mut next = || secrets.next().flatten().ok_or_else(inconsistent);
        match (&header.token, &token) {
            (Some(label), None) => return Err(SealError::TokenNeeded { label: label.clone() }),
            (None, Some(_)) => return Err(SealError::NoTokenKeys),
            _ => {}
        }
        let kinds = match header.log_keys.as_slice() {
            [] => &[LogKeyKind::Classic],
            kinds @ ([_] | [_, _]) => kinds,
            _ => return Err(inconsistent()),
        };
        let log_keys = kinds.iter().map(|kind| Ok(LogSeed { seed: next()?, kind: *kind }));
        let log_keys = log_keys.collect::<Result<Vec<_>, SealError>>()?;
        let mut ring = Self { origin: header.origin, log_keys, index_root: next()?, domains: Vec::new(), token };
        for DomainHeader { label, newest, minimum } in header.domains {
            let in_range = (1..=MAX_VERSIONS).contains(&newest) && (1..=newest).contains(&minimum);
            if ring.check_new_label(&label).is_err() || !in_range {
                return Err(inconsistent());
            }
            let keys = (0..newest).map(|_| Ok(Kek::of(next()?, ring.token.as_ref())));
            let keys = keys.collect::<Result<Vec<_>, SealError>>()?;
            ring.domains.push(Domain::new(&label, minimum, keys));
        }
        if next().is_ok() || !valid_key_name(&ring.origin) {
            return Err(inconsistent());
        }
        ring.check_token()?;
        Ok(ring)
    }

    /// Writes the ring as a key file under `passphrase`: to change the passphrase, or after a change to the ring.
    ///
    /// An old copy of the file keeps opening with its old passphrase: destroy the copies too.
    ///
    /// # Errors
    /// [`SealError::WeakPassphrase`], [`SealError::KdfParams`].
    pub fn rewrap(&self, passphrase: &str, kdf: KdfParams, entropy: &mut dyn Entropy) -> Result<Vec<u8>, SealError> {
        let keys = || {
            let own = self.log_keys.iter().map(|key| key.seed.bytes()).chain([self.index_root.bytes()]);
            own.chain(self.domains.iter().flat_map(|d| d.keys().iter().map(Kek::bytes)))
        };
        // Sized beforehand: a vector that grows leaves unwiped copies behind.
        let mut secrets = Zeroizing::new(Vec::with_capacity(keys().count() * SECRET_BYTES));
        keys().for_each(|key| secrets.extend_from_slice(key));
        let domains = self
            .domains
            .iter()
            .map(|d| DomainHeader { label: d.label.clone(), newest: d.newest(), minimum: d.minimum })
            .collect();
        let token = self.token.as_ref().map(|token| token.label().to_owned());
        let kinds = match self.log_keys.as_slice() {
            [LogSeed { kind: LogKeyKind::Classic, .. }] => Vec::new(),
            keys => keys.iter().map(|key| key.kind).collect(),
        };
        key_file::write(&self.origin, token, kinds, domains, &secrets, passphrase, kdf, entropy)
    }

    /// How the passphrase of a key file is turned into a key, to write the file anew as it was.
    ///
    /// # Errors
    /// [`SealError::DamagedKeyFile`], [`SealError::KeyFileVersion`].
    pub fn kdf_of(file: &[u8]) -> Result<KdfParams, SealError> {
        key_file::kdf_of(file)
    }

    /// Whether there is a domain of this label.
    #[must_use]
    pub fn has_domain(&self, label: &str) -> bool {
        self.domain(label).is_ok()
    }

    /// Adds a domain with a first key.
    ///
    /// # Errors
    /// [`SealError::BadLabel`] for a malformed or existing label, [`SealError::Full`] for a 65th domain,
    /// [`SealError::Token`].
    pub fn add_domain(&mut self, label: &str, entropy: &mut dyn Entropy) -> Result<(), SealError> {
        self.check_new_label(label)?;
        let mut domain = Domain::new(label, 1, Vec::new());
        domain.add(&self.origin, self.token.as_ref(), entropy)?;
        self.domains.push(domain);
        Ok(())
    }

    /// Takes a domain out, with all its keys: when they are somebody else's to hold, or when everything wrapped under them
    /// is to be unreadable.
    ///
    /// An old copy of the file still holds them: destroy the copies too.
    ///
    /// # Errors
    /// [`SealError::UnknownDomain`].
    pub fn remove_domain(&mut self, label: &str) -> Result<(), SealError> {
        self.domain(label)?;
        self.domains.retain(|d| d.label != label);
        Ok(())
    }

    /// Makes a new version of a domain's key-encryption key, which wraps all data keys from now on, and returns it.
    /// Older versions go on unwrapping what they wrapped until [`KeyRing::retire_below`].
    ///
    /// # Errors
    /// [`SealError::UnknownDomain`]; [`SealError::Full`] after 100 versions; [`SealError::Token`].
    pub fn rotate(&mut self, domain: &str, entropy: &mut dyn Entropy) -> Result<u32, SealError> {
        // The borrow checker does not see that the three are different fields.
        let Self { origin, token, domains, .. } = self;
        let found = domains.iter_mut().find(|d| d.label == domain).ok_or_else(|| unknown_domain(domain))?;
        found.add(origin, token.as_ref(), entropy)
    }

    /// Sets the minimum decryption version: data keys wrapped under an older version are refused from now on.
    /// [`KeyRing::rewrap_data_key`] every row first. The minimum never goes down and never above the newest version.
    ///
    /// The retired keys stay in the file, unused: retiring a key is not destroying data. What is to be unreadable for
    /// good loses its data key.
    ///
    /// # Errors
    /// [`SealError::UnknownDomain`], [`SealError::UnknownVersion`], [`SealError::RetiredVersion`] if already higher.
    pub fn retire_below(&mut self, domain: &str, minimum: u32) -> Result<(), SealError> {
        let domain = self.domain_mut(domain)?;
        domain.key(minimum)?;
        domain.minimum = minimum;
        Ok(())
    }

    /// A new random data key for the context's domain, and its wrapped form to be stored beside the data.
    ///
    /// The context is that of the *wrapped key's* row: the same one must be given to unwrap it.
    ///
    /// # Errors
    /// [`SealError::UnknownDomain`], [`SealError::Token`].
    pub fn new_data_key(
        &self,
        context: &Context<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<(DataKey, Vec<u8>), SealError> {
        let domain = self.domain(context.domain)?;
        let key = DataKey::random(context.domain, entropy);
        let wrapped = domain.wrap(&key, context, entropy)?;
        Ok((key, wrapped))
    }

    /// The data key that `wrapped` holds.
    ///
    /// # Errors
    /// [`SealError::UnknownDomain`], [`SealError::RetiredVersion`], [`SealError::UnknownVersion`],
    /// [`SealError::NotAnEnvelope`], [`SealError::WrongKey`], [`SealError::Altered`] if it was changed or moved,
    /// [`SealError::Token`].
    pub fn unwrap_data_key(&self, context: &Context<'_>, wrapped: &[u8]) -> Result<DataKey, SealError> {
        self.domain(context.domain)?.unwrap(context, wrapped)
    }

    /// Wraps the data key in `wrapped` again under the newest version. The records sealed under it stay as they are.
    ///
    /// # Errors
    /// As [`KeyRing::unwrap_data_key`].
    pub fn rewrap_data_key(
        &self,
        context: &Context<'_>,
        wrapped: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let key = self.unwrap_data_key(context, wrapped)?;
        self.domain(context.domain)?.wrap(&key, context, entropy)
    }

    /// Wraps the data key in `wrapped` again under the newest version of another domain, and for another place. The records sealed under
    /// it stay as they are, and open with [`DataKey::for_records_of`] the domain that they were sealed in.
    ///
    /// # Errors
    /// As [`KeyRing::unwrap_data_key`].
    pub fn move_data_key(
        &self,
        from: &Context<'_>,
        to: &Context<'_>,
        wrapped: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let key = self.unwrap_data_key(from, wrapped)?;
        self.domain(to.domain)?.wrap(&key, to, entropy)
    }

    /// Destroys a retired version in the token, and gives the name that it had there: what was wrapped under it and not
    /// wrapped again cannot be opened by anyone, with no copy of anything. A second time does nothing more.
    ///
    /// # Errors
    /// [`SealError::VersionInUse`] unless it is below the minimum decryption version; [`SealError::NoTokenKeys`] for a ring
    /// that holds its keys in its file, of which there may be copies; [`SealError::UnknownDomain`],
    /// [`SealError::UnknownVersion`]; [`SealError::Token`] if the key may be there still.
    pub fn destroy_retired(&self, domain: &str, version: u32) -> Result<TokenKeyName, SealError> {
        let domain = self.domain(domain)?;
        let Kek::InToken(name, token) = domain.any_key(version)? else { return Err(SealError::NoTokenKeys) };
        if version >= domain.minimum {
            return Err(SealError::VersionInUse { domain: domain.label.clone(), version, minimum: domain.minimum });
        }
        token.destroy(name)?;
        Ok(*name)
    }

    /// A data key that was made elsewhere, wrapped under the newest version of its domain.
    pub(crate) fn wrap_data_key(
        &self,
        context: &Context<'_>,
        key: &DataKey,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        if key.domain() != context.domain {
            return Err(SealError::DomainMismatch { key: key.domain().to_owned(), context: context.domain.to_owned() });
        }
        self.domain(context.domain)?.wrap(key, context, entropy)
    }

    /// The data key in `wrapped`, to be handed to a key process that is to hold it from now on
    /// ([`Keyd::wrap`](crate::keyd::Keyd::wrap)).
    ///
    /// # Errors
    /// As [`KeyRing::unwrap_data_key`].
    pub fn hand_over(&self, context: &Context<'_>, wrapped: &[u8]) -> Result<ReleasedKey, SealError> {
        Ok(ReleasedKey::of(&self.unwrap_data_key(context, wrapped)?))
    }

    /// A keyed fingerprint of `bytes`, for equality look-ups without storing the plaintext (such as a person by
    /// identity number). Equal under equal `label` and `bytes`; without the key file it can neither be computed nor
    /// be searched by trying all numbers.
    ///
    /// It is `HMAC-SHA-256` under a key derived from `label` that does not rotate with the domains, since an index
    /// must keep matching its older rows. To renew it, fill a new column under a new label.
    #[must_use]
    pub fn blind_index(&self, label: &str, bytes: &[u8]) -> [u8; 32] {
        self.keyed(b"tanba-seal/1 blind index\0", label, bytes)
    }

    /// What a record is called for one party and for no other: `HMAC-SHA-256` of its id under a key that is derived from the party's name,
    /// by `HKDF-SHA-256` with the info `tanba-seal/1 pseudonym\0` and that name. The same party is always told the same; two parties cannot
    /// tell from what they hold that it is one record, and nobody without the key file can reckon it or go back. It does not rotate with
    /// the domains: a party gets new ones under a new name.
    #[must_use]
    pub fn pseudonym(&self, party: &str, record: &str) -> [u8; 32] {
        self.keyed(b"tanba-seal/1 pseudonym\0", party, record.as_bytes())
    }

    /// `HMAC-SHA-256` under a key that is derived from the root of indexes for a purpose and a label.
    fn keyed(&self, purpose: &[u8], label: &str, bytes: &[u8]) -> [u8; 32] {
        let mut key = Secret::zero();
        Hkdf::<Sha256>::new(None, self.index_root.bytes())
            .expand_multi_info(&[purpose, label.as_bytes()], key.bytes_mut())
            .expect("32 bytes are within HKDF-SHA-256's 8160");
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.bytes()).expect("HMAC takes a key of any length");
        mac.chain_update(bytes).finalize().into_bytes().into()
    }

    /// What a record is called in the index of own entries: `HMAC-SHA-256` of its id, as [`KeyRing::blind_index`] under a
    /// label of its own. It says nothing about whose it is to anyone without the key file.
    #[must_use]
    pub fn own_label(&self, record: &str) -> Label {
        Label(self.blind_index("own-index", record.as_bytes()))
    }

    /// The log's signing keys. Its [`verifier`](LogSigner::verifier) is public.
    #[must_use]
    pub fn log_signer(&self) -> LogSigner {
        let [first, next @ ..] = self.log_keys.as_slice() else { unreachable!("a ring has a key for its log") };
        LogSigner::new(&self.origin, first.seeds(), next.first().map(LogSeed::seeds))
    }

    /// Makes the log's next key, of Ed25519 and ML-DSA-44, with which it signs from now on beside the one that it has.
    ///
    /// # Errors
    /// [`SealError::Full`] while an older key is held.
    pub fn add_log_key(&mut self, entropy: &mut dyn Entropy) -> Result<(), SealError> {
        if self.log_keys.len() > 1 {
            return Err(SealError::Full { what: "the log changes its key already: retire the older one first" });
        }
        self.log_keys.push(LogSeed { seed: Secret::random(entropy), kind: LogKeyKind::Both });
        Ok(())
    }

    /// Has the log's keys of another state of the same ring, and no other of its keys.
    pub fn take_log_keys(&mut self, from: Self) {
        self.log_keys = from.log_keys;
    }

    /// Forgets the older of two keys of the log; one alone stays.
    ///
    /// An old copy of the file still holds it: destroy the copies too.
    pub fn drop_old_log_key(&mut self) {
        let newest = self.log_keys.len() - 1;
        self.log_keys.drain(..newest);
    }

    /// The signing keys of a witness that bears the ring's origin as its name: other keys than the log's, derived from the
    /// same secret by `HKDF-SHA-256`, with the info `tanba-seal/1 witness` for Ed25519 and `tanba-seal/1 witness ML-DSA-44`.
    #[must_use]
    pub fn witness_signer(&self) -> WitnessSigner {
        let [LogSeed { seed: root, .. }, ..] = self.log_keys.as_slice() else {
            unreachable!("a ring has a key for its log")
        };
        let seed = |info| derived(root, info);
        let (classic, post_quantum) = (seed(b"tanba-seal/1 witness"), seed(b"tanba-seal/1 witness ML-DSA-44"));
        WitnessSigner::new(&self.origin, classic.bytes(), post_quantum.bytes())
    }

    /// The name under which the log's checkpoints are signed.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Each domain with its newest key version and its minimum decryption version.
    pub fn domains(&self) -> impl Iterator<Item = (&str, u32, u32)> {
        self.domains.iter().map(|d| (d.label.as_str(), d.newest(), d.minimum))
    }

    /// Whether the token holds all keys that may still be used.
    fn check_token(&self) -> Result<(), SealError> {
        for domain in &self.domains {
            for version in domain.minimum..=domain.newest() {
                if let Kek::InToken(name, token) = domain.key(version)? {
                    token.check(name)?;
                }
            }
        }
        Ok(())
    }

    fn check_new_label(&self, label: &str) -> Result<(), SealError> {
        let refuse = |why| Err(SealError::BadLabel { why });
        let well_formed = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if label.is_empty() || label.len() > MAX_LABEL_BYTES || !well_formed {
            return refuse("a domain label has 1 to 32 characters of a-z, 0-9 and `-`");
        }
        if self.domains.iter().any(|d| d.label == label) {
            return refuse("this domain is there already");
        }
        if self.domains.len() == MAX_DOMAINS {
            return Err(SealError::Full { what: "at most 64 domains" });
        }
        Ok(())
    }

    fn domain(&self, label: &str) -> Result<&Domain, SealError> {
        self.domains.iter().find(|d| d.label == label).ok_or_else(|| unknown_domain(label))
    }

    fn domain_mut(&mut self, label: &str) -> Result<&mut Domain, SealError> {
        self.domains.iter_mut().find(|d| d.label == label).ok_or_else(|| unknown_domain(label))
    }
}

/// Another secret from a secret, by `HKDF-SHA-256`.
fn derived(secret: &Secret, info: &[u8]) -> Secret {
    let mut seed = Secret::zero();
    Hkdf::<Sha256>::new(None, secret.bytes())
        .expand(info, seed.bytes_mut())
        .expect("32 bytes are within HKDF-SHA-256's 8160");
    seed
}

fn unknown_domain(label: &str) -> SealError {
    SealError::UnknownDomain { domain: label.to_owned() }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domains: Vec<_> = self.domains().collect();
        f.debug_struct("KeyRing").field("origin", &self.origin).field("domains", &domains).finish_non_exhaustive()
    }
}
