//! Recordings of ours that an application plays by their `RecordingUrl`: read where they are, without a
//! request to ourselves, which would meet the guard against our own network.
//!
//! Not here: recordings themselves (`recording`), whoever else asks for one (`api/recordings`).
//! Source: Twilio, `RecordingUrl`; the URLs are those of `api/recordings`.

use legwork_call::sid::{AccountSid, RecordingSid};
use object_store::ObjectStoreExt as _;
use tokio::sync::mpsc;
use url::Url;

use crate::config::Config;
use crate::fetch::pour::Piece;
use crate::limit;
use crate::recording::{NoMedia, Recordings};
use crate::speech::{INTERNAL, Mute, NOT_THERE};

/// Where the path of a recording begins, behind the base.
const PATH: &str = "/_/recordings/";

/// Which URLs are ours, and whose they are.
#[derive(Clone, Debug)]
pub(super) struct Own {
    base: Option<Url>,
    is_public: bool,
}

impl Own {
    /// As the configuration has it.
    pub(super) fn of(config: &Config) -> Self {
        let base = Url::parse(&config.switch.http_base).ok();
        Self { base, is_public: config.recordings.public }
    }

    /// The recording whose sound is at a URL; none: it is not ours.
    pub(super) fn recording(&self, url: &str) -> Option<RecordingSid> {
        let (base, url) = (self.base.as_ref()?, Url::parse(url).ok()?);
        let below = format!("{}{PATH}", base.path().trim_end_matches('/'));
        let name = url.path().strip_prefix(&below).filter(|_| url.origin() == base.origin())?;
        let (sid, ending) = name.split_once('.').unwrap_or((name, "wav"));
        // Whatever form is asked for: all sound alike.
        matches!(ending, "wav" | "mp3").then(|| sid.parse().ok())?
    }

    /// Pours out the sound of a recording.
    ///
    /// # Errors
    /// Twilio's code for an answer that is none, or our own failure.
    pub(super) async fn pour(
        &self,
        recordings: &Recordings,
        account: AccountSid,
        sid: RecordingSid,
        out: &mpsc::Sender<Piece>,
    ) -> Result<(), Mute> {
        let missing = |why: &str| Mute::new(NOT_THERE, format!("the recording {sid}: {why}"));
        let broken = |why: &dyn std::fmt::Display| {
            tracing::error!(%sid, %why, "a recording can not be read");
            Mute::new(INTERNAL, format!("the recording {sid} can not be read: see the log"))
        };
        let card = recordings.find(sid).await;
        let card = card.filter(|card| self.is_public || card.account == account);
        let card = card.ok_or_else(|| missing("there is none of that name"))?;
        let media = recordings.media(&card, false, None).await.map_err(|why| match why {
            NoMedia::Broken(why) => broken(&why),
            NoMedia::None | NoMedia::NotDual | NoMedia::Later => {
                missing("it has no sound, or not yet")
            }
        })?;
        let mut from = 0;
        while from < media.size {
            let until = media.size.min(from + limit::OWN_PIECE);
            let piece = media.store.get_range(&media.at, from..until).await;
            let piece = piece.map_err(|error| broken(&error))?;
            if out.send(Piece::Bytes(piece)).await.is_err() {
                // Whoever decodes it has had enough.
                return Ok(());
            }
            from = until;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_ours_are_known() {
        let sid = RecordingSid::from_bits(7);
        let own = |base: &str| Own { base: Url::parse(base).ok(), is_public: false };
        let table = [
            ("https://calls.example", format!("https://calls.example/_/recordings/{sid}"), true),
            (
                "https://calls.example",
                format!("https://calls.example:443/_/recordings/{sid}.mp3"),
                true,
            ),
            (
                "https://calls.example",
                format!("https://a:b@calls.example/_/recordings/{sid}?x=1"),
                true,
            ),
            (
                "https://calls.example/lw",
                format!("https://calls.example/lw/_/recordings/{sid}.wav"),
                true,
            ),
            (
                "https://calls.example/lw",
                format!("https://calls.example/_/recordings/{sid}.wav"),
                false,
            ),
            ("https://calls.example", format!("http://calls.example/_/recordings/{sid}"), false),
            (
                "https://calls.example",
                format!("https://calls.example:8443/_/recordings/{sid}"),
                false,
            ),
            (
                "https://calls.example",
                format!("https://calls.example.evil/_/recordings/{sid}"),
                false,
            ),
            (
                "https://calls.example",
                format!("https://calls.example/_/recordings/{sid}.json"),
                false,
            ),
            (
                "https://calls.example",
                format!("https://calls.example/_/recordings/x/../{sid}"),
                true,
            ),
            (
                "https://calls.example",
                format!("https://calls.example/_/recordings/..%2f{sid}"),
                false,
            ),
            (
                "https://calls.example",
                "https://calls.example/_/recordings/../../secret".to_owned(),
                false,
            ),
            ("nonsense", format!("https://calls.example/_/recordings/{sid}"), false),
        ];
        for (base, url, is_ours) in table {
            assert_eq!(own(base).recording(&url), is_ours.then_some(sid), "{base} {url}");
        }
    }
}
