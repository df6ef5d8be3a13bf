//! Plugins in JavaScript and Python: the quick starts of the guides, and the bundled ones, built by
//! their own builders and run by the daemon. Building is for the long proofs (SCEAU_PROVE=1): it wants
//! `tests/peers/install.sh languages`, and minutes of compiling.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sceau_tests::cabinet::Cabinet;
use sceau_tests::daemon::Daemon;
use sceau_tests::program::{Said, binary, run};
use sceau_tests::{fixtures, peers, proving, root};

/// A JavaScript engine or a Python interpreter is compiled to native code within this.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// A program with the builders of both languages on its path, in a directory.
fn program(name: &str, folder: &Path, home: &Path) -> Command {
    let place = peers().join("languages");
    let tools = [place.join("node_modules/.bin"), place.join("venv/bin")];
    for tool in [tools[0].join("componentize-js"), tools[1].join("componentize-py")] {
        assert!(tool.exists(), "no {}: tests/peers/install.sh languages", tool.display());
    }
    let own = binary().parent().expect("a directory").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = tools.into_iter().chain([own]).chain(std::env::split_paths(&path));
    let mut command = Command::new(name);
    command.current_dir(folder);
    command.env("PATH", std::env::join_paths(all).expect("paths"));
    command.env("XDG_CACHE_HOME", home.join("cache"));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn said(folder: &Path, home: &Path, name: &str, arguments: &[&str]) -> Said {
    run(program(name, folder, home).args(arguments), PATIENCE)
}

/// A cabinet with a folder for each workflow.
fn cabinet(workflows: &[(&str, String)]) -> Cabinet {
    let mut cabinet = Cabinet::new();
    for (name, text) in workflows {
        fs::write(cabinet.path(format!("config/workflows/{name}.toml")), text).expect("a workflow");
        cabinet.folders.push(((*name).to_owned(), (*name).to_owned(), String::new()));
    }
    cabinet.write_config();
    cabinet
}

/// The fenced blocks of a language in a guide.
fn blocks(guide: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/guide").join(guide)).expect("the guide");
    let fence = format!("```{language}\n");
    let inner = text.split(&fence).skip(1).filter_map(|rest| rest.split_once("```\n"));
    inner.map(|(block, _)| block.to_owned()).collect()
}

fn only(guide: &str, language: &str) -> String {
    let mut all = blocks(guide, language);
    assert_eq!(all.len(), 1, "{guide}: one block of {language}");
    all.remove(0)
}

/// The lines of the guide that build a component, by the builder's name.
fn line(builder: &str) -> String {
    let all = blocks("plugins.en.md", "console");
    let all = all.iter().flat_map(|block| block.lines());
    let found: Vec<&str> = all
        .filter_map(|line| line.strip_prefix("$ "))
        .filter(|line| line.contains(builder) && !line.contains(" install "))
        .collect();
    assert_eq!(found.len(), 1, "one line that calls {builder}: {found:?}");
    found[0].to_owned()
}

#[test]
fn both_guides_show_the_same_code_and_the_versions_that_are_tried() {
    for language in ["js", "python"] {
        assert_eq!(only("plugins.md", language), only("plugins.en.md", language));
    }
    let languages = root().join("tests/peers/languages");
    let read = |name: &str| fs::read_to_string(languages.join(name)).expect("pinned versions");
    let package: serde_json::Value = serde_json::from_str(&read("package.json")).expect("JSON");
    let pinned = package["dependencies"].as_object().expect("what builds JavaScript");
    // The builder wants the shim, and does not say so: `npm ci` leaves it out where nobody names it.
    let pin = |(name, version): (&String, &serde_json::Value)| {
        format!("{name}@{}", version.as_str().expect("a version"))
    };
    let python = read("requirements.txt").trim().to_owned();
    let versions: Vec<String> = pinned.iter().map(pin).chain([python]).collect();
    for guide in ["plugins.md", "plugins.en.md"] {
        let text = fs::read_to_string(root().join("docs/guide").join(guide)).expect("the guide");
        for version in &versions {
            assert!(text.contains(version.as_str()), "{guide} names {version}");
        }
    }
    let own = fs::read_to_string(root().join("plugins/siren-check/package.json")).expect("JSON");
    let own: serde_json::Value = serde_json::from_str(&own).expect("JSON");
    assert_eq!(own["devDependencies"], package["dependencies"]);
}

/// As a new author does it: the code of the guide, in an empty directory.
#[test]
fn the_quick_starts_make_plugins_that_the_daemon_runs() {
    // The cheap half of the same proof: the contract that the builders read is written.
    let workflow = |id: &str| {
        format!(
            "schema = 1\nname = \"{id}\"\ntitle = {{ fr = \"Essai\", en = \"Trial\" }}\n\n\
             [[step]]\nkind = \"plugin\"\nplugin = \"{id}\"\nversion = \"1.0.0\"\n\
             does = \"validate\"\n\n[[step]]\nkind = \"seal\"\n\n[[step]]\nkind = \"deliver\"\n"
        )
    };
    let starts = [
        ("en-js", "js", "plugin.js", "componentize-js"),
        ("en-python", "python", "plugin.py", "componentize-py"),
    ];
    let cabinet = cabinet(&starts.map(|(id, ..)| (id, workflow(id))));
    let (home, config) = (cabinet.path("home"), cabinet.config().display().to_string());
    for (id, language, file, builder) in starts {
        let folder = cabinet.path(id);
        fs::create_dir_all(&folder).expect("an empty directory");
        let contract =
            run(Command::new(binary()).args(["plugin", "contract"]).current_dir(&folder), PATIENCE);
        contract.expect(0);
        assert!(
            folder.join("wit/worlds.wit").exists() && folder.join("wit/deps/types.wit").exists()
        );
        if !proving() {
            continue;
        }
        let manifest =
            blocks("plugins.en.md", "toml").into_iter().find(|b| b.contains("id = \"bonjour\""));
        let manifest = manifest.expect("a manifest").replace("bonjour", id);
        fs::write(folder.join("plugin.toml"), manifest).expect("written");
        fs::write(folder.join(file), only("plugins.en.md", language)).expect("written");
        said(&folder, &home, "sh", &["-c", &line(builder)]).expect(0);
        let install = ["plugin", "install", ".", "--grant", "--config", config.as_str()];
        said(&folder, &home, "sceau", &install).expect(0);
    }
    if !proving() {
        return;
    }
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    for (id, ..) in starts {
        let watched = cabinet.watched(id);
        watched.drop_file("lettre.pdf", &fixtures::small(id));
        watched.wait_delivered("lettre");
        let result = &watched.evidence("lettre")["steps"][0]["result"];
        assert_eq!(
            (result["plugin"].as_str(), result["report"]["verdict"].as_str()),
            (Some(id), Some("accept"))
        );
        watched.drop_file("long.pdf", &fixtures::long(2));
        let note = watched.wait_rejected("long");
        assert!(note.contains("Une page, pas plus."), "{note}");
    }
    assert!(daemon.stop().success());
}

/// The bundled ones: their own tests, built, held to their cases, installed, each in its workflow.
#[test]
fn the_bundled_plugins_of_other_languages_do_their_steps() {
    let workflow = |plugin: &str| {
        let file = root().join("plugins").join(plugin).join("circuit.toml");
        fs::read_to_string(file).expect("its workflow")
    };
    let mut cabinet = cabinet(&[
        ("siren-controle", workflow("siren-check")),
        ("comptes-annuels", workflow("closing-date")),
    ]);
    let grant =
        |plugin: &str| format!("\n[[plugins.grant]]\nplugin = \"{plugin}\"\ndocuments = true\n");
    cabinet.extra = ["siren-check", "closing-date"].map(grant).concat();
    cabinet.write_config();
    let checked = cabinet.admin(["check"]).expect(78);
    for name in ["siren-check 1.0.0 is not installed", "closing-date 1.0.0 is not installed"] {
        assert!(checked.all().contains(name), "the workflows want what is bundled: {checked}");
    }
    if !proving() {
        return;
    }
    let (home, config) = (cabinet.path("home"), cabinet.config().display().to_string());
    let own = [
        ("siren-check", "node --test", "npm run --silent build", "4 passed, 0 failed"),
        ("closing-date", "python3 -m unittest", "./build.sh", "5 passed, 0 failed"),
    ];
    for (plugin, tests, build, passed) in own {
        let folder = root().join("plugins").join(plugin);
        said(&folder, &home, "sh", &["-c", tests]).expect(0);
        said(&folder, &home, "sh", &["-c", build]).expect(0);
        let tried = said(&folder, &home, "sceau", &["plugin", "test"]).expect(0);
        assert!(tried.out.contains(passed), "{tried}");
        let install = ["plugin", "install", ".", "--yes", "--config", config.as_str()];
        said(&folder, &home, "sceau", &install).expect(0);
    }
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let checked = cabinet.watched("siren-controle");
    checked.drop_file("faux.pdf", &fixtures::small("SIREN 732 829 321"));
    let note = checked.wait_rejected("faux");
    assert!(note.contains("732829321"), "which number is wrong is told to the sender: {note}");
    checked.drop_file("juste.pdf", &fixtures::small("SIREN 732 829 320"));
    checked.wait_delivered("juste");

    let accounts = cabinet.watched("comptes-annuels");
    accounts.drop_file("vieux.pdf", &fixtures::small("Exercice clos le 31/12/2003"));
    accounts.wait_delivered("vieux");
    let evidence = accounts.evidence("vieux");
    assert_eq!(evidence["workflow"]["name"], "plaquette", "the plugin handed it over");
    let decision = &evidence["steps"][0]["result"]["decision"];
    assert_eq!(decision["outcome"], "old", "{evidence:#}");
    assert!(daemon.stop().success());
}
