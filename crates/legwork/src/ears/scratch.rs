//! A folder for the files of one run of a program; it goes when it is dropped.
//!
//! Not here: what is in them (`grammar`). The sound of callers is never among them.

use std::fs::{self, DirBuilder};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

/// The folder; only we may look into it.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// An empty folder beside those of others.
    ///
    /// # Errors
    /// The folder for temporary files can not be written.
    pub(crate) fn new() -> io::Result<Self> {
        let unique = RandomState::new().hash_one(std::process::id());
        let path = std::env::temp_dir().join(format!("legwork-{unique:016x}"));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    /// Writes a file.
    ///
    /// # Errors
    /// It can not be written.
    pub(crate) fn write(&self, name: &str, text: &str) -> io::Result<()> {
        fs::write(self.0.join(name), text)
    }

    /// Where a file is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "a temporary folder stays");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn nobody_else_sees_it_and_it_goes() {
        let (one, two) = (Scratch::new().unwrap(), Scratch::new().unwrap());
        assert_ne!(one.path(""), two.path(""));
        one.write("a", "b").unwrap();
        let path = one.path("a");
        assert_eq!(fs::read_to_string(&path).unwrap(), "b");
        assert_eq!(fs::metadata(one.path("")).unwrap().permissions().mode() & 0o777, 0o700);
        drop(one);
        assert!(!path.exists());
    }
}
