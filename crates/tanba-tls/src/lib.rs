//! TLS between the services of a house: the register, its key process, its witnesses, a messaging service.
//!
//! Both sides prove themselves by certificates that live for days ([`LONGEST_CERTIFICATE`]). A service has one folder
//! ([`Tls::open`]): its certificate and private key, the roots of the house, and the lists of what was revoked. Whoever
//! connects or answers reads it again where it has changed, so that nothing is restarted for a new certificate.
//!
//! `house` decides whom to believe, the same on both sides: an unbroken chain to a root of the house (never one of the
//! system's), a certificate of the right use, valid now, no longer than it may be, found on no list, on a list that is
//! itself in force, and made out to exactly the name that the configuration gives. [`TlsListener`] is the answering side,
//! [`Tls::connect`] the asking one, and [`Authority`] makes certificates for houses that have no other.
//!
//! Absent here: TLS before 1.3; a session that is resumed without asking for the certificate again, and data sent before it
//! was asked for; a wildcard; a certificate without a list that says whether it was revoked; a connection that lasts longer
//! than [`LONGEST_CONNECTION`].

mod authority;
mod call;
mod folder;
mod house;
mod listen;
mod name;
mod params;
mod refusal;
mod tls;

pub use authority::{Authority, AuthorityError, Issued};
pub use folder::{CERTIFICATE, KEY, REVOKED, ROOTS, TlsError};
pub use listen::{Clients, Session, TlsListener};
pub use name::{NoName, PeerName};
pub use params::{LONGEST_CERTIFICATE, LONGEST_CONNECTION};
pub use refusal::Refusal;
pub use tls::Tls;
