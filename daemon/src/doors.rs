//! The doors by which people and programs come in while the daemon runs: the administration socket
//! and HTTP.

mod http;

use std::sync::Arc;

use sceau_cabinet::CommitmentKey;
use sceau_engine::handle::Handle;
use sceau_engine::intake::BlobSink;
use sceau_engine::plugins::PluginRoom;
use sceau_pki::TrustAnchors;
use sceau_web::PublicPki;
use tokio::runtime::Runtime;

use crate::admin::server::{AdminScene, AdminServer};
use crate::authority::{Counter, Desk};
use crate::config::Config;
use crate::run::{CurrentWorkflows, Readiness, StartError};

/// The open doors.
pub(crate) struct Doors {
    admin: AdminServer,
    http: Option<sceau_web::Server>,
}

impl Doors {
    /// Opens what the configuration says.
    pub(crate) fn open(
        config: &Config,
        handle: &Handle,
        readiness: &Readiness,
        commitment: &CommitmentKey,
        (sink, anchors, plugins, workflows): (
            &BlobSink,
            &Arc<TrustAnchors>,
            &Arc<PluginRoom>,
            &Arc<CurrentWorkflows>,
        ),
        (desk, counter): (Desk, Counter),
        runtime: &Runtime,
    ) -> Result<Self, StartError> {
        let scene = AdminScene {
            handle: handle.clone(),
            commitment: Arc::new(commitment.clone()),
            readiness: readiness.clone(),
            authority: desk,
            plugins: Arc::clone(plugins),
            workflows: Arc::clone(workflows),
            config: config.clone(),
        };
        let path = &config.admin.socket;
        let socket = |source| StartError::Socket { what: path.display().to_string(), source };
        let group = config.admin.group;
        let admin = AdminServer::open(path, group, scene, runtime.handle()).map_err(socket)?;
        let pki = config.pki.is_some().then(|| Arc::new(counter) as Arc<dyn PublicPki>);
        let public = (anchors, pki);
        let listen =
            |http| http::open(http, workflows, handle, readiness, sink, public.clone(), runtime);
        let http = config.http.as_ref().map(listen).transpose()?;
        Ok(Self { admin, http })
    }

    /// Closes them: nothing new comes in, and what is under way has a bounded time to end.
    pub(crate) fn close(self, runtime: &Runtime) {
        if let Some(http) = self.http {
            http::close(http, runtime);
        }
        self.admin.close();
    }
}
