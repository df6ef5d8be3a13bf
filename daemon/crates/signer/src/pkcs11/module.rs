//! Modules, each loaded once in a process and never unloaded: C_Initialize and C_Finalize belong to
//! the process, not to a key.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Mutex,
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    session::{Session, UserType},
    slot::Slot,
    types::AuthPin,
};

use super::{TokenFault, TokenKeyRef};
use crate::secret::read_password;

static LOADED: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());

pub(super) fn failed(error: Error) -> TokenFault {
    TokenFault::Token(error.to_string())
}

/// A session in which the token's user is logged in.
pub(super) fn session(reference: &TokenKeyRef) -> Result<Session, TokenFault> {
    reference.check()?;
    let context = load(&reference.module)?;
    let slot = slot(&context, reference)?;
    let session = context.open_ro_session(slot).map_err(failed)?;
    let pin = read_password(&reference.pin.path()?)?;
    let pin = AuthPin::from(pin.as_str());
    match session.login(UserType::User, Some(&pin)) {
        // Another key of the same token has logged in: the login is the process's.
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
        Err(error @ Error::Pkcs11(rv, _)) if is_pin_refusal(rv) => {
            Err(TokenFault::WrongPin(error.to_string()))
        }
        Err(error) => Err(failed(error)),
    }
}

fn is_pin_refusal(rv: RvError) -> bool {
    use RvError as R;
    matches!(rv, R::PinIncorrect | R::PinInvalid | R::PinLenRange | R::PinLocked | R::PinExpired)
}

fn load(path: &Path) -> Result<Pkcs11, TokenFault> {
    let mut loaded = LOADED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(context) = loaded.get(path) {
        return Ok(context.clone());
    }
    let fault = |error: Error| TokenFault::Module { path: path.into(), why: error.to_string() };
    let context = Pkcs11::new(path).map_err(fault)?;
    context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).map_err(fault)?;
    loaded.insert(path.into(), context.clone());
    Ok(context)
}

fn slot(context: &Pkcs11, reference: &TokenKeyRef) -> Result<Slot, TokenFault> {
    let (mut found, mut present) = (Vec::new(), Vec::new());
    for slot in context.get_slots_with_initialized_token().map_err(failed)? {
        let info = context.get_token_info(slot).map_err(failed)?;
        let (label, serial) = (info.label().trim_end(), info.serial_number().trim_end());
        let is = |wanted: &Option<String>, held| wanted.as_deref().is_none_or(|one| one == held);
        if is(&reference.token_label, label) && is(&reference.token_serial, serial) {
            found.push(slot);
        }
        present.push(format!("{label:?} ({serial})"));
    }
    match found.as_slice() {
        [one] => Ok(*one),
        [] if present.is_empty() => Err(no_token(reference, "none")),
        [] => Err(no_token(reference, &present.join(", "))),
        _ => Err(TokenFault::SeveralTokens(reference.token_words())),
    }
}

fn no_token(reference: &TokenKeyRef, present: &str) -> TokenFault {
    TokenFault::NoToken { wanted: reference.token_words(), present: present.to_owned() }
}
