//! Services of a house, and everybody else who comes to their doors: over sockets, with certificates made for the past and the future, and a client
//! and a server that are not ours to say what ours would not.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::serve::Listener as _;
use rcgen::{CertificateParams, KeyPair};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, DigitallySignedStruct, Error, ServerConfig, SignatureScheme, SupportedProtocolVersion};
use tanba_tls::{
    Authority, CERTIFICATE, Clients, KEY, LONGEST_CERTIFICATE, LONGEST_CONNECTION, PeerName, REVOKED, ROOTS, Refusal,
    Tls, TlsError, TlsListener,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

const DAY: i64 = 86_400;
const REGISTER: &str = "register.example";
const KEYD: &str = "spiffe://house.example/keyd";

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

fn name(text: &str) -> PeerName {
    text.parse().unwrap()
}

/// What a service shows.
struct Shown {
    certificate: String,
    key: String,
}

fn issue(house: &mut Authority, to: &str, days: u64, at: i64) -> Shown {
    let made = house.issue(&[name(to)], days, at).unwrap();
    Shown { certificate: made.certificate, key: made.key.to_string() }
}

fn self_signed(to: &str) -> Shown {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![to.to_owned()]).unwrap();
    (params.not_before, params.not_after) = {
        let at = |seconds| time::OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        (at(now() - 10), at(now() + DAY))
    };
    Shown { certificate: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

fn put(dir: &Path, file: &str, text: &str) {
    // As whoever replaces a file with care does.
    let (made, file) = (dir.join("new"), dir.join(file));
    fs::write(&made, text).unwrap();
    fs::set_permissions(&made, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(made, file).unwrap();
}

fn folder(dir: &Path, shown: &Shown, root: &str, list: &str) {
    fs::create_dir_all(dir).unwrap();
    put(dir, ROOTS, root);
    put(dir, REVOKED, list);
    put(dir, KEY, &shown.key);
    put(dir, CERTIFICATE, &shown.certificate);
}

fn open(dir: &Path) -> Result<Arc<Tls>, TlsError> {
    Tls::open_own(dir, LONGEST_CERTIFICATE)
}

/// Believes every server: what is asked here is whom the server believes.
#[derive(Debug)]
struct Anyone;

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

fn chain(shown: &Shown) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let chain = CertificateDer::pem_slice_iter(shown.certificate.as_bytes()).collect::<Result<_, _>>().unwrap();
    (chain, PrivateKeyDer::from_pem_slice(shown.key.as_bytes()).unwrap())
}

fn client(shown: Option<&Shown>, version: &'static SupportedProtocolVersion) -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[version])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone));
    match shown {
        None => builder.with_no_client_auth(),
        Some(shown) => {
            let (chain, key) = chain(shown);
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    }
}

/// Asks with a client that is not ours; what the server says to those whom it believes.
async fn ask(at: SocketAddr, config: ClientConfig) -> io::Result<String> {
    let stream = TcpStream::connect(at).await?;
    let host = ServerName::try_from("127.0.0.1").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(host, stream).await?;
    let mut said = String::new();
    stream.read_to_string(&mut said).await?;
    Ok(said)
}

/// Sends bytes that are no handshake, and reads whatever comes back.
async fn send(at: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said).await;
    said
}

/// A server that says `welcome` to whom it believes.
async fn welcome(tls: &Arc<Tls>, clients: Clients) -> SocketAddr {
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut listener = TlsListener::start(tcp, Arc::clone(tls), clients).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut session, _) = listener.accept().await;
            tokio::spawn(async move {
                let _ = session.write_all(b"welcome").await;
                let _ = session.shutdown().await;
            });
        }
    });
    address
}

fn refused(tls: &Tls) -> Vec<String> {
    let metrics = tls.metrics();
    let lines = metrics.lines().filter_map(|line| line.strip_prefix("tanba_tls_refused_total{reason=\""));
    lines.map(|line| line.replace("\"}", "")).collect()
}

#[tokio::test]
async fn control_j6_a_door_opens_to_the_named_service_of_the_house_and_to_nobody_else() {
    let folder_of = tempfile::tempdir().unwrap();
    let dir = folder_of.path().join("keyd");
    let (mut house, mut other) = (Authority::found("House", now()).unwrap(), Authority::found("House", now()).unwrap());
    let stolen = issue(&mut house, REGISTER, 7, now());
    house.revoke(&name(REGISTER), now()).unwrap();
    let good = issue(&mut house, REGISTER, 7, now());
    let list = house.list(7, now()).unwrap();
    folder(&dir, &issue(&mut house, KEYD, 7, now()), house.root(), &list);
    let tls = open(&dir).unwrap();
    let at = welcome(&tls, Clients::Named(vec![name(REGISTER)])).await;
    let mut wildcard = CertificateParams::new(vec!["*.example".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let seconds = |seconds| time::OffsetDateTime::from_unix_timestamp(seconds).unwrap();
    (wildcard.not_before, wildcard.not_after) = (seconds(now() - 10), seconds(now() + DAY));
    let issuer_key = KeyPair::from_pem(&house.key()).unwrap();
    let mut root = CertificateParams::default();
    root.distinguished_name = rcgen::DistinguishedName::new();
    root.distinguished_name.push(rcgen::DnType::CommonName, "House");
    let issuer = rcgen::Issuer::new(root, issuer_key);
    let signed = wildcard.signed_by(&key, &issuer).unwrap();
    let wildcard = Shown { certificate: signed.pem(), key: key.serialize_pem() };

    let cases = [
        ("good", Some(good), None),
        ("expired", Some(issue(&mut house, REGISTER, 7, now() - 8 * DAY)), Some("expired")),
        ("not yet valid", Some(issue(&mut house, REGISTER, 7, now() + DAY)), Some("not_yet")),
        ("wrong name", Some(issue(&mut house, "register.example.org", 7, now())), Some("other_name")),
        ("wildcard", Some(wildcard), Some("other_name")),
        ("another service of the house", Some(issue(&mut house, "court.example", 7, now())), Some("other_name")),
        ("revoked", Some(stolen), Some("revoked")),
        ("another house of the same name", Some(issue(&mut other, REGISTER, 7, now())), Some("unknown_root")),
        ("self-signed", Some(self_signed(REGISTER)), Some("unknown_root")),
        ("too long a life", Some(issue(&mut house, REGISTER, 8, now())), Some("too_long")),
        ("no certificate", None, Some("no_certificate")),
    ];
    let mut expected = std::collections::BTreeMap::new();
    for (what, shown, code) in &cases {
        let said = ask(at, client(shown.as_ref(), &TLS13)).await;
        match code {
            None => assert_eq!(said.unwrap(), "welcome", "{what}"),
            Some(code) => {
                let error = said.expect_err(what);
                assert!(error.to_string().contains("alert"), "{what}: {error}");
                *expected.entry(*code).or_insert(0) += 1;
            }
        }
        let counted: Vec<String> = expected.iter().map(|(code, count)| format!("{code} {count}")).collect();
        assert_eq!(refused(&tls), counted, "{what}");
    }

    // Those that speak something else.
    assert!(ask(at, client(cases[0].1.as_ref(), &TLS12)).await.is_err());
    let said = send(at, b"GET /standing HTTP/1.1\r\nHost: keyd\r\n\r\n").await;
    assert!(!said.starts_with(b"HTTP"), "{said:?}");
    for bytes in [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", &[0xff; 4096], &[0x16; 70_000]] {
        send(at, bytes).await;
    }
    for code in ["old_tls", "not_tls", "gone"] {
        assert!(refused(&tls).iter().any(|line| line.starts_with(code)), "{code}: {:?}", refused(&tls));
    }
    assert_eq!(ask(at, client(cases[0].1.as_ref(), &TLS13)).await.unwrap(), "welcome");
}

#[tokio::test]
async fn control_j6_whoever_asks_speaks_to_the_named_service_of_the_house_and_to_nobody_else() {
    let folder_of = tempfile::tempdir().unwrap();
    let dir = folder_of.path().join("register");
    let (mut house, mut other) = (Authority::found("House", now()).unwrap(), Authority::found("Other", now()).unwrap());
    let stolen = issue(&mut house, KEYD, 7, now());
    house.revoke(&name(KEYD), now()).unwrap();
    let list = house.list(7, now()).unwrap();
    folder(&dir, &issue(&mut house, REGISTER, 7, now()), house.root(), &list);
    let tls = open(&dir).unwrap();
    let cases = [
        (issue(&mut house, KEYD, 7, now()), None),
        (issue(&mut house, KEYD, 7, now() - 8 * DAY), Some("expired")),
        (issue(&mut house, KEYD, 7, now() + DAY), Some("not_yet")),
        (issue(&mut house, "spiffe://house.example/keyd2", 7, now()), Some("other_name")),
        (issue(&mut house, "127.0.0.1", 7, now()), Some("other_name")),
        (stolen, Some("revoked")),
        (issue(&mut other, KEYD, 7, now()), Some("unknown_root")),
        (self_signed("keyd.example"), Some("unknown_root")),
        (issue(&mut house, KEYD, 8, now()), Some("too_long")),
    ];
    for (shown, code) in &cases {
        let (chain, key) = chain(shown);
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS12, &TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = tcp.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let (stream, _) = tcp.accept().await.unwrap();
            TlsAcceptor::from(Arc::new(config)).accept(stream).await.is_ok()
        });
        match (tls.connect("127.0.0.1", port, &name(KEYD)).await, code) {
            (Ok(_), None) => {}
            (Err(TlsError::Refused { why, .. }), Some(code)) => assert_eq!(why.code(), *code),
            (other, code) => panic!("{code:?}: {:?}", other.map(drop)),
        }
        assert_eq!(server.await.unwrap(), code.is_none());
    }
    // A server of TLS 1.2 alone, one that speaks none, and nobody at all.
    let (chain, key) = chain(&cases[0].0);
    let old = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = tcp.local_addr().unwrap().port();
    let servers = tokio::spawn(async move {
        let (stream, _) = tcp.accept().await.unwrap();
        let _ = TlsAcceptor::from(Arc::new(old)).accept(stream).await;
        let (mut stream, _) = tcp.accept().await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        let _ = stream.shutdown().await;
    });
    for expected in ["old_tls", "not_tls"] {
        let Err(TlsError::Refused { why, .. }) = tls.connect("127.0.0.1", port, &name(KEYD)).await else {
            panic!("{expected}")
        };
        assert_eq!(why.code(), expected);
    }
    servers.await.unwrap();
    let Err(error) = tls.connect("127.0.0.1", port, &name(KEYD)).await else { panic!("nobody is there") };
    assert!(matches!(error, TlsError::Away { .. }), "{error}");
}

#[tokio::test]
async fn control_j6_a_list_that_ended_or_is_of_another_house_lets_nobody_in() {
    let folder_of = tempfile::tempdir().unwrap();
    let mut house = Authority::found("House", now()).unwrap();
    let mut other = Authority::found("Other", now()).unwrap();
    let good = issue(&mut house, REGISTER, 7, now());
    let keyd = issue(&mut house, KEYD, 7, now());
    let lists = [(house.list(7, now() - 8 * DAY).unwrap(), "list_ended"), (other.list(7, now()).unwrap(), "no_list")];
    for (list, code) in lists {
        // Such a folder opens no door in the first place.
        let dir = folder_of.path().join(code);
        folder(&dir, &keyd, house.root(), &list);
        let Err(TlsError::Own { why, .. }) = open(&dir) else { panic!("{code}") };
        assert_eq!(why.code(), code);
        // Nor does whoever has no certificate of their own, and so nothing that a list could be missing for, believe anybody by it.
        fs::remove_file(dir.join(CERTIFICATE)).unwrap();
        fs::remove_file(dir.join(KEY)).unwrap();
        assert!(matches!(open(&dir), Err(TlsError::NoneOwn { .. })));
        let asking = Tls::open(&dir, LONGEST_CERTIFICATE).unwrap();
        let server = folder_of.path().join(format!("server of {code}"));
        let in_force = house.list(7, now()).unwrap();
        folder(&server, &good, house.root(), &in_force);
        let at = welcome(&open(&server).unwrap(), Clients::Anyone).await;
        let Err(TlsError::Refused { why, .. }) = asking.connect("127.0.0.1", at.port(), &name(REGISTER)).await else {
            panic!("{code}")
        };
        assert_eq!(why.code(), code);
    }
}

#[tokio::test]
async fn control_j6_new_certificates_and_lists_count_from_the_next_connection_on() {
    let folder_of = tempfile::tempdir().unwrap();
    let (keyd, register) = (folder_of.path().join("keyd"), folder_of.path().join("register"));
    let mut house = Authority::found("House", now()).unwrap();
    let list = house.list(7, now()).unwrap();
    let (old, new) = (issue(&mut house, KEYD, 7, now()), issue(&mut house, KEYD, 7, now()));
    folder(&keyd, &old, house.root(), &list);
    folder(&register, &issue(&mut house, REGISTER, 7, now()), house.root(), &list);
    let (answering, asking) = (open(&keyd).unwrap(), open(&register).unwrap());
    let at = welcome(&answering, Clients::Named(vec![name(REGISTER)])).await;
    let shown = async || {
        let mut stream = asking.connect("127.0.0.1", at.port(), &name(KEYD)).await.unwrap();
        let shown = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.map(|_| shown)
    };
    let der = |shown: &Shown| chain(shown).0[0].clone();
    assert_eq!(shown().await.unwrap(), der(&old));
    // A connection that stands while everything changes.
    let mut standing = asking.connect("127.0.0.1", at.port(), &name(KEYD)).await.unwrap();

    // One file after the other: while they do not belong together, the ones before go on.
    put(&keyd, CERTIFICATE, &new.certificate);
    assert_eq!(shown().await.unwrap(), der(&old));
    assert!(answering.metrics().contains("\ntanba_tls_unread 1\n"));
    put(&keyd, KEY, &new.key);
    assert_eq!(shown().await.unwrap(), der(&new));
    assert!(answering.metrics().contains("\ntanba_tls_unread 0\n"));
    for broken in ["", "-----BEGIN CERTIFICATE-----\nMIIB", "no certificate"] {
        put(&keyd, CERTIFICATE, broken);
        assert_eq!(shown().await.unwrap(), der(&new));
    }
    put(&keyd, CERTIFICATE, &new.certificate);
    let mut said = String::new();
    standing.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "welcome");

    // The asking side's certificate is revoked, and gets another one.
    house.revoke(&name(REGISTER), now()).unwrap();
    put(&keyd, REVOKED, &house.list(7, now()).unwrap());
    let error = shown().await.unwrap_err();
    assert_eq!(asking.refused_by_peer(&error), Some(Refusal::ByPeer("it is revoked")), "{error}");
    assert_eq!(refused(&asking), ["by_peer 1"]);
    assert_eq!(refused(&answering), ["revoked 1"]);
    let again = issue(&mut house, REGISTER, 7, now());
    folder(&register, &again, house.root(), &list);
    assert_eq!(shown().await.unwrap(), der(&new));

    // A list counts also where it revokes who reads it; nothing else that is wrong in the folder holds it up.
    house.revoke(&name(KEYD), now()).unwrap();
    house.revoke(&name(REGISTER), now()).unwrap();
    put(&keyd, REVOKED, &house.list(7, now()).unwrap());
    assert!(shown().await.is_err());
    assert_eq!(refused(&answering), ["revoked 2"]);
    assert!(answering.metrics().contains("\ntanba_tls_unread 1\n"));
}

#[tokio::test]
async fn control_j6_a_connection_ends_and_idle_ones_hold_up_nobody() {
    let folder_of = tempfile::tempdir().unwrap();
    let dir = folder_of.path().join("keyd");
    let mut house = Authority::found("House", now()).unwrap();
    let list = house.list(7, now()).unwrap();
    folder(&dir, &issue(&mut house, KEYD, 7, now()), house.root(), &list);
    let good = issue(&mut house, REGISTER, 7, now());
    let tls = open(&dir).unwrap();
    let at = welcome(&tls, Clients::Named(vec![name(REGISTER)])).await;
    // One machine opens many connections and says nothing, or half a word.
    let mut idle = Vec::new();
    for half in 0..100 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        let mut stream = socket.connect(at).await.unwrap();
        if half % 2 == 0 {
            let _ = stream.write_all(b"\x16\x03\x01\x02").await;
        }
        idle.push(stream);
    }
    for _ in 0..3 {
        assert_eq!(ask(at, client(Some(&good), &TLS13)).await.unwrap(), "welcome");
    }
    assert_eq!(refused(&tls), ["too_many 36"]);

    // A session that is held open ends all the same; so do handshakes that do not go on.
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut listener = TlsListener::start(tcp, Arc::clone(&tls), Clients::Named(vec![name(REGISTER)])).unwrap();
    let at = listener.local_addr().unwrap();
    let holding = tokio::spawn(ask(at, client(Some(&good), &TLS13)));
    let (mut session, _) = listener.accept().await;
    tokio::time::pause();
    tokio::time::advance(LONGEST_CONNECTION + Duration::from_secs(1)).await;
    let error = session.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(session.write_u8(1).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    drop(session);
    assert!(holding.await.unwrap().is_err());
    for _ in 0..10_000 {
        if refused(&tls).contains(&"slow 64".to_owned()) {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert!(refused(&tls).contains(&"slow 64".to_owned()), "{:?}", refused(&tls));
}

#[test]
fn control_j6_a_folder_says_what_is_wrong_with_it() {
    let folder_of = tempfile::tempdir().unwrap();
    let dir = folder_of.path().join("keyd");
    let mut house = Authority::found("House", now()).unwrap();
    let list = house.list(7, now()).unwrap();
    let good = issue(&mut house, KEYD, 7, now());
    let (root, other) = (house.root().to_owned(), issue(&mut house, KEYD, 7, now()));
    let whole = |dir: &Path| folder(dir, &good, &root, &list);
    whole(&dir);
    assert!(open(&dir).is_ok());
    let told = |change: &dyn Fn(&Path), words: &str| {
        whole(&dir);
        change(&dir);
        let error = match open(&dir) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("taken, though: {words}"),
        };
        assert!(error.contains(words), "{error}");
        assert!(error.contains(dir.to_str().unwrap()), "which file: {error}");
    };
    for file in [CERTIFICATE, KEY, ROOTS, REVOKED] {
        told(&|dir| fs::remove_file(dir.join(file)).unwrap(), "put it there");
        told(&|dir| put(dir, file, "\u{0}\u{ff}"), "");
        told(&|dir| put(dir, file, &good.certificate[..40]), "cut off");
        told(&|dir| put(dir, file, &"x".repeat((1 << 20) + 1)), "longer than a megabyte");
        told(
            &|dir| {
                fs::remove_file(dir.join(file)).unwrap();
                fs::create_dir(dir.join(file)).unwrap();
            },
            "no file",
        );
        fs::remove_dir(dir.join(file)).unwrap();
    }
    for mode in [0o640, 0o604, 0o660] {
        told(&|dir| fs::set_permissions(dir.join(KEY), fs::Permissions::from_mode(mode)).unwrap(), "chmod 600");
    }
    told(&|dir| put(dir, KEY, &other.key), "another certificate");
    told(&|dir| put(dir, ROOTS, &good.key), "no certificate");
    told(&|dir| put(dir, REVOKED, &root), "no list");
    told(&|dir| put(dir, ROOTS, &self_signed("a.example").certificate), "no root of this house");
    let mut house_2 = Authority::open(&house.record(), &house.key()).unwrap();
    assert!(Authority::open(&house.record(), "no key").is_none());
    let mut made = |days, at| issue(&mut house_2, KEYD, days, at);
    let long = made(8, now());
    told(&|dir| folder(dir, &long, &root, &list), "8 days, and 7 is the most");
    assert!(Tls::open_own(&dir, 2 * LONGEST_CERTIFICATE).is_ok(), "where the operator says so");
    let ended = made(7, now() - 8 * DAY);
    told(&|dir| folder(dir, &ended, &root, &list), "has ended");
    let early = made(7, now() + DAY);
    told(&|dir| folder(dir, &early, &root, &list), "not begun");
    let mut house_3 = Authority::open(&house_2.record(), &house_2.key()).unwrap();
    house_3.revoke(&name(KEYD), now()).unwrap();
    let revoked = house_3.list(7, now()).unwrap();
    told(&|dir| put(dir, REVOKED, &revoked), "revoked");
    assert!(house_3.revoke(&name("nobody.example"), now()).is_err());
    assert!(house_3.issue(&[name(KEYD)], 0, now()).is_err());
    assert!(house_3.issue(&[name(KEYD)], 4000, now()).is_err());
}

#[test]
fn control_j6_what_ends_soon_is_told_before() {
    let folder_of = tempfile::tempdir().unwrap();
    let dir = folder_of.path().join("keyd");
    let mut house = Authority::found("House", now()).unwrap();
    let list = house.list(7, now()).unwrap();
    let ending = |shown: &Shown, list: &str| {
        folder(&dir, shown, house.root(), list);
        open(&dir).unwrap().ending()
    };
    let mut house_2 = Authority::open(&house.record(), &house.key()).unwrap();
    let fresh = issue(&mut house_2, KEYD, 7, now() - 4 * DAY);
    assert_eq!(ending(&fresh, &list), None);
    let late = issue(&mut house_2, KEYD, 7, now() - 5 * DAY);
    assert!(ending(&late, &list).unwrap().contains("certificate of this service ends in 47 hours"));
    let last = issue(&mut house_2, KEYD, 1, now() - DAY + 900);
    assert!(ending(&last, &list).unwrap().contains("minutes"));
    let list = house_2.list(7, now() - 6 * DAY).unwrap();
    assert!(ending(&fresh, &list).unwrap().contains("the list of revoked certificates ends in 23 hours"));
    let metrics = open(&dir).unwrap().metrics();
    for name in ["tanba_tls_certificate_ends_seconds ", "tanba_tls_list_ends_seconds ", "tanba_tls_unread 0"] {
        assert!(metrics.lines().any(|line| line.starts_with(name)), "{metrics}");
    }
}
