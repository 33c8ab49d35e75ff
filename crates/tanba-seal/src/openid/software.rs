//! A provider in software, for tests: it answers what a real one is asked, and lies where it is told to. No socket: whoever tests carries
//! the questions.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Discovery;

/// What a lie changes.
type Lie = Box<dyn Fn(&mut Value) + Send>;

/// By what tokens are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Signing {
    /// The published key.
    #[default]
    Own,
    /// Another key, under the name of the published one.
    Another,
    /// Not at all.
    None,
    /// HMAC with the published key as the secret.
    Hmac,
}

/// The provider.
pub struct Provider {
    issuer: String,
    client: String,
    number_claim: String,
    state: Mutex<State>,
}

struct State {
    keys: Vec<(String, EcdsaKeyPair)>,
    codes: BTreeMap<String, Granted>,
    pushed: BTreeMap<String, BTreeMap<String, String>>,
    asked: Vec<String>,
    made: u64,
    signing: Signing,
    kid: Option<String>,
    claims: Option<Lie>,
    description: Option<Lie>,
    /// The number is in the further answer and not in the token; signed, or plain.
    further: Option<bool>,
}

/// What somebody agreed to.
struct Granted {
    request: BTreeMap<String, String>,
    number: Option<String>,
    subject: String,
    at: i64,
}

/// An answer: the status, what the body is, and the body.
pub type Answer = (u16, &'static str, Vec<u8>);

impl Provider {
    /// A provider that knows one service, and says people's numbers in this claim.
    pub fn new(issuer: &str, client: &str, number_claim: &str) -> Self {
        let state = State {
            keys: vec![("key-1".to_owned(), fresh_key())],
            codes: BTreeMap::new(),
            pushed: BTreeMap::new(),
            asked: Vec::new(),
            made: 0,
            signing: Signing::Own,
            kid: None,
            claims: None,
            description: None,
            further: None,
        };
        Self {
            issuer: issuer.to_owned(),
            client: client.to_owned(),
            number_claim: number_claim.to_owned(),
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs so from now on.
    pub fn sign_by(&self, signing: Signing) {
        self.state().signing = signing;
    }

    /// Names another key in its tokens.
    pub fn name_key(&self, kid: Option<&str>) {
        self.state().kid = kid.map(str::to_owned);
    }

    /// Signs by a new key from now on, and publishes that alone.
    pub fn rotate(&self) {
        let mut state = self.state();
        state.made += 1;
        let kid = format!("key-of-{}", state.made);
        state.keys = vec![(kid, fresh_key())];
    }

    /// Changes what tokens say.
    pub fn say(&self, lie: impl Fn(&mut Value) + Send + 'static) {
        self.state().claims = Some(Box::new(lie));
    }

    /// Changes what it says of itself.
    pub fn describe(&self, lie: impl Fn(&mut Value) + Send + 'static) {
        self.state().description = Some(Box::new(lie));
    }

    /// Tells the truth again.
    pub fn be_honest(&self) {
        let mut state = self.state();
        (state.claims, state.description, state.signing, state.kid, state.further) =
            (None, None, Signing::Own, None, None);
    }

    /// Tells the number when it is asked for more, signed or plain, and not in the token.
    pub fn tell_further(&self, signed: bool) {
        self.state().further = Some(signed);
    }

    /// The paths that were asked, in order.
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    /// Somebody with this number comes with a browser to `to`, agrees at `now`, and is sent back with this query.
    pub fn agree(&self, to: &str, number: Option<&str>, now: i64) -> String {
        let mut state = self.state();
        let mut request = parts(to.split_once('?').map_or("", |(_, query)| query));
        if let Some(pushed) = request.get("request_uri").and_then(|place| state.pushed.get(place)) {
            request = pushed.clone();
        }
        state.made += 1;
        let code = format!("code-{}", state.made);
        let back = format!("code={code}&state={}&iss={}&session_state=x", request["state"], self.issuer);
        let subject = URL_SAFE_NO_PAD.encode(Sha256::digest(number.unwrap_or("nobody")));
        let granted = Granted { request, number: number.map(str::to_owned), subject, at: now };
        state.codes.insert(code, granted);
        back
    }

    /// Answers a request of the service.
    pub fn answer(&self, url: &str, form: Option<&str>, authorization: Option<&str>, now: i64) -> Answer {
        let mut state = self.state();
        let path = url.strip_prefix(self.issuer.as_str()).unwrap_or(url);
        state.asked.push(path.to_owned());
        let json = |status, value: &Value| (status, "application/json", value.to_string().into_bytes());
        let form = parts(form.unwrap_or_default());
        if url == Discovery::place(&self.issuer) {
            let mut said = self.description();
            if let Some(lie) = &state.description {
                lie(&mut said);
            }
            return json(200, &said);
        }
        match path {
            "/jwks" => {
                let keys: Vec<Value> = state.keys.iter().map(|(kid, key)| jwk(kid, key)).collect();
                json(200, &json!({"keys": keys}))
            }
            "/par" if self.knows(&form, authorization) => {
                state.made += 1;
                let place = format!("urn:ietf:params:oauth:request_uri:{}", state.made);
                state.pushed.insert(place.clone(), form);
                json(201, &json!({"request_uri": place, "expires_in": 60}))
            }
            "/token" if self.knows(&form, authorization) => {
                let granted = form.get("code").and_then(|code| state.codes.remove(code));
                let Some(granted) = granted.filter(|granted| granted.fits(&form)) else {
                    return json(400, &json!({"error": "invalid_grant"}));
                };
                let access = format!("access-{}", form["code"]);
                let token = self.token(&state, &granted, &access, now);
                state.codes.insert(access.clone(), granted);
                json(200, &json!({"id_token": token, "access_token": access, "token_type": "Bearer", "expires_in": 60}))
            }
            "/userinfo" => {
                let bearer = authorization.and_then(|text| text.strip_prefix("Bearer "));
                let Some(granted) = bearer.and_then(|access| state.codes.get(access)) else {
                    return json(401, &json!({"error": "invalid_token"}));
                };
                let mut said = json!({"sub": granted.subject, "iss": self.issuer, "aud": self.client});
                if let Some(number) = &granted.number {
                    said[self.number_claim.as_str()] = json!(number);
                }
                if state.further == Some(true) {
                    return (200, "application/jwt; charset=utf-8", signed(&state, &said).into_bytes());
                }
                json(200, &said)
            }
            _ => json(401, &json!({"error": "invalid_client"})),
        }
    }

    fn description(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({
            "issuer": self.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"), "jwks_uri": at("/jwks"),
            "userinfo_endpoint": at("/userinfo"), "end_session_endpoint": at("/logout"),
            "authorization_response_iss_parameter_supported": true, "code_challenge_methods_supported": ["S256"],
        })
    }

    /// Whether the service has shown who it is, by a secret or a signed text; what that is worth is looked at elsewhere.
    fn knows(&self, form: &BTreeMap<String, String>, authorization: Option<&str>) -> bool {
        let shown =
            authorization.is_some_and(|text| text.starts_with("Basic ")) || form.contains_key("client_assertion");
        shown && form.get("client_id") == Some(&self.client)
    }

    fn token(&self, state: &State, granted: &Granted, access: &str, now: i64) -> String {
        let mut said = json!({
            "iss": self.issuer, "sub": granted.subject, "aud": self.client, "exp": now + 300, "iat": now, "auth_time": granted.at,
            "at_hash": URL_SAFE_NO_PAD.encode(&Sha256::digest(access)[..16]),
        });
        said["nonce"] = json!(granted.request["nonce"]);
        if let Some(acr) = granted.request.get("acr_values").and_then(|acr| acr.split(' ').next()) {
            said["acr"] = json!(acr);
        }
        if let (Some(number), None) = (&granted.number, state.further) {
            said[self.number_claim.as_str()] = json!(number);
        }
        if let Some(lie) = &state.claims {
            lie(&mut said);
        }
        signed(state, &said)
    }
}

impl Granted {
    /// The redirect address and the secret of PKCE are those of the request.
    fn fits(&self, form: &BTreeMap<String, String>) -> bool {
        let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
        self.request.get("redirect_uri") == form.get("redirect_uri")
            && self.request["code_challenge"] == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
    }
}

fn signed(state: &State, said: &Value) -> String {
    let (kid, key) = &state.keys[0];
    let alg = match state.signing {
        Signing::Own | Signing::Another => "ES256",
        Signing::None => "none",
        Signing::Hmac => "HS256",
    };
    let head = json!({"alg": alg, "kid": state.kid.as_ref().unwrap_or(kid)});
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode(said.to_string()));
    let by = |key: &EcdsaKeyPair| {
        key.sign(&SystemRandom::new(), text.as_bytes()).expect("there are random numbers").as_ref().to_vec()
    };
    let signature = match state.signing {
        Signing::Own => by(key),
        Signing::Another => by(&fresh_key()),
        Signing::None => Vec::new(),
        Signing::Hmac => {
            let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key.public_key().as_ref());
            ring::hmac::sign(&secret, text.as_bytes()).as_ref().to_vec()
        }
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn fresh_key() -> EcdsaKeyPair {
    let pkcs8 = fresh_pkcs8();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &SystemRandom::new()).expect("a key just made")
}

/// A fresh key on P-256 in PKCS #8.
pub fn fresh_pkcs8() -> Vec<u8> {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    made.expect("there are random numbers").as_ref().to_vec()
}

/// A public key as a provider publishes it.
pub(super) fn jwk(kid: &str, key: &EcdsaKeyPair) -> Value {
    let (x, y) = key.public_key().as_ref()[1..].split_at(32);
    let [x, y] = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
    json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "alg": "ES256", "x": x, "y": y})
}

/// The parts of a query or a form.
fn parts(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), super::callback::decoded(value).unwrap_or_default())).collect()
}
