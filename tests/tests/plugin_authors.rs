//! What an author of plugins does: from an empty directory to a document that goes through the plugin.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use sceau_tests::cabinet::Cabinet;
use sceau_tests::daemon::Daemon;
use sceau_tests::program::{Said, binary, run};
use sceau_tests::{fixtures, peers, proving, root};

/// Building from nothing compiles the SDK and what it uses.
const BUILD: Duration = Duration::from_secs(900);

/// Runs `sceau` in a directory, as an author does, with caches and a configuration of the cabinet's.
fn sceau(cabinet: &Cabinet, folder: &Path, arguments: &[&str]) -> Said {
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(folder);
    command.env("XDG_CACHE_HOME", cabinet.path("home/cache"));
    command.env("SCEAU_CONFIG", cabinet.config());
    command.env("SCEAU_WASM_TOOLCHAIN", peers().join("wasm"));
    if folder.starts_with(cabinet.path("author")) {
        // What new plugins share is compiled once.
        command.env("CARGO_TARGET_DIR", cabinet.path("home/target"));
    }
    run(&mut command, BUILD)
}

/// A greeting at which the author's plugin panics.
const PANIC: &str = "panique";

/// A cabinet whose folders `hello` and `panic` have a workflow with the plugin's step before the seal.
fn cabinet() -> Cabinet {
    let mut cabinet = Cabinet::new();
    for (name, greeting) in [("hello", "Bonjour"), ("panic", PANIC)] {
        cabinet.folders.push((name.to_owned(), name.to_owned(), String::new()));
        let workflow = format!(
            "schema = 1\nname = \"{name}\"\ntitle = {{ fr = \"Essai\", en = \"Trial\" }}\n\n[[step]]\n\
             kind = \"plugin\"\nplugin = \"hello\"\nversion = \"1.0.0\"\ndoes = \"validate\"\n\
             [step.settings]\ngreeting = \"{greeting}\"\n\n[[step]]\nkind = \"seal\"\n\n\
             [[step]]\nkind = \"deliver\"\n"
        );
        let file = cabinet.path(format!("config/workflows/{name}.toml"));
        fs::write(file, workflow).expect("a workflow");
    }
    cabinet.write_config();
    cabinet
}

#[test]
fn from_an_empty_directory_to_a_document_that_goes_through() {
    let cabinet = cabinet();
    let empty = cabinet.path("author");
    fs::create_dir_all(&empty).expect("an empty directory");
    sceau(&cabinet, &empty, &["plugin", "doctor"]).expect(0);
    sceau(&cabinet, &empty, &["plugin", "new", "Hello"]).expect(64);
    sceau(&cabinet, &empty, &["plugin", "new", "hello"]).expect(0);
    let hello = empty.join("hello");
    let panics = panics_when_told(&hello);
    let said = sceau(&cabinet, &hello, &["plugin", "test"]).expect(66);
    assert!(said.err.contains("sceau plugin build makes it"), "what to do is told: {said}");
    let said = sceau(&cabinet, &hello, &["plugin", "build"]).expect(0);
    assert!(said.out.contains("built ./plugin.wasm: hello 1.0.0"), "{said}");
    from_a_module(&cabinet, &hello);
    let said = sceau(&cabinet, &hello, &["plugin", "test"]).expect(0);
    assert!(said.out.contains("first ... ok") && said.out.contains("2 passed, 0 failed"), "{said}");
    kinds_of_new(&cabinet, &empty);
    explained(&cabinet, &hello);
    differing(&cabinet, &hello);

    sceau(&cabinet, &hello, &["plugin", "install", ".", "--grant"]).expect(0);
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("hello");
    watched.drop_file("lettre.pdf", &fixtures::small("hello"));
    watched.wait_delivered("lettre");
    let evidence = watched.evidence("lettre");
    assert_eq!(evidence["steps"][0]["result"]["plugin"], "hello", "{evidence:#}");
    assert_eq!(evidence["steps"][0]["result"]["report"]["verdict"], "accept");
    assert!(daemon.log().contains("Bonjour lettre.pdf: 1 page(s)"), "its lines are in the log");

    // What a panic said, and where, stands in what the operator reads; and the plugin is not dead.
    cabinet.watched("panic").drop_file("lettre.pdf", &fixtures::small("panic"));
    let stopped =
        watched.wait("a stopped dossier", || cabinet.dossiers_in(&["needs-person"]).pop());
    let shown = cabinet.admin(["dossier", "show", &stopped, "--json"]).expect(0).json();
    let detail = shown["trouble"]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("plugin hello 1.0.0"), "{shown:#}");
    assert!(detail.contains(&format!("last panic at src/lib.rs:{panics}:")), "{shown:#}");
    assert!(detail.contains("asked to, by panique"), "{shown:#}");
    watched.drop_file("suivante.pdf", &fixtures::small("after a panic"));
    watched.wait_delivered("suivante");
    assert!(daemon.stop().success());
}

/// The core module that cargo made, or that of another language, becomes the same component by itself.
fn from_a_module(cabinet: &Cabinet, hello: &Path) {
    let component = hello.join("plugin.wasm");
    let built = fs::read(&component).expect("a component");
    fs::remove_file(&component).expect("it is made again");
    let module = cabinet.path("home/target/wasm32-unknown-unknown/release/hello.wasm");
    let module = module.display().to_string();
    sceau(cabinet, hello, &["plugin", "build", "--module", &module]).expect(0);
    assert!(fs::read(&component).expect("made again") == built);
    let said = sceau(cabinet, hello, &["plugin", "build", "--module", "plugin.toml"]).expect(65);
    assert!(said.err.contains("sceau plugin: "), "{said}");
    assert!(
        fs::read(&component).expect("still there") == built,
        "what is no module changes nothing"
    );
}

/// `new` makes plugins of every kind that pass; all kinds when proving, because each is compiled.
fn kinds_of_new(cabinet: &Cabinet, empty: &Path) {
    let all = ["route", "prepare", "notify", "after-seal"];
    for kind in &all[..if proving() { 4 } else { 1 }] {
        sceau(cabinet, empty, &["plugin", "new", kind, "--kind", kind]).expect(0);
        let folder = empty.join(kind);
        let readme = fs::read_to_string(folder.join("README.md")).expect("how it is used");
        assert!(!readme.contains('@') && readme.contains("outcomes") == (*kind == "route"));
        sceau(cabinet, &folder, &["plugin", "build"]).expect(0);
        let said = sceau(cabinet, &folder, &["plugin", "test"]).expect(0);
        assert!(said.out.contains("2 passed, 0 failed"), "{kind}: {said}");
    }
}

/// Has the new plugin panic at a certain greeting; the line of its source.
fn panics_when_told(hello: &Path) -> usize {
    let file = hello.join("src/lib.rs");
    let source = fs::read_to_string(&file).expect("the new plugin's source");
    let before = "        let document = input.document()?;\n";
    let line = source.split_once(before).expect("its first steps").0.lines().count() + 1;
    let panics = format!(
        "        assert!(settings.greeting != \"{PANIC}\", \"asked to, by {{}}\", settings.greeting);\n"
    );
    fs::write(file, source.replacen(before, &(panics + before), 1)).expect("written");
    line
}

/// `--explain` shows each host call; fuel is the same in every run.
fn explained(cabinet: &Cabinet, hello: &Path) {
    let fuel = || {
        let said = sceau(cabinet, hello, &["plugin", "test", "--explain"]).expect(0);
        for call in ["documents.open", "documents.page-count", "log.log"] {
            assert!(said.out.contains(call), "{call}: {said}");
        }
        let line = said.out.lines().find(|line| line.contains("in all;")).map(str::to_owned);
        let line = line.expect("a sum");
        line.split_whitespace().next().expect("fuel").to_owned()
    };
    assert_eq!(fuel(), fuel());
}

/// What comes otherwise than expected fails, and says where; a fault of a case names its line.
fn differing(cabinet: &Cabinet, hello: &Path) {
    let case = hello.join("tests/first.toml");
    let good = fs::read_to_string(&case).expect("the case");
    fs::write(&case, good.replace("Bonjour", "Bonsoir")).expect("written");
    let said = sceau(cabinet, hello, &["plugin", "test"]).expect(65);
    assert!(said.out.contains("came         \"info: Bonsoir lettre.pdf"), "{said}");
    fs::write(&case, good.replace("now =", "nwo =")).expect("written");
    let said = sceau(cabinet, hello, &["plugin", "test"]).expect(65);
    assert!(said.out.contains("unknown field `nwo`"), "{said}");
    fs::write(&case, good).expect("written");
}

/// The bundled plugins: built, held to their cases, installed, and each in the workflow of its README.
#[test]
fn the_bundled_plugins_do_their_steps() {
    let ged = Ged::start();
    let cabinet = cabinet_of_bundled(&ged);
    for (plugin, cases) in [("router", 3), ("attestation-check", 4), ("ged-filing", 6)] {
        let folder = root().join("plugins").join(plugin);
        sceau(&cabinet, &folder, &["plugin", "build"]).expect(0);
        let said = sceau(&cabinet, &folder, &["plugin", "test"]).expect(0);
        assert!(said.out.contains(&format!("{cases} passed, 0 failed")), "{said}");
        sceau(&cabinet, &folder, &["plugin", "install", ".", "--yes"]).expect(0);
    }
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");

    let arrivals = cabinet.watched("arrivee");
    arrivals.drop_file("cerfa-2065-sd.pdf", &fixtures::small("liasse"));
    arrivals.wait_delivered("cerfa-2065-sd");
    assert_eq!(
        arrivals.evidence("cerfa")["workflow"]["name"],
        "plaquette",
        "the router handed it over"
    );

    let checked = cabinet.watched("attestation-controlee");
    checked.drop_file("lettre.pdf", &fixtures::small("Une lettre"));
    let note = checked.wait_rejected("lettre");
    assert!(note.contains("SIREN"), "what is missing is told to the sender: {note}");
    let whole =
        "ATTESTATION exercice clos le 31/12/2025 SIREN 732829320 Fait a Lyon expert-comptable";
    checked.drop_file("attestation.pdf", &fixtures::small(whole));
    checked.wait_delivered("attestation");

    let filed = cabinet.watched("depot-ged");
    filed.drop_file("bilan.pdf", &fixtures::small("bilan"));
    let sealed = fs::read(filed.wait_delivered("bilan")).expect("what was delivered");
    let (head, body) = ged.taken();
    assert!(head.starts_with("PUT /dav/exemple/"), "{head}");
    assert!(head.contains("/depot-ged/bilan.pdf HTTP/1.1"), "{head}");
    assert!(head.to_lowercase().contains("authorization: bearer secret-de-la-ged"), "{head}");
    assert!(body == sealed, "the sealed document was filed");
    filed_in_folders(&cabinet);
    assert!(daemon.stop().success());
}

/// Into the folder tree: once it is there, never over another, whatever the name.
fn filed_in_folders(cabinet: &Cabinet) {
    let (filed, tree) = (cabinet.watched("depot-dossier"), cabinet.path("ged"));
    filed.drop_file("bilan.pdf", &fixtures::small("filed in folders"));
    // The directory that the operator named is away: nothing is made in its place.
    let in_trouble = || {
        let list = cabinet.admin(["dossier", "list", "--json"]).expect(0).json();
        list.as_array()?.iter().any(|dossier| dossier["trouble"]["code"].is_string()).then_some(())
    };
    filed.wait("a dossier in trouble", in_trouble);
    assert!(!tree.exists(), "the share is away");
    fs::create_dir_all(&tree).expect("the share is there again");
    let sealed = fs::read(filed.wait_delivered("bilan")).expect("what was delivered");
    let year = fs::read_dir(tree.join("exemple")).expect("the société's folder").next();
    let place = year.expect("one year").expect("readable").path().join("depot-dossier");
    assert!(fs::read(place.join("bilan.pdf")).expect("filed") == sealed);
    fs::write(place.join("hostile.pdf"), "of somebody else").expect("written");
    filed.drop_file("hostile.pdf", &fixtures::small("the same name"));
    let sealed = fs::read(filed.wait_delivered("hostile")).expect("what was delivered");
    assert!(fs::read(place.join("hostile (2).pdf")).expect("filed beside") == sealed);
    assert_eq!(fs::read(place.join("hostile.pdf")).expect("there"), b"of somebody else");
    let names = fs::read_dir(&place).expect("readable").count();
    assert_eq!(names, 3, "no temporary file stays");
}

/// A cabinet with the bundled plugins' own workflows, the filing one pointed at `ged`, and their grants.
fn cabinet_of_bundled(ged: &Ged) -> Cabinet {
    let mut cabinet = Cabinet::new();
    let workflows = [
        ("router/circuit.toml", "arrivee"),
        ("attestation-check/circuit.toml", "attestation-controlee"),
        ("ged-filing/circuit.toml", "depot-ged"),
        ("ged-filing/circuit-dossier.toml", "depot-dossier"),
    ];
    for (file, name) in workflows {
        let text = fs::read_to_string(root().join("plugins").join(file));
        let text = text.expect("its workflow").replace("https://ged.example.fr", &ged.address);
        fs::write(cabinet.path(format!("config/workflows/{name}.toml")), text).expect("a workflow");
        cabinet.folders.push((name.to_owned(), name.to_owned(), String::new()));
    }
    let secret = cabinet.path("ged-token");
    fs::write(&secret, "secret-de-la-ged\n").expect("a secret");
    cabinet.extra = format!(
        "\n[[plugins.grant]]\nplugin = \"router\"\ndocuments = true\n\
         [[plugins.grant]]\nplugin = \"attestation-check\"\ndocuments = true\n\
         [[plugins.grant]]\nplugin = \"ged-filing\"\ndocuments = true\n\
         http_private = [\"{}\"]\nsecrets = {{ ged-token = \"{}\" }}\n\
         directories = {{ ged = \"{}\" }}\n",
        ged.address,
        secret.display(),
        cabinet.path("ged").display()
    );
    cabinet.write_config();
    cabinet
}

/// A document management system that takes one document.
struct Ged {
    address: String,
    taken: mpsc::Receiver<(String, Vec<u8>)>,
}

impl Ged {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("its address"));
        let (give, taken) = mpsc::channel();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a client");
            give.send(take(stream)).expect("the test waits");
        });
        Self { address, taken }
    }

    fn taken(&self) -> (String, Vec<u8>) {
        self.taken.recv_timeout(Duration::from_secs(60)).expect("a request")
    }
}

/// Reads one request, answers 201.
fn take(stream: TcpStream) -> (String, Vec<u8>) {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    reader.get_mut().write_all(answer).expect("answered");
    (head, body)
}

/// The plugins' own workspace: the SDK with its documentation's examples.
#[test]
fn the_sdk_and_its_examples_pass_their_own_tests() {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["test", "--locked", "--quiet"]).current_dir(root().join("plugins"));
    // What the outer cargo says is for the outer workspace.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CARGO_TARGET")) {
        command.env_remove(name);
    }
    run(&mut command, BUILD).expect(0);
}
