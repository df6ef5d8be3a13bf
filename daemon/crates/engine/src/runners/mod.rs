//! The runners that come with the daemon. Each finds again what an earlier run of the same row did.

mod deliver;
mod guard;
mod origin;
mod plugin;
mod prepare;
mod seal_appearance;
mod seal_extend;
mod seal_finish;
mod seal_prepare;
mod seal_sign;
mod seal_stamp;
mod values;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use sceau_intake::Folder;
use sceau_pki::chain::TrustAnchors;
use sceau_store::{BlobStore, StateStore};
use sceau_workflow::machine::kinds::{
    DELIVER, PLUGIN, PREPARE, SEAL_EXTEND, SEAL_FINISH, SEAL_PREPARE, SEAL_SIGN, SEAL_STAMP,
};
use sceau_workflow::machine::messages::{ORIGIN_RESUMED, ORIGIN_STOPPED};

use crate::handle::View;
use crate::keys::{KeyDoor, Seals};
use crate::ladder::Sources;
use crate::plugins::PluginRoom;
use crate::runner::Runners;
use crate::timestamps::TimeStamps;

/// What the runners work with.
#[derive(Clone)]
pub struct Workshop {
    /// Documents.
    pub blobs: BlobStore,
    /// State, for reading.
    pub store: Arc<dyn StateStore>,
    /// Who may do what, as committed.
    pub view: Arc<View>,
    /// The door to the signer.
    pub keys: Arc<dyn KeyDoor>,
    /// The seals by société.
    pub seals: Arc<Seals>,
    /// Time stamps.
    pub time: Arc<dyn TimeStamps>,
    /// Who is asked about the revocation of certificates.
    pub revocation: Sources,
    /// The trust anchors that finished documents are validated against.
    pub anchors: Arc<TrustAnchors>,
    /// The watched folders by name.
    pub folders: Arc<BTreeMap<String, Arc<Folder>>>,
    /// The plugins.
    pub plugins: Arc<PluginRoom>,
    /// Directory that relative paths of workflows start from (the configuration's).
    pub base: PathBuf,
}

/// All runners of this version.
pub fn standard(shop: &Workshop) -> Runners {
    Runners::default()
        .with(PREPARE, prepare::Prepare(shop.clone()))
        .with(SEAL_PREPARE, seal_prepare::SealPrepare(shop.clone()))
        .with(SEAL_SIGN, seal_sign::SealSign(shop.clone()))
        .with(SEAL_FINISH, seal_finish::SealFinish(shop.clone()))
        .with(SEAL_EXTEND, seal_extend::SealExtend(shop.clone()))
        .with(SEAL_STAMP, seal_stamp::SealStamp(shop.clone()))
        .with(PLUGIN, plugin::RunPlugin(shop.clone()))
        .with(DELIVER, deliver::Deliver(shop.clone()))
        .with(ORIGIN_STOPPED, origin::Stopped(shop.clone()))
        .with(ORIGIN_RESUMED, origin::Resumed(shop.clone()))
}
