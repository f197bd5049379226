//! How a phone words its messages, where phones differ and the standard lets them.
//!
//! Not here: what it says when (`incoming`, `outgoing`).

/// What is in its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Habits {
    /// Its REFERs have a Referred-By.
    pub names_referrer: bool,
    /// Its refusals have reason phrases.
    pub gives_reasons: bool,
    /// The tags of its calls have a `+`.
    pub has_plus_tags: bool,
    /// Header lines of its final answers.
    pub adds: Vec<String>,
}

impl Default for Habits {
    fn default() -> Self {
        let adds = Vec::new();
        Self { names_referrer: true, gives_reasons: true, has_plus_tags: false, adds }
    }
}
