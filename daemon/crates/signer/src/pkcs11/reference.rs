//! Which key of which token: what a configuration says, and what a key file keeps.

use std::path::PathBuf;

use super::TokenFault;
use crate::secret::{SecretError, credential_path};

/// Longest value kept, in bytes. PKCS#11 labels of tokens have 32, serial numbers 16.
const MAX_VALUE: usize = 255;

/// Where the PIN comes from; the PIN itself stands in no configuration, argument or environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PinSource {
    /// A file of one line that only its owner may read.
    File(PathBuf),
    /// A systemd credential of that name.
    Credential(String),
}

impl PinSource {
    pub(super) fn path(&self) -> Result<PathBuf, SecretError> {
        match self {
            Self::File(path) => Ok(path.clone()),
            Self::Credential(name) => credential_path(name),
        }
    }
}

/// Describes one private key of one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenKeyRef {
    /// The maker's shared library; an absolute path.
    pub module: PathBuf,
    /// The token's label (CK_TOKEN_INFO.label, without its padding).
    pub token_label: Option<String>,
    /// The token's serial number.
    pub token_serial: Option<String>,
    /// CKA_LABEL of the private key.
    pub key_label: Option<String>,
    /// CKA_ID of the private key.
    pub key_id: Option<Vec<u8>>,
    /// The PIN of the token's user.
    pub pin: PinSource,
}

impl TokenKeyRef {
    /// Whether it describes one key of one token, in texts that a key file can hold.
    ///
    /// # Errors
    /// [`TokenFault::Reference`].
    pub fn check(&self) -> Result<(), TokenFault> {
        let wrong = |why| Err(TokenFault::Reference(why));
        if !self.module.is_absolute() {
            return wrong("the module's path must be absolute");
        }
        if self.token_label.is_none() && self.token_serial.is_none() {
            return wrong("the token's label or serial number is needed");
        }
        if self.key_label.is_none() && self.key_id.is_none() {
            return wrong("the key's label or id is needed");
        }
        if matches!(&self.pin, PinSource::File(path) if !path.is_absolute()) {
            return wrong("the path of the PIN's file must be absolute");
        }
        let plain = |value: &str| {
            (1..=MAX_VALUE).contains(&value.len()) && !value.chars().any(char::is_control)
        };
        match self.words().iter().all(|(_, value)| value.as_deref().is_some_and(plain)) {
            true => Ok(()),
            false => wrong("a name is empty, too long, or no plain text"),
        }
    }

    /// The key, for a person.
    pub(super) fn key_words(&self) -> String {
        let label = self.key_label.iter().map(|label| format!("labelled {label:?}"));
        let id = self.key_id.iter().map(|id| format!("of id {}", hex::encode(id)));
        label.chain(id).collect::<Vec<_>>().join(" and ")
    }

    /// The token, for a person.
    pub(super) fn token_words(&self) -> String {
        let label = self.token_label.iter().map(|label| format!("labelled {label:?}"));
        let serial = self.token_serial.iter().map(|serial| format!("of serial number {serial}"));
        label.chain(serial).collect::<Vec<_>>().join(" and ")
    }

    /// Name and value of each field that is there; a value is `None` when it is no text.
    fn words(&self) -> Vec<(&'static str, Option<String>)> {
        let text = |path: &PathBuf| path.to_str().map(str::to_owned);
        let mut words = vec![("Module", text(&self.module))];
        let mut put = |name, value: &Option<String>| {
            words.extend(value.clone().map(|value| (name, Some(value))));
        };
        put("Token-Label", &self.token_label);
        put("Token-Serial", &self.token_serial);
        put("Key-Label", &self.key_label);
        put("Key-Id", &self.key_id.as_ref().map(hex::encode));
        words.push(match &self.pin {
            PinSource::File(path) => ("Pin-File", text(path)),
            PinSource::Credential(name) => ("Pin-Credential", Some(name.clone())),
        });
        words
    }
}

/// The header lines of a key file.
pub(crate) fn fields(reference: &TokenKeyRef) -> String {
    let words = reference.words().into_iter();
    words.map(|(name, value)| format!("{name}: {}\n", value.unwrap_or_default())).collect()
}

/// What [`fields`] wrote, read back by field.
pub(crate) fn from_fields<'h>(field: impl Fn(&str) -> Option<&'h str>) -> Option<TokenKeyRef> {
    let text = |name| field(name).map(str::to_owned);
    let key_id = field("Key-Id").map(hex::decode).transpose().ok()?;
    let pin = match (text("Pin-File"), text("Pin-Credential")) {
        (Some(path), None) => PinSource::File(path.into()),
        (None, Some(name)) => PinSource::Credential(name),
        _ => return None,
    };
    let reference = TokenKeyRef {
        module: text("Module")?.into(),
        token_label: text("Token-Label"),
        token_serial: text("Token-Serial"),
        key_label: text("Key-Label"),
        key_id,
        pin,
    };
    reference.check().is_ok().then_some(reference)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn reference() -> TokenKeyRef {
        TokenKeyRef {
            module: "/usr/lib/softhsm/libsofthsm2.so".into(),
            token_label: Some("Cachet é".into()),
            token_serial: None,
            key_label: Some("seal: 1".into()),
            key_id: Some(vec![0, 255]),
            pin: PinSource::Credential("hsm-pin".into()),
        }
    }

    fn read(text: &str) -> Option<TokenKeyRef> {
        from_fields(|name| {
            text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        })
    }

    #[test]
    fn a_reference_survives_its_lines() {
        let mut reference = reference();
        assert_eq!(read(&fields(&reference)).as_ref(), Some(&reference));
        reference.token_serial = Some("9f2e".into());
        reference.pin = PinSource::File("/run/pin".into());
        assert_eq!(read(&fields(&reference)), Some(reference));
    }

    #[test]
    fn what_names_no_single_key_is_refused() {
        type Spoil = fn(&mut TokenKeyRef);
        let spoils: [Spoil; 6] = [
            |r| r.module = "libx.so".into(),
            |r| r.token_label = None,
            |r| (r.key_label, r.key_id) = (None, None),
            |r| r.pin = PinSource::File("pin".into()),
            |r| r.key_label = Some("a\nPurpose: certificate".into()),
            |r| r.token_label = Some(String::new()),
        ];
        assert!(reference().check().is_ok());
        for spoil in spoils {
            let mut spoilt = reference();
            spoil(&mut spoilt);
            assert!(spoilt.check().is_err(), "{spoilt:?}");
        }
    }
}
