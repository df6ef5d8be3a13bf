//! The configuration as a whole, over directories that the tests make.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use sceau_workflow::definition::StepParsers;
use sceau_workflow::faults::{FaultCode, Faults, Source};
use tempfile::TempDir;

use super::{Config, SecretSource, TimeConfig, load, socket_of, state_of};

/// A directory with `in/`, `workflows/attestation.toml` and a secret.
struct Site(TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(site.path("workflows")).unwrap();
        fs::create_dir(site.path("in")).unwrap();
        site.mode("in", 0o750);
        fs::write(site.path("secret"), "x").unwrap();
        site.mode("secret", 0o600);
        site.write("workflows/attestation.toml", ATTESTATION);
        site
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn mode(&self, below: &str, mode: u32) {
        fs::set_permissions(self.path(below), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn write(&self, below: &str, text: &str) {
        fs::write(self.path(below), text).unwrap();
    }

    fn load(&self, text: &str) -> Result<Config, Vec<(FaultCode, usize)>> {
        self.write("sceau.toml", text);
        let loaded = load(&self.path("sceau.toml"), None, &StepParsers::standard());
        loaded.map_err(|faults| {
            let line = |spot: Option<sceau_workflow::faults::Spot>| spot.map_or(0, |s| s.line);
            faults.into_iter().map(|fault| (fault.code, line(fault.spot))).collect()
        })
    }
}

const ATTESTATION: &str = "schema = 1\nname = \"attestation\"\n\
                           title = { fr = \"A\", en = \"A\" }\n\
                           [[step]]\nkind = \"seal\"\n[[step]]\nkind = \"deliver\"\n";

const HEAD: &str = "[state]\ndirectory = \"state\"\nsecret = { file = \"secret\" }\n\
                    [time]\ntsa = \"internal\"\n";

const FOLDER: &str = "[[folder]]\nname = \"a\"\npath = \"in\"\nworkflow = \"attestation\"\n\
                      account = \"paul@x.example\"\nsociete = \"martin\"\n";

fn good() -> String {
    format!("{HEAD}{FOLDER}")
}

/// The line of `good()` (from 1) that begins with this text.
fn line(text: &str, begins: &str) -> usize {
    text.lines().position(|line| line.starts_with(begins)).unwrap() + 1
}

#[test]
fn a_good_configuration_is_read_whole() {
    let site = Site::new();
    let config = site.load(&good()).unwrap();
    assert_eq!(config.state.directory, site.path("state"));
    assert_eq!(config.state.secret, SecretSource::File(site.path("secret")));
    assert_eq!(config.admin.socket, site.path("state/run/admin.sock"));
    assert_eq!(config.time, TimeConfig::Internal { accept_earlier_clock: false });
    assert!(config.http.is_none());
    let folder = &config.folders[0];
    assert_eq!((folder.intake.name.as_str(), folder.workflow.as_str()), ("a", "attestation"));
    assert_eq!(folder.intake.societes, ["martin"]);
    assert_eq!(config.workflows["attestation"].source, ATTESTATION);
}

#[test]
fn the_shipped_configuration_is_good() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/sceau.toml");
    match load(&file, None, &StepParsers::standard()) {
        Ok(config) => assert_eq!((config.folders.len(), config.workflows.len()), (3, 4)),
        Err(faults) => panic!("{}", Faults::render(&faults)),
    }
}

#[test]
fn five_faults_in_two_files_are_told_at_once() {
    let site = Site::new();
    site.write("workflows/attestation.toml", &ATTESTATION.replace("\"seal\"", "\"saeal\""));
    site.mode("in", 0o777);
    let text = good()
        .replace("paul@x.example", "paul")
        .replace("societe =", "stabilty = \"1s\"\nsociete =")
        .replace("\"internal\"", "\"atomic\"");
    let faults = site.load(&text).unwrap_err();
    let expected = [
        (FaultCode::BadValue, line(&text, "tsa")),
        (FaultCode::Permissions, line(&text, "path")),
        (FaultCode::BadValue, line(&text, "account")),
        (FaultCode::UnknownKey, line(&text, "stabilty")),
        (FaultCode::UnknownName, 5),
    ];
    assert_eq!(faults, expected);
}

#[test]
fn paths_are_looked_at() {
    let site = Site::new();
    let absent = good().replace("\"in\"", "\"absent\"");
    assert_eq!(site.load(&absent).unwrap_err(), [(FaultCode::Path, line(&absent, "path"))]);
    let file = good().replace("\"in\"", "\"secret\"");
    assert_eq!(site.load(&file).unwrap_err()[0].0, FaultCode::Path);
    site.mode("secret", 0o640);
    let expected = [(FaultCode::Permissions, line(&good(), "secret"))];
    assert_eq!(site.load(&good()).unwrap_err(), expected);
}

#[test]
fn places_within_each_other_are_refused() {
    let site = Site::new();
    fs::create_dir(site.path("in/b")).unwrap();
    std::os::unix::fs::symlink(site.path("in"), site.path("link")).unwrap();
    for other in ["in/b", "link", "in/../in"] {
        let second = FOLDER.replace("\"a\"", "\"b\"").replace("\"in\"", &format!("\"{other}\""));
        let faults = site.load(&format!("{}{second}", good())).unwrap_err();
        assert_eq!(faults, [(FaultCode::Overlap, 14)], "{other}");
    }
    let inside = good().replace("\"state\"", "\"in/state\"");
    assert_eq!(site.load(&inside).unwrap_err(), [(FaultCode::Overlap, line(&inside, "path"))]);
    let inside = good().replace("directory = \"state\"", "directory = \"../\"");
    let codes: Vec<FaultCode> =
        site.load(&inside).unwrap_err().into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, [FaultCode::Overlap, FaultCode::Overlap], "the secret and the folder");
}

#[test]
fn an_open_door_needs_tls() {
    let site = Site::new();
    let with = |lines: &str| format!("[http]\n{lines}\n{}", good());
    assert!(site.load(&with("listen = \"127.0.0.1:8470\"")).is_ok());
    assert!(site.load(&with("listen = \"[::1]:8470\"")).is_ok());
    let open = with("listen = \"0.0.0.0:8470\"");
    assert_eq!(site.load(&open).unwrap_err(), [(FaultCode::Exposure, 2)]);
    assert!(site.load(&with("listen = \"0.0.0.0:8470\"\nallow_cleartext = true")).is_ok());
    let half = with("listen = \"0.0.0.0:8470\"\ntls_certificate = \"secret\"");
    assert_eq!(site.load(&half).unwrap_err(), [(FaultCode::MissingKey, 1)]);
    let tls = "listen = \"0.0.0.0:8470\"\ntls_certificate = \"secret\"\ntls_key = \"secret\"";
    assert!(site.load(&with(tls)).unwrap().http.unwrap().tls.is_some());
}

#[test]
fn authorities_of_time_are_checked() {
    let site = Site::new();
    let tsa = "[[time.tsa]]\nurl = \"https://tsa.example/\"\ntrust = \"secret\"\n";
    let with = |tsa: &str| good().replace("[time]\ntsa = \"internal\"\n", tsa);
    let TimeConfig::External(list) = site.load(&with(tsa)).unwrap().time else { panic!() };
    assert_eq!(list[0].url, "https://tsa.example/");
    for bad in ["ftp://x", "https://user:word@x/", "tsa.example", "https:///"] {
        let faults = site.load(&with(&tsa.replace("https://tsa.example/", bad))).unwrap_err();
        assert_eq!(faults[0].0, FaultCode::BadValue, "{bad}");
    }
    assert_eq!(site.load(&with("[time]\ntsa = []\n")).unwrap_err()[0].0, FaultCode::OutOfRange);
    assert_eq!(site.load(&with("")).unwrap_err()[0].0, FaultCode::MissingKey);
}

#[test]
fn a_folder_gives_what_its_workflow_needs() {
    let site = Site::new();
    let collects = ATTESTATION.replace(
        "[[step]]\nkind = \"seal\"",
        "[[step]]\nkind = \"collect\"\nsignatories = \"sidecar\"",
    );
    site.write("workflows/attestation.toml", &collects);
    assert_eq!(site.load(&good()).unwrap_err()[0].0, FaultCode::BadValue);
    let required = format!("{}sidecar = \"required\"\n", good());
    assert!(site.load(&required).is_ok());
    let needs = "[[parameter]]\nname = \"client\"\nrequired = true\n\
                 title = { fr = \"C\", en = \"C\" }\n";
    site.write("workflows/attestation.toml", &format!("{ATTESTATION}{needs}"));
    assert_eq!(site.load(&good()).unwrap_err()[0].0, FaultCode::BadValue);
    site.write(
        "workflows/attestation.toml",
        &format!("subfolders = [\"client\"]\n{ATTESTATION}{needs}"),
    );
    assert_eq!(site.load(&good()).unwrap().folders[0].intake.subfolders, ["client"]);
}

#[test]
fn an_attachment_is_told_at_its_place_where_absent_and_pinned_where_not() {
    let site = Site::new();
    let attaches = ATTESTATION.replace(
        "[[step]]\nkind = \"seal\"",
        "[[step]]\nkind = \"prepare\"\n[[step.attach]]\nfile = \"cgu.pdf\"\n[[step]]\nkind = \"seal\"",
    );
    site.write("workflows/attestation.toml", &attaches);
    assert_eq!(site.load(&good()).unwrap_err(), [(FaultCode::Path, 7)]);
    site.write("cgu.pdf", "x");
    let hash = |site: &Site| site.load(&good()).unwrap().workflows["attestation"].definition.hash();
    let first = hash(&site);
    assert_eq!(hash(&site), first);
    site.write("cgu.pdf", "y");
    assert_ne!(hash(&site), first, "another file is another definition");
    fs::File::create(site.path("cgu.pdf")).unwrap().set_len((32 << 20) + 1).unwrap();
    assert_eq!(site.load(&good()).unwrap_err(), [(FaultCode::Path, 7)]);
}

/// It is pinned: with another picture the definition is another one.
#[test]
fn an_image_of_a_seal_is_told_at_its_place_or_pinned() {
    const LOGO: &[u8] = include_bytes!("../../../tests/fixtures/pictures/logo.png");
    const OTHER: &[u8] = include_bytes!("../../../tests/fixtures/pictures/logo.jpg");
    let site = Site::new();
    let shows = ATTESTATION.replace(
        "[[step]]\nkind = \"seal\"",
        "[[step]]\nkind = \"seal\"\n[step.appearance]\nx = 10\ny = 10\nimage = 'logo.png'",
    );
    site.write("workflows/attestation.toml", &shows);
    let at = line(&shows, "image");
    assert_eq!(site.load(&good()).unwrap_err(), [(FaultCode::Path, at)]);
    let cut = &LOGO[..LOGO.len() / 2];
    for wrong in [&b"GIF89a"[..], cut, &OTHER[..OTHER.len() / 2], &[0x89; 5 << 20]] {
        fs::write(site.path("logo.png"), wrong).unwrap();
        assert_eq!(site.load(&good()).unwrap_err(), [(FaultCode::BadValue, at)]);
    }
    let hashes = [LOGO, OTHER, LOGO].map(|bytes| {
        fs::write(site.path("logo.png"), bytes).unwrap();
        site.load(&good()).unwrap().workflows["attestation"].definition.hash()
    });
    assert_eq!(hashes[0], hashes[2]);
    assert_ne!(hashes[0], hashes[1]);
}

#[test]
fn a_state_that_was_made_is_its_owners_alone_and_needs_its_secret() {
    let site = Site::new();
    fs::create_dir(site.path("state")).unwrap();
    site.mode("state", 0o750);
    fs::remove_file(site.path("secret")).unwrap();
    assert!(site.load(&good()).is_ok(), "not made yet");
    site.write("state/state.redb", "x");
    let text = good();
    let expected = [
        (FaultCode::Permissions, line(&text, "directory")),
        (FaultCode::Path, line(&text, "secret")),
    ];
    assert_eq!(site.load(&text).unwrap_err(), expected);
    site.mode("state", 0o700);
    assert_eq!(site.load(&text).unwrap_err(), expected[1..]);
}

#[test]
fn a_secret_that_stands_in_the_file_is_not_shown_again() {
    let site = Site::new();
    site.write("sceau.toml", &good().replace("{ file = \"secret\" }", "\"hunter2\""));
    let faults = load(&site.path("sceau.toml"), None, &StepParsers::standard()).unwrap_err();
    let shown = Faults::render(&faults);
    assert!(!shown.contains("hunter2") && shown.contains("never stands"), "{shown}");
}

#[test]
fn the_socket_is_found_in_a_faulty_file_too() {
    let site = Site::new();
    let faulty = format!("{}[nonsense]\n", good().replace("\"in\"", "3"));
    site.write("sceau.toml", &faulty);
    let file = site.path("sceau.toml");
    assert_eq!(socket_of(&file, None), Some(site.path("state/run/admin.sock")));
    assert_eq!(socket_of(&file, Some(Path::new("/s"))), Some("/s/run/admin.sock".into()));
    site.write("sceau.toml", &format!("[admin]\nsocket = \"here.sock\"\n{faulty}"));
    assert_eq!(socket_of(&file, None), Some(site.path("here.sock")));
    assert_eq!(socket_of(&site.path("absent.toml"), None), None);
}

#[test]
fn a_group_needs_to_exist_and_a_socket_that_it_can_reach() {
    let site = Site::new();
    let with = |lines: &str| format!("[admin]\n{lines}\n{}", good());
    let apart = "socket = \"run/admin.sock\"\ngroup";
    assert_eq!(site.load(&with(&format!("{apart} = \"root\""))).unwrap().admin.group, Some(0));
    let unknown = site.load(&with(&format!("{apart} = \"no-such-group\"")));
    assert_eq!(unknown.unwrap_err(), [(FaultCode::UnknownName, 3)]);
    let within = site.load(&with("socket = \"state/../state/a.sock\"\ngroup = \"root\""));
    assert_eq!(within.unwrap_err(), [(FaultCode::BadValue, 3)]);
    assert_eq!(site.load(&with("group = \"root\"")).unwrap_err(), [(FaultCode::BadValue, 2)]);
}

#[test]
fn state_and_secret_are_found_in_a_file_with_faults_elsewhere() {
    let site = Site::new();
    site.write("sceau.toml", &format!("{}[nonsense]\n", good().replace("\"in\"", "3")));
    let file = site.path("sceau.toml");
    let secret = Some(SecretSource::File(site.path("secret")));
    assert_eq!(state_of(&file, None), Some((site.path("state"), secret.clone())));
    assert_eq!(state_of(&file, Some(Path::new("/s"))), Some(("/s".into(), secret)));
    assert_eq!(state_of(&site.path("absent.toml"), None), None);
}

#[test]
fn an_earlier_clock_is_accepted_by_the_internal_unit_alone() {
    let site = Site::new();
    let with =
        |option: &str| good().replace("\"internal\"\n", &format!("\"internal\"\n{option}\n"));
    let config = site.load(&with("accept_earlier_clock = true")).unwrap();
    assert_eq!(config.time, TimeConfig::Internal { accept_earlier_clock: true });
    let wrong = site.load(&with("accept_earlier_clock = \"yes\"")).unwrap_err();
    assert_eq!(wrong, [(FaultCode::WrongType, 6)]);
    let tsa = "[time]\naccept_earlier_clock = false\n\
               [[time.tsa]]\nurl = \"https://tsa.example/\"\ntrust = \"secret\"\n";
    let outside = site.load(&good().replace("[time]\ntsa = \"internal\"\n", tsa)).unwrap_err();
    assert_eq!(outside, [(FaultCode::BadValue, 5)]);
}

#[test]
fn an_absent_file_and_a_file_that_is_no_text_are_faults() {
    let site = Site::new();
    let codes = |file: &str| {
        let loaded = load(&site.path(file), None, &StepParsers::standard());
        loaded.unwrap_err().into_iter().map(|fault| fault.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("absent.toml"), [FaultCode::Path]);
    fs::write(site.path("latin1.toml"), b"# caf\xe9\n").unwrap();
    assert_eq!(codes("latin1.toml"), [FaultCode::Path]);
    site.write("large.toml", &"#".repeat((1 << 20) + 1));
    assert_eq!(codes("large.toml"), [FaultCode::OutOfRange]);
}

/// `golden/<name>.toml` is a configuration with faults, `golden/<name>.err` what is shown of them;
/// `SCEAU_BLESS=1` writes the `.err` files anew.
#[test]
fn faults_are_shown_as_the_golden_files_say() {
    let mut seen = 0;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/golden");
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let (name, text) = (file.file_name().unwrap(), fs::read_to_string(&file).unwrap());
        let (name, faults) = (name.to_str().unwrap(), Faults::default());
        super::draft::parse(Source::new(name, &text), Path::new(""), &faults);
        let shown = Faults::render(&faults.into_sorted());
        let expected = file.with_extension("err");
        if std::env::var_os("SCEAU_BLESS").is_some() {
            fs::write(&expected, &shown).unwrap();
        }
        assert_eq!(fs::read_to_string(&expected).unwrap_or_default(), shown, "{name}");
        seen += 1;
    }
    assert!(seen >= 7, "the golden files are there");
}
