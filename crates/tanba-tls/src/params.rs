//! Every number of the crate, with its unit and where it comes from.

use std::time::Duration;

/// The longest life of a service's certificate, unless the operator says otherwise: what the CA/Browser Forum calls short-lived
/// (Baseline Requirements 1.6.1, certificates issued from 15 March 2026 on). A stolen key is of no use after it, even where no list arrives.
pub const LONGEST_CERTIFICATE: Duration = Duration::from_secs(7 * DAY);

/// The longest life of a connection. A register makes one for each request and waits ten seconds for the answer; a certificate that ends, or is
/// revoked, while a connection stands is believed this long after.
pub const LONGEST_CONNECTION: Duration = Duration::from_secs(60);

/// Seconds of a day.
pub(crate) const DAY: u64 = 86_400;

/// How long a handshake may take. It needs two round trips and two signatures, a second over any line.
pub(crate) const HANDSHAKE: Duration = Duration::from_secs(10);

/// Handshakes at once. Strangers can begin them, so they have an end; each is a descriptor and some kilobytes.
pub(crate) const HANDSHAKES: usize = 512;

/// Of them from one address, so that one machine does not take them all: more than a register begins at one moment. Where anyone may ask, of
/// connections too.
pub(crate) const FROM_ONE: usize = 64;

/// Connections after their handshakes at once. The key process does one piece of work at a time, so more would only wait.
pub(crate) const SESSIONS: usize = 256;

/// How long a refused peer is listened to, so that it reads why before the connection is reset, and how many bytes of it.
pub(crate) const FAREWELL: Duration = Duration::from_secs(1);
pub(crate) const FAREWELL_BYTES: usize = 16 * 1024;

/// The longest file read, bytes: a list of 20,000 revoked certificates.
pub(crate) const LARGEST_FILE: u64 = 1 << 20;

/// How often a service that nobody asks looks at its folder.
pub(crate) const LOOK: Duration = Duration::from_secs(60);

/// How often an end that comes near is told.
pub(crate) const TELL: Duration = Duration::from_secs(3600);

/// How far the clocks of two machines may differ: certificates begin so much before they are made, seconds.
pub(crate) const CLOCKS: i64 = 300;

/// The life of a root of the house, days. Its key signs and is asked for nothing else.
pub(crate) const ROOT_DAYS: u64 = 3650;
