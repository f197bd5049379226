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

use legwork_call::sid::CallSid;

/// How recordings end.
const ENDING: &str = "jsonl";
/// What a recording is called until it is whole.
const PART: &str = ".*.part";

/// What a file of ours is; everybody else's stay as they are.
enum Ours {
    Recording,
    Part,
}

impl Ours {
    fn of(name: &str) -> Option<Self> {
        let (call, kind) = match name.strip_prefix('.') {
            Some(name) => (name.strip_suffix(".part")?, Self::Part),
            None => (name.strip_suffix(ENDING)?.strip_suffix('.')?, Self::Recording),
        };
        call.parse::<CallSid>().is_ok().then_some(kind)
    }
}

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
            let (path, name) = (entry.path(), entry.file_name());
            match name.to_str().and_then(Ours::of) {
                // A server that was killed has left it.
                Some(Ours::Part) => fs::remove_file(path)?,
                Some(Ours::Recording) => {
                    let about = entry.metadata()?;
                    if about.is_file() {
                        found.push((about.modified()?, path, about.len()));
                    }
                }
                None => {}
            }
        }
        // Whether anything can be written shows now, not at the end of the first call.
        let trial = path.join(PART.replace('*', &CallSid::from_bits(0).to_string()));
        write(&trial, "")?;
        fs::remove_file(&trial)?;
        found.sort_unstable();
        let bytes = found.iter().map(|(_, _, size)| size).sum();
        let files = found.into_iter().map(|(_, path, size)| (path, size)).collect();
        Ok(Self { path: path.to_owned(), room, files, bytes })
    }

    /// Writes one file; it is there as a whole or not at all.
    pub(super) fn put(&mut self, call: CallSid, text: &str) -> io::Result<()> {
        let path = self.path.join(format!("{call}.{ENDING}"));
        let part = self.path.join(PART.replace('*', &call.to_string()));
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
    // Only whoever runs the server may read who called whom; and where others may write, too, a link
    // that stands there already must not lead us to another file.
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn temporary(name: &str) -> PathBuf {
        let path =
            std::env::temp_dir().join(format!("legwork-record-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    /// The calls of `a`, `b`, `c` …
    fn call(name: char) -> CallSid {
        CallSid::from_bits(u128::from(u32::from(name)))
    }

    /// The names in it; recordings by the letters of their calls.
    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        for letter in 'a'..='f' {
            for name in &mut names {
                *name = name.replace(&call(letter).to_string(), &letter.to_string());
            }
        }
        names.sort();
        names
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let path = temporary("files");
        let mut folder = Folder::open(&path, Room { files: 2, bytes: 1_000 }).unwrap();
        for name in ['a', 'b', 'c'] {
            folder.put(call(name), "x").unwrap();
        }
        assert_eq!(names(&path), ["b.jsonl", "c.jsonl"]);
        // What is there already counts; what is not ours does not.
        let others = ["notes.txt", "sales.jsonl", ".jsonl", ".notes.part"];
        others.iter().for_each(|name| fs::write(path.join(name), "mine").unwrap());
        let mut folder = Folder::open(&path, Room { files: 2, bytes: 1_000 }).unwrap();
        folder.put(call('d'), "x").unwrap();
        folder.put(call('e'), "x").unwrap();
        let left = [".jsonl", ".notes.part", "d.jsonl", "e.jsonl", "notes.txt", "sales.jsonl"];
        assert_eq!(names(&path), left);
        fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn bytes_have_an_end_too() {
        let path = temporary("bytes");
        let mut folder = Folder::open(&path, Room { files: 9, bytes: 10 }).unwrap();
        folder.put(call('a'), "12345").unwrap();
        folder.put(call('b'), "12345").unwrap();
        assert_eq!(names(&path), ["a.jsonl", "b.jsonl"]);
        folder.put(call('c'), "1").unwrap();
        assert_eq!(names(&path), ["b.jsonl", "c.jsonl"]);
        folder.put(call('d'), "12345678901").unwrap();
        assert_eq!(names(&path), Vec::<String>::new());
        fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let path = temporary("whole");
        let mut folder = Folder::open(&path, Room { files: 9, bytes: 100 }).unwrap();
        // A folder of that name can not be replaced by a file.
        fs::create_dir(path.join(format!("{}.jsonl", call('a')))).unwrap();
        assert!(folder.put(call('a'), "x").is_err());
        assert_eq!(names(&path), ["a.jsonl"]);
        folder.put(call('b'), "x").unwrap();
        // What a killed server has left goes.
        fs::write(path.join(format!(".{}.part", call('c'))), "x").unwrap();
        Folder::open(&path, Room { files: 9, bytes: 100 }).unwrap();
        assert_eq!(names(&path), ["a.jsonl", "b.jsonl"]);
        fs::remove_dir_all(&path).unwrap();
        assert!(folder.put(call('c'), "x").is_err());
    }

    #[test]
    fn nobody_else_reads_it_and_no_link_leads_it_elsewhere() {
        let path = temporary("private");
        let mut folder = Folder::open(&path, Room { files: 9, bytes: 100 }).unwrap();
        folder.put(call('a'), "x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join(format!("{}.jsonl", call('a')))), 0o600);
        let victim = path.join("victim");
        fs::write(&victim, "mine").unwrap();
        symlink(&victim, path.join(format!(".{}.part", call('b')))).unwrap();
        assert!(folder.put(call('b'), "x").is_err());
        // The recording of that name takes the link's place.
        symlink(&victim, path.join(format!("{}.jsonl", call('c')))).unwrap();
        folder.put(call('c'), "x").unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
        assert_eq!(fs::read_to_string(path.join(format!("{}.jsonl", call('c')))).unwrap(), "x");
        fs::remove_dir_all(&path).unwrap();
    }
}
