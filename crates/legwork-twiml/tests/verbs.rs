//! `docs/verbs.md`, written from the table: what this server does of TwiML.
//!
//! `UPDATE_EXPECT=1` writes it anew.
//! Not here: the rows (`src/verb.rs`, `src/noun.rs`, `src/beside.rs`, `src/ssml.rs`).
//! Source: the table.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use expect_test::expect_file;
use legwork_twiml::table::{Attribute, Built, Element, Kind, children, elements};

const INTRO: &str = "\
# TwiML: what there is and what not yet

Every verb, noun and attribute of TwiML has a line here. The server reads documents with the table this page is written \
from, so does `legwork check`, which tells before a call what the server would tell during one.

- **done**: it works as Twilio documents it.
- **partly**: it works but for what is said beside it.
- **not here**: it is known, its values are checked, and it does nothing. An attribute that is not here and is given \
another value than its default raises warning 12200 and the call goes on. A verb that is not here raises warning 13750 \
and the call goes on with the next one; a `Dial` with `WhatsApp` fails like one that reaches \
nobody, so that its `action` is asked. In the answer to a REFER one that would take the call over (`Pay`, such a \
`Dial`) makes the answer unusable (91307), and the call is given back.

A wrong value raises a warning with the code in its line, the default is used, and the call goes on. Unknown names and \
places raise 12200, or the code that an element has for what may not stand in it. A URL is judged when it is asked for. \
Values are trimmed; lists have blanks between; names are case-sensitive.
";

#[test]
fn the_page_is_what_the_table_says() {
    expect_file!["../../../docs/verbs.md"].assert_eq(&page());
}

#[test]
fn the_page_has_no_empty_cell() {
    for line in page().lines().filter(|line| line.starts_with('|')) {
        // A bar in a cell is escaped.
        let line = line.replace("\\|", "/");
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 6, "{line}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{line}");
    }
}

fn page() -> String {
    let mut page = INTRO.to_owned();
    summary(&mut page);
    for (title, parents) in PARTS {
        write!(page, "\n## {title}\n").unwrap();
        for row in elements().filter(|row| parents(row)) {
            section(&mut page, row);
        }
    }
    page
}

/// A part of the page and which elements stand in it.
type Part = (&'static str, fn(&Element) -> bool);

const PARTS: [Part; 4] = [
    ("Verbs", |row| row.parents.is_empty() || is_verb(row)),
    ("Inside Dial", |row| !is_verb(row) && is_below(row, "Dial")),
    ("Inside Say: SSML", |row| !is_verb(row) && is_below(row, "Say")),
    ("Inside the other verbs", |row| {
        !row.parents.is_empty() && !is_verb(row) && !is_below(row, "Dial") && !is_below(row, "Say")
    }),
];

fn is_verb(row: &Element) -> bool {
    // <Say> in <Gather> has a row of its own.
    row.parents.contains(&"Response") || row.name == "Say"
}

/// Whether all it stands in is `verb` or stands in it.
fn is_below(row: &Element, verb: &str) -> bool {
    !row.parents.is_empty()
        && row.parents.iter().all(|parent| {
            *parent == verb
                || *parent == row.name
                || elements()
                    .filter(|row| row.name == *parent)
                    .any(|row| row.parents.contains(&verb))
        })
}

fn summary(page: &mut String) {
    let [mut done, mut partly, mut missing] = [0; 3];
    for row in elements().filter(|row| !row.parents.is_empty()) {
        let of_element = std::iter::once(row.built);
        for built in of_element.chain(row.attributes.iter().map(|one| one.built)) {
            *match built {
                Built::Yes => &mut done,
                Built::Partly(_) => &mut partly,
                Built::No => &mut missing,
            } += 1;
        }
    }
    write!(page, "\nElements and attributes: {done} done, {partly} partly, {missing} not here.\n")
        .unwrap();
}

fn section(page: &mut String, row: &Element) {
    let is_one_of_several = elements().filter(|other| other.name == row.name).count() > 1;
    let place = match (is_one_of_several, row.parents) {
        (true, [parent]) => format!(" in {parent}"),
        (true, [first, second]) => format!(" in {first} and {second}"),
        (true, [first, ..]) => format!(" in {first} and others"),
        (true, []) | (false, _) => String::new(),
    };
    write!(page, "\n### {}{place}\n\n{}\n\n", row.name, row.doc).unwrap();
    writeln!(page, "- State: {}", state(row.built)).unwrap();
    if row.parents.is_empty() {
        writeln!(page, "- Stands: at the root").unwrap();
    } else {
        writeln!(page, "- Stands in: {}", row.parents.join(", ")).unwrap();
    }
    let inner: Vec<&str> = children(row.name)
        .filter(|child| child.parents.contains(&row.name))
        .map(|child| child.name)
        .collect();
    if row.text.is_empty() {
        writeln!(page, "- Text: none").unwrap();
    } else {
        writeln!(page, "- Text: {}", row.text).unwrap();
    }
    if inner.is_empty() || (row.name == "Sip" && row.parents == ["Refer"]) {
        writeln!(page, "- Holds: no elements").unwrap();
    } else {
        writeln!(page, "- Holds: {} (others: {})", inner.join(", "), row.nested).unwrap();
    }
    if row.attributes.is_empty() {
        writeln!(page, "- Attributes: none").unwrap();
        return;
    }
    writeln!(page, "\n| attribute | values | default | code for a wrong value | state | what |")
        .unwrap();
    writeln!(page, "|---|---|---|---|---|---|").unwrap();
    row.attributes.iter().for_each(|attribute| line(page, attribute));
}

fn line(page: &mut String, attribute: &Attribute) {
    let Attribute { name, kind, default, code, built, doc } = attribute;
    let default = if default.is_empty() { "none".to_owned() } else { format!("`{default}`") };
    let code = match (*kind == Kind::Url, kind.takes_anything()) {
        (true, _) => format!("{code}, when it is asked for"),
        (false, true) if *code == 12_200 => "any text holds".to_owned(),
        (false, true) => format!("{code}, when it is used"),
        (false, false) => code.to_string(),
    };
    let cells = [
        format!("`{name}`"),
        kind.expected().replace('|', "\\|"),
        default.replace('|', "\\|"),
        code,
        state(*built),
        doc.to_string(),
    ];
    writeln!(page, "| {} |", cells.join(" | ")).unwrap();
}

fn state(built: Built) -> String {
    match built {
        Built::Yes => "done".to_owned(),
        Built::Partly(words) => format!("partly: {words}"),
        Built::No => "not here".to_owned(),
    }
}
