//! Passphrases and passwords: from the environment, from a file that the environment names, or typed unseen.

use std::io::IsTerminal as _;

use anyhow::{Context, bail};
use zeroize::Zeroizing;

/// The secret that a variable holds, or that the file named by the variable with `_FILE` behind it holds.
pub(crate) fn given(variable: &str) -> anyhow::Result<Option<Zeroizing<String>>> {
    if let Ok(secret) = std::env::var(variable) {
        return Ok(Some(Zeroizing::new(secret)));
    }
    let variable = format!("{variable}_FILE");
    let Some(path) = std::env::var_os(&variable) else { return Ok(None) };
    let secret = std::fs::read_to_string(path).with_context(|| format!("the file that {variable} names"))?;
    let secret = Zeroizing::new(secret);
    Ok(Some(Zeroizing::new(secret.trim_end_matches(['\r', '\n']).to_owned())))
}

/// Whether somebody is there to be asked.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks at the terminal, without echo.
pub(crate) fn ask(what: &str) -> anyhow::Result<Zeroizing<String>> {
    rpassword::prompt_password(format!("{what}: ")).map(Zeroizing::new).context("the terminal")
}

/// Takes what the environment gives, or asks for a new secret twice.
pub(crate) fn given_or_new(variable: &str, what: &str) -> anyhow::Result<Zeroizing<String>> {
    if let Some(secret) = given(variable)? {
        return Ok(secret);
    }
    if !can_ask() {
        bail!(
            "nobody is at the terminal to be asked: give the {what} in {variable} or in a file named by {variable}_FILE"
        );
    }
    let first = ask(&format!("New {what}"))?;
    if *ask(&format!("The {what} again"))? != *first {
        bail!("the two are not the same: start again");
    }
    Ok(first)
}
