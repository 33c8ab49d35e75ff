//! What a provider says of itself (OpenID Connect Discovery 1.0 section 3).

use std::collections::BTreeSet;

use serde::Deserialize;

use super::address::host_of;
use super::error::OpenIdError;

/// The parts that are used. Every address in it is on a host of the provider's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Discovery {
    /// Who it is.
    pub issuer: String,
    /// Where people go.
    pub authorization_endpoint: String,
    /// Where a code is exchanged.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where more about the person is asked.
    #[serde(default)]
    pub userinfo_endpoint: Option<String>,
    /// Where people sign out.
    #[serde(default)]
    pub end_session_endpoint: Option<String>,
    /// Where a request is left beforehand (RFC 9126).
    #[serde(default)]
    pub pushed_authorization_request_endpoint: Option<String>,
    /// It names itself in the redirect (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
}

impl Discovery {
    /// Where an issuer publishes it.
    pub fn place(issuer: &str) -> String {
        format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
    }

    /// Reads it.
    ///
    /// # Errors
    /// Unreadable; another issuer's; an address on a host that is not among `hosts`; no PKCE.
    pub fn read(json: &[u8], issuer: &str, hosts: &BTreeSet<String>) -> Result<Self, OpenIdError> {
        let read: Self = serde_json::from_slice(json).map_err(|_| OpenIdError::Unreadable("description"))?;
        if read.issuer != issuer {
            return Err(OpenIdError::AnotherProvider);
        }
        let needed = [&read.authorization_endpoint, &read.token_endpoint, &read.jwks_uri];
        let offered =
            [&read.userinfo_endpoint, &read.end_session_endpoint, &read.pushed_authorization_request_endpoint];
        let own = |address: &String| host_of(address).is_some_and(|host| hosts.contains(host));
        if !needed.into_iter().all(own) || !offered.into_iter().flatten().all(own) {
            return Err(OpenIdError::ForeignAddress);
        }
        // A provider that says nothing of it may well know it, and one that does not know it takes no notice.
        if read.code_challenge_methods_supported.as_ref().is_some_and(|known| !known.iter().any(|m| m == "S256")) {
            return Err(OpenIdError::NoPkce);
        }
        Ok(read)
    }
}
