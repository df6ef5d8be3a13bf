//! From options and answers to a plan in which every value is right.

use std::{
    io,
    path::{Path, PathBuf},
};

use sceau_cabinet::{EmailAddress, SocieteId};
use sceau_pki::siren::Siren;
use sceau_signer::KeyType;

use super::{
    Console, InitError, InitOptions,
    console::{ask_until, ask_yes},
};
use crate::keys::{SchemeArgs, TokenArgs};

/// Longest name of a cabinet, société or person, in characters (X.520 ub-organization-name is 64).
const MAX_NAME: usize = 64;

/// Where the seal comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SealSource {
    /// Our own authority issues it.
    OwnAuthority,
    /// A PKCS#12 file and the file of its password.
    P12 { file: PathBuf, password_file: PathBuf },
    /// A PKCS#11 token's key, with its certificate or one that our own authority issues.
    Token(TokenArgs),
}

/// Everything that the ceremony needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) state: PathBuf,
    pub(super) secret_file: PathBuf,
    pub(super) cabinet: String,
    pub(super) societe: String,
    pub(super) societe_id: SocieteId,
    pub(super) siren: Siren,
    pub(super) admin_name: String,
    pub(super) admin_email: EmailAddress,
    pub(super) admin_is_expert_comptable: bool,
    pub(super) seal: SealSource,
    /// Addresses of outside authorities; none: an internal time-stamping unit is made.
    pub(super) tsa: Vec<String>,
    pub(super) key_type: KeyType,
    /// The address beneath which the world reaches our own authority.
    pub(super) pki_url: Option<String>,
    /// How the seal's key signs.
    pub(super) scheme: SchemeArgs,
    pub(super) export_root_key: Option<PathBuf>,
    pub(super) test_real_seal: bool,
    pub(super) test_tsa: bool,
}

/// Completes the options by asking, or, where nobody can be asked, gathers every fault.
pub(super) fn plan(options: InitOptions, console: &mut dyn Console) -> Result<Plan, InitError> {
    let attended = console.is_interactive() && !options.yes;
    let mut gather = Gather { console, attended, faults: Vec::new() };
    let plan = gather.plan(options).map_err(InitError::Asking)?;
    match plan {
        Some(plan) if gather.faults.is_empty() => Ok(plan),
        _ => Err(InitError::Faults(gather.faults)),
    }
}

struct Gather<'c> {
    console: &'c mut dyn Console,
    attended: bool,
    faults: Vec<String>,
}

/// Where the state and its secret go.
type Places = (PathBuf, PathBuf);
/// The cabinet's name; the société's name, code and SIREN.
type House = (String, String, SocieteId, Siren);
/// The administrator's name and address, and whether an expert-comptable.
type Admin = (String, EmailAddress, bool);

impl Gather<'_> {
    /// `None` when a value is missing or faulty; the faults say which.
    fn plan(&mut self, mut options: InitOptions) -> io::Result<Option<Plan>> {
        let places = self.places(&mut options)?;
        let house = self.house(&mut options)?;
        let admin = self.admin(&mut options)?;
        let seal = match options.pkcs11.is_given() {
            true => self.token(options.pkcs11, options.seal_p12.is_some()),
            false => self.seal(options.seal_p12, options.seal_p12_password_file)?,
        };
        let tsa = self.tsa(options.tsa)?;
        let pki_url = self.pki_url(options.pki_url);
        let kind = Some(options.key_type.unwrap_or_else(|| KeyType::P256.as_str().into()));
        let key_type = self.value("--key-type", "Kind of key", kind, None, parse_key_type)?;
        let (Some(places), Some(house), Some(admin), Some(seal), Some(key_type)) =
            (places, house, admin, seal, key_type)
        else {
            return Ok(None);
        };
        let (state, secret_file) = places;
        let (cabinet, societe, societe_id, siren) = house;
        let (admin_name, admin_email, admin_is_expert_comptable) = admin;
        Ok(Some(Plan {
            state,
            secret_file,
            cabinet,
            societe,
            societe_id,
            siren,
            admin_name,
            admin_email,
            admin_is_expert_comptable,
            seal,
            tsa,
            key_type,
            pki_url,
            scheme: options.scheme,
            export_root_key: options.export_root_key,
            test_real_seal: options.test_real_seal,
            test_tsa: options.test_tsa,
        }))
    }

    fn places(&mut self, options: &mut InitOptions) -> io::Result<Option<Places>> {
        let state = self.path("--state", "State directory", options.state.take(), Some("state"))?;
        let beside = state.as_deref().map(secret_beside);
        let question = "File of the secret that opens the keys (keep it off the state's backup)";
        let given = options.secret_file.take();
        let secret_file = self.path("--secret-file", question, given, beside.as_deref())?;
        Ok(state.zip(secret_file))
    }

    fn house(&mut self, options: &mut InitOptions) -> io::Result<Option<House>> {
        let o = options;
        let cabinet = self.name("--cabinet", "Name of the cabinet", o.cabinet.take(), None)?;
        let question = "Name of the société that seals";
        let societe = self.name("--societe", question, o.societe.take(), cabinet.clone())?;
        let question = "SIREN of that société";
        let siren = self.value("--siren", question, o.siren.take(), None, parse_siren)?;
        let societe_id = self.societe_id(o.societe_code.take(), societe.as_deref())?;
        Ok((|| Some((cabinet?, societe?, societe_id?, siren?)))())
    }

    fn admin(&mut self, options: &mut InitOptions) -> io::Result<Option<Admin>> {
        let question = "Name of the first administrator";
        let name = self.name("--admin-name", question, options.admin_name.take(), None)?;
        let (question, given) = ("His or her e-mail address", options.admin_email.take());
        let email = self.value("--admin-email", question, given, None, |text| {
            text.parse::<EmailAddress>().map_err(|fault| fault.to_string())
        })?;
        let expert_comptable = match options.admin_is_expert_comptable {
            None if self.attended => {
                let question = "Is this person an expert-comptable of the société? (y/n)";
                ask_yes(self.console, question, true)?
            }
            known => known.unwrap_or(false),
        };
        Ok(name.zip(email).map(|(name, email)| (name, email, expert_comptable)))
    }

    fn name(
        &mut self,
        flag: &str,
        question: &str,
        given: Option<String>,
        default: Option<String>,
    ) -> io::Result<Option<String>> {
        let default = default.filter(|_| self.attended);
        self.value(flag, question, given, default.as_deref(), parse_name)
    }

    fn path(
        &mut self,
        flag: &str,
        question: &str,
        given: Option<PathBuf>,
        default: Option<&str>,
    ) -> io::Result<Option<PathBuf>> {
        match given {
            Some(path) => Ok(Some(path)),
            None => {
                let default = default.filter(|_| self.attended);
                self.value(flag, question, None, default, parse_path)
            }
        }
    }

    /// The given value if it is right; else the answer of whoever can be asked; else a fault.
    fn value<T>(
        &mut self,
        flag: &str,
        question: &str,
        given: Option<String>,
        default: Option<&str>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> io::Result<Option<T>> {
        let fault = match given.as_deref().map(&parse) {
            Some(Ok(value)) => return Ok(Some(value)),
            Some(Err(fault)) => fault,
            None => "it is missing".to_owned(),
        };
        if !self.attended {
            self.faults.push(format!("{flag}: {fault}"));
            return Ok(None);
        }
        if given.is_some() {
            self.console.tell(&format!("{flag}: {fault}"));
        }
        ask_until(self.console, question, default, parse).map(Some)
    }

    /// Made of the name unless given; a name that gives no code is asked about.
    fn societe_id(
        &mut self,
        given: Option<String>,
        name: Option<&str>,
    ) -> io::Result<Option<SocieteId>> {
        if given.is_none() && name.is_none() {
            return Ok(None);
        }
        let code = given.or_else(|| name.map(code_of));
        self.value("--societe-code", "Its short code", code, None, |text| {
            text.parse::<SocieteId>().map_err(|fault| fault.to_string())
        })
    }

    fn pki_url(&mut self, given: Option<String>) -> Option<String> {
        let url = given.as_deref().and_then(crate::config::pki::base_url);
        if let Some(given) = given.filter(|_| url.is_none()) {
            self.faults
                .push(format!("--pki-url: {given:?} is no plain http:// or https:// address"));
        }
        url
    }

    fn token(&mut self, token: TokenArgs, with_p12: bool) -> Option<SealSource> {
        if with_p12 {
            self.faults.push("--seal-p12: it does not go with --pkcs11-module".into());
        }
        Some(SealSource::Token(token))
    }

    fn seal(
        &mut self,
        p12: Option<PathBuf>,
        password: Option<PathBuf>,
    ) -> io::Result<Option<SealSource>> {
        if p12.is_none() && password.is_some() {
            self.faults.push("--seal-p12: it is missing".into());
            return Ok(None);
        }
        let question = "PKCS#12 file of a seal that you have (none: one is made)";
        let Some(file) = self.optional(question, p12)? else {
            return Ok(Some(SealSource::OwnAuthority));
        };
        let question = "File that holds its password";
        let password = self.path("--seal-p12-password-file", question, password, None)?;
        Ok(password.map(|password_file| SealSource::P12 { file, password_file }))
    }

    fn optional(&mut self, question: &str, given: Option<PathBuf>) -> io::Result<Option<PathBuf>> {
        match given {
            None if self.attended => {
                ask_until(self.console, question, Some(NONE), |answer| {
                    match (answer, Path::new(answer).is_file()) {
                        (NONE, _) => Ok(None),
                        (file, true) => Ok(Some(PathBuf::from(file))),
                        (file, false) => Err(format!("there is no file {file}")),
                    }
                })
            }
            given => Ok(given),
        }
    }

    fn tsa(&mut self, given: Vec<String>) -> io::Result<Vec<String>> {
        if given.is_empty() && self.attended {
            let question = "Address of a time-stamping authority (none: an internal one is made)";
            return ask_until(self.console, question, Some(NONE), |answer| match answer {
                NONE => Ok(Vec::new()),
                address => parse_address(address).map(|address| vec![address]),
            });
        }
        let faults = given.iter().filter_map(|address| parse_address(address).err());
        self.faults.extend(faults.map(|fault| format!("--tsa: {fault}")));
        Ok(given)
    }
}

/// The answer that declines.
const NONE: &str = "none";

fn parse_address(address: &str) -> Result<String, String> {
    let host = ["http://", "https://"].iter().find_map(|scheme| address.strip_prefix(scheme));
    match host {
        Some(host) if !host.is_empty() && !host.contains(char::is_whitespace) => Ok(address.into()),
        _ => Err(format!("{address:?} is no http:// or https:// address")),
    }
}

fn parse_siren(text: &str) -> Result<Siren, String> {
    Siren::parse(text).map_err(|fault| fault.to_string())
}

fn parse_key_type(word: &str) -> Result<KeyType, String> {
    let words = || KeyType::ALL.map(KeyType::as_str).join(", ");
    KeyType::parse(word).ok_or_else(|| format!("{word:?} is none of {}", words()))
}

fn parse_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("a name is needed".into()),
        1..=MAX_NAME if !text.chars().any(char::is_control) => Ok(text.into()),
        _ => Err(format!("a name has at most {MAX_NAME} characters, none of them a control")),
    }
}

fn parse_path(text: &str) -> Result<PathBuf, String> {
    match text.trim() {
        "" => Err("a path is needed".into()),
        path => Ok(path.into()),
    }
}

/// `state` gives `state.secret` beside it.
fn secret_beside(state: &Path) -> String {
    let mut name = state.file_name().unwrap_or("sceau".as_ref()).to_owned();
    name.push(".secret");
    state.with_file_name(name).to_string_lossy().into_owned()
}

/// A code made of a name: lower case, accents dropped, at most 40 of a-z, 0-9 and single dashes.
fn code_of(name: &str) -> String {
    let mut code = String::new();
    for c in name.to_lowercase().chars().map(plain) {
        match c {
            'a'..='z' | '0'..='9' => code.push(c),
            _ if !code.is_empty() && !code.ends_with('-') => code.push('-'),
            _ => {}
        }
    }
    code.truncate(40);
    code.trim_end_matches('-').to_owned()
}

/// The letter without its accent, for the letters of French.
fn plain(c: char) -> char {
    match c {
        'à' | 'â' | 'ä' | 'æ' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' | 'ö' | 'œ' => 'o',
        'ù' | 'û' | 'ü' => 'u',
        'ÿ' => 'y',
        other => other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{super::console::tests::Script, *};

    pub(in super::super) fn complete() -> InitOptions {
        InitOptions {
            state: Some("state".into()),
            secret_file: Some("secret".into()),
            cabinet: Some("Cabinet Léa Dupont".into()),
            societe: Some("Dupont & Associés".into()),
            siren: Some("732 829 320".into()),
            admin_name: Some("Léa Dupont".into()),
            admin_email: Some("lea@dupont.fr".into()),
            yes: true,
            ..InitOptions::default()
        }
    }

    #[test]
    fn complete_options_need_no_question() {
        let mut script = Script::new(&[]);
        let plan = plan(complete(), &mut script).unwrap();
        assert_eq!(plan.societe_id.to_string(), "dupont-associes");
        assert_eq!(plan.siren.to_string(), "732829320");
        assert_eq!(plan.key_type, KeyType::P256);
        assert!(script.asked.is_empty());
    }

    #[test]
    fn unattended_every_fault_is_told_at_once() {
        let options = InitOptions {
            siren: Some("732829321".into()),
            admin_email: Some("nobody".into()),
            key_type: Some("ed25519".into()),
            tsa: vec!["ftp://x".into()],
            seal_p12: Some("seal.p12".into()),
            cabinet: None,
            ..complete()
        };
        let Err(InitError::Faults(faults)) = plan(options, &mut Script::new(&[])) else {
            panic!("no faults")
        };
        for flag in [
            "--cabinet",
            "--siren",
            "--admin-email",
            "--key-type",
            "--tsa",
            "--seal-p12-password-file",
        ] {
            assert!(faults.iter().any(|fault| fault.starts_with(flag)), "{flag}: {faults:?}");
        }
        assert_eq!(faults.len(), 6, "{faults:?}");
    }

    #[test]
    fn a_person_is_asked_and_asked_again() {
        let mut script = Script::new(&[
            "",
            "",
            "Cabinet Dupont",
            "",
            "12345",
            "732829321",
            "732829320",
            "Léa Dupont",
            "lea",
            "lea@dupont.fr",
            "y",
            "no-such-seal.p12",
            "",
            "ftp://x",
            "http://tsa.example.fr",
        ]);
        let plan = plan(InitOptions::default(), &mut script).unwrap();
        assert_eq!(plan.state, Path::new("state"));
        assert_eq!(plan.secret_file, Path::new("state.secret"));
        assert_eq!(plan.societe, "Cabinet Dupont");
        assert!(plan.admin_is_expert_comptable);
        assert_eq!(plan.seal, SealSource::OwnAuthority);
        assert_eq!(plan.tsa, ["http://tsa.example.fr"]);
        assert_eq!(script.told.len(), 5, "{:?}", script.told);
    }

    #[test]
    fn codes_are_made_of_names() {
        assert_eq!(code_of("Société d'Expertise Éluard & Fils"), "societe-d-expertise-eluard-fils");
        assert_eq!(code_of(&"é".repeat(90)), "e".repeat(40));
        assert_eq!(code_of("株式会社"), "");
    }
}
