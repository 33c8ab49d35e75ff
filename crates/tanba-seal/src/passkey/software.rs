//! An authenticator in software, for tests: it makes keys, attestation objects and assertions, also wrong ones. Behind the
//! feature `software-authenticator`, which no program has.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use sha2::{Digest, Sha256};

use super::attestation::Aaguid;
use super::relying_party::{Asserted, Registered, signed_bytes};

/// The model that authenticators here say they are.
pub const MODEL: Aaguid = Aaguid(*b"a test's key 001");

/// A maker of authenticators, with a root of its own.
pub struct Maker {
    name: String,
    root: SigningKey,
    certificate: Vec<u8>,
}

/// A certificate to be made.
#[derive(Debug, Clone, Copy)]
pub struct Certified {
    /// The unit in the subject's name; `Authenticator Attestation` for a batch of keys.
    pub unit: &'static str,
    /// Whether it is an authority.
    pub authority: bool,
    /// The model that it says it is for.
    pub model: Option<Aaguid>,
    /// The last year of its time, two digits from 2000 on.
    pub to_year: u8,
}

/// A batch of keys, as makers certify it.
pub const BATCH: Certified =
    Certified { unit: "Authenticator Attestation", authority: false, model: Some(MODEL), to_year: 49 };

/// One authenticator with one key. What it says is what stands in its fields.
pub struct Authenticator {
    key: Key,
    batch: Option<(SigningKey, Vec<Vec<u8>>)>,
    /// By which its key is found.
    pub credential: Vec<u8>,
    /// The flags that it sends, without that of a key: 0x05 is present and verified.
    pub flags: u8,
    /// Its counter; every signature adds `step`.
    pub counter: u32,
    /// What a signature adds to the counter.
    pub step: u32,
    /// The site that it thinks it signs for.
    pub site: String,
    /// The origin that its browser tells.
    pub origin: String,
}

enum Key {
    Es256(SigningKey),
    Ed25519(ed25519_dalek::SigningKey),
}

fn seeded(seed: &str) -> [u8; 32] {
    Sha256::digest(seed.as_bytes()).into()
}

/// A P-256 key from a seed.
fn p256_key(seed: &str) -> SigningKey {
    SigningKey::from_slice(&seeded(seed)).expect("a hash is a scalar but once in 2^32")
}

impl Maker {
    /// A maker; one name is one maker.
    pub fn new(name: &str) -> Self {
        Self::calling_itself(name, name)
    }

    /// A maker of another key that says it is `name`.
    pub fn calling_itself(name: &str, seed: &str) -> Self {
        let root = p256_key(seed);
        let spec = Certified { unit: "Root", authority: true, model: None, to_year: 49 };
        let certificate = certificate(&root, (&root, name), (name, spec));
        Self { name: name.to_owned(), root, certificate }
    }

    /// Its root certificate, in DER.
    pub fn anchor(&self) -> &[u8] {
        &self.certificate
    }

    /// An authenticator of its, in the hands of whoever opens a site.
    pub fn authenticator(&self, seed: &str, site: &str, origin: &str) -> Authenticator {
        self.authenticator_with(seed, site, origin, BATCH)
    }

    /// An authenticator with another certificate.
    pub fn authenticator_with(&self, seed: &str, site: &str, origin: &str, spec: Certified) -> Authenticator {
        let batch = p256_key("a batch");
        let chain = vec![certificate(&batch, (&self.root, self.name.as_str()), ("a batch", spec))];
        Authenticator { batch: Some((batch, chain)), ..Authenticator::in_software(seed, site, origin) }
    }

    /// An authenticator whose batch is certified by an intermediate of `spec`.
    pub fn authenticator_under(&self, seed: &str, site: &str, origin: &str, spec: Certified) -> Authenticator {
        let (batch, middle) = (p256_key("a batch"), p256_key("a middle"));
        let chain = vec![
            certificate(&batch, (&middle, "a middle"), ("a batch", BATCH)),
            certificate(&middle, (&self.root, self.name.as_str()), ("a middle", spec)),
        ];
        Authenticator { batch: Some((batch, chain)), ..Authenticator::in_software(seed, site, origin) }
    }
}

impl Authenticator {
    /// One that nobody vouches for: software, or hardware that does not tell.
    pub fn in_software(seed: &str, site: &str, origin: &str) -> Self {
        Self {
            key: Key::Es256(p256_key(seed)),
            batch: None,
            credential: seeded(&format!("credential of {seed}"))[..16].to_vec(),
            flags: 0x05,
            counter: 1,
            step: 1,
            site: site.to_owned(),
            origin: origin.to_owned(),
        }
    }

    /// The same with a key of Ed25519.
    #[must_use]
    pub fn ed25519(mut self, seed: &str) -> Self {
        self.key = Key::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seeded(seed)));
        self
    }

    /// The same, sending only the first of its certificates.
    #[must_use]
    pub fn sending(mut self, certificates: usize) -> Self {
        self.batch.iter_mut().for_each(|(_, chain)| chain.truncate(certificates));
        self
    }

    /// Its certificates, the first one signing.
    pub fn certificates(&self) -> &[Vec<u8>] {
        self.batch.as_ref().map_or(&[], |(_, chain)| chain)
    }

    /// Makes its key known: `packed` with the maker's certificates, or `none`.
    pub fn create(&mut self, challenge: &[u8]) -> Registered {
        let client_data = self.client_data("webauthn.create", challenge);
        let mut data = self.data(0x40);
        data.extend_from_slice(&MODEL.0);
        data.extend_from_slice(&u16::try_from(self.credential.len()).expect("short").to_be_bytes());
        data.extend_from_slice(&self.credential);
        data.extend_from_slice(&cbor(&Value::Map(self.cose())));
        let (format, told) = match &self.batch {
            None => ("none", Vec::new()),
            Some((batch, chain)) => {
                let signature: DerSignature = batch.sign(&signed_bytes(&data, &client_data));
                let chain = chain.iter().cloned().map(Value::Bytes).collect();
                let told = vec![
                    ("alg".into(), Value::from(-7)),
                    ("sig".into(), Value::Bytes(signature.as_bytes().to_vec())),
                    ("x5c".into(), Value::Array(chain)),
                ];
                ("packed", told)
            }
        };
        let object = Value::Map(vec![
            ("fmt".into(), format.into()),
            ("attStmt".into(), Value::Map(told)),
            ("authData".into(), Value::Bytes(data)),
        ]);
        Registered { client_data, attestation: cbor(&object) }
    }

    /// The key vouching for itself (`packed` without certificates).
    pub fn create_self_attested(&mut self, challenge: &[u8]) -> Registered {
        let mut made = self.create(challenge);
        let mut object: Value = ciborium::from_reader(made.attestation.as_slice()).expect("made here");
        let map = object.as_map_mut().expect("a map");
        let data = map[2].1.as_bytes().expect("bytes").clone();
        let signature = self.signature(&signed_bytes(&data, &made.client_data));
        let told = vec![("alg".into(), Value::from(-7)), ("sig".into(), Value::Bytes(signature))];
        map[0].1 = "packed".into();
        map[1].1 = Value::Map(told);
        made.attestation = cbor(&object);
        made
    }

    /// Signs a challenge.
    pub fn sign(&mut self, challenge: &[u8]) -> Asserted {
        self.counter += self.step;
        let client_data = self.client_data("webauthn.get", challenge);
        let authenticator_data = self.data(0);
        let signature = self.signature(&signed_bytes(&authenticator_data, &client_data));
        Asserted { credential: self.credential.clone(), client_data, authenticator_data, signature }
    }

    fn client_data(&self, ceremony: &str, challenge: &[u8]) -> Vec<u8> {
        let (challenge, origin) = (URL_SAFE_NO_PAD.encode(challenge), &self.origin);
        format!(r#"{{"type":"{ceremony}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#)
            .into_bytes()
    }

    fn data(&self, more_flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.site.as_bytes()).to_vec();
        data.push(self.flags | more_flags);
        data.extend_from_slice(&self.counter.to_be_bytes());
        data
    }

    fn cose(&self) -> Vec<(Value, Value)> {
        let entry = |key: i64, value: Value| (Value::from(key), value);
        match &self.key {
            Key::Es256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let half = |at: usize| Value::Bytes(point.as_bytes()[at..at + 32].to_vec());
                vec![
                    entry(1, 2.into()),
                    entry(3, (-7).into()),
                    entry(-1, 1.into()),
                    entry(-2, half(1)),
                    entry(-3, half(33)),
                ]
            }
            Key::Ed25519(key) => {
                let x = Value::Bytes(key.verifying_key().as_bytes().to_vec());
                vec![entry(1, 1.into()), entry(3, (-8).into()), entry(-1, 6.into()), entry(-2, x)]
            }
        }
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => Signer::<DerSignature>::sign(key, message).as_bytes().to_vec(),
            Key::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        }
    }
}

fn cbor(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("memory takes it");
    bytes
}

/// A certificate in DER (RFC 5280 section 4.1) of a key, signed by the issuer's.
fn certificate(key: &SigningKey, issuer: (&SigningKey, &str), subject: (&str, Certified)) -> Vec<u8> {
    let (named, spec) = subject;
    let algorithm = sequence(&[oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])]);
    let curve = sequence(&[
        oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]),
        oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
    ]);
    let point = key.verifying_key().to_sec1_point(false);
    let constraints = if spec.authority { sequence(&[tlv(0x01, &[0xff])]) } else { sequence(&[]) };
    let mut extensions = vec![sequence(&[oid(&[0x55, 0x1d, 0x13]), tlv(0x01, &[0xff]), tlv(0x04, &constraints)])];
    if let Some(model) = spec.model {
        let id = oid(&[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x04]);
        extensions.push(sequence(&[id, tlv(0x04, &tlv(0x04, &model.0))]));
    }
    let issuer_unit = if issuer.1 == "a middle" { "Middle" } else { "Root" };
    let to = format!("{:02}1231235959Z", spec.to_year);
    let tbs = sequence(&[
        tlv(0xa0, &tlv(0x02, &[2])),
        tlv(0x02, &[7]),
        algorithm.clone(),
        name(issuer.1, issuer_unit),
        sequence(&[tlv(0x17, b"200101000000Z"), tlv(0x17, to.as_bytes())]),
        name(named, spec.unit),
        sequence(&[curve, bits(point.as_bytes())]),
        tlv(0xa3, &sequence(&extensions)),
    ]);
    let signature: DerSignature = issuer.0.sign(&tbs);
    sequence(&[tbs, algorithm, bits(signature.as_bytes())])
}

fn name(common: &str, unit: &str) -> Vec<u8> {
    let part = |last: u8, text: &str| {
        let tag = if last == 6 { 0x13 } else { 0x0c };
        tlv(0x31, &sequence(&[oid(&[0x55, 0x04, last]), tlv(tag, text.as_bytes())]))
    };
    sequence(&[part(6, "KZ"), part(10, "A maker"), part(11, unit), part(3, common)])
}

fn oid(octets: &[u8]) -> Vec<u8> {
    tlv(0x06, octets)
}

fn bits(octets: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], octets].concat())
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("short").to_be_bytes();
    let length: &[u8] = match content.len() {
        0..0x80 => &length[1..],
        0x80..0x100 => &[0x81, length[1]],
        _ => &[0x82, length[0], length[1]],
    };
    [&[tag], length, content].concat()
}
