//! The daemon's end of the administration socket.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sceau_cabinet::CommitmentKey;
use sceau_engine::handle::Handle;
use sceau_engine::plugins::PluginRoom;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

use super::desk::EngineDesk;
use super::{AdminRequest, AdminResponse, MOST_BYTES, audit, cabinet, dossier, plugin};
use crate::authority;
use crate::config::Config;
use crate::run::{CurrentWorkflows, Readiness};

/// A client that says nothing for so long is left.
const PATIENCE: Duration = Duration::from_secs(30);

/// What requests are answered with.
#[derive(Clone)]
pub(crate) struct AdminScene {
    /// The engine.
    pub(crate) handle: Handle,
    /// Under which addresses are committed to.
    pub(crate) commitment: Arc<CommitmentKey>,
    /// What is ready.
    pub(crate) readiness: Readiness,
    /// Our own authority.
    pub(crate) authority: authority::Desk,
    /// The plugins.
    pub(crate) plugins: Arc<PluginRoom>,
    /// The workflows.
    pub(crate) workflows: Arc<CurrentWorkflows>,
    /// What the daemon was started with; the workflows are those of [`Self::workflows`].
    pub(crate) config: Config,
}

/// The listening socket.
#[derive(Debug)]
pub(crate) struct AdminServer {
    path: PathBuf,
    task: JoinHandle<()>,
}

impl AdminServer {
    /// Listens at `path`, for the owner and the group.
    pub(crate) fn open(
        path: &Path,
        group: Option<u32>,
        scene: AdminScene,
        runtime: &tokio::runtime::Handle,
    ) -> std::io::Result<Self> {
        // Invariant: the state is locked by this process, so a socket that is there is a dead one.
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = std::os::unix::net::UnixListener::bind(path)?;
        listener.set_nonblocking(true)?;
        if let Some(group) = group {
            std::os::unix::fs::chown(path, None, Some(group))?;
        }
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660))?;
        let guard = runtime.enter();
        let listener = UnixListener::from_std(listener)?;
        drop(guard);
        let task = runtime.spawn(accept(listener, scene));
        Ok(Self { path: path.to_owned(), task })
    }

    /// Listens no more.
    pub(crate) fn close(self) {
        self.task.abort();
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn accept(listener: UnixListener, scene: AdminScene) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, scene.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "the administration socket");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

async fn serve(stream: UnixStream, scene: AdminScene) {
    if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, exchange(stream, scene)).await {
        tracing::debug!(%error, "an administration request");
    }
}

async fn exchange(mut stream: UnixStream, scene: AdminScene) -> std::io::Result<()> {
    let uid = stream.peer_cred()?.uid();
    let (reading, mut writing) = stream.split();
    let mut line = Vec::new();
    BufReader::new(reading.take(MOST_BYTES as u64)).read_until(b'\n', &mut line).await?;
    let response = match serde_json::from_slice::<AdminRequest>(&line) {
        Ok(request) => tokio::task::spawn_blocking(move || answer(&scene, uid, request))
            .await
            .unwrap_or_else(|error| AdminResponse::NotUnderstood(error.to_string())),
        Err(error) => AdminResponse::NotUnderstood(error.to_string()),
    };
    let mut bytes = serde_json::to_vec(&response)?;
    bytes.push(b'\n');
    writing.write_all(&bytes).await
}

fn answer(scene: &AdminScene, uid: u32, request: AdminRequest) -> AdminResponse {
    match request {
        AdminRequest::Cabinet(request) => {
            let key = CommitmentKey::clone(&scene.commitment);
            let desk = EngineDesk::new(scene.handle.clone(), key);
            AdminResponse::Cabinet(cabinet::answer(&desk, uid, request))
        }
        AdminRequest::Dossier(request) => {
            let operator = format!("uid/{uid}");
            AdminResponse::Dossier(dossier::answer(&scene.handle, &operator, request))
        }
        AdminRequest::Audit(request) => {
            let page = audit::page(scene.handle.store().as_ref(), &request);
            AdminResponse::Audit(page.map_err(|error| error.to_string()))
        }
        AdminRequest::Authority(request) => {
            AdminResponse::Authority(scene.authority.answer(uid, request))
        }
        AdminRequest::Plugin(request) => AdminResponse::Plugin(plugin::answer(scene, request)),
        AdminRequest::Status => AdminResponse::Status(scene.readiness.missing()),
    }
}
