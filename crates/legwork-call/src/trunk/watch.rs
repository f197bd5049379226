//! Keeping trunks: their gateways are asked whether they live, their registrars told where we are.
//!
//! Not here: what an answer means (`trunk/gateway`, `trunk/registration`), which gateway takes a call
//! (`trunk`).
//! Source: RFC 3261 §10.2, §11.1.

mod row;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::endpoint::OutOfDialog;
use legwork_sip::event::OutgoingId;
use legwork_sip::uri::{Uri, host_of};

use super::gateway::{self, State, Watch};
use super::registration::{self, Registration, Reply};
use crate::calls::{Calls, Detail};
use crate::config::{self, Gateway, Trunk};
use crate::dial::target::text;
use crate::io::{Change, Output, ResolveId, Target};
use crate::limit;
use crate::reach::Way;
use crate::timer::Due;

/// Names one trunk of the configuration as long as it stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TrunkId(u64);

/// One thing of a trunk that is asked from time to time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Of {
    trunk: TrunkId,
    part: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// By its place in the configuration.
    Gateway(usize),
    Registrar,
}

/// What is known of all trunks.
#[derive(Debug, Default)]
pub(crate) struct Trunks {
    /// In the order of the configuration.
    kept: Vec<Kept>,
    asked: BTreeMap<OutgoingId, Of>,
    resolving: BTreeMap<ResolveId, Of>,
}

#[derive(Debug)]
struct Kept {
    id: TrunkId,
    trunk: Arc<Trunk>,
    gateways: Vec<Watch>,
    registration: Option<Registration>,
}

impl Trunks {
    /// Are all gateways of the trunk at this place of the configuration known to be down?
    pub(crate) fn is_down(&self, at: usize) -> bool {
        let is_down = |watch: &Watch| watch.state == State::Down;
        self.kept.get(at).is_some_and(|kept| kept.gateways.iter().all(is_down))
    }

    /// The gateways of a trunk that are not known to be down; all of them if all are.
    pub(crate) fn alive<'a>(&self, trunk: &'a Arc<Trunk>) -> Vec<&'a Gateway> {
        let kept = self.kept.iter().find(|kept| Arc::ptr_eq(&kept.trunk, trunk));
        let state =
            |at: usize| kept.and_then(|kept| kept.gateways.get(at)).map(|watch| watch.state);
        let up = |(at, gateway)| (state(at) != Some(State::Down)).then_some(gateway);
        let alive: Vec<_> = trunk.gateways.iter().enumerate().filter_map(up).collect();
        if alive.is_empty() { trunk.gateways.iter().collect() } else { alive }
    }

    /// Does the registrar of the trunk at this place, while it knows where we are, live there?
    pub(crate) fn is_registrar(&self, at: usize, ip: IpAddr) -> bool {
        let registration = self.kept.get(at).and_then(|kept| kept.registration.as_ref());
        registration.is_some_and(|registration| {
            let mut ips = registration.targets.iter().map(|target| target.remote.ip());
            registration.state == registration::State::Registered && ips.any(|known| known == ip)
        })
    }

    /// Every gateway known to be down: its trunk, its place there.
    pub(crate) fn down(&self) -> Vec<(String, usize)> {
        let of = |kept: &Kept| {
            let down = |(at, watch): (usize, &Watch)| (watch.state == State::Down).then_some(at);
            let places: Vec<_> = kept.gateways.iter().enumerate().filter_map(down).collect();
            places.into_iter().map(|at| (kept.trunk.name.clone(), at)).collect::<Vec<_>>()
        };
        self.kept.iter().flat_map(of).collect()
    }

    /// These gateways are down and these registrars know where we are, and no others.
    pub(crate) fn relive(&mut self, down: &[(String, usize)], registrars: &[(String, IpAddr)]) {
        for kept in &mut self.kept {
            let name = &kept.trunk.name;
            for (at, watch) in kept.gateways.iter_mut().enumerate() {
                let is_down = down.iter().any(|(trunk, place)| trunk == name && *place == at);
                watch.state = if is_down { State::Down } else { State::Unknown };
            }
            let from = registrars.iter().find(|(trunk, _)| trunk == name).map(|(_, ip)| *ip);
            if let Some(registration) = &mut kept.registration {
                registration.relive(from);
            }
        }
    }

    /// Questions to DNS that wait for their answer.
    pub(crate) fn resolving(&self) -> usize {
        self.resolving.len()
    }

    fn find(&mut self, id: TrunkId) -> Option<&mut Kept> {
        self.kept.iter_mut().find(|kept| kept.id == id)
    }

    fn watch(&mut self, of: Of) -> Option<&mut Watch> {
        match of.part {
            Part::Gateway(at) => self.find(of.trunk)?.gateways.get_mut(at),
            Part::Registrar => None,
        }
    }

    fn registration(&mut self, id: TrunkId) -> Option<&mut Registration> {
        self.find(id)?.registration.as_mut()
    }
}

impl Calls {
    // === beginning and ending ===

    /// Keeps the trunks of the configuration at hand, and those no more that are not in it. What has
    /// not changed goes on undisturbed.
    pub(crate) fn keep_trunks(&mut self) {
        let mut before = std::mem::take(&mut self.trunks.kept);
        let trunks = self.config.trunks.clone();
        let silent = trunks.iter().filter(|trunk| !trunk.refer);
        let no_refer = silent.flat_map(|trunk| trunk.ip_acl.iter().copied()).collect();
        self.endpoint.forbid_refer_from(no_refer);
        for trunk in &trunks {
            let same =
                |kept: &Kept| kept.trunk.account == trunk.account && kept.trunk.name == trunk.name;
            let old = before.iter().position(same).map(|at| before.remove(at));
            let kept = match old {
                Some(old) if *old.trunk == **trunk => Kept { trunk: Arc::clone(trunk), ..old },
                old => self.keep(trunk, old),
            };
            self.trunks.kept.push(kept);
        }
        for gone in before {
            let (account, name) = (gone.trunk.account, gone.trunk.name.clone());
            self.let_go(gone, None);
            self.push(Output::Store(Change::TrunkGone { account, name }));
        }
    }

    fn keep(&mut self, trunk: &Arc<Trunk>, old: Option<Kept>) -> Kept {
        let id = TrunkId(self.next_id());
        if let Some(old) = old {
            self.let_go(old, Some(trunk));
        }
        let mut gateways = Vec::with_capacity(trunk.gateways.len());
        for at in 0..trunk.gateways.len() {
            let mut watch = Watch::default();
            if trunk.options_interval.is_some() {
                let due = self.soon();
                let of = Of { trunk: id, part: Part::Gateway(at) };
                watch.timer = Some(self.timers.set(due, Due::Trunk(of)));
            }
            gateways.push(watch);
        }
        let registration = trunk.registration.as_ref().map(|asked| {
            let random = self.random();
            let call_id = format!("{}{random:016x}", self.config.sip.tag_prefix);
            let mut registration = Registration::new(call_id, asked.expires_s);
            let (due, of) = (self.soon(), Of { trunk: id, part: Part::Registrar });
            registration.timer = Some(self.timers.set(due, Due::Trunk(of)));
            registration
        });
        let kept = Kept { id, trunk: Arc::clone(trunk), gateways, registration };
        self.push(Output::Store(Change::Trunk(Box::new(kept.row()))));
        kept
    }

    /// Not all at the same instant.
    fn soon(&mut self) -> Instant {
        let wait = Duration::from_millis(self.random() % 1_000);
        self.after(wait)
    }

    /// Forgets a trunk; its registrar is told, unless `next` says the same to it.
    fn let_go(&mut self, mut kept: Kept, next: Option<&Trunk>) {
        for watch in &mut kept.gateways {
            self.timers.cancel(&mut watch.timer);
        }
        self.trunks.asked.retain(|_, of| of.trunk != kept.id);
        self.trunks.resolving.retain(|_, of| of.trunk != kept.id);
        let address = |trunk: &Trunk| {
            let of = trunk.registration.as_ref()?;
            Some((of.registrar.clone(), of.user.clone(), of.domain.clone()))
        };
        let goes_on = next.and_then(address) == address(&kept.trunk);
        if let Some(mut registration) = kept.registration.take() {
            self.timers.cancel(&mut registration.timer);
            if !goes_on {
                self.unregister(&kept.trunk, &registration);
            }
        }
    }

    /// No calls from now on: registrars are told, gateways still watched.
    pub(crate) fn unregister_trunks(&mut self) {
        for at in 0..self.trunks.kept.len() {
            let Some(kept) = self.trunks.kept.get_mut(at) else { continue };
            let (trunk, id) = (Arc::clone(&kept.trunk), kept.id);
            let Some(mut registration) = kept.registration.take() else { continue };
            self.timers.cancel(&mut registration.timer);
            let of = Of { trunk: id, part: Part::Registrar };
            self.trunks.asked.retain(|_, other| *other != of);
            self.trunks.resolving.retain(|_, other| *other != of);
            self.unregister(&trunk, &registration);
            self.store_trunk(id);
        }
    }

    fn unregister(&mut self, trunk: &Trunk, registration: &Registration) {
        let lives = registration.until.is_some_and(|(until, _)| until > self.now.mono);
        if let (true, Some(target)) = (lives, registration.targets.first()) {
            let cseq = registration.highest_cseq();
            self.send_register(trunk, *target, (&registration.call_id, cseq), 0);
        }
    }

    // === asking ===

    /// A deadline of a trunk has passed.
    pub(crate) fn handle_trunk_due(&mut self, of: Of) {
        let (now, wall) = (self.now.mono, self.now.wall);
        let random = self.random();
        // Whatever was asked before is not waited for any more.
        self.trunks.asked.retain(|_, other| *other != of);
        self.trunks.resolving.retain(|_, other| *other != of);
        match of.part {
            Part::Gateway(_) => {
                let Some(watch) = self.trunks.watch(of) else { return };
                watch.timer = None;
                if watch.is_asking() {
                    let next = watch.answered(now, wall, None);
                    self.gateway_next(of, next);
                } else {
                    watch.begin(now);
                    self.look_for(of);
                }
            }
            Part::Registrar => {
                let Some(registration) = self.trunks.registration(of.trunk) else { return };
                registration.timer = None;
                if registration.is_asking() {
                    registration.cseq = registration.highest_cseq();
                    let next = registration.fail(now, Status::REQUEST_TIMEOUT, None, random);
                    self.registration_next(of, next);
                } else {
                    registration.begin();
                    self.look_for(of);
                }
            }
        }
    }

    fn look_for(&mut self, of: Of) {
        let Some(uri) = self.uri_of(of) else { return };
        let Ok(uri) = Uri::parse(uri.as_bytes()) else { return };
        let Some(Way::Ask { host, port, transport }) = super::ask(&uri) else { return };
        let id = ResolveId(self.next_id());
        self.trunks.resolving.insert(id, of);
        self.be_patient(of);
        let random = self.random();
        self.push(Output::Resolve { id, host, port, transport, random });
    }

    fn uri_of(&mut self, of: Of) -> Option<String> {
        let trunk = Arc::clone(&self.trunks.find(of.trunk)?.trunk);
        match of.part {
            Part::Gateway(at) => trunk.gateways.get(at).map(|gateway| gateway.uri.clone()),
            Part::Registrar => trunk.registration.as_ref().map(|of| of.registrar.clone()),
        }
    }

    /// The end of patience with whatever has just been asked: nothing waits for ever.
    fn be_patient(&mut self, of: Of) {
        let wait = match of.part {
            Part::Gateway(_) => limit::OPTIONS_PATIENCE,
            Part::Registrar => limit::REGISTER_PATIENCE,
        };
        self.set_trunk_timer(of, wait);
    }

    fn set_trunk_timer(&mut self, of: Of, wait: Duration) {
        let key = self.timers.set(self.after(wait), Due::Trunk(of));
        let slot = match of.part {
            Part::Gateway(_) => self.trunks.watch(of).map(|watch| &mut watch.timer),
            Part::Registrar => self.trunks.registration(of.trunk).map(|r| &mut r.timer),
        };
        let mut before = slot.and_then(|slot| slot.replace(key));
        self.timers.cancel(&mut before);
    }

    /// DNS has answered a question about a trunk. False: it was none.
    pub(crate) fn trunk_resolved(&mut self, id: ResolveId, targets: &[Target]) -> bool {
        let Some(of) = self.trunks.resolving.remove(&id) else { return false };
        let (now, wall) = (self.now.mono, self.now.wall);
        let random = self.random();
        let targets = targets.get(..targets.len().min(limit::TARGETS_MAX)).unwrap_or(targets);
        match of.part {
            Part::Gateway(_) => {
                let Some(watch) = self.trunks.watch(of) else { return true };
                let next = watch.found(now, wall, targets);
                self.gateway_next(of, next);
            }
            Part::Registrar => {
                let Some(registration) = self.trunks.registration(of.trunk) else { return true };
                let next = registration.found(now, targets.to_vec(), random);
                self.registration_next(of, next);
            }
        }
        true
    }

    /// A request of ours outside any dialog was answered, or was not.
    pub(crate) fn handle_response(
        &mut self,
        request: OutgoingId,
        status: Status,
        response: Option<&sip::Message>,
        cseq: u32,
    ) {
        let Some(of) = self.trunks.asked.remove(&request) else { return };
        let (now, wall) = (self.now.mono, self.now.wall);
        match of.part {
            Part::Gateway(_) => {
                let Some(watch) = self.trunks.watch(of) else { return };
                let next = watch.answered(now, wall, response.map(|_| status));
                self.gateway_next(of, next);
            }
            Part::Registrar => {
                let random = self.random();
                let granted_s = response.and_then(|response| self.granted(of, response));
                let seconds = |read: Option<Result<Option<u32>, _>>| read?.ok()?;
                let reply = Reply {
                    status,
                    granted_s,
                    min_expires_s: response.and_then(min_expires),
                    retry_after_s: seconds(response.map(sip::Message::retry_after)),
                    cseq,
                };
                let Some(registration) = self.trunks.registration(of.trunk) else { return };
                let next = registration.answered(now, wall, reply, random);
                self.registration_next(of, next);
            }
        }
    }

    /// For how long a 2xx binds our Contact.
    fn granted(&mut self, of: Of, response: &sip::Message) -> Option<u32> {
        let trunk = Arc::clone(&self.trunks.find(of.trunk)?.trunk);
        let user = &trunk.registration.as_ref()?.user;
        let ours = response.contacts().flatten().find(|contact| {
            contact.uri().user_decoded().is_some_and(|found| *found == *user.as_bytes())
        });
        let said = ours.and_then(|contact| contact.expires().ok()?);
        said.or_else(|| response.expires().ok()?)
    }

    // === going on ===

    fn gateway_next(&mut self, of: Of, next: gateway::Next) {
        match next {
            gateway::Next::Ask(target) => self.send_options(of, target),
            gateway::Next::Over { changed } => {
                let Some(kept) = self.trunks.find(of.trunk) else { return };
                let trunk = Arc::clone(&kept.trunk);
                if let Some(interval) = trunk.options_interval {
                    self.set_trunk_timer(of, interval);
                }
                if changed {
                    self.tell_of_gateway(of, &trunk);
                }
                self.store_trunk(of.trunk);
            }
        }
    }

    fn tell_of_gateway(&mut self, of: Of, trunk: &Trunk) {
        let Part::Gateway(at) = of.part else { return };
        let Some(watch) = self.trunks.watch(of) else { return };
        let (state, answer) = (watch.state, watch.answer);
        let first = !std::mem::replace(&mut watch.told, true);
        let uri = trunk.gateways.get(at).map_or("", |gateway| &gateway.uri);
        let code = match state {
            State::Down => 91330,
            // That it lives is news only when it had not.
            State::Up if !first => 91331,
            State::Up | State::Unknown => return,
        };
        let detail = Detail {
            text: Some(format!("{}: {uri}.", trunk.name)),
            request: Some(format!("OPTIONS {uri}")),
            response: answer.map(|status| status.to_string()),
        };
        self.alert_account(code, Some(trunk.account), None, detail);
    }

    fn registration_next(&mut self, of: Of, next: registration::Next) {
        let (now, wall) = (self.now.mono, self.now.wall);
        match next {
            registration::Next::Send(target) => {
                let Some(kept) = self.trunks.find(of.trunk) else { return };
                let trunk = Arc::clone(&kept.trunk);
                let Some(registration) = &kept.registration else { return };
                let (call_id, cseq) = (registration.call_id.clone(), registration.cseq);
                let asked_s = registration.asked_s;
                self.be_patient(of);
                match self.send_register(&trunk, target, (&call_id, cseq), asked_s) {
                    Some(id) => drop(self.trunks.asked.insert(id, of)),
                    None => self.no_way_to_registrar(of),
                }
            }
            registration::Next::Wait(wait) => {
                self.set_trunk_timer(of, wait);
                let Some(registration) = self.trunks.registration(of.trunk) else { return };
                if registration.settle(now, wall) {
                    self.tell_of_registration(of);
                }
                self.store_trunk(of.trunk);
            }
        }
    }

    fn no_way_to_registrar(&mut self, of: Of) {
        let (now, random) = (self.now.mono, self.random());
        let Some(registration) = self.trunks.registration(of.trunk) else { return };
        let next = registration.fail(now, Status::SERVICE_UNAVAILABLE, None, random);
        self.registration_next(of, next);
    }

    fn tell_of_registration(&mut self, of: Of) {
        let Some(kept) = self.trunks.find(of.trunk) else { return };
        let trunk = Arc::clone(&kept.trunk);
        let Some(registration) = &mut kept.registration else { return };
        let (state, answer) = (registration.state, registration.answer);
        let first = !std::mem::replace(&mut registration.told, true);
        let code = match state {
            registration::State::Failed => 91332,
            registration::State::Registered if !first => 91333,
            registration::State::Registered | registration::State::Trying => return,
        };
        let registrar = trunk.registration.as_ref().map_or("", |of| &of.registrar);
        let detail = Detail {
            text: Some(format!("{}: {registrar}.", trunk.name)),
            request: Some(format!("REGISTER {registrar}")),
            response: answer.map(|status| status.to_string()),
        };
        self.alert_account(code, Some(trunk.account), None, detail);
    }

    fn store_trunk(&mut self, id: TrunkId) {
        let Some(row) = self.trunks.find(id).map(|kept| kept.row()) else { return };
        self.push(Output::Store(Change::Trunk(Box::new(row))));
    }

    // === what is sent ===

    fn flow_of(&self, target: Target) -> Option<sip::Flow> {
        self.endpoint.flow_to(target.transport, target.remote, Some(target.local_ip))
    }

    /// Our own address as peers on that flow see it.
    fn own_host(&self, flow: sip::Flow) -> String {
        host_of(self.config.sip.public_address.unwrap_or_else(|| flow.local.ip()))
    }

    fn send_options(&mut self, of: Of, target: Target) {
        self.be_patient(of);
        let Some(uri) = self.uri_of(of) else { return };
        let Some(flow) = self.flow_of(target) else {
            let (now, wall) = (self.now.mono, self.now.wall);
            let Some(watch) = self.trunks.watch(of) else { return };
            let next = watch.answered(now, wall, None);
            return self.gateway_next(of, next);
        };
        let Some(kept) = self.trunks.find(of.trunk) else { return };
        let trunk = Arc::clone(&kept.trunk);
        let host = trunk.from_domain.clone().unwrap_or_else(|| self.own_host(flow));
        let user = trunk.from_user.as_deref().unwrap_or("legwork");
        let out = OutOfDialog {
            method: sip::Method::Options,
            to: format!("<{uri}>"),
            target: uri,
            flow,
            from: format!("<sip:{user}@{host}>"),
            routes: Vec::new(),
            call_id: None,
            cseq: None,
            contact: None,
            lines: Vec::new(),
            // Any answer will do: there is no need to say who we are.
            credentials: None,
        };
        let id = self.sip(|sip, now| sip.request(now.mono, out));
        self.trunks.asked.insert(id, of);
    }

    fn send_register(
        &mut self,
        trunk: &Trunk,
        target: Target,
        (call_id, cseq): (&str, Option<u32>),
        expires_s: u32,
    ) -> Option<OutgoingId> {
        let config::Registration { registrar, user, domain, .. } = trunk.registration.as_ref()?;
        let flow = self.flow_of(target)?;
        let host = self.own_host(flow);
        let transport = match flow.transport {
            sip::Transport::Udp => "",
            sip::Transport::Tcp => ";transport=tcp",
        };
        let contact = format!("<sip:{user}@{host}:{}{transport}>", flow.local.port());
        let address = format!("<sip:{user}@{domain}>");
        let out = OutOfDialog {
            method: sip::Method::Register,
            target: registrar_uri(registrar)?,
            flow,
            from: address.clone(),
            to: address,
            routes: Vec::new(),
            call_id: Some(call_id.to_owned()),
            cseq,
            contact: Some(format!("{contact};expires={expires_s}")),
            lines: vec![("Expires".into(), expires_s.to_string())],
            credentials: trunk.credentials.clone(),
        };
        Some(self.sip(|sip, now| sip.request(now.mono, out)))
    }
}

/// The Request-URI of a REGISTER has no user (RFC 3261 §10.2).
fn registrar_uri(registrar: &str) -> Option<String> {
    let uri = Uri::parse(registrar.as_bytes()).ok()?;
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("sip:{}{port}", text(uri.host())))
}

fn min_expires(response: &sip::Message) -> Option<u32> {
    let value = response.header(sip::header::Name::MinExpires)?;
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}
