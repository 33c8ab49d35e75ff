//! What the browser brings back from the provider, in the query of the redirect address.

use super::error::OpenIdError;

/// The longest query that is read, bytes.
const MOST_BYTES: usize = 8 << 10;

/// The parameters that are looked at; providers add others.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Callback {
    /// What the token is fetched with.
    pub code: Option<String>,
    /// What was sent along with the request.
    pub state: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code, as a code.
    pub error: Option<String>,
}

impl Callback {
    /// Reads a query. A parameter that is looked at and comes twice is refused, as is an empty one.
    ///
    /// # Errors
    /// [`OpenIdError::Unreadable`].
    pub fn read(query: &str) -> Result<Self, OpenIdError> {
        const WHAT: OpenIdError = OpenIdError::Unreadable("redirect");
        if query.len() > MOST_BYTES {
            return Err(WHAT);
        }
        let mut read = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let place = match decoded(name).ok_or(WHAT)?.as_str() {
                "code" => &mut read.code,
                "state" => &mut read.state,
                "iss" => &mut read.iss,
                "error" => &mut read.error,
                _ => continue,
            };
            let value = decoded(value).filter(|value| !value.is_empty()).ok_or(WHAT)?;
            if place.replace(value).is_some() {
                return Err(WHAT);
            }
        }
        Ok(read)
    }
}

impl std::fmt::Debug for Callback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callback").finish_non_exhaustive()
    }
}

/// A part of a query without its escapes.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}
