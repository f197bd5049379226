//! docs/webhooks.md lists the codes as the table of alerts has them.
//!
//! `UPDATE_EXPECT=1` writes them there.

use std::fmt::Write as _;

use legwork_call::alert::TABLE;

#[test]
fn the_codes_are_those_of_the_alerts() {
    let (begin, end) = ("<!-- codes -->\n", "<!-- /codes -->");
    let page = include_str!("../../../../../docs/webhooks.md");
    let (head, rest) = page.split_once(begin).unwrap();
    let (_, tail) = rest.split_once(end).unwrap();
    let mut codes = "| code | level | what happened | what to do |\n|---|---|---|---|\n".to_owned();
    for entry in TABLE
        .iter()
        .filter(|entry| (11_000..13_000).contains(&entry.code) || entry.code / 10 == 1_500)
    {
        let (code, level) = (entry.code, entry.level.as_str());
        let [what, cure] = [entry.what, entry.cure].map(|text| text.replace('<', "&lt;"));
        writeln!(codes, "| {code} | {level} | {what} | {cure} |").unwrap();
    }
    let expected = format!("{head}{begin}{codes}{end}{tail}");
    expect_test::expect_file!["../../../../../docs/webhooks.md"].assert_eq(&expected);
}
