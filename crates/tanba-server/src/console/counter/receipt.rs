//! The receipt: printed for the person, and checked by anyone.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use qrcode::{Color, EcLevel, QrCode};
use serde::Deserialize;
use tanba_formats::Finger;
use tanba_registry::{ConsentKind, ConsentView, EncounterId, Receipt, ReceiptCheck, RegistryError};

use super::{Head, Nothing, at, page as page_about};
use crate::console::{Answer, Page, Sent, SignedIn, Visitor, render, see};
use crate::input::Id;
use crate::problem::Refusal;
use crate::state::ServerState;

/// Light modules around the code, as the standard asks (ISO/IEC 18004).
const QUIET: usize = 4;

#[derive(Template)]
#[template(path = "counter/receipt_step.html")]
struct ReceiptStepPage {
    p: Page,
    head: Head,
}

pub(super) async fn step(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<EncounterId>) -> Answer {
    let head = Head::load(&signed, id, "receipt").await?;
    render(&ReceiptStepPage { p: page_about(&state, &signed, "counter-receipt-title"), head })
}

pub(super) async fn issue(signed: SignedIn, Id(id): Id<EncounterId>, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    let receipt = signed.registry.issue_receipt(&signed.actor, id).await?;
    see(&at(id, &format!("receipt/{}", receipt.code)))
}

#[derive(Template)]
#[template(path = "counter/receipt.html")]
struct ReceiptPage {
    p: Page,
    head: Head,
    receipt: Receipt,
    /// The code in groups of four, as people read it aloud.
    grouped: String,
    /// Where the code is checked.
    address: String,
    qr: Qr,
}

impl ReceiptPage {
    /// A guardian who gave a consent, the number masked: the paper is carried about.
    fn giver(&self, consent: &ConsentView) -> Option<String> {
        let guardian = matches!(consent.kind, ConsentKind::GuardianConsent | ConsentKind::GuardianPresence);
        consent.given_by.as_deref().filter(|_| guardian).map(crate::console::masked)
    }

    fn fingers(&self) -> Vec<&'static str> {
        self.receipt.best_fingers.iter().copied().map(Finger::name).collect()
    }
}

pub(super) async fn print(
    State(state): State<ServerState>,
    signed: SignedIn,
    headers: HeaderMap,
    Path((id, code)): Path<(String, String)>,
) -> Answer {
    let id: EncounterId = id.parse().map_err(|_| RegistryError::NotFound { what: "receipt" })?;
    let receipt = signed.registry.receipt_of(&signed.actor, id, &code).await?;
    let head = Head::load(&signed, id, "receipt").await?;
    let address = format!("{}/receipt", public_address(&state, &headers));
    let qr = Qr::of(&format!("{address}/{}", receipt.code))?;
    let p = page_about(&state, &signed, "counter-receipt-title");
    render(&ReceiptPage { p, head, grouped: grouped(&receipt.code), address, qr, receipt })
}

/// Where people outside find the service: as its administrator says, or else as the operator's own browser has it.
fn public_address(state: &ServerState, headers: &HeaderMap) -> String {
    if let Some(public) = &state.face().public_url {
        return public.trim_end_matches('/').to_owned();
    }
    let plain = |host: &&str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(plain);
    let scheme = if state.face().secure_cookies { "https" } else { "http" };
    host.map_or_else(String::new, |host| format!("{scheme}://{host}"))
}

/// A QR code as one path of squares.
struct Qr {
    /// Modules on a side, with the quiet zone.
    side: usize,
    path: String,
}

impl Qr {
    fn of(text: &str) -> Result<Self, Refusal> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|e| Refusal::internal(&e))?;
        let width = code.width();
        let mut path = String::new();
        for (i, module) in code.to_colors().into_iter().enumerate() {
            if module == Color::Dark {
                path += &format!("M{} {}h1v1h-1z", i % width + QUIET, i / width + QUIET);
            }
        }
        Ok(Self { side: width + 2 * QUIET, path })
    }
}

fn grouped(code: &str) -> String {
    let characters: Vec<char> = code.chars().collect();
    characters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[derive(Template)]
#[template(path = "counter/receipt_check.html")]
struct CheckPage {
    p: Page,
    /// Whether a code was given, and what it turned out to be.
    asked: bool,
    found: Option<ReceiptCheck>,
}

/// The form, for anyone.
pub(super) async fn ask(State(state): State<ServerState>, visitor: Visitor) -> Answer {
    render(&CheckPage {
        p: Page::open(&state, &visitor, "counter", "counter-receipt-check-title"),
        asked: false,
        found: None,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    code: String,
}

/// The code is on a page of its own, where a QR code leads too.
pub(super) async fn look_up(Sent(form): Sent<Code>) -> Answer {
    let code: String = form.code.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    if code.is_empty() {
        return see("/receipt");
    }
    see(&format!("/receipt/{}", code.to_ascii_lowercase()))
}

pub(super) async fn check(State(state): State<ServerState>, visitor: Visitor, Path(code): Path<String>) -> Answer {
    let found = state.registry()?.check_receipt(&code).await?;
    render(&CheckPage { p: Page::open(&state, &visitor, "counter", "counter-receipt-check-title"), asked: true, found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_with_its_quiet_zone() {
        let qr = Qr::of("https://tanba.example/receipt/0123456789abcdef0123456789abcdef").unwrap();
        assert!(qr.side > 2 * QUIET + 20);
        // The finder pattern's first module stands right inside the quiet zone.
        assert!(qr.path.starts_with("M4 4h1v1h-1z"));
        assert_eq!(grouped("0123456789"), "0123 4567 89");
    }
}
