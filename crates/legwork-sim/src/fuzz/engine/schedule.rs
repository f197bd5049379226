//! A schedule's bytes, read one after the other; behind their end everything is nothing.
//!
//! Not here: what they mean (`engine`).

/// What is left of it.
pub(super) struct Schedule<'a> {
    rest: &'a [u8],
}

impl<'a> Schedule<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_over(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next byte; 0 behind the end.
    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    /// As many bytes as the next two say, or as there are.
    pub(super) fn text(&mut self) -> &'a [u8] {
        let len = usize::from(u16::from_be_bytes([self.byte() & 0x0f, self.byte()]));
        let (text, rest) = self.rest.split_at(len.min(self.rest.len()));
        self.rest = rest;
        text
    }

    /// One of them, as the next byte says.
    pub(super) fn pick<T: Copy + Default>(&mut self, of: &[T]) -> T {
        let at = usize::from(self.byte()) % of.len().max(1);
        of.get(at).copied().unwrap_or_default()
    }
}
