//! Announcements to all in a conference: a document of `<Play>` and `<Say>`, played into the room.
//!
//! One at a time. What is prepared is played in order; what can not be had is passed over.
//! Not here: announcements to one (`wait`).
//! Source: Twilio, "Conferences resource", `AnnounceUrl`.

use std::collections::VecDeque;

use legwork_media as media;
use legwork_twiml as twiml;
use url::Url;

use super::event::Event;
use crate::calls::{Calls, Detail};
use crate::command::Answer;
use crate::config::Hook;
use crate::io::{Document, Expects, Fetch, FetchError, FetchId, Output, SourceRequest};
use crate::limit;
use crate::order::refused;
use crate::run::{Parameter, absolute};
use crate::sid::CallSid;

/// What is announced.
#[derive(Debug)]
pub(super) struct Announcement {
    url: String,
    stage: Stage,
    /// Something of it has been heard.
    is_heard: bool,
    /// Why something of it could not be, the last of it.
    missing: Option<String>,
}

/// Why an announcement has failed of which nothing was missing.
pub(super) const NOTHING_HEARD: &str = "Nothing of the document could be heard.";

#[derive(Debug)]
enum Stage {
    /// The document is asked for.
    Fetching(FetchId),
    /// This is prepared or played; those come next.
    Playing { source: media::SourceId, times: u32, next: VecDeque<(SourceRequest, u32)> },
}

impl Calls {
    pub(super) fn announce(&mut self, room: media::RoomId, hook: Hook) -> Answer {
        let Some(conference) = self.conferences.get(room) else { return Answer::Done };
        if !conference.has_started || conference.announcement.is_some() {
            let text = "The conference has not started, or something is announced already.";
            return refused(400, 16_099, text);
        }
        let (account, sid) = (conference.account, conference.sid);
        let Some(call) = conference.participants.first().map(|first| first.call) else {
            return Answer::Done;
        };
        let parameters: Vec<Parameter> = vec![
            ("AccountSid".into(), account.to_string()),
            ("ConferenceSid".into(), sid.to_string()),
        ];
        let id = FetchId(self.next_id());
        let url = hook.url.clone();
        if let Some(conference) = self.conferences.get_mut(room) {
            let stage = Stage::Fetching(id);
            let announcement = Announcement { url, stage, is_heard: false, missing: None };
            conference.announcement = Some(Box::new(announcement));
        }
        self.conferences.by_fetch.insert(id, room);
        let expects = Expects::Document;
        self.push(Output::Fetch(Box::new(Fetch { id, account, call, hook, parameters, expects })));
        Answer::Done
    }

    /// The document to be announced has come, or not. Gives the answer back if it is another's.
    pub(crate) fn announcement_fetched(
        &mut self,
        id: FetchId,
        result: Result<Document, FetchError>,
    ) -> Option<Result<Document, FetchError>> {
        let Some(room) = self.conferences.by_fetch.remove(&id) else { return Some(result) };
        let conference = self.conferences.get(room)?;
        self.current = conference.first();
        let (account, call) = (conference.account, conference.call);
        let requests = match result {
            Ok(document) => requests_of(&document),
            Err(error) => Err((error.code, error.text)),
        };
        match requests {
            Ok(requests) => self.announce_next(room, requests),
            Err((code, text)) => {
                let alert = Some((code, account, call));
                self.announcement_failed(room, alert, text);
            }
        }
        None
    }

    fn announcement_failed(
        &mut self,
        room: media::RoomId,
        alert: Option<(u32, crate::sid::AccountSid, CallSid)>,
        text: String,
    ) {
        if let Some((code, account, call)) = alert {
            self.alert_account(code, Some(account), Some(call), Detail::text(text.clone()));
        }
        self.announcement_over(room, Event::AnnouncementFail, Some(text));
    }

    /// The next of what is announced is prepared, or all of it is over.
    fn announce_next(&mut self, room: media::RoomId, mut rest: VecDeque<(SourceRequest, u32)>) {
        let Some((request, times)) = rest.pop_front() else { return self.all_announced(room) };
        let source = media::SourceId(self.next_id());
        let Some(conference) = self.conferences.get_mut(room) else { return };
        let account = conference.account;
        let Some(announcement) = &mut conference.announcement else { return };
        announcement.stage = Stage::Playing { source, times, next: rest };
        self.conferences.by_source.insert(source, room);
        self.push(Output::Source { id: source, account, request });
    }

    /// All of it has been tried. One of which nothing was heard has failed.
    fn all_announced(&mut self, room: media::RoomId) {
        let conference = self.conferences.get_mut(room);
        let Some(announcement) = conference.and_then(|room| room.announcement.as_mut()) else {
            return;
        };
        if announcement.is_heard {
            return self.announcement_over(room, Event::AnnouncementEnd, None);
        }
        let why = announcement.missing.take().unwrap_or_else(|| NOTHING_HEARD.to_owned());
        self.announcement_over(room, Event::AnnouncementFail, Some(why));
    }

    /// It can be played. False: it is nobody's announcement.
    pub(crate) fn announcement_ready(&mut self, source: media::SourceId) -> bool {
        let Some(&room) = self.conferences.by_source.get(&source) else { return false };
        let Some(conference) = self.conferences.get(room) else { return true };
        self.current = conference.first();
        if let Some(Stage::Playing { times, .. }) =
            conference.announcement.as_ref().map(|announcement| &announcement.stage)
        {
            let times = *times;
            self.order_room(room, media::RoomCommand::Play(source, times));
        }
        true
    }

    /// It can not. False: it is nobody's announcement.
    pub(crate) fn announcement_missing(
        &mut self,
        source: media::SourceId,
        code: u32,
        text: &str,
    ) -> bool {
        let Some(room) = self.conferences.by_source.remove(&source) else { return false };
        let Some(conference) = self.conferences.get_mut(room) else { return true };
        if let Some(announcement) = &mut conference.announcement {
            announcement.missing = Some(text.to_owned());
        }
        let (account, call, first) = (conference.account, conference.call, conference.first());
        self.current = first;
        self.alert_account(code, Some(account), Some(call), Detail::text(text.to_owned()));
        self.announce_rest(room);
        true
    }

    /// It is not all it should be: an alert, nothing more. False: it is nobody's announcement.
    pub(crate) fn announcement_flawed(
        &mut self,
        source: media::SourceId,
        code: u32,
        text: &str,
    ) -> bool {
        let Some(&room) = self.conferences.by_source.get(&source) else { return false };
        let Some(conference) = self.conferences.get(room) else { return true };
        let (account, call) = (conference.account, conference.call);
        self.alert_account(code, Some(account), Some(call), Detail::text(text.to_owned()));
        true
    }

    /// It has been heard.
    pub(super) fn announced(&mut self, source: media::SourceId) {
        let Some(room) = self.conferences.by_source.remove(&source) else { return };
        self.push(Output::ForgetSource(source));
        let conference = self.conferences.get_mut(room);
        if let Some(announcement) = conference.and_then(|room| room.announcement.as_mut()) {
            announcement.is_heard = true;
        }
        self.announce_rest(room);
    }

    fn announce_rest(&mut self, room: media::RoomId) {
        let conference = self.conferences.get_mut(room);
        let stage = conference.and_then(|room| Some(&mut room.announcement.as_mut()?.stage));
        if let Some(Stage::Playing { next, .. }) = stage {
            let next = std::mem::take(next);
            self.announce_next(room, next);
        }
    }

    fn announcement_over(&mut self, room: media::RoomId, event: Event, why: Option<String>) {
        let conference = self.conferences.get_mut(room);
        let Some(announcement) = conference.and_then(|room| room.announcement.take()) else {
            return;
        };
        let mut more: Vec<Parameter> = vec![("AnnounceUrl".into(), announcement.url)];
        more.extend(why.map(|why| ("ReasonAnnouncementFailed".into(), why)));
        self.tell_conference(room, event, more);
    }

    /// The conference is over while something is announced.
    pub(super) fn announcement_cut_off(&mut self, room: media::RoomId) {
        if let Some(url) = self.forget_announcement(room) {
            let why = "The conference is over.".to_owned();
            let more = vec![("AnnounceUrl".into(), url), ("ReasonAnnouncementFailed".into(), why)];
            self.tell_conference(room, Event::AnnouncementFail, more);
        }
    }

    /// Nothing is announced any more. What was?
    pub(super) fn forget_announcement(&mut self, room: media::RoomId) -> Option<String> {
        let conference = self.conferences.get_mut(room);
        let announcement = conference.and_then(|room| room.announcement.take())?;
        match announcement.stage {
            Stage::Fetching(id) => {
                self.conferences.by_fetch.remove(&id);
                self.push(Output::ForgetFetch(id));
            }
            Stage::Playing { source, .. } => {
                if self.conferences.by_source.remove(&source).is_some() {
                    self.push(Output::ForgetSource(source));
                }
            }
        }
        Some(announcement.url)
    }
}

/// What is to be played of a document; or its code and why it can not be.
fn requests_of(document: &Document) -> Result<VecDeque<(SourceRequest, u32)>, (u32, String)> {
    let broken = document.problems.iter().find(|problem| problem.level == twiml::Level::Error);
    if let Some(problem) = broken {
        return Err((problem.code, problem.to_string()));
    }
    let base = Url::parse(&document.url).ok();
    let mut requests = VecDeque::new();
    for verb in document.program.verbs.iter().take(limit::ANNOUNCED_VERBS_MAX) {
        match verb {
            twiml::Verb::Play(play) => {
                let url = absolute(base.as_ref(), &play.url);
                let url = url.map_err(|code| (code, format!("<Play>{}.", play.url)))?;
                requests.push_back((SourceRequest::Play { url }, play.times.max(1)));
            }
            twiml::Verb::Say(say) if say.ssml.is_empty() => {}
            twiml::Verb::Say(say) => {
                let (voice, language) = (say.voice.clone(), say.language.clone());
                let request = SourceRequest::Say { voice, language, ssml: say.ssml.clone() };
                requests.push_back((request, say.times.max(1)));
            }
            twiml::Verb::Dial(_)
            | twiml::Verb::Press(_)
            | twiml::Verb::Pause(_)
            | twiml::Verb::Redirect(_)
            | twiml::Verb::Hangup(_)
            | twiml::Verb::Reject(_)
            | twiml::Verb::Refer(_)
            | twiml::Verb::Record(_)
            | twiml::Verb::Start(_)
            | twiml::Verb::Echo
            | twiml::Verb::Gather(_)
            | twiml::Verb::Enqueue(_)
            | twiml::Verb::Leave
            | twiml::Verb::Connect(_)
            | twiml::Verb::Stop(_)
            | twiml::Verb::Unbuilt(_) => {
                return Err((13_238, "Only <Play> and <Say> are announced to all.".to_owned()));
            }
        }
    }
    Ok(requests)
}
