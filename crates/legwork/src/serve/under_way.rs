//! What tasks have under way, so that the end of the server can wait for it.
//!
//! Not here: how long it waits (`limit`), what the tasks do (`streams`, `relay`, `ears`, `recording`, `engine`).

use tokio::sync::watch;

/// How many things of one kind are under way; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct UnderWay(watch::Sender<usize>);

/// One of them; over when it is dropped, as it is with a task that is aborted.
#[must_use = "it is over when it is dropped"]
#[derive(Debug)]
pub(crate) struct Thing(UnderWay);

impl Default for UnderWay {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl UnderWay {
    /// One more, until what this gives is dropped.
    pub(crate) fn begin(&self) -> Thing {
        self.0.send_modify(|n| *n += 1);
        Thing(self.clone())
    }

    /// Nothing is under way.
    pub(crate) fn is_over(&self) -> bool {
        *self.0.borrow() == 0
    }

    /// Until nothing is.
    pub(crate) async fn over(&self) {
        // It can not fail: this is a sender itself.
        let _ = self.0.subscribe().wait_for(|n| *n == 0).await;
    }
}

impl Drop for Thing {
    fn drop(&mut self) {
        self.0.0.send_modify(|n| *n -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_over_when_the_last_one_is() {
        let under_way = UnderWay::default();
        under_way.over().await;
        let (one, two) = (under_way.begin(), under_way.begin());
        let waits = under_way.clone();
        let over = tokio::spawn(async move { waits.over().await });
        drop(one);
        tokio::task::yield_now().await;
        assert!(!under_way.is_over() && !over.is_finished());
        let aborted = tokio::spawn(async move {
            let _two = two;
            std::future::pending::<()>().await;
        });
        tokio::task::yield_now().await;
        aborted.abort();
        over.await.unwrap();
        assert!(under_way.is_over());
    }
}
