//! Recordings in an S3-compatible object store: put there in parts, fetched, removed.
//!
//! Not here: when (`recording/upload`), HTTP (`recording/wire`).
//! Source: the documentation of `object_store`; Amazon S3, "PutObject", "Multipart upload".

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path as Location;
use object_store::{
    Attribute, Attributes, BackoffConfig, ObjectStore, ObjectStoreExt as _, PutMultipartOptions,
    PutOptions, RetryConfig,
};

use crate::config;
use crate::limit;
use crate::recording::card::Card;
use crate::recording::wire::Wire;

/// How the name of a card ends there.
pub(crate) const CARD: &str = "json";

/// A bucket and what stands before the names in it.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    store: Arc<dyn ObjectStore>,
    prefix: String,
}

impl Bucket {
    /// The bucket of the configuration. Nothing is asked of it yet.
    pub(crate) fn new(config: &config::Bucket, wire: Wire) -> object_store::Result<Self> {
        let secret = String::from_utf8_lossy(config.password.expose()).into_owned();
        // What lasts longer is tried again by us.
        let retry = RetryConfig {
            backoff: BackoffConfig {
                max_backoff: Duration::from_secs(2),
                ..BackoffConfig::default()
            },
            max_retries: 3,
            retry_timeout: limit::STORE_TIMEOUT,
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&config.url.bucket)
            .with_region(&config.region)
            .with_access_key_id(&config.access_key)
            .with_secret_access_key(secret)
            .with_allow_http(true)
            // Not every store knows how to remove several at once.
            .with_disable_bulk_delete(true)
            .with_retry(retry)
            .with_http_connector(wire);
        if let Some(endpoint) = &config.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        Ok(Self { store: Arc::new(builder.build()?), prefix: config.url.prefix.clone() })
    }

    /// Who has it.
    pub(crate) fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }

    /// Where a file of a recording is: `prefix/AC…/RE….ending`.
    pub(crate) fn location(&self, card: &Card, ending: &str) -> Location {
        Location::from(format!("{}/{}/{}.{ending}", self.prefix, card.account, card.sid))
    }

    /// Puts a file there.
    pub(crate) async fn put(
        &self,
        card: &Card,
        ending: &str,
        content_type: &'static str,
        from: &Path,
    ) -> io::Result<()> {
        let at = self.location(card, ending);
        let attributes = Attributes::from_iter([(Attribute::ContentType, content_type)]);
        let mut file = File::open(from)?;
        let mut part;
        (part, file) = next_part(file).await?;
        if part.len() < limit::UPLOAD_PART {
            let options = PutOptions::from(attributes);
            self.store.put_opts(&at, part.into(), options).await?;
            return Ok(());
        }
        let options = PutMultipartOptions::from(attributes);
        let mut upload = self.store.put_multipart_opts(&at, options).await?;
        let sent = async {
            while !part.is_empty() {
                upload.put_part(part.into()).await?;
                (part, file) = next_part(file).await?;
            }
            upload.complete().await?;
            Ok(())
        };
        let sent: io::Result<()> = sent.await;
        if sent.is_err() {
            // Parts cost money until somebody removes them.
            let _ = upload.abort().await;
        }
        sent
    }

    /// Puts there what is known of a recording.
    pub(crate) async fn put_card(&self, card: &Card) -> io::Result<()> {
        let text = serde_json::to_vec(card).map_err(io::Error::other)?;
        let attributes = Attributes::from_iter([(Attribute::ContentType, "application/json")]);
        let options = PutOptions::from(attributes);
        self.store.put_opts(&self.location(card, CARD), text.into(), options).await?;
        Ok(())
    }

    /// Fetches a file from there.
    pub(crate) async fn fetch(&self, card: &Card, ending: &str, to: &Path) -> io::Result<()> {
        let at = self.location(card, ending);
        let size = self.store.head(&at).await?.size;
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(to)?;
        let part = limit::UPLOAD_PART as u64;
        let mut from = 0;
        while from < size {
            let until = size.min(from + part);
            let bytes = self.store.get_range(&at, from..until).await?;
            let written = tokio::task::spawn_blocking(move || {
                file.write_all(&bytes)?;
                Ok::<_, io::Error>(file)
            });
            file = written.await.map_err(io::Error::other)??;
            from = until;
        }
        Ok(())
    }

    /// Removes a file, if it is there.
    pub(crate) async fn remove(&self, card: &Card, ending: &str) -> io::Result<()> {
        match self.store.delete(&self.location(card, ending)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// What comes next in a file. Empty: that was all.
async fn next_part(mut file: File) -> io::Result<(Bytes, File)> {
    let read = tokio::task::spawn_blocking(move || {
        let mut part = Vec::new();
        io::Read::by_ref(&mut file).take(limit::UPLOAD_PART as u64).read_to_end(&mut part)?;
        Ok((Bytes::from(part), file))
    });
    read.await.map_err(io::Error::other)?
}
