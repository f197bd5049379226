//! The folder of recordings: one file each, and no more than there is room for.
//!
//! The oldest goes when there are too many: whoever looks for a call of a minute ago finds it, however
//! long the server has been recording.
//! Not here: what is in a file (`file`).

use std::collections::VecDeque;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How recordings end.
pub(super) const ENDING: &str = "jsonl";

/// Most of each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) files: usize,
    pub(super) bytes: u64,
}

/// The folder.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    room: Room,
    /// Oldest first, with their sizes.
    files: VecDeque<(PathBuf, u64)>,
    bytes: u64,
}

impl Folder {
    /// Makes it if it is not there; takes over what it holds.
    pub(super) fn open(path: &Path, room: Room) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let mut found: Vec<(SystemTime, PathBuf, u64)> = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let (path, about) = (entry.path(), entry.metadata()?);
            if about.is_file() && path.extension().is_some_and(|ending| ending == ENDING) {
                found.push((about.modified()?, path, about.len()));
            }
        }
        // Whether anything can be written shows now, not at the end of the first call.
        let trial = path.join(".legwork");
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&trial)?;
        fs::remove_file(&trial)?;
        found.sort_unstable();
        let bytes = found.iter().map(|(_, _, size)| size).sum();
        let files = found.into_iter().map(|(_, path, size)| (path, size)).collect();
        Ok(Self { path: path.to_owned(), room, files, bytes })
    }

    /// Writes one file; it is there as a whole or not at all.
    pub(super) fn put(&mut self, name: &str, text: &str) -> io::Result<()> {
        let path = self.path.join(format!("{name}.{ENDING}"));
        let part = self.path.join(format!(".{name}.part"));
        let written = write(&part, text).and_then(|()| fs::rename(&part, &path));
        if written.is_err() {
            // A full disk has more room without it.
            let _ = fs::remove_file(&part);
        }
        written?;
        let size = text.len() as u64;
        self.files.push_back((path, size));
        self.bytes += size;
        while self.files.len() > self.room.files || self.bytes > self.room.bytes {
            let Some((oldest, size)) = self.files.pop_front() else { break };
            self.bytes -= size;
            match fs::remove_file(&oldest) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    // Only whoever runs the server may read who called whom.
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temporary(name: &str) -> PathBuf {
        let path =
            std::env::temp_dir().join(format!("legwork-record-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let path = temporary("files");
        let mut folder = Folder::open(&path, Room { files: 2, bytes: 1_000 }).unwrap();
        for name in ["a", "b", "c"] {
            folder.put(name, "x").unwrap();
        }
        assert_eq!(names(&path), ["b.jsonl", "c.jsonl"]);
        // What is there already counts; what is not ours does not.
        fs::write(path.join("notes.txt"), "mine").unwrap();
        let mut folder = Folder::open(&path, Room { files: 2, bytes: 1_000 }).unwrap();
        folder.put("d", "x").unwrap();
        assert_eq!(names(&path).len(), 3);
        assert!(path.join("notes.txt").exists() && path.join("d.jsonl").exists());
        fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn bytes_have_an_end_too() {
        let path = temporary("bytes");
        let mut folder = Folder::open(&path, Room { files: 9, bytes: 10 }).unwrap();
        folder.put("a", "12345").unwrap();
        folder.put("b", "12345").unwrap();
        assert_eq!(names(&path), ["a.jsonl", "b.jsonl"]);
        folder.put("c", "1").unwrap();
        assert_eq!(names(&path), ["b.jsonl", "c.jsonl"]);
        folder.put("d", "12345678901").unwrap();
        assert_eq!(names(&path), Vec::<String>::new());
        fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let path = temporary("whole");
        let mut folder = Folder::open(&path, Room { files: 9, bytes: 100 }).unwrap();
        // A folder of that name can not be replaced by a file.
        fs::create_dir(path.join("a.jsonl")).unwrap();
        assert!(folder.put("a", "x").is_err());
        assert_eq!(names(&path), ["a.jsonl"]);
        folder.put("b", "x").unwrap();
        fs::remove_dir_all(&path).unwrap();
        assert!(folder.put("c", "x").is_err());
    }
}
