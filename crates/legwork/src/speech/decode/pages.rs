//! The pages of an Ogg file on its way to whoever reads it: whether the last one that came was its last.
//!
//! Not here: what is in them (`container`).
//! Source: RFC 3533 §6.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes of a page before its table of segments.
const HEAD: usize = 27;
/// Where a page says that it is the last, and which bit does.
const FLAGS: usize = 5;
const LAST: u8 = 4;

/// The bytes as they are.
#[derive(Debug)]
pub(super) struct Pages<R> {
    file: R,
    /// Of the page that is being passed on: its head, then the lengths of its segments.
    head: Vec<u8>,
    /// Bytes of its body that are to come.
    left: usize,
    is_whole: Arc<AtomicBool>,
}

impl<R: Read> Pages<R> {
    /// The bytes of a file, and what will be true once they came as far as the end of a last page.
    pub(super) fn new(file: R) -> (Self, Arc<AtomicBool>) {
        let is_whole = Arc::<AtomicBool>::default();
        (Self { file, head: Vec::new(), left: 0, is_whole: Arc::clone(&is_whole) }, is_whole)
    }

    fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.left == 0 {
                let wanted = HEAD + self.head.get(HEAD - 1).map_or(0, |n| usize::from(*n));
                let n = wanted.saturating_sub(self.head.len()).min(bytes.len());
                let (of_head, rest) = bytes.split_at(n);
                self.head.extend_from_slice(of_head);
                bytes = rest;
                let wanted = HEAD + self.head.get(HEAD - 1).map_or(0, |n| usize::from(*n));
                if self.head.len() < wanted {
                    // More of it, or its table.
                    self.is_whole.store(false, Ordering::Relaxed);
                    continue;
                }
                let segments = self.head.get(HEAD..).unwrap_or_default();
                self.left = segments.iter().map(|length| usize::from(*length)).sum();
            }
            let n = self.left.min(bytes.len());
            bytes = bytes.split_at(n).1;
            self.left -= n;
            if self.left == 0 {
                let is_last = self.head.get(FLAGS).is_some_and(|flags| flags & LAST != 0);
                self.is_whole.store(is_last, Ordering::Relaxed);
                self.head.clear();
            }
        }
    }
}

impl<R: Read> Read for Pages<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.see(buffer.get(..n).unwrap_or_default());
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(flags: u8, segments: &[u8]) -> Vec<u8> {
        let mut page = b"OggS\0".to_vec();
        page.push(flags);
        page.extend([0; HEAD - 7]);
        page.push(u8::try_from(segments.len()).unwrap());
        page.extend(segments);
        page.resize(page.len() + segments.iter().map(|n| usize::from(*n)).sum::<usize>(), 7);
        page
    }

    #[test]
    fn a_file_is_whole_when_its_last_page_is() {
        let (first, last, empty) = (page(2, &[255, 9]), page(LAST, &[1]), page(LAST, &[]));
        let all = [first.clone(), last.clone()].concat();
        let table = [
            (all.clone(), true),
            (all[..all.len() - 1].to_vec(), false),
            (first.clone(), false),
            ([first.clone(), empty].concat(), true),
            // Streams end to end.
            ([all.clone(), first].concat(), false),
            ([all.clone(), all].concat(), true),
            (Vec::new(), false),
        ];
        for (file, expected) in table {
            for piece in [1, 7, 28, 1_000] {
                let (mut pages, is_whole) = Pages::new(io::Cursor::new(file.clone()));
                let mut buffer = vec![0; piece];
                while pages.read(&mut buffer).unwrap() > 0 {}
                assert_eq!(is_whole.load(Ordering::Relaxed), expected, "{file:?} by {piece}");
            }
        }
    }
}
