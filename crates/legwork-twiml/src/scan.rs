//! One look over the tags before parsing: too deep, too many elements, attributes or
//! namespaces.
//!
//! Only refuses; what it lets through is parsed properly. It comes first because comparing every
//! attribute of an element with every other, and copying namespaces down a tree, are not linear.
//! Not here: well-formedness (`parse`).
//! Source: the limits in `limit`.

use crate::limit::{ATTRIBUTES_MAX, DEPTH_MAX, ELEMENTS_MAX, NAMESPACES_MAX};

/// What there is too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    Depth,
    Elements,
    Attributes,
    Namespaces,
}

/// The first tag that exceeds a limit, and its byte.
pub(crate) fn excess(document: &str) -> Option<(usize, Excess)> {
    let mut rest = document;
    let mut n_elements = 0;
    let mut n_namespaces = 0;
    let mut depth: usize = 0;
    while let Some((_, after)) = rest.split_once('<') {
        let at = document.len() - after.len() - 1;
        if let Some(comment) = after.strip_prefix("!--") {
            rest = past(comment, "-->");
        } else if let Some(data) = after.strip_prefix("![CDATA[") {
            rest = past(data, "]]>");
        } else if let Some(instruction) = after.strip_prefix('?') {
            rest = past(instruction, "?>");
        } else if let Some(end_tag) = after.strip_prefix('/') {
            depth = depth.saturating_sub(1);
            rest = past(end_tag, ">");
        } else {
            let Some(tag) = start_tag(after) else { return Some((at, Excess::Attributes)) };
            n_elements += 1;
            n_namespaces += tag.n_namespaces;
            if n_namespaces > NAMESPACES_MAX {
                return Some((at, Excess::Namespaces));
            }
            if n_elements > ELEMENTS_MAX {
                return Some((at, Excess::Elements));
            }
            if depth >= DEPTH_MAX {
                return Some((at, Excess::Depth));
            }
            depth += usize::from(!tag.is_empty);
            rest = tag.rest;
        }
    }
    None
}

struct StartTag<'a> {
    is_empty: bool,
    n_namespaces: usize,
    rest: &'a str,
}

/// Reads a start tag up to its `>`. `None`: too many attributes.
fn start_tag(after: &str) -> Option<StartTag<'_>> {
    let mut rest = after;
    let mut n_attributes = 0;
    let mut n_namespaces = 0;
    while let Some(at) = rest.find(['"', '\'', '>']) {
        let (before, mark) = rest.split_at_checked(at)?;
        if let Some(rest) = mark.strip_prefix('>') {
            return Some(StartTag { is_empty: before.ends_with('/'), n_namespaces, rest });
        }
        n_attributes += 1;
        n_namespaces += usize::from(before.contains("xmlns"));
        if n_attributes > ATTRIBUTES_MAX {
            return None;
        }
        rest = match mark.strip_prefix('"') {
            Some(value) => past(value, "\""),
            None => past(mark.strip_prefix('\'').unwrap_or_default(), "'"),
        };
    }
    Some(StartTag { is_empty: true, n_namespaces, rest: "" })
}

fn past<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_at_the_edge() {
        let deep = |n: usize| "<a>".repeat(n) + &"</a>".repeat(n);
        let wide = |n: usize| format!("<a>{}</a>", "<b/>".repeat(n - 1));
        let attributes = |n: usize| format!("<a{}/>", " b='>'".repeat(n));
        let namespaces = |n: usize| format!("<a>{}</a>", "<b xmlns:c='d'/>".repeat(n));
        let cases = [
            (namespaces(NAMESPACES_MAX), None),
            (namespaces(NAMESPACES_MAX + 1), Some((3 + NAMESPACES_MAX * 16, Excess::Namespaces))),
            (deep(DEPTH_MAX), None),
            (deep(DEPTH_MAX + 1), Some((DEPTH_MAX * 3, Excess::Depth))),
            (wide(ELEMENTS_MAX), None),
            (wide(ELEMENTS_MAX + 1), Some((3 + (ELEMENTS_MAX - 1) * 4, Excess::Elements))),
            (attributes(ATTRIBUTES_MAX), None),
            (attributes(ATTRIBUTES_MAX + 1), Some((0, Excess::Attributes))),
        ];
        for (document, want) in cases {
            assert_eq!(excess(&document), want, "{document:.60}");
        }
    }

    #[test]
    fn what_looks_like_tags_in_comments_data_and_values_is_none() {
        let tags = "<a>".repeat(DEPTH_MAX + 1);
        for document in [
            format!("<a><!--{tags}--></a>"),
            format!("<a><![CDATA[{tags}]]></a>"),
            format!("<a><?x {tags}?></a>"),
            format!("<a b='{tags}' c=\"{tags}\"/>"),
        ] {
            assert_eq!(excess(&document), None, "{document:.40}");
        }
    }

    #[test]
    fn broken_ends_are_left_to_the_parser() {
        for document in ["<", "<a", "<a b='", "<!--", "<![CDATA[", "<?", "</", "</a></a><b/>", ">"]
        {
            assert_eq!(excess(document), None, "{document}");
        }
    }
}
