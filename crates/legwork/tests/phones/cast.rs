//! Who takes part in every story of real phones, and how stories are told at the same time.
//!
//! Not here: what happens in them (`combination`, `attended`), the phones themselves (`phone`).

use legwork_media::tone::Heard;

use crate::app::App;
use crate::phone::{Make, Phone};
use crate::server::{Server, is_installed};

/// What each party says into its phone, Hz.
pub(crate) const TRANSFEREE_HZ: u16 = 400;
pub(crate) const TRANSFEROR_HZ: u16 = 620;
pub(crate) const TARGET_HZ: u16 = 1000;

/// Which leg of the initial call is the transferor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// It was called.
    Child,
    /// It has called.
    Parent,
}

/// The phones of a story.
pub(crate) struct Phones {
    pub(crate) transferor: Phone,
    pub(crate) transferee: Phone,
    pub(crate) target: Phone,
}

/// The user of a party of a story.
pub(crate) fn user(party: &str, story: &str) -> String {
    format!("{party}-{story}")
}

/// The address of a user.
pub(crate) fn uri(user: &str) -> String {
    format!("sip:{user}@bank.example")
}

/// A letter for each make. Short: baresip cuts off long file names.
pub(crate) fn initials(makes: &[Make]) -> String {
    let initial = |make: &Make| match make {
        Make::Baresip => 'b',
        Make::Linphone => 'l',
    };
    makes.iter().map(initial).collect()
}

impl Phones {
    /// All are registered. The makes: of transferor, transferee and target.
    pub(crate) fn registered(
        makes: [Make; 3],
        server: &Server,
        story: &str,
        transport: &str,
    ) -> Self {
        let phone =
            |make, party, hz| Phone::registered(make, server, &user(party, story), transport, hz);
        Self {
            transferor: phone(makes[0], "transferor", TRANSFEROR_HZ),
            transferee: phone(makes[1], "transferee", TRANSFEREE_HZ),
            target: phone(makes[2], "target", TARGET_HZ),
        }
    }

    /// The initial call, to the user named like the story, with these further attributes of its `<Dial>`: both
    /// hear each other.
    pub(crate) fn talk(&mut self, app: &App, side: Side, story: &str, attributes: &str) {
        let Self { transferee, transferor, .. } = self;
        let (caller, called) = match side {
            Side::Child => (&mut *transferee, &mut *transferor),
            Side::Parent => (&mut *transferor, &mut *transferee),
        };
        let dial = format!(
            "<Dial referUrl=\"/refer/{story}\" {attributes}><Sip>{}</Sip></Dial>",
            called.uri()
        );
        app.answers_calls_to(story, &dial);
        caller.calls(&uri(story));
        called.rings();
        called.answers();
        transferee.hears(Heard::Tone(TRANSFEROR_HZ));
        transferor.hears(Heard::Tone(TRANSFEREE_HZ));
    }

    /// What transferor, transferee and target have heard of tones.
    pub(crate) fn check_tones(&self, [transferor, transferee, target]: [&[u16]; 3], story: &str) {
        assert_eq!(self.transferor.tones(), transferor, "{story}: the transferor");
        assert_eq!(self.transferee.tones(), transferee, "{story}: the transferee");
        assert_eq!(self.target.tones(), target, "{story}: the target");
    }

    /// All end, their bindings with them.
    pub(crate) fn quit(self) {
        let Self { transferor, transferee, target } = self;
        [transferor, transferee, target].into_iter().for_each(Phone::quits);
    }
}

/// Tells all these stories to one server, each with phones of its own, at the same time; fails with the names
/// of all that failed. Nothing is left over of any. None: not all phones are installed.
pub(crate) fn together<F>(name: &str, stories: Vec<(String, F)>) -> Option<Server>
where
    F: FnOnce(&Server, &App) + Send,
{
    for (program, package) in [("baresip", "baresip-core"), ("linphonec", "linphone-cli")] {
        if !is_installed(program, package, "transfers by real phones") {
            return None;
        }
    }
    let parties = |(story, _): &(String, F)| {
        ["transferor", "transferee", "target"].map(|party| user(party, story))
    };
    let users: Vec<String> = stories.iter().flat_map(parties).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let app = App::start();
    let server = Server::start_recording(name, &app, &users, &[]);
    let failed: Vec<String> = std::thread::scope(|scope| {
        let tell = |(story, play): (String, F)| {
            let (server, app) = (&server, &app);
            let path = format!("/voice/{story}");
            let told = scope.spawn(move || {
                let _ladder = Ladder { server, app, path };
                play(server, app);
            });
            (story, told)
        };
        let running: Vec<_> = stories.into_iter().map(tell).collect();
        let ended = running.into_iter().map(|(story, thread)| (story, thread.join()));
        ended.filter(|(_, result)| result.is_err()).map(|(story, _)| story).collect()
    });
    assert!(failed.is_empty(), "failed: {failed:?}");
    server.is_back_at_the_baseline();
    Some(server)
}

/// Prints the ladder of a story's call when the story fails.
struct Ladder<'a> {
    server: &'a Server,
    app: &'a App,
    path: String,
}

impl Drop for Ladder<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let asked = self.app.first(&self.path);
            let call = asked.map(|asked| asked.parameter("CallSid").to_owned()).unwrap_or_default();
            let ladder = self.server.command(&["trace", &call]);
            eprintln!("{}:\n{}", self.path, String::from_utf8_lossy(&ladder.stdout));
        }
    }
}
