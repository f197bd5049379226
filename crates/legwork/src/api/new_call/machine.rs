//! Whether and how to find out who answers a call placed over HTTP.
//!
//! Not here: finding it out (`legwork-media`, `detect`).
//! Source: Twilio, "Call resource: create", `MachineDetection` and its companions; error code 21234.

use std::time::Duration;

use legwork_call::command::MachineDetection;
use legwork_media as media;
use serde::Deserialize;

use super::{Flag, Whole, hook};
use crate::api::Error;

/// Twilio: a parameter of `MachineDetection` is out of range.
const BAD_MACHINE: u32 = 21_234;

/// The parameters, as typed.
#[derive(Debug, Deserialize)]
pub(super) struct Machine {
    machine_detection: Option<String>,
    machine_detection_timeout: Option<Whole>,
    machine_detection_speech_threshold: Option<Whole>,
    machine_detection_speech_end_threshold: Option<Whole>,
    machine_detection_silence_timeout: Option<Whole>,
    async_amd: Option<Flag>,
    async_amd_status_callback: Option<String>,
    async_amd_status_callback_method: Option<String>,
}

impl Machine {
    /// Whether and how to find out who answers.
    pub(super) fn checked(self) -> Result<Option<Box<MachineDetection>>, Error> {
        let refuse = |text: &str| Err(Error::new(400, BAD_MACHINE, text));
        let within = |given: &Option<Whole>, usual, range| match given {
            None => Some(usual),
            Some(number) => number.within(range),
        };
        let until_end = match self.machine_detection.as_deref() {
            None | Some("") => return Ok(None),
            Some("Enable") => false,
            Some("DetectMessageEnd") => true,
            Some(_) => return refuse("machine_detection is Enable or DetectMessageEnd"),
        };
        let asynchronous = self.async_amd.as_ref().map_or(Some(false), Flag::is_true);
        let Some(asynchronous) = asynchronous else {
            return refuse("async_amd is true or false");
        };
        let Some(timeout) = within(&self.machine_detection_timeout, 30, 3..=60) else {
            return refuse("machine_detection_timeout is 3 to 60 seconds");
        };
        let speech = &self.machine_detection_speech_threshold;
        let Some(speech) = within(speech, 2400, 1000..=6000) else {
            return refuse("machine_detection_speech_threshold is 1000 to 6000 milliseconds");
        };
        let speech_end = &self.machine_detection_speech_end_threshold;
        let Some(speech_end) = within(speech_end, 1200, 500..=5000) else {
            return refuse("machine_detection_speech_end_threshold is 500 to 5000 milliseconds");
        };
        let silence = &self.machine_detection_silence_timeout;
        let Some(silence) = within(silence, 5000, 2000..=10_000) else {
            return refuse("machine_detection_silence_timeout is 2000 to 10000 milliseconds");
        };
        let url = self.async_amd_status_callback.clone();
        let method = self.async_amd_status_callback_method.as_deref();
        let rules = media::Machine {
            until_end,
            timeout: Duration::from_secs(timeout),
            speech: Duration::from_millis(speech),
            speech_end: Duration::from_millis(speech_end),
            silence: Duration::from_millis(silence),
        };
        let callback = hook("async_amd_status_callback", url, method)?;
        Ok(Some(Box::new(MachineDetection { rules, asynchronous, callback })))
    }
}
