//! The maker's certificates: from the one that signed to a configured anchor (RFC 5280 section 6.1, and WebAuthn section
//! 8.2.1 for the first). Each certificate that is sent must be a link; nothing is looked for elsewhere.

use p256::ecdsa::VerifyingKey;
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::der::asn1::{ObjectIdentifier, OctetString};
use x509_cert::der::oid::AssociatedOid as _;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::attestation::Aaguid;
use super::error::PasskeyError;
use super::public_key::PublicKey;

/// Certificates that an authenticator sends at most.
const LONGEST: usize = 4;

/// id-fido-gen-ce-aaguid: the model that a certificate is for.
const MODEL: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.45724.1.1.4");
const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

fn untrusted<T>(why: &'static str) -> Result<T, PasskeyError> {
    Err(PasskeyError::UntrustedMaker(why))
}

/// The key that signed the attestation, if its certificates lead to an anchor. `now` in POSIX seconds.
pub(super) fn maker_key(
    sent: &[Vec<u8>],
    anchors: &[Certificate],
    model: Aaguid,
    now: u64,
) -> Result<PublicKey, PasskeyError> {
    if sent.len() > LONGEST {
        return untrusted("too many certificates");
    }
    let mut chain = Vec::with_capacity(sent.len());
    for der in sent {
        let Ok(certificate) = Certificate::from_der(der) else { return untrusted("not a certificate") };
        chain.push(certificate);
    }
    let (Some(first), Some(last)) = (chain.first(), chain.last()) else { return untrusted("no certificate") };
    demand_attestation_certificate(first, model)?;
    for (below, pair) in chain.windows(2).enumerate() {
        signed_by(&pair[0], &pair[1], below, now)?;
    }
    current(last, now)?;
    // An anchor is trusted as it stands, be it sent along or not.
    if !anchors.contains(last) {
        let issuers = anchors.iter().filter(|a| a.tbs_certificate().subject() == last.tbs_certificate().issuer());
        let mut found = untrusted("no anchor");
        for anchor in issuers {
            found = current(anchor, now).and_then(|()| signed_by(last, anchor, chain.len() - 1, now));
            if found.is_ok() {
                break;
            }
        }
        found?;
    }
    p256_key(first).map(PublicKey::Es256)
}

/// Section 8.2.1: version 3, four parts of the subject's name, no authority, and the model that it is for.
fn demand_attestation_certificate(certificate: &Certificate, model: Aaguid) -> Result<(), PasskeyError> {
    let tbs = certificate.tbs_certificate();
    let named =
        |oid: ObjectIdentifier| tbs.subject().iter().find(|part| part.oid == oid).map(|part| part.value.value());
    if tbs.version() != Version::V3
        || [COUNTRY, ORGANISATION, COMMON_NAME].iter().any(|oid| named(*oid).is_none_or(<[u8]>::is_empty))
        || named(UNIT) != Some(b"Authenticator Attestation")
    {
        return untrusted("the first is not one for attestation");
    }
    match tbs.get_extension::<BasicConstraints>() {
        Ok(Some((_, constraints))) if !constraints.ca => {}
        _ => return untrusted("the first may be an authority"),
    }
    let told: Vec<_> = tbs.extensions().into_iter().flatten().filter(|e| e.extn_id == MODEL).collect();
    match told.as_slice() {
        [] => Ok(()),
        [one] if !one.critical => match OctetString::from_der(one.extn_value.as_bytes()) {
            Ok(octets) if octets.as_bytes() == model.0 => Ok(()),
            _ => untrusted("it is for another model"),
        },
        _ => untrusted("it names its model wrongly"),
    }
}

/// Whether one certificate is signed by another, which may sign certificates with `below` authorities under it.
fn signed_by(certificate: &Certificate, issuer: &Certificate, below: usize, now: u64) -> Result<(), PasskeyError> {
    current(certificate, now)?;
    let (tbs, authority) = (certificate.tbs_certificate(), issuer.tbs_certificate());
    if tbs.issuer() != authority.subject() {
        return untrusted("they do not follow each other");
    }
    match authority.get_extension::<BasicConstraints>() {
        Ok(Some((_, c))) if c.ca && c.path_len_constraint.is_none_or(|most| below <= usize::from(most)) => {}
        _ => return untrusted("one is signed by no authority"),
    }
    match authority.get_extension::<KeyUsage>() {
        Ok(None) => {}
        Ok(Some((_, usage))) if usage.key_cert_sign() => {}
        _ => return untrusted("one is signed by a key for other uses"),
    }
    if certificate.signature_algorithm() != tbs.signature() || tbs.signature().oid != ECDSA_SHA256 {
        return untrusted("an algorithm that is not verified here");
    }
    let Ok(message) = tbs.to_der() else { return untrusted("not a certificate") };
    let Some(signature) = certificate.signature().as_bytes() else { return untrusted("not a certificate") };
    PublicKey::Es256(p256_key(issuer)?).verify(&message, signature).or_else(|_| untrusted("a signature does not hold"))
}

/// Whether a certificate is in its time, and asks for nothing that is not understood here.
fn current(certificate: &Certificate, now: u64) -> Result<(), PasskeyError> {
    let tbs = certificate.tbs_certificate();
    let (from, to) = (tbs.validity().not_before, tbs.validity().not_after);
    if now < from.to_unix_duration().as_secs() || now > to.to_unix_duration().as_secs() {
        return untrusted("one has ended or has not begun");
    }
    let known = [BasicConstraints::OID, KeyUsage::OID];
    let strange = tbs.extensions().into_iter().flatten().any(|e| e.critical && !known.contains(&e.extn_id));
    if strange { untrusted("one asks for what is not understood here") } else { Ok(()) }
}

/// The P-256 key of a certificate.
fn p256_key(certificate: &Certificate) -> Result<VerifyingKey, PasskeyError> {
    const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
    const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
    let info = certificate.tbs_certificate().subject_public_key_info();
    let curve = info.algorithm.parameters.as_ref().and_then(|p| p.decode_as::<ObjectIdentifier>().ok());
    let point = info.subject_public_key.as_bytes().filter(|_| info.algorithm.oid == EC && curve == Some(P256));
    match point.map(VerifyingKey::from_sec1_bytes) {
        Some(Ok(key)) => Ok(key),
        _ => untrusted("a key that is not verified here"),
    }
}
