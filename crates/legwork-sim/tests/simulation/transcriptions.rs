//! `<Start><Transcription>`: what both sides say, told while they say it.
//!
//! Not here: its attributes one by one (`attributes`), words of a recording (`recordings`).
//! Source: Twilio, "TwiML Voice: Transcription", "Stop".

use expect_test::expect;

use crate::check;

#[test]
fn both_sides_of_a_conversation_are_told_apart() {
    check(
        &[r#"
            app /voice <Start><Transcription statusCallbackUrl="/told"/></Start><Dial><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            show Track, SequenceId, Final
            usera calls, agent-a answers
            usera says "my card is lost" for 1s
            wait 2s
            agent-a says "one moment" for 1s
            wait 2s
            agent-a says "here you" for 500ms, says "are" for 500ms
            usera hangs up
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Dial ──▶
            usera   ◀── 200 OK
            usera    ·  transcription begins
            app     ◀── POST /told  TranscriptionEvent=transcription-started  SequenceId=1  Track=both_tracks
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera    ── "my card is lost" ──▶
            … 2 s
            app     ◀── POST /told  TranscriptionEvent=transcription-content  SequenceId=2  Track=inbound_track  TranscriptionData={"transcript":"my card is lost","confidence":0.912}  Final=true
            … 1 s
            agent-a  ── "one moment" ──▶
            … 2 s
            app     ◀── POST /told  TranscriptionEvent=transcription-content  SequenceId=3  Track=outbound_track  TranscriptionData={"transcript":"one moment","confidence":0.912}  Final=true
            … 1 s
            agent-a  ── "here you" ──▶
            … 1 s
            agent-a  ── "are" ──▶
            app     ◀── POST /told  TranscriptionEvent=transcription-content  SequenceId=4  Track=outbound_track  TranscriptionData={"transcript":"here you","confidence":0.912}  Final=true
            usera    ── BYE ──▶
            agent-a ◀── BYE
            app     ◀── POST /told  TranscriptionEvent=transcription-content  SequenceId=5  Track=outbound_track  TranscriptionData={"transcript":"are","confidence":0.912}  Final=true
            app     ◀── POST /told  TranscriptionEvent=transcription-stopped  SequenceId=6
        "#]],
    );
}

#[test]
fn it_survives_documents_and_is_stopped_by_its_name() {
    check(
        &[r#"
            app /voice <Start><Transcription name="words" track="inbound_track" statusCallbackUrl="/told"/></Start><Say>hello</Say><Pause length="2"/><Redirect>/next</Redirect>
            app /next <Pause length="4"/><Stop><Transcription name="words"/></Stop><Pause length="4"/>
            app /told ok
            show SequenceId
            usera calls, says "one" for 500ms
            wait 3s
            usera says "two" for 500ms
            wait 2500ms
            usera says "three" for 2s
            wait 2s
            usera says "four" for 500ms
            wait 5s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause, Redirect ──▶
            usera   ◀── 200 OK
            usera    ·  transcription begins
            app     ◀── POST /told  TranscriptionEvent=transcription-started  SequenceId=1
            usera    ♪  audio of ours
            usera    ── "one" ──▶
            … 1 s
            usera    ♪  silence
            app     ◀── POST /told  TranscriptionEvent=transcription-content  SequenceId=2  TranscriptionData={"transcript":"one","confidence":0.912}
            … 1.5 s
            app     ◀── POST /next
            app      ── 200  Pause, Stop, Pause ──▶
            … 1 s
            usera    ── "two" ──▶
            … 1.5 s
            app     ◀── POST /told  TranscriptionEvent=transcription-content  SequenceId=3  TranscriptionData={"transcript":"two","confidence":0.912}
            … 1.5 s
            usera    ·  transcription ends
            app     ◀── POST /told  TranscriptionEvent=transcription-stopped  SequenceId=4
            usera    ── "three" ──▶
            … 3 s
            usera    ── "four" ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn it_begins_with_the_answer_that_comes_later() {
    check(
        &[r#"
            app /voice <Start><Transcription track="outbound_track" statusCallbackUrl="/told"/></Start><Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            usera calls, agent-a rings 2s, answers
            agent-a says "hello" for 1s
            wait 2s
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 2 s
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera    ·  transcription begins
            app     ◀── POST /told  TranscriptionEvent=transcription-started
            usera ⇄ agent-a
            agent-a  ── "hello" ──▶
            … 2 s
            app     ◀── POST /told  TranscriptionEvent=transcription-content  TranscriptionData={"transcript":"hello","confidence":0.912}
            … 1 s
            usera    ── BYE ──▶
            agent-a ◀── BYE
            app     ◀── POST /told  TranscriptionEvent=transcription-stopped
        "#]],
    );
}

#[test]
fn who_never_answers_is_never_heard() {
    check(
        &[r#"
            app /voice <Start><Transcription statusCallbackUrl="/told"/></Start><Reject/>
            app /told ok
            usera calls
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Reject ──▶
            usera   ◀── 404 Not Found
        "#]],
    );
}

#[test]
fn a_recogniser_that_fails_is_told_and_given_up_at_last() {
    check(
        &[r#"
            app /voice <Start><Transcription track="inbound_track" statusCallbackUrl="/told"/></Start><Say>hello</Say><Pause length="20"/>
            app /told ok
            show TranscriptionErrorCode, TranscriptionError, SequenceId, alerts
            recogniser fails
            usera calls, says "one" for 500ms
            wait 2s
            recogniser works
            usera says "two" for 500ms
            wait 2s
            recogniser fails
            usera says "three" for 500ms
            wait 2s
            usera says "four" for 500ms
            wait 2s
            usera says "five" for 500ms
            wait 2s
            usera says "six" for 500ms
            wait 12s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            usera   ◀── 200 OK
            usera    ·  transcription begins
            app     ◀── POST /told  TranscriptionEvent=transcription-started  SequenceId=1
            usera    ♪  audio of ours
            usera    ── "one" ──▶
            … 1 s
            usera    ♪  silence
            app      ·  alert 32651 error
            The recogniser of a real-time transcription failed. the recogniser is broken. Install pocketsphinx and pocketsphinx-en-us, or mend the endpoint of [recognition].
            app     ◀── POST /told  TranscriptionEvent=transcription-error  SequenceId=2  TranscriptionErrorCode=32651  TranscriptionError=the recogniser is broken
            … 1.5 s
            usera    ── "two" ──▶
            … 1.5 s
            app     ◀── POST /told  TranscriptionEvent=transcription-content  SequenceId=3  TranscriptionData={"transcript":"two","confidence":0.912}
            … 1.5 s
            usera    ── "three" ──▶
            … 1.5 s
            app      ·  alert 32651 error
            The recogniser of a real-time transcription failed. the recogniser is broken. Install pocketsphinx and pocketsphinx-en-us, or mend the endpoint of [recognition].
            app     ◀── POST /told  TranscriptionEvent=transcription-error  SequenceId=4  TranscriptionErrorCode=32651  TranscriptionError=the recogniser is broken
            … 1.5 s
            usera    ── "four" ──▶
            … 1.5 s
            app      ·  alert 32651 error
            The recogniser of a real-time transcription failed. the recogniser is broken. Install pocketsphinx and pocketsphinx-en-us, or mend the endpoint of [recognition].
            app     ◀── POST /told  TranscriptionEvent=transcription-error  SequenceId=5  TranscriptionErrorCode=32651  TranscriptionError=the recogniser is broken
            … 1.5 s
            usera    ── "five" ──▶
            … 1.5 s
            app      ·  alert 32651 error
            The recogniser of a real-time transcription failed. the recogniser is broken. Install pocketsphinx and pocketsphinx-en-us, or mend the endpoint of [recognition].
            app     ◀── POST /told  TranscriptionEvent=transcription-error  SequenceId=6  TranscriptionErrorCode=32651  TranscriptionError=the recogniser is broken
            app     ◀── POST /told  TranscriptionEvent=transcription-stopped  SequenceId=7
            … 1.5 s
            usera    ── "six" ──▶
            … 6 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn last_words_are_not_awaited_for_ever() {
    check(
        &[r#"
            app /voice <Start><Transcription track="inbound_track" statusCallbackUrl="/told"/></Start><Say>hello</Say><Pause length="20"/>
            app /told ok
            recogniser takes 40s
            usera calls, says "one" for 500ms
            usera hangs up
            wait 45s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            usera   ◀── 200 OK
            usera    ·  transcription begins
            app     ◀── POST /told  TranscriptionEvent=transcription-started
            usera    ♪  audio of ours
            usera    ── "one" ──▶
            … 1 s
            usera    ♪  silence
            usera    ── BYE ──▶
            … 20 s
            app      ·  alert 91340 error
            app     ◀── POST /told  TranscriptionEvent=transcription-stopped
        "#]],
    );
}

#[test]
fn names_are_used_once_and_few_go_on_at_a_time() {
    check(
        &[r#"
            app /voice <Start><Transcription name="a" track="inbound_track" statusCallbackUrl="/a"/><Transcription name="a"/><Transcription track="outbound_track"/><Transcription/></Start><Stop><Transcription name="b"/><Transcription name="a"/></Stop><Start><Transcription name="a" statusCallbackUrl="/b"/></Start><Say>hello</Say><Pause length="2"/>
            app /a ok
            app /b ok
            show Name, alerts
            usera calls
            wait 5s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Stop, Start, Say, Pause ──▶
            app      ·  alert 32650 error
            A real-time transcription can not be made as it is asked for. <Start><Transcription> while another one of its name goes on. Write a language that a recogniser here understands, and each name once: docs/speech.md.
            app      ·  alert 32650 error
            A real-time transcription can not be made as it is asked for. <Start><Transcription> while as many as may go on already. Write a language that a recogniser here understands, and each name once: docs/speech.md.
            app      ·  alert 32650 warning
            A real-time transcription can not be made as it is asked for. <Stop><Transcription name="b">: none of that name goes on. Write a language that a recogniser here understands, and each name once: docs/speech.md.
            usera   ◀── 200 OK
            usera    ·  transcription begins
            usera    ·  transcription begins
            app     ◀── POST /b  TranscriptionEvent=transcription-started  Name=a
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 2 s
            usera   ◀── BYE
            app     ◀── POST /b  TranscriptionEvent=transcription-stopped
        "#]],
    );
}

#[test]
fn who_is_transferred_is_told_on() {
    check(
        &[r#"
            app /voice <Start><Transcription statusCallbackUrl="/told"/></Start><Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /told ok
            show Track
            usera calls, agent-a answers
            agent-a refers to sip:agent-b
            agent-b answers
            wait 1s
            agent-b says "how can i help" for 1s
            wait 2s
            usera says "i lost my card" for 1s
            wait 2s
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Dial ──▶
            usera   ◀── 200 OK
            usera    ·  transcription begins
            app     ◀── POST /told  TranscriptionEvent=transcription-started  Track=both_tracks
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 1 s
            agent-b  ── "how can i help" ──▶
            … 2 s
            app     ◀── POST /told  TranscriptionEvent=transcription-content  Track=outbound_track  TranscriptionData={"transcript":"how can i help","confidence":0.912}
            … 1 s
            usera    ── "i lost my card" ──▶
            … 2 s
            app     ◀── POST /told  TranscriptionEvent=transcription-content  Track=inbound_track  TranscriptionData={"transcript":"i lost my card","confidence":0.912}
            … 1 s
            usera    ── BYE ──▶
            agent-b ◀── BYE
            app     ◀── POST /told  TranscriptionEvent=transcription-stopped
        "#]],
    );
}

#[test]
fn a_url_that_can_not_be_used_tells_nobody() {
    check(
        &[r#"
            app /voice <Start><Transcription statusCallbackUrl="http://:80:80/"/></Start><Say>hello</Say><Pause length="2"/>
            show alerts
            usera calls, says "one" for 500ms
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            app      ·  alert 11100 error
            The URL can not be used. <Transcription statusCallbackUrl="http://:80:80/">. Write an absolute http or https URL.
            usera   ◀── 200 OK
            usera    ·  transcription begins
            usera    ♪  audio of ours
            usera    ── "one" ──▶
            … 1 s
            usera    ♪  silence
            … 2 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn its_parameters_come_back_with_every_event() {
    check(
        &[r#"
            app /voice <Start><Transcription statusCallbackUrl="/told" track="inbound_track"><Parameter name="Case" value="7"/></Transcription></Start><Say>hello</Say><Pause length="3"/>
            app /told ok
            show Param_Case
            usera calls, says "my account" for 1s
            wait 5s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            usera   ◀── 200 OK
            usera    ·  transcription begins
            app     ◀── POST /told  TranscriptionEvent=transcription-started  Param_Case=7
            usera    ♪  audio of ours
            usera    ── "my account" ──▶
            … 1 s
            usera    ♪  silence
            … 1 s
            app     ◀── POST /told  TranscriptionEvent=transcription-content  TranscriptionData={"transcript":"my account","confidence":0.912}  Param_Case=7
            … 2 s
            usera   ◀── BYE
            app     ◀── POST /told  TranscriptionEvent=transcription-stopped  Param_Case=7
        "#]],
    );
}
