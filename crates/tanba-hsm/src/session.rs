//! One session with one token, opened anew whenever the token has dropped it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use tanba_seal::TokenError;
use zeroize::Zeroizing;

/// The PIN of a token's user. Wiped from memory when dropped.
pub struct Pin(AuthPin);

impl Pin {
    /// From the text of a file; a final line end does not count.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(AuthPin::from(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// Reads it from a file.
    ///
    /// # Errors
    /// [`TokenError::Pin`] if the file cannot be read or is empty.
    pub fn read(file: &Path) -> Result<Self, TokenError> {
        let refuse = |why: String| TokenError::Pin { why };
        let bytes = std::fs::read(file).map_err(|error| refuse(format!("{}: {error}", file.display())))?;
        let bytes = Zeroizing::new(bytes);
        let text = std::str::from_utf8(&bytes).map_err(|_| refuse(format!("{} is not text", file.display())))?;
        if text.trim().is_empty() {
            return Err(refuse(format!("{} is empty", file.display())));
        }
        Ok(Self::new(text))
    }
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin")
    }
}

/// A PKCS#11 module has one state for the whole process, however many values speak to it; so one of them speaks at a time.
static SPEAKING: Mutex<()> = Mutex::new(());

/// How to reach a token, and the session that is open.
pub(crate) struct Line {
    module: PathBuf,
    pub(crate) label: String,
    pin: Pin,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    library: Option<Pkcs11>,
    session: Option<Session>,
    /// The token's refusal of the PIN. It is not shown a second time.
    refused: Option<TokenError>,
}

impl Open {
    fn end(&mut self) {
        self.session = None;
        if let Some(library) = self.library.take() {
            // Whatever it answers, it is begun anew before it is used again.
            let _ = library.finalize();
        }
    }
}

impl Line {
    pub(crate) fn new(module: &Path, label: &str, pin: Pin) -> Self {
        Self { module: module.to_owned(), label: label.to_owned(), pin, open: Mutex::default() }
    }

    /// Does `work` in a session whose user is logged in. If the token has dropped the session, once more in a new one.
    pub(crate) fn with<T>(
        &self,
        work: impl Fn(&Session) -> Result<T, Error>,
        tell: impl Fn(Error) -> TokenError,
    ) -> Result<T, TokenError> {
        let _one: MutexGuard<'_, ()> = SPEAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let had_one = open.session.is_some();
        match work(self.session(&mut open)?) {
            Err(error) if had_one && is_lost(&error) => {
                open.session = None;
                let again = work(self.session(&mut open)?);
                again.map_err(|error| {
                    open.session = None;
                    if is_lost(&error) { away(&error) } else { tell(error) }
                })
            }
            Err(error) if is_lost(&error) => {
                open.session = None;
                Err(away(&error))
            }
            answer => answer.map_err(tell),
        }
    }

    /// Ends the session and the module, which begins anew at the next call.
    pub(crate) fn end(&self) {
        let _one: MutexGuard<'_, ()> = SPEAKING.lock().unwrap_or_else(PoisonError::into_inner);
        self.open.lock().unwrap_or_else(PoisonError::into_inner).end();
    }

    fn session<'a>(&self, open: &'a mut Open) -> Result<&'a Session, TokenError> {
        if let Some(refused) = &open.refused {
            return Err(refused.clone());
        }
        if open.session.is_none() {
            open.session = Some(self.begin(open)?);
        }
        Ok(open.session.as_ref().expect("it was just opened"))
    }

    /// Finds the token and logs in. Where the module does not see it, the module is started again: some see only tokens
    /// that were there when they began.
    fn begin(&self, open: &mut Open) -> Result<Session, TokenError> {
        let slot = match &open.library {
            Some(library) => self.slot(library),
            None => Err(TokenError::Away { why: "the module is not loaded".to_owned() }),
        };
        let slot = match slot {
            Err(TokenError::Away { .. }) => {
                open.end();
                let library = self.load()?;
                self.slot(open.library.insert(library))?
            }
            slot => slot?,
        };
        let library = open.library.as_ref().expect("it was just loaded");
        let session = library.open_rw_session(slot).map_err(|error| away(&error))?;
        match session.login(UserType::User, Some(&self.pin.0)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(Error::Pkcs11(
                error @ (RvError::PinIncorrect
                | RvError::PinInvalid
                | RvError::PinLenRange
                | RvError::PinLocked
                | RvError::PinExpired
                | RvError::UserPinNotInitialized),
                _,
            )) => {
                let refused = TokenError::Pin { why: error.to_string() };
                open.refused = Some(refused.clone());
                Err(refused)
            }
            Err(error) => Err(away(&error)),
        }
    }

    fn load(&self) -> Result<Pkcs11, TokenError> {
        let said =
            |error: &Error| TokenError::Away { why: format!("PKCS#11 module {}: {error}", self.module.display()) };
        let library = Pkcs11::new(&self.module).map_err(|error| said(&error))?;
        match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(library),
            Err(error) => Err(said(&error)),
        }
    }

    /// The slot of the one token with this label.
    fn slot(&self, library: &Pkcs11) -> Result<Slot, TokenError> {
        let slots = library.get_slots_with_initialized_token().map_err(|error| away(&error))?;
        let mut found = Vec::new();
        for slot in slots {
            // A token may vanish while they are looked through.
            if library.get_token_info(slot).is_ok_and(|info| info.label() == self.label) {
                found.push(slot);
            }
        }
        match found.as_slice() {
            [slot] => Ok(*slot),
            [] => Err(TokenError::Away { why: format!("no token has the label `{}`", self.label) }),
            several => Err(TokenError::Unable {
                why: format!(
                    "{} tokens have the label `{}`: remove all but one, or give them labels of their own",
                    several.len(),
                    self.label
                ),
            }),
        }
    }
}

/// Whether an answer says that the session or the token is gone, rather than what is wrong with the question.
fn is_lost(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::SessionHandleInvalid
                | RvError::SessionClosed
                | RvError::UserNotLoggedIn
                | RvError::DeviceRemoved
                | RvError::DeviceError
                | RvError::TokenNotPresent
                | RvError::TokenNotRecognized
                | RvError::SlotIdInvalid
                | RvError::CryptokiNotInitialized
                | RvError::KeyHandleInvalid
                | RvError::ObjectHandleInvalid
                | RvError::OperationActive
                | RvError::GeneralError
                | RvError::FunctionFailed,
            _
        )
    )
}

fn away(error: &Error) -> TokenError {
    TokenError::Away { why: error.to_string() }
}
