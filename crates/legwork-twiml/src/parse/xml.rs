//! Bytes that are text to a tree of XML, or the one fault that forbids it.
//!
//! Not here: what the elements mean (`parse`).
//! Source: XML 1.0; Twilio, errors 12100 and 12101.

use roxmltree::{Document, Error};

use crate::limit::{ATTRIBUTES_MAX, DEPTH_MAX, ELEMENTS_MAX, NAMESPACES_MAX};
use crate::problem::{PARSE, Problems, XML_VERSION, shown};
use crate::scan::{Excess, excess};

/// Why there is no tree.
pub(super) struct Fault {
    pub(super) code: u32,
    /// Line and column.
    pub(super) place: (u32, u32),
    pub(super) text: String,
}

/// Reads a document. A DTD is refused, which is the XML library's default.
pub(super) fn read(document: &str) -> Result<Document<'_>, Fault> {
    let mut places = Problems::new(document);
    if let Some(version) = foreign_version(document) {
        let text = format!("the XML version is \"{}\"; write 1.0", shown(version));
        return Err(Fault { code: XML_VERSION, place: (1, 1), text });
    }
    if let Some((at, excess)) = excess(document) {
        let text = match excess {
            Excess::Depth => format!("elements are more than {DEPTH_MAX} deep"),
            Excess::Elements => format!("there are more than {ELEMENTS_MAX} elements"),
            Excess::Attributes => format!("an element has more than {ATTRIBUTES_MAX} attributes"),
            Excess::Namespaces => format!("there are more than {NAMESPACES_MAX} namespaces"),
        };
        return Err(Fault { code: PARSE, place: places.place(at), text });
    }
    Document::parse(document).map_err(|error| {
        let place = if matches!(error, Error::DtdDetected) {
            places.place(document.find("<!DOCTYPE").unwrap_or(0))
        } else if matches!(error, Error::UnclosedRootNode) {
            places.place(document.len())
        } else {
            (error.pos().row, error.pos().col)
        };
        Fault { code: PARSE, place, text: words(&error) }
    })
}

/// The version in the XML declaration, when it is not 1.x.
fn foreign_version(document: &str) -> Option<&str> {
    let (declaration, _) = document.strip_prefix("<?xml ")?.split_once("?>")?;
    let (_, after) = declaration.split_once("version")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (version, _) = value.strip_prefix(quote)?.split_once(quote)?;
    (!version.starts_with("1.")).then_some(version)
}

/// The fault and what to do about it.
fn words(error: &Error) -> String {
    match error {
        Error::NoRootNode => "there is no element; write <Response/> at least".to_owned(),
        Error::UnclosedRootNode => "the document ends inside an element; close it".to_owned(),
        Error::UnexpectedDeclaration(_) => {
            "<?xml …?> must be the first thing in the document; remove what is before it".to_owned()
        }
        Error::DtdDetected => "a document type (<!DOCTYPE) is refused; remove it".to_owned(),
        Error::UnexpectedCloseTag(expected, actual, _) => {
            format!("</{}> closes <{}>", shown(actual), shown(expected))
        }
        Error::DuplicatedAttribute(name, _) => {
            format!("the attribute {} is given twice", shown(name))
        }
        Error::UnknownEntityReference(name, _) => {
            format!("the entity &{}; is unknown; write & as &amp;", shown(name))
        }
        Error::MalformedEntityReference(_) => "a lone &; write it as &amp;".to_owned(),
        Error::UnknownNamespace(prefix, _) => {
            format!("the prefix {} is not declared", shown(prefix))
        }
        Error::DuplicatedNamespace(prefix, _) => {
            format!("the prefix {} is declared twice", shown(prefix))
        }
        Error::InvalidAttributeValue(_) => "< in an attribute; write it as &lt;".to_owned(),
        Error::NonXmlChar(c, _) => {
            format!("the character {} may not stand in XML", c.escape_unicode())
        }
        Error::InvalidChar(expected, actual, _) => {
            let (expected, actual) = (char::from(*expected), char::from(*actual));
            format!("here is {actual:?} where {expected:?} is expected")
        }
        Error::InvalidChar2(expected, actual, _) => {
            format!("here is {:?} where {expected} is expected", char::from(*actual))
        }
        Error::InvalidString(expected, _) => format!("{expected} is expected here"),
        Error::InvalidName(_) => "here should be a name".to_owned(),
        Error::InvalidComment(_) => "a comment has -- inside or no end".to_owned(),
        Error::InvalidCharacterData(_) => "]]> in text; write it as ]]&gt;".to_owned(),
        Error::UnexpectedEndOfStream => "the document ends too early".to_owned(),
        Error::UnknownToken(_) => "this is not XML".to_owned(),
        Error::NodesLimitReached
        | Error::AttributesLimitReached
        | Error::NamespacesLimitReached => "the document has too many parts".to_owned(),
        Error::InvalidXmlPrefixUri(_)
        | Error::UnexpectedXmlUri(_)
        | Error::UnexpectedXmlnsUri(_)
        | Error::InvalidElementNamePrefix(_) => "this namespace may not be used so".to_owned(),
        Error::UnexpectedEntityCloseTag(_)
        | Error::EntityReferenceLoop(_)
        | Error::InvalidExternalID(_)
        | Error::EntityResolver(_, _) => "this entity cannot be used".to_owned(),
    }
}
