//! How long packets are under way, compared with each other: the depth a buffer needs.
//!
//! Not here: packets (`jitter`).

/// Delays are looked at in blocks of this, µs.
const BLOCK: i64 = 2_000_000;

/// The blocks that count.
const BLOCKS: usize = 4;

/// The depth, µs: least, most, and until there was time to measure.
const DEPTH: (i64, i64) = (20_000, 200_000);
const FIRST: i64 = 40_000;

/// If none of so many packets of a block comes near the least delay any more, they take another way
/// than those before: what was measured of that one counts no more.
const ELSEWHERE: u32 = 25;

/// Beyond the delay that is to be waited for, µs.
const MARGIN: i64 = 2000;

/// Arrivals less timestamps, µs: what they are beside a constant nobody knows.
#[derive(Clone, Debug)]
pub(super) struct Delays {
    blocks: [Block; BLOCKS],
    current: usize,
    /// When the current block began.
    since: i64,
    /// Not even one block is whole.
    is_young: bool,
    least: i64,
    depth: i64,
    /// The depth is this at least.
    floor: i64,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    n: u32,
    least: i64,
    most: i64,
    /// One of a hundred packets may come too late; it is heard less than a delay of its length.
    second: i64,
}

const EMPTY: Block = Block { n: 0, least: i64::MAX, most: i64::MIN, second: i64::MIN };

impl Default for Delays {
    fn default() -> Self {
        let blocks = [EMPTY; BLOCKS];
        Self { blocks, current: 0, since: 0, is_young: true, least: 0, depth: FIRST, floor: 0 }
    }
}

impl Delays {
    /// A packet arrived at this time, after this delay.
    pub(super) fn note(&mut self, at: i64, delay: i64) {
        if at - self.since >= BLOCK {
            self.is_young &= self.blocks.iter().all(|block| block.least == i64::MAX);
            self.current = (self.current + 1) % BLOCKS;
            self.since = at;
            if let Some(block) = self.blocks.get_mut(self.current) {
                *block = EMPTY;
            }
        }
        let Some(block) = self.blocks.get_mut(self.current) else { return };
        block.n = block.n.saturating_add(1);
        block.least = block.least.min(delay);
        if delay >= block.most {
            block.second = std::mem::replace(&mut block.most, delay);
        } else {
            block.second = block.second.max(delay);
        }
        let now = *block;
        if now.n >= ELSEWHERE && now.least - self.least > DEPTH.1 {
            self.blocks = [EMPTY; BLOCKS];
            if let Some(block) = self.blocks.get_mut(self.current) {
                *block = now;
            }
        }
        let blocks = self.blocks.iter().filter(|block| block.least != i64::MAX);
        self.least = blocks.clone().map(|block| block.least).min().unwrap_or(0);
        let most = blocks.map(|block| block.second.max(block.least)).max().unwrap_or(0);
        let first = if self.is_young { FIRST } else { DEPTH.0 };
        self.depth = (most - self.least + MARGIN).clamp(first, DEPTH.1);
    }

    /// The depth is at least this from now on.
    pub(super) fn set_floor(&mut self, floor: i64) {
        self.floor = floor.min(DEPTH.1);
    }

    /// The least delay.
    pub(super) fn least(&self) -> i64 {
        self.least
    }

    /// How much later than at its earliest a packet is to be played.
    pub(super) fn depth(&self) -> i64 {
        self.depth.max(self.floor)
    }
}
