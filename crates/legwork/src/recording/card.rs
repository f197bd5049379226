//! What is known of a recording: a file beside its sound, so that it survives a restart.
//!
//! Not here: the folder of them (`recording/shelf`), how they are shown (`api/recordings`).
//! Source: ours; the words of `status`, `source` and `track` are Twilio's.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use legwork_call::io::RecordingRow;
use legwork_call::sid::{AccountSid, CallSid, RecordingSid};
use serde::{Deserialize, Serialize};

use crate::limit;

/// Where the sound of a recording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    /// Nowhere yet: the engine alone knows of it.
    Announced,
    /// Being written.
    Growing,
    /// In the folder, complete.
    Folder,
    /// In the object store.
    Store,
    /// Nothing was worth keeping.
    Nowhere,
}

/// A recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Card {
    #[serde(with = "as_text")]
    pub(crate) sid: RecordingSid,
    #[serde(with = "as_text")]
    pub(crate) account: AccountSid,
    #[serde(with = "as_text")]
    pub(crate) call: CallSid,
    /// The conference it is of, if it is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) conference: Option<String>,
    /// `in-progress`, `paused`, `processing`, `completed`, `absent`, `failed`.
    pub(crate) status: String,
    /// `DialVerb`, `RecordVerb`, …; empty until the engine has told it.
    pub(crate) source: String,
    /// `inbound`, `outbound`, `both`; empty as before.
    pub(crate) track: String,
    /// 1 or 2.
    pub(crate) channels: u16,
    /// Milliseconds since 1970.
    pub(crate) started_ms: u64,
    /// Of what is kept, once that is known.
    pub(crate) duration_ms: Option<u64>,
    /// What came faster than it could be written, and is silence.
    pub(crate) lost_ms: u64,
    pub(crate) place: Place,
    /// Silence at its ends is left out: of a recording that was cut off, whoever mends it does so.
    #[serde(default)]
    pub(crate) trim: bool,
}

impl Card {
    /// What the engine has told.
    pub(crate) fn of_row(row: &RecordingRow) -> Self {
        Self {
            sid: row.sid,
            account: row.account,
            call: row.call,
            conference: row.conference.map(|sid| sid.to_string()),
            status: row.status.to_owned(),
            source: row.source.to_owned(),
            track: row.track.to_owned(),
            channels: row.channels,
            started_ms: since_1970(row.started),
            duration_ms: row.duration.map(ms),
            lost_ms: 0,
            place: Place::Announced,
            trim: false,
        }
    }

    /// Takes over what the engine tells; of the sound itself the file knows more.
    pub(crate) fn update(&mut self, row: &RecordingRow) {
        row.status.clone_into(&mut self.status);
        row.source.clone_into(&mut self.source);
        row.track.clone_into(&mut self.track);
        self.conference = row.conference.map(|sid| sid.to_string());
        if self.duration_ms.is_none() {
            self.duration_ms = row.duration.map(ms);
        }
    }

    /// Nothing of it will change any more, but for where it is.
    pub(crate) fn is_over(&self) -> bool {
        let over = matches!(self.status.as_str(), "completed" | "absent" | "failed");
        over && self.place != Place::Growing
    }

    /// There is something to hear.
    pub(crate) fn has_sound(&self) -> bool {
        matches!(self.place, Place::Folder | Place::Store)
    }

    /// When it began.
    pub(crate) fn started(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.started_ms)
    }

    /// Reads one.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let mut text = Vec::new();
        fs::File::open(path)?.take(limit::AUDIO_CARD_MAX).read_to_end(&mut text)?;
        serde_json::from_slice(&text).map_err(io::Error::other)
    }

    /// Writes it: it is there as a whole or as it was before. Synced when nothing will change.
    pub(crate) fn write(&self, path: &Path, part: &Path) -> io::Result<()> {
        let text = serde_json::to_vec(self).map_err(io::Error::other)?;
        let written = (|| {
            let mut options = OpenOptions::new();
            let mut file =
                options.write(true).create(true).truncate(true).mode(0o600).open(part)?;
            file.write_all(&text)?;
            if self.is_over() {
                file.sync_all()?;
            }
            fs::rename(part, path)
        })();
        if written.is_err() {
            // A full disk has more room without it.
            let _ = fs::remove_file(part);
        }
        written
    }
}

/// Whole milliseconds.
pub(crate) fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds since 1970.
pub(crate) fn since_1970(time: SystemTime) -> u64 {
    ms(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// SIDs as they are written.
mod as_text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<T: Display, S: Serializer>(sid: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(sid)
    }

    pub(super) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A recording of the account 1 and the call 1.
    pub(crate) fn card(number: u128) -> Card {
        Card::of_row(&RecordingRow {
            sid: RecordingSid::from_bits(number),
            account: AccountSid::from_bits(1),
            call: CallSid::from_bits(1),
            conference: None,
            status: "in-progress",
            source: "RecordVerb",
            track: "inbound",
            channels: 1,
            started: UNIX_EPOCH + Duration::from_secs(u64::try_from(number).unwrap()),
            duration: None,
        })
    }

    #[test]
    fn a_card_is_read_as_it_was_written() {
        let name = format!("legwork-card-{}.json", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut written = card(7);
        for place in [Place::Announced, Place::Growing, Place::Folder, Place::Store, Place::Nowhere]
        {
            written.place = place;
            written.write(&path, &path.with_extension("part")).unwrap();
            assert_eq!(Card::read(&path).unwrap(), written);
        }
        fs::write(&path, "{}").unwrap();
        assert!(Card::read(&path).is_err());
        fs::write(&path, " ".repeat(100_000)).unwrap();
        assert!(Card::read(&path).is_err());
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn it_is_over_when_the_engine_and_the_file_say_so() {
        let table = [
            ("in-progress", Place::Growing, false),
            ("in-progress", Place::Folder, false),
            ("completed", Place::Growing, false),
            ("completed", Place::Folder, true),
            ("completed", Place::Store, true),
            ("absent", Place::Nowhere, true),
            // There never was a file: too many at a time.
            ("failed", Place::Announced, true),
            ("paused", Place::Growing, false),
        ];
        for (status, place, over) in table {
            let one = Card { status: status.to_owned(), place, ..card(1) };
            assert_eq!(one.is_over(), over, "{status} {place:?}");
        }
    }
}
