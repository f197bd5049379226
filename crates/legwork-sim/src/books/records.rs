//! I6: the record of each call, and the callbacks about it.
//!
//! Not here: who shows them (crate `legwork`, `store`).
//! Source: reliability.md section 6.3; Twilio, "Call resource", status values.

use std::collections::BTreeMap;

use legwork_call::io::{CallRow, Fetch};
use legwork_call::sid::CallSid;

#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) rows: BTreeMap<CallSid, CallRow>,
    /// The `SequenceNumber` that is next; none after `completed`.
    told: BTreeMap<CallSid, Option<u32>>,
}

impl Records {
    /// A callback with a `SequenceNumber`.
    pub(super) fn told(
        &mut self,
        fetch: &Fetch,
        number: &str,
        is_last: bool,
    ) -> Result<(), String> {
        let next = self.told.entry(fetch.call).or_insert(Some(0));
        let is_next = next.as_ref().is_some_and(|next| next.to_string() == number);
        *next = next.filter(|_| !is_last).map(|next| next + 1);
        if is_next {
            Ok(())
        } else {
            Err(format!("I6: callback {number} of {} is not the next one", fetch.call))
        }
    }

    pub(super) fn stored(&mut self, row: &CallRow) -> Result<(), String> {
        let before = self.rows.insert(row.sid, row.clone());
        if let Some(before) = &before {
            if before.ended.is_some() && before != row {
                return Err(format!("I6: changed after its end: {before:?} {row:?}"));
            }
            if rank(before.status) > rank(row.status) {
                return Err(format!("I6: from {} back to {}: {row:?}", before.status, row.status));
            }
        }
        let is_in_order = row.answered.is_none_or(|at| row.created <= at)
            && row.ended.is_none_or(|end| row.answered.unwrap_or(row.created) <= end);
        if !is_in_order || row.ended.is_some() != is_final(row.status) {
            return Err(format!("I6: {row:?}"));
        }
        Ok(())
    }

    /// `answered`: the Call-IDs of those who called and were answered.
    pub(super) fn close<'a>(&self, answered: impl Iterator<Item = &'a str>) -> Result<(), String> {
        if let Some(row) = self.rows.values().find(|row| row.ended.is_none()) {
            return Err(format!("I6: {row:?} has no end"));
        }
        for call_id in answered {
            let mut rows = self.rows.values().filter(|row| row.sip_call_id == call_id);
            let (row, other) = (rows.next(), rows.next());
            let is_answered = row.is_some_and(|row| row.answered.is_some());
            if !is_answered || other.is_some() {
                return Err(format!("I6: {call_id} was answered, its records: {row:?} {other:?}"));
            }
        }
        Ok(())
    }
}

fn is_final(status: &str) -> bool {
    matches!(status, "completed" | "busy" | "failed" | "no-answer" | "canceled")
}

fn rank(status: &str) -> u8 {
    match status {
        "queued" | "initiated" => 0,
        "ringing" => 1,
        "in-progress" => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use legwork_call::sid::AccountSid;

    use super::*;

    fn row(status: &'static str, answered: Option<u64>, ended: Option<u64>) -> CallRow {
        let at = |s: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(s);
        CallRow {
            sid: CallSid::from_bits(1),
            account: AccountSid::from_bits(1),
            parent: None,
            from: String::new(),
            to: String::new(),
            direction: "inbound",
            status,
            sip_call_id: "c".to_owned(),
            created: at(5),
            answered: answered.map(at),
            answered_by: None,
            ended: ended.map(at),
        }
    }

    fn stored(rows: &[CallRow]) -> Result<Records, String> {
        let mut records = Records::default();
        rows.iter().try_for_each(|row| records.stored(row))?;
        Ok(records)
    }

    #[test]
    fn i6_can_fail() {
        let talks = row("in-progress", Some(6), None);
        let over = row("completed", Some(6), Some(9));
        let fine = stored(&[row("ringing", None, None), talks.clone(), over.clone()]).unwrap();
        assert_eq!(fine.close(["c"].into_iter()), Ok(()));
        assert!(fine.close(["d"].into_iter()).is_err(), "answered, and no record");
        assert!(
            stored(std::slice::from_ref(&talks)).unwrap().close([].into_iter()).is_err(),
            "no end"
        );
        for bad in [
            vec![over.clone(), row("completed", Some(6), Some(10))],
            vec![talks.clone(), row("ringing", Some(6), None)],
            vec![row("completed", Some(9), Some(6))],
            vec![row("in-progress", Some(6), Some(9))],
            vec![row("completed", Some(6), None)],
        ] {
            assert!(stored(&bad).is_err(), "{bad:?}");
        }
    }
}
