//! The folder of recordings and what is known of each: in memory the newest, in files all of them.
//!
//! ```text
//!   RE….json        its card
//!   RE….open.wav    its sound while it grows; a server that was killed left it, and the next one mends it
//!   RE….wav         its sound, complete
//!   RE….1.wav …     what was made of it on demand
//!   RE….….part      on its way to one of these names: worth nothing after a crash
//! ```
//! Not here: writing sound (`recording/writer`), the object store (`recording/upload`).
//! Source: ours.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use legwork_call::io::RecordingRow;
use legwork_call::sid::{AccountSid, CallSid, RecordingSid};
use tokio::sync::Notify;

use crate::limit;
use crate::recording::card::{Card, Place, ms};
use crate::recording::form::Form;
use crate::recording::wav;

/// How the name of a file ends that grows.
const OPEN: &str = ".open.wav";
/// How the name of a card ends.
const CARD: &str = ".json";
/// The oldest, of which one that is written is forgotten when there are too many.
const LOOKED_AT: usize = 64;

/// The folder.
#[derive(Debug)]
pub(crate) struct Shelf {
    folder: PathBuf,
    index: Mutex<Index>,
    /// One card is written at a time, so that none is written over by an older one.
    writing: Mutex<()>,
    /// Cards wait to be written.
    changed: Notify,
}

#[derive(Debug, Default)]
struct Index {
    cards: HashMap<RecordingSid, Card>,
    /// Oldest first.
    order: BTreeSet<(u64, RecordingSid)>,
    /// What is not written as it is.
    dirty: HashSet<RecordingSid>,
}

impl Shelf {
    /// What a folder holds, if there is one. What a killed server has left is mended.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let shelf = Self {
            folder: folder.to_owned(),
            index: Mutex::default(),
            writing: Mutex::default(),
            changed: Notify::new(),
        };
        match fs::read_dir(folder) {
            Ok(entries) => shelf.take_over(entries)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(shelf)
    }

    /// The folder, made if it is not there.
    pub(crate) fn folder(&self) -> io::Result<&Path> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        Ok(&self.folder)
    }

    /// Where the sound of a recording is, in this form.
    pub(crate) fn path(&self, sid: RecordingSid, form: Form) -> PathBuf {
        self.folder.join(form.name(sid))
    }

    /// Where it grows.
    pub(crate) fn growing(&self, sid: RecordingSid) -> PathBuf {
        self.folder.join(format!("{sid}{OPEN}"))
    }

    /// Where something is until it is whole.
    pub(crate) fn part(&self, sid: RecordingSid, what: &str) -> PathBuf {
        self.folder.join(format!("{sid}.{what}.part"))
    }

    /// Where its card is.
    pub(crate) fn card_path(&self, sid: RecordingSid) -> PathBuf {
        self.folder.join(format!("{sid}{CARD}"))
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        // A reader that panicked has changed nothing.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine tells of a recording. Never waits: the card is written later.
    pub(crate) fn put_row(&self, row: &RecordingRow) {
        let mut index = self.index();
        match index.cards.get_mut(&row.sid) {
            Some(card) => card.update(row),
            None => index.insert(Card::of_row(row)),
        }
        index.dirty.insert(row.sid);
        drop(index);
        self.changed.notify_one();
    }

    /// A recording came to nothing more. Never waits.
    pub(crate) fn fail(&self, sid: RecordingSid) {
        let mut index = self.index();
        if let Some(card) = index.cards.get_mut(&sid) {
            "failed".clone_into(&mut card.status);
            index.dirty.insert(sid);
        }
        drop(index);
        self.changed.notify_one();
    }

    /// A card that is known from now on.
    pub(crate) fn insert(&self, card: Card) {
        self.index().insert(card);
    }

    /// Changes the card of a recording, and writes it. To be called where it may take a while.
    pub(crate) fn change(
        &self,
        sid: RecordingSid,
        change: impl FnOnce(&mut Card),
    ) -> io::Result<()> {
        let known = self.index().cards.contains_key(&sid);
        if !known {
            self.insert(Card::read(&self.card_path(sid))?);
        }
        if let Some(card) = self.index().cards.get_mut(&sid) {
            change(card);
        }
        self.save(sid)
    }

    /// Writes the card of a recording as it is now. Tried again with the next change of any if it can not be
    /// written.
    fn save(&self, sid: RecordingSid) -> io::Result<()> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let card = {
            let mut index = self.index();
            index.dirty.remove(&sid);
            index.cards.get(&sid).cloned()
        };
        let Some(card) = card else { return Ok(()) };
        let written = self.write(&card);
        if written.is_err() {
            self.index().dirty.insert(sid);
        }
        written
    }

    fn write(&self, card: &Card) -> io::Result<()> {
        self.folder()?;
        card.write(&self.card_path(card.sid), &self.part(card.sid, "card"))?;
        if card.is_over() {
            // The names are as lasting as what is in the files.
            File::open(&self.folder)?.sync_all()?;
        }
        Ok(())
    }

    /// Waits until cards wait to be written.
    pub(crate) async fn wait_for_changes(&self) {
        self.changed.notified().await;
    }

    /// Writes the cards that are not written as they are. Where one can not be written, that is told, and all
    /// that are left are tried again with the next change.
    pub(crate) fn save_dirty(&self) {
        let dirty: Vec<_> = self.index().dirty.iter().copied().collect();
        for sid in dirty {
            if let Err(error) = self.save(sid) {
                tracing::error!(%sid, %error, "what is known of a recording can not be written");
                return;
            }
        }
    }

    /// What is known of a recording that is listed.
    pub(crate) fn find_listed(&self, sid: RecordingSid) -> Option<Card> {
        self.index().cards.get(&sid).cloned()
    }

    /// What is known of a recording; of old ones the file is asked.
    pub(crate) fn find(&self, sid: RecordingSid) -> Option<Card> {
        self.find_listed(sid).or_else(|| Card::read(&self.card_path(sid)).ok())
    }

    /// Recordings of an account, newest first, of one call if it is named, at most so many.
    pub(crate) fn list(
        &self,
        account: AccountSid,
        call: Option<CallSid>,
        most: usize,
    ) -> Vec<Card> {
        let index = self.index();
        let newest = index.order.iter().rev().filter_map(|(_, sid)| index.cards.get(sid));
        let own = newest.filter(|card| card.account == account);
        let wanted = own.filter(|card| call.is_none_or(|call| card.call == call));
        wanted.take(most).cloned().collect()
    }

    /// All that are complete and in the folder.
    pub(crate) fn complete(&self) -> Vec<RecordingSid> {
        let index = self.index();
        let cards = index.order.iter().filter_map(|(_, sid)| index.cards.get(sid));
        cards.filter(|card| card.place == Place::Folder).map(|card| card.sid).collect()
    }

    /// Removes a recording and all that was made of it.
    pub(crate) fn forget(&self, sid: RecordingSid) -> io::Result<()> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.index().remove(sid);
        for form in Form::ALL {
            remove(&self.path(sid, form))?;
        }
        // Last: a recording without its card is nobody's.
        remove(&self.card_path(sid))
    }

    /// Looks through the folder.
    fn take_over(&self, entries: fs::ReadDir) -> io::Result<()> {
        let mut cards: Vec<(SystemTime, RecordingSid)> = Vec::new();
        let mut left = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if let Some(sid) = name.strip_suffix(CARD).and_then(|sid| sid.parse().ok()) {
                cards.push((entry.metadata()?.modified()?, sid));
            } else if let Some(sid) = name.strip_suffix(OPEN).and_then(|sid| sid.parse().ok()) {
                left.push(sid);
            } else if is_part(name) {
                remove(&entry.path())?;
            }
        }
        cards.sort_unstable_by_key(|(modified, sid)| (std::cmp::Reverse(*modified), *sid));
        cards.truncate(limit::AUDIO_LISTED_MAX);
        for (_, sid) in cards {
            match Card::read(&self.card_path(sid)) {
                Ok(card) if card.sid == sid => self.insert(card),
                Ok(_) => tracing::warn!(%sid, "the card of another recording: it is not listed"),
                Err(error) => tracing::warn!(%sid, %error, "a recording is not listed"),
            }
        }
        for sid in left {
            if let Err(error) = self.mend(sid) {
                tracing::warn!(%sid, %error, "a recording that was cut off can not be mended");
            }
        }
        self.conclude();
        Ok(())
    }

    /// Completes a recording that was being made when the server was killed.
    fn mend(&self, sid: RecordingSid) -> io::Result<()> {
        let growing = self.growing(sid);
        let trim = self.find(sid).is_some_and(|card| card.trim);
        let Some((data, duration)) = wav::mend(&growing, trim)? else {
            return Err(io::Error::other("it is no WAV file of ours"));
        };
        if data == 0 {
            remove(&growing)?;
        } else {
            fs::rename(&growing, self.path(sid, Form::default()))?;
        }
        tracing::warn!(%sid, ms = ms(duration), "a recording that was cut off is complete");
        self.change(sid, |card| card.end(if data == 0 { None } else { Some(ms(duration)) }))
    }

    /// What was not over when the server ended is over now: nobody goes on with it.
    fn conclude(&self) {
        let cards: Vec<Card> = self.index().cards.values().cloned().collect();
        for card in cards.into_iter().filter(|card| !card.is_over()) {
            let sid = card.sid;
            // Its card may not have been written any more.
            let found = wav::mend(&self.path(sid, Form::default()), false).ok().flatten();
            let changed = self.change(sid, |card| match card.place {
                Place::Growing | Place::Announced => {
                    card.end(found.map(|(_, duration)| ms(duration)));
                }
                Place::Folder | Place::Store => "completed".clone_into(&mut card.status),
                Place::Nowhere => "absent".clone_into(&mut card.status),
            });
            if let Err(error) = changed {
                tracing::warn!(%sid, %error, "what is known of a recording can not be written");
            }
        }
    }
}

impl Card {
    /// The file is complete, with so much in it; none: there is none.
    pub(crate) fn end(&mut self, duration_ms: Option<u64>) {
        self.duration_ms = duration_ms.or(Some(0));
        let (place, status) = match duration_ms {
            Some(_) => (Place::Folder, "completed"),
            None => (Place::Nowhere, "absent"),
        };
        self.place = place;
        // What has failed stays so.
        if self.status != "failed" {
            status.clone_into(&mut self.status);
        }
    }
}

impl Index {
    fn insert(&mut self, card: Card) {
        self.order.insert((card.started_ms, card.sid));
        self.cards.insert(card.sid, card);
        if self.cards.len() > limit::AUDIO_LISTED_MAX {
            let is_over = |sid: &RecordingSid| self.cards.get(sid).is_none_or(Card::is_over);
            let mut over = self.order.iter().map(|(_, sid)| *sid).filter(is_over);
            let oldest = over.clone().take(LOOKED_AT).find(|sid| !self.dirty.contains(sid));
            // Those of a disk that takes nothing any more are not kept for ever.
            let too_many = self.cards.len() > 2 * limit::AUDIO_LISTED_MAX;
            if let Some(oldest) = oldest.or_else(|| over.next().filter(|_| too_many)) {
                self.remove(oldest);
            }
        }
    }

    fn remove(&mut self, sid: RecordingSid) {
        if let Some(card) = self.cards.remove(&sid) {
            self.order.remove(&(card.started_ms, sid));
        }
        self.dirty.remove(&sid);
    }
}

fn is_part(name: &str) -> bool {
    let sid = name.strip_suffix(".part").and_then(|name| name.split('.').next());
    sid.is_some_and(|sid| sid.parse::<RecordingSid>().is_ok())
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::card::tests::card;

    fn folder(name: &str) -> PathBuf {
        let path =
            std::env::temp_dir().join(format!("legwork-shelf-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    fn sid(number: u128) -> RecordingSid {
        RecordingSid::from_bits(number)
    }

    fn over(number: u128) -> Card {
        Card { status: "completed".to_owned(), place: Place::Folder, ..card(number) }
    }

    #[test]
    fn nothing_is_made_until_it_is_needed() {
        let folder = folder("needed");
        let shelf = Shelf::open(&folder).unwrap();
        assert_eq!(shelf.find(sid(1)), None);
        assert!(!folder.exists());
        shelf.insert(card(1));
        shelf.change(sid(1), |card| card.lost_ms = 7).unwrap();
        assert_eq!(Shelf::open(&folder).unwrap().find(sid(1)).unwrap().lost_ms, 7);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_newest_are_listed_and_the_others_are_found() {
        let folder = folder("newest");
        let shelf = Shelf::open(&folder).unwrap();
        shelf.insert(over(1));
        shelf.change(sid(1), |_| ()).unwrap();
        // One that grows is never forgotten, however old it is.
        shelf.insert(card(2));
        let most = limit::AUDIO_LISTED_MAX as u128;
        (3..=most + 1).for_each(|number| shelf.insert(over(number)));
        let account = AccountSid::from_bits(1);
        let listed = shelf.list(account, None, usize::MAX);
        assert_eq!(listed.len(), limit::AUDIO_LISTED_MAX);
        assert_eq!(listed.first().map(|card| card.sid), Some(sid(most + 1)));
        assert_eq!(listed.last().map(|card| card.sid), Some(sid(2)));
        assert_eq!(shelf.find_listed(sid(1)), None);
        assert_eq!(shelf.find(sid(1)), Some(over(1)));
        assert_eq!(shelf.list(account, None, 1).len(), 1);
        assert_eq!(shelf.list(AccountSid::from_bits(2), None, 9), []);
        assert_eq!(shelf.list(account, Some(CallSid::from_bits(2)), 9), []);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_disk_that_takes_nothing_is_asked_again_and_fills_no_memory() {
        let folder = folder("full");
        fs::write(&folder, "no folder").unwrap();
        let shelf = Shelf {
            folder: folder.clone(),
            index: Mutex::default(),
            writing: Mutex::default(),
            changed: Notify::new(),
        };
        shelf.insert(over(1));
        assert!(shelf.change(sid(1), |card| card.lost_ms = 7).is_err());
        shelf.save_dirty();
        fs::remove_file(&folder).unwrap();
        shelf.save_dirty();
        assert_eq!(Card::read(&shelf.card_path(sid(1))).unwrap().lost_ms, 7);
        let most = 2 * limit::AUDIO_LISTED_MAX;
        for number in 2..=most as u128 + 9 {
            shelf.index().dirty.insert(sid(number));
            shelf.insert(over(number));
        }
        assert_eq!(shelf.index().cards.len(), most);
        assert_eq!(shelf.index().dirty.len(), most);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_a_killed_server_left_is_completed() {
        let folder = folder("killed");
        let shelf = Shelf::open(&folder).unwrap();
        for number in [1, 2, 3, 4, 5, 7, 8] {
            shelf.insert(Card { place: Place::Growing, trim: number > 6, ..card(number) });
            shelf.change(sid(number), |_| ()).unwrap();
        }
        let format = wav::Format { channels: 1, rate_hz: 8_000 };
        let write = |path: &Path, samples: &[i16]| {
            wav::Growing::create(path, format).unwrap().append(samples).unwrap();
        };
        write(&shelf.growing(sid(1)), &[5; 8_000]);
        write(&shelf.growing(sid(2)), &[]);
        // Between the file's name and its card.
        write(&shelf.path(sid(3), Form::default()), &[5; 800]);
        // 4 has no file at all; of 5 there is nothing of ours.
        fs::write(shelf.growing(sid(5)), [1; 100]).unwrap();
        // Silence at the end is left out as if it had ended well.
        write(&shelf.growing(sid(7)), &[[500; 8_000], [0; 8_000], [0; 8_000]].concat());
        write(&shelf.growing(sid(8)), &[0; 8_000]);
        fs::write(shelf.part(sid(1), "mp3"), "x").unwrap();
        fs::write(folder.join("notes.part"), "mine").unwrap();
        fs::write(shelf.card_path(sid(6)), "nonsense").unwrap();
        let shelf = Shelf::open(&folder).unwrap();
        for (number, status, place, duration) in [
            (1, "completed", Place::Folder, 1_000),
            (2, "absent", Place::Nowhere, 0),
            (3, "completed", Place::Folder, 100),
            (4, "absent", Place::Nowhere, 0),
            (5, "absent", Place::Nowhere, 0),
            (7, "completed", Place::Folder, 1_100),
            (8, "absent", Place::Nowhere, 0),
        ] {
            let card = shelf.find(sid(number)).unwrap();
            assert_eq!((card.status.as_str(), card.place), (status, place), "{number}");
            assert_eq!(card.duration_ms, Some(duration), "{number}");
        }
        assert_eq!(shelf.find(sid(6)), None);
        assert!(shelf.path(sid(1), Form::default()).exists());
        assert!(!shelf.growing(sid(2)).exists());
        assert!(!shelf.part(sid(1), "mp3").exists());
        assert!(folder.join("notes.part").exists());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_the_engine_tells_and_what_became_of_the_file_meet() {
        let folder = folder("meet");
        let shelf = Shelf::open(&folder).unwrap();
        let row = RecordingRow {
            sid: sid(1),
            account: AccountSid::from_bits(1),
            call: CallSid::from_bits(1),
            conference: None,
            status: "in-progress",
            source: "DialVerb",
            track: "both",
            channels: 2,
            started: SystemTime::UNIX_EPOCH,
            duration: None,
        };
        shelf.put_row(&row);
        shelf.change(sid(1), |card| card.end(Some(1_234))).unwrap();
        let told = std::time::Duration::from_secs(2);
        shelf.put_row(&RecordingRow { status: "completed", duration: Some(told), ..row.clone() });
        shelf.save_dirty();
        let card = Shelf::open(&folder).unwrap().find(sid(1)).unwrap();
        assert_eq!((card.status.as_str(), card.place), ("completed", Place::Folder));
        assert_eq!((card.source.as_str(), card.duration_ms), ("DialVerb", Some(1_234)));
        shelf.forget(sid(1)).unwrap();
        assert_eq!(shelf.find(sid(1)), None);
        // Told of for the last time and forgotten: nothing comes back.
        shelf.save_dirty();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir_all(&folder).unwrap();
    }
}
