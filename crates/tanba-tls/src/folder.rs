//! A service's folder: what it shows, whom it believes.

use std::fs::{self, Metadata};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, UnixTime};
use rustls::sign::CertifiedKey;
use webpki::{CertRevocationList, OwnedCertRevocationList, anchor_from_trusted_cert};
use x509_cert::Certificate;
use x509_cert::crl::CertificateList;
use x509_cert::der::Decode as _;
use zeroize::Zeroizing;

use crate::house::{House, Life, Use, life, provider};
use crate::params::LARGEST_FILE;
use crate::refusal::Refusal;

/// The certificate of the service itself, then those between it and a root (PEM).
pub const CERTIFICATE: &str = "certificate.pem";
/// Its private key (PEM), which nobody but its owner may read.
pub const KEY: &str = "key.pem";
/// The roots of the house (PEM).
pub const ROOTS: &str = "roots.pem";
/// The lists of revoked certificates, one of each authority (PEM).
pub const REVOKED: &str = "revoked.pem";

/// Why a folder is of no use, or a connection was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: put it there (`tanba certificate issue` makes all four)", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others than its owner can read a private key.
    #[error(
        "{} can be read by others than its owner (mode {mode:o}): chmod 600 it, and have a new certificate made if somebody was there",
        path.display()
    )]
    OpenKey {
        /// Which one.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file is not what it should be.
    #[error("{}: {what}", path.display())]
    Content {
        /// Which one.
        path: PathBuf,
        /// What is wrong, and what to do.
        what: &'static str,
    },
    /// Peers would not believe the certificate in the folder.
    #[error("{}: peers would refuse this service: {why}", path.display())]
    Own {
        /// The certificate.
        path: PathBuf,
        /// Why.
        why: Refusal,
    },
    /// A certificate is needed and there is none.
    #[error("{}: this side has to prove itself too: put its certificate and key there", path.display())]
    NoneOwn {
        /// The folder.
        path: PathBuf,
    },
    /// The peer is not there.
    #[error("nobody answers at {at}")]
    Away {
        /// Where.
        at: String,
        /// Why.
        source: std::io::Error,
    },
    /// The peer is not the one that was meant, or one side has nothing to show that the other believes.
    #[error("no connection with {at}: {why}")]
    Refused {
        /// Where.
        at: String,
        /// Why.
        why: Refusal,
    },
}

/// What a folder held when it was read.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) house: Arc<House>,
    /// When the first of the lists ends, POSIX.
    pub(crate) lists_end: Duration,
    pub(crate) own: Option<Own>,
}

/// The service's own certificate and key.
#[derive(Clone)]
pub(crate) struct Own {
    pub(crate) shown: Arc<CertifiedKey>,
    pub(crate) life: Life,
}

impl Own {
    /// Whether it has not ended.
    pub(crate) fn holds(&self, now: UnixTime) -> bool {
        now.as_secs() <= self.life.ends.as_secs()
    }
}

/// Whom a folder believes, and when the first of its lists ends.
pub(crate) fn read_house(dir: &Path, longest: Duration) -> Result<(Arc<House>, Duration), TlsError> {
    let roots = dir.join(ROOTS);
    let mut anchors = Vec::new();
    for root in pems::<CertificateDer<'static>>(&roots, &file(&roots)?)? {
        let anchor = anchor_from_trusted_cert(&root)
            .map_err(|_| content(&roots, "one of these is no certificate: put the roots of the house there"))?;
        anchors.push(anchor.to_owned());
    }
    if anchors.is_empty() {
        return Err(content(&roots, "it holds no certificate: put the roots of the house there"));
    }
    let (lists, lists_end) = read_lists(&dir.join(REVOKED))?;
    Ok((Arc::new(House::new(anchors, lists, longest)), lists_end))
}

/// What a folder shows, if others of its house believe it.
pub(crate) fn read_own(dir: &Path, house: &House, now: UnixTime) -> Result<Option<Own>, TlsError> {
    let (certificate, key) = (dir.join(CERTIFICATE), dir.join(KEY));
    // Whoever only asks, and is not asked who they are, may have neither; half of it is a mistake.
    if !certificate.exists() && !key.exists() {
        return Ok(None);
    }
    let own = read_pair(&certificate, &key)?;
    let chain = &own.shown.cert;
    let believed = |used_for| house.check(&chain[0], &chain[1..], now, used_for, &[]);
    match (believed(Use::Answering), believed(Use::Asking)) {
        (Ok(()), _) | (_, Ok(())) => Ok(Some(own)),
        (Err(why), Err(_)) => Err(TlsError::Own { path: certificate, why }),
    }
}

fn read_lists(path: &Path) -> Result<(Vec<CertRevocationList<'static>>, Duration), TlsError> {
    let mut lists = Vec::new();
    let mut end = Duration::MAX;
    for list in pems::<CertificateRevocationListDer<'static>>(path, &file(path)?)? {
        let wrong = || content(path, "one of these is no list of revoked certificates that is understood");
        let parsed = <CertificateList>::from_der(&list).map_err(|_| wrong())?;
        let next = parsed.tbs_cert_list.next_update.ok_or_else(|| {
            content(path, "one of these lists has no end (nextUpdate): ask its authority for one that has")
        })?;
        end = end.min(next.to_unix_duration());
        lists.push(OwnedCertRevocationList::from_der(&list).map_err(|_| wrong())?.into());
    }
    if lists.is_empty() {
        return Err(content(
            path,
            "it holds no list of revoked certificates: put those of the authorities there; one that revokes nothing will do",
        ));
    }
    Ok((lists, end))
}

fn read_pair(certificate: &Path, key: &Path) -> Result<Own, TlsError> {
    let chain = pems::<CertificateDer<'static>>(certificate, &file(certificate)?)?;
    let Some(first) = chain.first() else {
        return Err(content(certificate, "it holds no certificate: put the one of this service there"));
    };
    let parsed = Certificate::from_der(first).map_err(|_| content(certificate, "this is no certificate"))?;
    let mode = metadata(key)?.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(TlsError::OpenKey { path: key.to_owned(), mode });
    }
    let secret = PrivateKeyDer::from_pem_slice(&file(key)?)
        .map_err(|_| content(key, "it holds no private key in PEM (without a passphrase), or it is cut off"))?;
    let secret = provider()
        .key_provider
        .load_private_key(secret)
        .map_err(|_| content(key, "this is no key that TLS 1.3 signs with: make one of ECDSA P-256"))?;
    let life = life(&parsed);
    let shown = CertifiedKey::new(chain, secret);
    if shown.keys_match().is_err() {
        return Err(content(key, "this is the key of another certificate than the one beside it: replace both"));
    }
    Ok(Own { shown: Arc::new(shown), life })
}

/// What tells that a file is another one than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp([i64; 5], u64);

/// The stamps of the four files; `None` for one that is not there.
pub(crate) fn stamps(dir: &Path) -> [Option<Stamp>; 4] {
    [CERTIFICATE, KEY, ROOTS, REVOKED].map(|name| {
        let m = fs::metadata(dir.join(name)).ok()?;
        Some(Stamp([m.mtime(), m.mtime_nsec(), m.ctime(), m.ctime_nsec(), i64::from(m.mode())], m.ino()))
    })
}

fn content(path: &Path, what: &'static str) -> TlsError {
    TlsError::Content { path: path.to_owned(), what }
}

fn metadata(path: &Path) -> Result<Metadata, TlsError> {
    let metadata = fs::metadata(path).map_err(|source| TlsError::File { path: path.to_owned(), source })?;
    // A pipe or a device would keep whoever reads it waiting.
    if metadata.is_file() { Ok(metadata) } else { Err(content(path, "this is no file")) }
}

/// The bytes of a file, which may be a private key.
fn file(path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    let failed = |source| TlsError::File { path: path.to_owned(), source };
    let metadata = metadata(path)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(metadata.len().min(LARGEST_FILE)).unwrap_or(0)));
    fs::File::open(path).map_err(failed)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(content(path, "it is longer than a megabyte: this is not the file that is meant"));
    }
    Ok(bytes)
}

fn pems<T: PemObject>(path: &Path, bytes: &[u8]) -> Result<Vec<T>, TlsError> {
    T::pem_slice_iter(bytes)
        .collect::<Result<_, _>>()
        .map_err(|_| content(path, "this is no PEM, or it is cut off: copy it again"))
}
