//! What a session recorder is told while it records: who talks in the call, and who holds.
//!
//! Not here: what it is told at first (`siprec`), how it is written (`legwork-call`, `siprec/metadata`).
//! Source: RFC 7866 §9.1; RFC 7865 §6.8.

use expect_test::expect;

use crate::check;

#[test]
fn it_is_told_who_talks_after_a_transfer() {
    check(
        &[r#"
            app /voice <Start><Siprec/></Start><Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            show lines metadata
            srs answers by itself after 0s
            usera calls, agent-a answers
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Dial ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            usera    ♪  ringback
            srs     ◀── INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:bank@bank.example.com
            agent-a ◀── INVITE
            srs      ── 180 Ringing ──▶
            agent-a  ── 180 Ringing ──▶
            srs      ── 200 OK ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:agent-a
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:bank@bank.example.com
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:agent-b
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            … 3.4 s
            usera hears agent-b, agent-b hears usera, srs hears usera and agent-b
            usera    ── BYE ──▶
            srs     ◀── BYE
            agent-b ◀── BYE
        "#]],
    );
}

#[test]
fn the_last_state_is_told_behind_an_update_under_way() {
    check(
        &[r#"
            app /voice <Start><Siprec/></Start><Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            show lines metadata
            srs answers by itself after 0s
            usera calls, agent-a answers
            wait 1s
            network delays 3s to srs
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 40s
            agent-b hangs up
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:bank@bank.example.com
            usera    ·  recorder told who talks
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 5 s
            srs      ── 200 OK ──▶
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:agent-b
            usera    ·  recorder told who talks
            … 6 s
            srs      ── 200 OK ──▶
            … 30 s
            agent-b  ── BYE ──▶
            usera   ◀── BYE
            srs     ◀── BYE
        "#]],
    );
}

#[test]
fn it_is_told_of_hold_and_of_conferences() {
    check(
        &[r#"
            app /voice <Start><Siprec/></Start><Dial><Sip>sip:agent-a</Sip></Dial><Dial><Conference>Front</Conference></Dial>
            app /voice <Dial><Conference>Front</Conference></Dial>
            show lines metadata
            srs answers by itself after 0s
            usera calls, agent-a answers
            agent-a holds inactive
            agent-a unholds
            agent-a hangs up
            agent-b calls
            wait 1s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Dial, Dial ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            usera    ♪  ringback
            srs     ◀── INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:bank@bank.example.com
            agent-a ◀── INVITE
            srs      ── 180 Ringing ──▶
            agent-a  ── 180 Ringing ──▶
            srs      ── 200 OK ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:agent-a
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            agent-a  ── re-INVITE inactive ──▶
            agent-a ◀── 200 OK
            usera    ♪  hold music
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:agent-a on hold
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            agent-a  ── re-INVITE ──▶
            agent-a ◀── 200 OK
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:agent-a
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            agent-a  ── BYE ──▶
            usera    ·  enters the conference Front
            usera    ♪  hold music
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:bank@bank.example.com (Front)
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-b ◀── 200 OK
            agent-b  ·  enters the conference Front
            usera    ♪  the conference
            agent-b  ♪  the conference
            … 1 s
            usera    ── BYE ──▶
            srs     ◀── BYE
        "#]],
    );
}

#[test]
fn it_is_told_of_conferences_with_the_same_music_before_and_in_them() {
    check(
        &[r#"
            app /voice <Start><Siprec/></Start><Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer after 1s <Dial><Conference>Front</Conference></Dial>
            app /other after 2s <Pause/>
            show lines metadata
            srs answers by itself after 0s
            usera calls, agent-a answers
            ---
            agent-a refers to sip:front
            wait 3s
            rest redirects usera to /other
            wait 4s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:front ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:front
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:bank@bank.example.com
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            … 1 s
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            usera    ·  enters the conference Front
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:bank@bank.example.com (Front)
            usera    ·  recorder told who talks
            agent-a ◀── BYE
            srs      ── 200 OK ──▶
            … 2 s
            rest     ── redirects usera to /other ──▶
            usera    ·  leaves the conference
            app     ◀── POST /other
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:bank@bank.example.com
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            … 2 s
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 1 s
            usera   ◀── BYE
            srs     ◀── BYE
        "#]],
    );
}

#[test]
fn a_recorder_that_refuses_to_be_told_records_on() {
    check(
        &[r#"
            app /voice <Start><Siprec/></Start><Dial><Sip>sip:agent-a</Sip></Dial>
            show lines metadata
            srs answers by itself after 0s, refuses re-INVITE with 488
            usera calls, agent-a answers
            wait 3s
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Dial ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            usera    ♪  ringback
            srs     ◀── INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:bank@bank.example.com
            agent-a ◀── INVITE
            srs      ── 180 Ringing ──▶
            agent-a  ── 180 Ringing ──▶
            srs      ── 200 OK ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:agent-a
            usera    ·  recorder told who talks
            srs      ── 488 No ──▶
            … 3.4 s
            usera hears agent-a, agent-a hears usera, srs hears usera and agent-a
            usera    ── BYE ──▶
            srs     ◀── BYE
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn both_offer_at_a_time_and_the_update_is_not_lost() {
    check(
        &[r#"
            app /voice <Start><Siprec/></Start><Dial><Sip>sip:agent-a</Sip></Dial>
            show lines metadata
            srs answers by itself after 0s, tries re-INVITE again
            usera calls
            network delays 500ms to srs
            agent-a answers & srs holds inactive
            wait 10s
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Dial ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            usera    ♪  ringback
            srs     ◀── INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:bank@bank.example.com
            agent-a ◀── INVITE
            srs      ── 180 Ringing ──▶
            agent-a  ── 180 Ringing ──▶
            srs      ── 200 OK ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            srs     ◀── re-INVITE sendonly
            who talks: sip:usera@bank.example.com, sip:agent-a
            usera    ·  recorder told who talks
            srs      ── re-INVITE inactive ──▶
            srs     ◀── 491 Request Pending
            srs      ── 491 Request Pending ──▶
            … 1.2 s
            srs      ── re-INVITE inactive ──▶
            srs     ◀── 200 OK
            … 1 s
            srs     ◀── re-INVITE inactive
            who talks: sip:usera@bank.example.com, sip:agent-a
            usera    ·  recorder told who talks
            … 1 s
            srs      ── 200 OK ──▶
            … 7.2 s
            usera hears agent-a, agent-a hears usera, srs hears nothing
            usera    ── BYE ──▶
            srs     ◀── BYE
            agent-a ◀── BYE
        "#]],
    );
}
