//! The secret that opens the key store: where it may come from, and who else may see it.
//!
//! The secret is 32 random bytes written as base64 in a file of one line, or a systemd credential of
//! the same form. It never stands in TOML, argv or the environment, and never inside the state
//! directory, whose backup would then carry both the keys and what opens them.

use std::{
    fmt, fs, io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use aws_lc_rs::{
    hkdf::{HKDF_SHA256, KeyType, Salt},
    rand::{SecureRandom, SystemRandom},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use thiserror::Error;
use zeroize::Zeroizing;

/// Entropy of a generated secret, in bytes.
const SECRET_LEN: usize = 32;
/// Largest secret file read, in bytes.
const MAX_FILE_LEN: u64 = 1024;

/// Why a secret was not accepted. The fault is the operator's configuration, save `Io`.
#[derive(Debug, Error)]
pub enum SecretError {
    /// There is no such file or credential.
    #[error("the secret {} does not exist", .0.display())]
    NotFound(PathBuf),
    /// Not a regular file (a link, a directory, a device).
    #[error("the secret {} is not a regular file", .0.display())]
    NotRegular(PathBuf),
    /// Group or others have some permission on the file; `chmod 600` mends it.
    #[error("the secret {} may be read by others than its owner (mode {mode:04o}); chmod 600 it", path.display())]
    ReadableByOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file belongs to neither this user nor root.
    #[error("the secret {} belongs to another user (uid {uid})", path.display())]
    ForeignOwner {
        /// The file.
        path: PathBuf,
        /// Its owner.
        uid: u32,
    },
    /// The file lies inside the state directory that it is to open.
    #[error("the secret {} lies inside the state directory; a backup would carry both", .0.display())]
    InsideState(PathBuf),
    /// Not base64 of at least 32 bytes; for a password: not a line of text.
    #[error("{} is not a secret: base64 of at least 32 bytes, or for a password one line of text", .0.display())]
    Malformed(PathBuf),
    /// A credential name with a separator, or no $CREDENTIALS_DIRECTORY for it.
    #[error("there is no systemd credential named {0:?}; is LoadCredential= set?")]
    NoCredential(String),
    /// A file of that name exists already (creation only).
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// The operating system failed.
    #[error("the secret {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// The opened secret; wiped when dropped, and never shown by `Debug`.
///
/// Its base64 text is the password of the key files (RFC 8018 PBES2), so that
/// `openssl pkey -passin file:SECRET` opens them without Sceau.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Secret {
    /// Reads the secret from a file that only its owner (this user, or root) may read and that lies
    /// outside `state_dir`. Files beneath `$CREDENTIALS_DIRECTORY` are systemd's to guard: their mode
    /// (0440 in a user namespace or with an ACL) is not judged.
    pub fn from_file(path: &Path, state_dir: Option<&Path>) -> Result<Self, SecretError> {
        let file = open_regular(path)?;
        let meta = file.metadata().map_err(io_at(path))?;
        refuse_inside(path, state_dir)?;
        if !is_credential(path) {
            refuse_shared(path, &meta)?;
        }
        Self::read(path, file)
    }

    /// Makes a new secret and writes it to `path`, mode 0600, synced with its directory. Fails when
    /// the file exists or lies inside `state_dir`.
    pub fn create(path: &Path, state_dir: Option<&Path>) -> Result<Self, SecretError> {
        refuse_inside(path, state_dir)?;
        let secret = Self::generate();
        write_new(path, secret.0.as_bytes()).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => SecretError::Exists(path.into()),
            _ => SecretError::Io { path: path.into(), source },
        })?;
        Ok(secret)
    }

    /// A new secret from the system's generator, kept in memory only.
    pub fn generate() -> Self {
        let bytes = Zeroizing::new(random::<SECRET_LEN>());
        Self(Zeroizing::new(STANDARD.encode(bytes.as_ref())))
    }

    /// The password of key files: the base64 text, without a newline.
    pub(crate) fn password(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// A 32-byte key for the given use, by HKDF-SHA-256 (RFC 5869) without salt.
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0u8; 32]);
        Salt::new(HKDF_SHA256, &[])
            .extract(self.0.as_bytes())
            .expand(&[purpose.as_bytes()], Len32)
            .and_then(|okm| okm.fill(key.as_mut()))
            .expect("invariant: 32 bytes are within HKDF's limit");
        key
    }

    fn read(path: &Path, file: fs::File) -> Result<Self, SecretError> {
        Self::parse(&read_text(path, file)?).ok_or_else(|| SecretError::Malformed(path.into()))
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_ascii();
        let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
        (bytes.len() >= SECRET_LEN).then(|| Self(Zeroizing::new(text.to_owned())))
    }
}

/// Output length marker for HKDF.
struct Len32;

impl KeyType for Len32 {
    fn len(&self) -> usize {
        32
    }
}

/// Reads a password (of a PKCS#12 file, say) from a file of one line that only its owner may read,
/// or from a systemd credential; the ending newline is not part of it. At most 1024 bytes of UTF-8.
pub fn read_password(path: &Path) -> Result<Zeroizing<String>, SecretError> {
    let file = open_regular(path)?;
    if !is_credential(path) {
        refuse_shared(path, &file.metadata().map_err(io_at(path))?)?;
    }
    let text = read_text(path, file)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Zeroizing::new(line.strip_suffix('\r').unwrap_or(line).to_owned()))
}

/// `N` random bytes from the system's generator.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("invariant: the kernel gives random bytes");
    bytes
}

/// The path of a systemd credential, `$CREDENTIALS_DIRECTORY/<name>`.
pub fn credential_path(name: &str) -> Result<PathBuf, SecretError> {
    let plain = !name.is_empty() && !name.contains('/') && name != "." && name != "..";
    match std::env::var_os("CREDENTIALS_DIRECTORY") {
        Some(directory) if plain => Ok(Path::new(&directory).join(name)),
        _ => Err(SecretError::NoCredential(name.into())),
    }
}

fn is_credential(path: &Path) -> bool {
    let systemd = Path::new("/run/credentials");
    let named = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    path.starts_with(systemd) && path.is_absolute()
        || named.is_some_and(|directory| path.parent() == Some(directory.as_path()))
}

fn open_regular(path: &Path) -> Result<fs::File, SecretError> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file =
        fs::OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path).map_err(
            |source| match source.kind() {
                io::ErrorKind::NotFound => SecretError::NotFound(path.into()),
                _ if source.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
                    SecretError::NotRegular(path.into())
                }
                _ => SecretError::Io { path: path.into(), source },
            },
        )?;
    match file.metadata() {
        Ok(meta) if meta.is_file() => Ok(file),
        Ok(_) => Err(SecretError::NotRegular(path.into())),
        Err(source) => Err(SecretError::Io { path: path.into(), source }),
    }
}

/// One byte over the limit is read, so that a longer file is found out and not cut.
fn read_text(path: &Path, file: fs::File) -> Result<Zeroizing<String>, SecretError> {
    let mut text = Zeroizing::new(String::with_capacity(MAX_FILE_LEN as usize + 1));
    match io::Read::read_to_string(&mut io::Read::take(file, MAX_FILE_LEN + 1), &mut text) {
        Ok(length) if length as u64 <= MAX_FILE_LEN => Ok(text),
        _ => Err(SecretError::Malformed(path.into())),
    }
}

fn refuse_shared(path: &Path, meta: &fs::Metadata) -> Result<(), SecretError> {
    let own = rustix::process::geteuid().as_raw();
    if meta.uid() != own && meta.uid() != 0 {
        return Err(SecretError::ForeignOwner { path: path.into(), uid: meta.uid() });
    }
    match meta.mode() & 0o7777 {
        mode if mode & 0o077 != 0 => Err(SecretError::ReadableByOthers { path: path.into(), mode }),
        _ => Ok(()),
    }
}

/// Both sides are resolved, so that a link or `..` does not hide where the file really lies.
fn refuse_inside(path: &Path, state_dir: Option<&Path>) -> Result<(), SecretError> {
    let Some(state_dir) = state_dir else { return Ok(()) };
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let state = state_dir.canonicalize().or_else(|_| std::path::absolute(state_dir));
    // A place that is not there yet cannot be resolved; its words tell enough.
    let resolved = match parent.canonicalize() {
        Err(_) if beneath(parent, state_dir) => {
            return Err(SecretError::InsideState(path.into()));
        }
        other => other.map_err(io_at(path))?,
    };
    match state {
        Ok(state) if resolved.starts_with(&state) => Err(SecretError::InsideState(path.into())),
        Ok(_) => Ok(()),
        Err(source) => Err(SecretError::Io { path: state_dir.into(), source }),
    }
}

fn beneath(parent: &Path, state_dir: &Path) -> bool {
    let words = (std::path::absolute(parent), std::path::absolute(state_dir));
    matches!(words, (Ok(parent), Ok(state)) if parent.starts_with(&state))
}

fn write_new(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    io::Write::write_all(&mut file, text)?;
    io::Write::write_all(&mut file, b"\n")?;
    file.sync_all()?;
    match path.parent() {
        Some(parent) if parent != Path::new("") => fs::File::open(parent)?.sync_all(),
        _ => fs::File::open(".")?.sync_all(),
    }
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> SecretError + '_ {
    move |source| SecretError::Io { path: path.into(), source }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_created_secret_reads_back_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        let made = Secret::create(&path, None).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let read = Secret::from_file(&path, None).unwrap();
        assert_eq!(made.password(), read.password());
        assert!(matches!(Secret::create(&path, None), Err(SecretError::Exists(_))));
    }

    #[test]
    fn debug_shows_nothing() {
        let secret = Secret::generate();
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        Secret::create(&path, None).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refusal = Secret::from_file(&path, None).unwrap_err();
            assert!(matches!(refusal, SecretError::ReadableByOthers { .. }), "{mode:o}");
        }
    }

    #[test]
    fn a_file_inside_the_state_directory_is_refused_even_through_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        fs::create_dir_all(state.join("deep")).unwrap();
        std::os::unix::fs::symlink(state.join("deep"), dir.path().join("elsewhere")).unwrap();
        let inside = dir.path().join("elsewhere/secret");
        assert!(matches!(Secret::create(&inside, Some(&state)), Err(SecretError::InsideState(_))));
        Secret::create(&inside, None).unwrap();
        let refusal = Secret::from_file(&inside, Some(&state)).unwrap_err();
        assert!(matches!(refusal, SecretError::InsideState(_)));
    }

    #[test]
    fn links_directories_and_weak_secrets_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("secret");
        Secret::create(&real, None).unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert!(matches!(Secret::from_file(&link, None), Err(SecretError::NotRegular(_))));
        assert!(matches!(Secret::from_file(dir.path(), None), Err(SecretError::NotRegular(_))));
        assert!(Secret::parse("cGFzc3dvcmQ=").is_none());
        assert!(Secret::parse("not base64 at all, not at all, not at all").is_none());
        assert!(Secret::parse(&STANDARD.encode([7u8; 32])).is_some());
    }

    #[test]
    fn a_password_is_a_line_of_a_private_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("password");
        for (content, password) in [("test\n", "test"), (" clé \r\n", " clé "), ("", "")] {
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            assert_eq!(*read_password(&path).unwrap(), password);
        }
        fs::write(&path, "x".repeat(1025)).unwrap();
        assert!(matches!(read_password(&path), Err(SecretError::Malformed(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(read_password(&path), Err(SecretError::ReadableByOthers { .. })));
    }

    #[test]
    fn uses_give_unrelated_keys() {
        let secret = Secret::generate();
        assert_ne!(*secret.derive("one"), *secret.derive("two"));
        assert_eq!(*secret.derive("one"), *secret.derive("one"));
    }
}
