//! `<Application>`: read, not run yet; the dial says so.

use expect_test::expect;

use crate::check;

#[test]
fn an_application_is_not_run_and_action_hears_of_it() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /after empty
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app      ·  alert 13750 error
            app     ◀── POST /after  DialCallStatus=failed
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}
