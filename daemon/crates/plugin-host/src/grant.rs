//! What a plugin may do: what its manifest asks AND what the operator granted.

use std::collections::BTreeSet;

use serde::Serialize;

/// What a manifest asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Reading the documents of its step.
    pub documents: bool,
    /// Giving a new document back (`prepare` only).
    pub document_output: bool,
    /// Facts for the dossier's journal.
    pub events: bool,
    /// A memory of its own, in bytes for each société.
    pub state: Option<u64>,
    /// Hosts that it wants to reach; `*` stands for "those that the operator names".
    pub hosts: BTreeSet<String>,
    /// Names of the secrets that it wants filled in.
    pub secrets: BTreeSet<String>,
    /// Names of the directories that it wants to put documents into.
    pub directories: BTreeSet<String>,
}

/// What the operator granted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Granted {
    /// Reading the documents of its step.
    pub documents: bool,
    /// Giving a new document back.
    pub document_output: bool,
    /// Facts for the dossier's journal.
    pub events: bool,
    /// A memory of its own, in bytes for each société.
    pub state: Option<u64>,
    /// Hosts that it may reach.
    pub hosts: Vec<HostGrant>,
    /// Names of the secrets that it may have filled in.
    pub secrets: BTreeSet<String>,
    /// Names of the directories that it may put documents into.
    pub directories: BTreeSet<String>,
}

/// A host that may be reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct HostGrant {
    /// Lower-case name, or an address as it stands in a URL.
    pub host: String,
    /// Port; 443 (or 80 with `cleartext`) where none was written.
    pub port: u16,
    /// `http` instead of `https`.
    pub cleartext: bool,
    /// Whether the name may lead to a private or loopback address.
    pub private: bool,
}

/// What holds: both asked and granted. Made by [`Effective::of`] alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Effective(Granted);

impl Effective {
    /// What was asked AND granted.
    pub fn of(asked: &Asked, granted: &Granted) -> Self {
        let wants =
            |host: &HostGrant| asked.hosts.contains("*") || asked.hosts.contains(&host.host);
        let both = |asked: Option<u64>, granted: Option<u64>| Some(asked?.min(granted?));
        Self(Granted {
            documents: asked.documents && granted.documents,
            document_output: asked.document_output && granted.document_output,
            events: asked.events && granted.events,
            state: both(asked.state, granted.state),
            hosts: granted.hosts.iter().filter(|host| wants(host)).cloned().collect(),
            secrets: asked.secrets.intersection(&granted.secrets).cloned().collect(),
            directories: asked.directories.intersection(&granted.directories).cloned().collect(),
        })
    }

    /// May it read documents?
    pub fn documents(&self) -> bool {
        self.0.documents
    }

    /// May it give a document back?
    pub fn document_output(&self) -> bool {
        self.0.document_output
    }

    /// May it emit events?
    pub fn events(&self) -> bool {
        self.0.events
    }

    /// How much may it remember, in bytes?
    pub fn state(&self) -> Option<u64> {
        self.0.state
    }

    /// May it use HTTP at all?
    pub fn http(&self) -> bool {
        !self.0.hosts.is_empty()
    }

    /// The grant under which this place may be reached.
    pub fn host(&self, host: &str, port: u16, cleartext: bool) -> Option<&HostGrant> {
        let same = |g: &&HostGrant| g.host == host && g.port == port && g.cleartext == cleartext;
        self.0.hosts.iter().find(same)
    }

    /// May this secret be filled in?
    pub fn secret(&self, name: &str) -> bool {
        self.0.secrets.contains(name)
    }

    /// May it put documents into this directory?
    pub fn directory(&self, name: &str) -> bool {
        self.0.directories.contains(name)
    }

    /// Whether documents can leave the house through it: it reads them and has HTTP.
    pub fn sends_documents_away(&self) -> bool {
        self.documents() && self.http()
    }
}

impl Asked {
    /// What was asked, a line each, for the operator.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut say = |yes: bool, line: String| {
            if yes {
                lines.push(line);
            }
        };
        say(self.documents, "documents: read the documents of its step".to_owned());
        say(self.document_output, "document-output: make a new document".to_owned());
        say(self.events, "events: write facts into the dossier's journal".to_owned());
        if let Some(quota) = self.state {
            say(true, format!("state: remember up to {quota} bytes for each société"));
        }
        for host in &self.hosts {
            say(true, format!("http: reach {host}"));
        }
        for secret in &self.secrets {
            say(
                true,
                format!(
                    "secret: have `{secret}` filled into its requests, to any host it may reach"
                ),
            );
        }
        for directory in &self.directories {
            say(true, format!("filing: put its documents into the directory `{directory}`"));
        }
        let both = self.documents && !self.hosts.is_empty();
        say(both, "documents and http together: a grant to SEND DOCUMENTS AWAY".to_owned());
        lines
    }

    /// What was asked and not granted, a word each.
    pub fn missing(&self, granted: &Granted) -> Vec<String> {
        let held = Effective::of(self, granted);
        let mut missing = Vec::new();
        let mut want = |asked: bool, held: bool, word: &str| {
            if asked && !held {
                missing.push(word.to_owned());
            }
        };
        want(self.documents, held.documents(), "documents");
        want(self.document_output, held.document_output(), "document-output");
        want(self.events, held.events(), "events");
        want(self.state.is_some(), held.state().is_some(), "state");
        for host in self.hosts.iter().filter(|host| *host != "*") {
            want(true, held.0.hosts.iter().any(|g| g.host == *host), &format!("http {host}"));
        }
        for secret in &self.secrets {
            want(true, held.secret(secret), &format!("secret {secret}"));
        }
        for directory in &self.directories {
            want(true, held.directory(directory), &format!("directory {directory}"));
        }
        missing
    }
}

impl HostGrant {
    /// Reads `ged.example.fr`, `ged.example.fr:8443`, `http://10.0.0.5:8080`. `private` is what
    /// the operator said of addresses within his own network. A path is refused: it would grant the
    /// whole host all the same.
    pub fn parse(text: &str, private: bool) -> Option<Self> {
        let (cleartext, rest) = match text.split_once("://") {
            Some(("http", rest)) => (true, rest),
            Some(("https", rest)) => (false, rest),
            Some(_) => return None,
            None => (false, text),
        };
        let scheme = if cleartext { "http" } else { "https" };
        let target = crate::host::url::Target::parse(&format!("{scheme}://{rest}/"))?;
        if target.path != "/" {
            return None;
        }
        Some(Self { host: target.host, port: target.port, cleartext, private })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn only_what_is_both_asked_and_granted_holds() {
        let asked =
            Asked { documents: true, state: Some(10), hosts: set(&["a.fr"]), ..Asked::default() };
        let granted = Granted {
            documents: true,
            events: true,
            state: Some(4),
            hosts: ["a.fr", "b.fr"].iter().filter_map(|h| HostGrant::parse(h, false)).collect(),
            secrets: set(&["token"]),
            directories: set(&["ged"]),
            ..Granted::default()
        };
        let held = Effective::of(&asked, &granted);
        assert!(held.documents() && !held.events() && !held.secret("token"));
        assert!(!held.directory("ged"), "granted and not asked");
        assert_eq!(held.state(), Some(4));
        assert!(held.host("a.fr", 443, false).is_some());
        assert!(held.host("b.fr", 443, false).is_none());
        assert!(held.host("a.fr", 443, true).is_none());
        assert!(held.sends_documents_away());
        assert_eq!(Effective::of(&asked, &Granted::default()), Effective::default());
        assert_eq!(Effective::of(&Asked::default(), &granted), Effective::default());
    }

    #[test]
    fn what_is_missing_is_named() {
        let asked = Asked { documents: true, hosts: set(&["a.fr"]), ..Asked::default() };
        assert_eq!(asked.missing(&Granted::default()), ["documents", "http a.fr"]);
        assert!(asked.lines().last().is_some_and(|line| line.contains("SEND DOCUMENTS AWAY")));
    }

    #[test]
    fn hosts_have_one_form() {
        let host = |text: &str| HostGrant::parse(text, false).map(|h| (h.host, h.port));
        assert_eq!(host("ged.fr"), Some(("ged.fr".into(), 443)));
        assert_eq!(host("http://ged.fr"), Some(("ged.fr".into(), 80)));
        assert_eq!(host("10.0.0.5:8443"), Some(("10.0.0.5".into(), 8443)));
        for bad in ["", "ged.fr/x", "user@ged.fr", "ftp://ged.fr", "GED.fr ", "a..fr", "0x7f.1"] {
            assert_eq!(host(bad), None, "{bad}");
        }
    }
}
