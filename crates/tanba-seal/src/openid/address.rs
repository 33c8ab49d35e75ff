//! Addresses that a provider names: which host they are of, read so narrowly that no two readers differ.

/// The longest address that is taken, bytes.
const MOST_BYTES: usize = 2048;

/// The host of an `https://` address, or of an `http://` one on this machine; `None` for every other text. No user names, no
/// fragments, nothing that one reader takes for a host and another one does not.
pub fn host_of(address: &str) -> Option<&str> {
    let plain =
        address.len() <= MOST_BYTES && address.bytes().all(|b| b.is_ascii_graphic() && !b"\\#\"<>".contains(&b));
    let (scheme, rest) = address.split_once("://").filter(|_| plain)?;
    let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
    let (host, port) = match authority.strip_prefix('[') {
        Some(bracketed) => {
            let (host, after) = bracketed.split_once(']')?;
            host.parse::<core::net::Ipv6Addr>().ok()?;
            (host, after.strip_prefix(':').or(after.is_empty().then_some("0"))?)
        }
        None => {
            let (host, port) = authority.split_once(':').unwrap_or((authority, "0"));
            let named = !host.is_empty()
                && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.');
            named.then_some((host, port))?
        }
    };
    (port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok()).then_some(())?;
    match scheme {
        "https" => Some(host),
        "http" if host == "localhost" || host.parse::<core::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()) => {
            Some(host)
        }
        _ => None,
    }
}
