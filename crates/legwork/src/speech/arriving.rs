//! Bytes that are still coming, to be read by a decoder that waits for them.
//!
//! Decoders work on threads of their own, of which there may be many, for most of them wait; only a few
//! work at a time.
//! Not here: decoding (`decode`), fetching (`fetch`).
//! Source: ours.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::fetch::pour::Piece;

/// The bytes.
#[derive(Debug)]
pub(crate) struct Arriving {
    pieces: mpsc::Receiver<Piece>,
    current: Bytes,
    runtime: Handle,
    turns: Arc<Semaphore>,
    turn: Option<OwnedSemaphorePermit>,
}

impl Arriving {
    /// To be read on a thread that may wait.
    pub(crate) fn new(
        pieces: mpsc::Receiver<Piece>,
        runtime: Handle,
        turns: Arc<Semaphore>,
    ) -> Self {
        Self { pieces, current: Bytes::new(), runtime, turns, turn: None }
    }

    /// The next piece. While there is none, another decoder may work.
    fn next(&mut self) -> Option<Piece> {
        if let Ok(piece) = self.pieces.try_recv() {
            return Some(piece);
        }
        self.turn = None;
        self.pieces.blocking_recv()
    }
}

impl Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.next() {
                Some(Piece::Bytes(bytes)) => self.current = bytes,
                Some(Piece::Spout(_)) => {}
                None => return Ok(0),
            }
        }
        if self.turn.is_none() {
            // It fails when the server ends.
            let turn = self.runtime.block_on(Arc::clone(&self.turns).acquire_owned());
            self.turn = Some(turn.map_err(io::Error::other)?);
        }
        let n = buffer.len().min(self.current.len());
        self.current.copy_to_slice(buffer.get_mut(..n).unwrap_or_default());
        Ok(n)
    }
}
