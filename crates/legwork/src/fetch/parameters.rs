//! The parameters of a webhook as an application receives them: in the query or in a form.
//!
//! Not here: which parameters there are (`legwork-call`, `webhook`), signing (`sign`).
//! Source: Twilio, "TwiML for Programmable Voice", "Twilio's request to your application".

use std::borrow::Cow;

use url::Url;
use url::form_urlencoded::Serializer;

/// Name and value, not encoded.
pub type Parameter = (Cow<'static, str>, String);

/// A form body.
pub fn form(parameters: &[Parameter]) -> String {
    let room = parameters.iter().map(|(name, value)| name.len() + value.len() + 8).sum();
    let mut form = Serializer::new(String::with_capacity(room));
    for (name, value) in parameters {
        form.append_pair(name, value);
    }
    form.finish()
}

/// Puts the parameters behind what the query holds already.
pub fn append_to_query(url: &mut Url, parameters: &[Parameter]) {
    if parameters.is_empty() {
        return;
    }
    let more = form(parameters);
    let query = match url.query() {
        Some(query) if !query.is_empty() => format!("{query}&{more}"),
        Some(_) | None => more,
    };
    url.set_query(Some(&query));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_follow_the_query() {
        let parameters = [
            (Cow::Borrowed("From"), "+1415".to_owned()),
            (Cow::Borrowed("N"), "a b&c=ü".to_owned()),
        ];
        let encoded = "From=%2B1415&N=a+b%26c%3D%C3%BC";
        let table = [
            ("http://a.example/x", format!("http://a.example/x?{encoded}")),
            ("http://a.example/x?", format!("http://a.example/x?{encoded}")),
            ("http://a.example/x?b=1%202", format!("http://a.example/x?b=1%202&{encoded}")),
        ];
        for (before, after) in table {
            let mut url = Url::parse(before).unwrap();
            append_to_query(&mut url, &parameters);
            assert_eq!(url.as_str(), after);
        }
        assert_eq!(form(&parameters), encoded);
    }
}
