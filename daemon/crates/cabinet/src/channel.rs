//! Channels: by which door an order comes in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The door by which a document or an order really came in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "name")]
pub enum Channel {
    /// A watched folder, by its name in the configuration.
    Folder(String),
    /// The HTTP API.
    Api,
    /// The web pages.
    Web,
}

/// The doors that a délégation opens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ChannelGrant {
    /// Every watched folder.
    AnyFolder,
    /// One watched folder, by name.
    Folder(String),
    /// The HTTP API.
    Api,
    /// The web pages.
    Web,
}

impl ChannelGrant {
    /// Whether this grant opens that door.
    pub fn opens(&self, channel: &Channel) -> bool {
        match (self, channel) {
            (Self::AnyFolder, Channel::Folder(_)) => true,
            (Self::Folder(granted), Channel::Folder(used)) => granted == used,
            (Self::Api, Channel::Api) | (Self::Web, Channel::Web) => true,
            _ => false,
        }
    }
}

/// A text that names no channel. The caller is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a channel: `folder:NAME`, `folders`, `api` or `web` is expected")]
pub struct ChannelFault(pub String);

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(name) => write!(f, "folder:{name}"),
            Self::Api => f.write_str("api"),
            Self::Web => f.write_str("web"),
        }
    }
}

impl FromStr for Channel {
    type Err = ChannelFault;

    fn from_str(text: &str) -> Result<Self, ChannelFault> {
        match text.parse()? {
            ChannelGrant::Folder(name) => Ok(Self::Folder(name)),
            ChannelGrant::Api => Ok(Self::Api),
            ChannelGrant::Web => Ok(Self::Web),
            ChannelGrant::AnyFolder => Err(ChannelFault(text.to_owned())),
        }
    }
}

impl fmt::Display for ChannelGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyFolder => f.write_str("folders"),
            Self::Folder(name) => write!(f, "folder:{name}"),
            Self::Api => f.write_str("api"),
            Self::Web => f.write_str("web"),
        }
    }
}

impl FromStr for ChannelGrant {
    type Err = ChannelFault;

    /// `folder:NAME`, `folders`, `api`, `web`; in French `dossier:NOM`, `dossiers`.
    fn from_str(text: &str) -> Result<Self, ChannelFault> {
        let text = text.trim();
        if let Some((kind, name)) = text.split_once(':') {
            let name = name.trim();
            let folder = matches!(kind.trim(), "folder" | "dossier");
            return match folder && (1..=120).contains(&name.len()) {
                true => Ok(Self::Folder(name.to_owned())),
                false => Err(ChannelFault(text.chars().take(160).collect())),
            };
        }
        match text {
            "folders" | "dossiers" => Ok(Self::AnyFolder),
            "api" => Ok(Self::Api),
            "web" => Ok(Self::Web),
            _ => Err(ChannelFault(text.chars().take(160).collect())),
        }
    }
}

impl TryFrom<String> for ChannelGrant {
    type Error = ChannelFault;

    fn try_from(text: String) -> Result<Self, ChannelFault> {
        text.parse()
    }
}

impl From<ChannelGrant> for String {
    fn from(grant: ChannelGrant) -> Self {
        grant.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_grant_opens_that_folder_only() {
        let grant: ChannelGrant = "folder:attestation".parse().unwrap();
        assert!(grant.opens(&Channel::Folder("attestation".into())));
        assert!(!grant.opens(&Channel::Folder("plaquette".into())));
        assert!(!grant.opens(&Channel::Api));
        assert!(ChannelGrant::AnyFolder.opens(&Channel::Folder("plaquette".into())));
    }

    #[test]
    fn texts_come_back() {
        for text in ["folders", "folder:x", "api", "web"] {
            assert_eq!(text.parse::<ChannelGrant>().unwrap().to_string(), text);
        }
        assert_eq!("dossier:x".parse::<ChannelGrant>().unwrap().to_string(), "folder:x");
        for bad in ["", "folder:", "ftp", "mail:x"] {
            assert!(bad.parse::<ChannelGrant>().is_err(), "{bad}");
        }
        assert!("folders".parse::<Channel>().is_err());
    }
}
