//! Several stories against one server, told at the same time.
//!
//! Not here: the stories; those of three phones (`phones`, `cast`).

use crate::app::App;
use crate::server::Server;

/// A story and its name.
pub(crate) type Story<'a> = (String, Box<dyn FnOnce() + Send + 'a>);

/// Prints the ladder of the call to a user when its story fails.
pub(crate) struct Ladder<'a> {
    pub(crate) server: &'a Server,
    pub(crate) app: &'a App,
    pub(crate) user: &'a str,
}

impl Drop for Ladder<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let asked = self.app.first(&format!("/voice/{}", self.user));
            let call = asked.map(|asked| asked.parameter("CallSid").to_owned()).unwrap_or_default();
            let ladder = self.server.command(&["trace", &call]);
            eprintln!("{}:\n{}", self.user, String::from_utf8_lossy(&ladder.stdout));
        }
    }
}

/// Runs all at once; fails with the names of all that failed.
pub(crate) fn together(stories: Vec<Story<'_>>) {
    let failed: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> =
            stories.into_iter().map(|(name, story)| (name, scope.spawn(story))).collect();
        let ended = running.into_iter().map(|(name, thread)| (name, thread.join()));
        ended.filter(|(_, result)| result.is_err()).map(|(name, _)| name).collect()
    });
    assert!(failed.is_empty(), "failed: {failed:?}");
}
