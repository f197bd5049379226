//! Nothing is allocated per packet: codecs, losses and rates, once they are under way.
//!
//! Not here: what comes out (`tests/codecs.rs`); libopus, which works on the stack.
#![expect(unsafe_code, reason = "counting allocations needs a global allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use legwork_media::codec::{Decoder, Encoder, PAYLOAD_BYTES, SOUND_MAX};
use legwork_media::offer_answer::Codec;
use legwork_media::resample::Fit;
use legwork_media::{Frame, Rate};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        BYTES.set(BYTES.get() + layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const CODECS: [Codec; 4] = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus];

/// 20 ms of a loss.
fn conceal(decoder: &mut Decoder, next: Option<&[u8]>, out: &mut [i16; SOUND_MAX]) -> usize {
    let n_samples = decoder.rate().frame();
    decoder.conceal(next, n_samples, out)
}

#[test]
fn nothing_is_allocated_per_packet() {
    for codec in CODECS {
        let (mut encoder, mut decoder) = (Encoder::new(codec), Decoder::new(codec));
        let mut fit = Fit::default();
        let (mut payload, mut out) = ([0; PAYLOAD_BYTES], [0; SOUND_MAX]);
        let mut frames = [Frame::silent(Rate::Narrow), Frame::silent(Rate::Wide)];
        frames.iter_mut().for_each(|frame| frame.samples_mut()[7] = 9000);
        let mut work = || {
            for frame in &frames {
                let n_bytes = encoder.encode(frame, &mut payload);
                decoder.decode(&payload[..n_bytes], &mut out);
                conceal(&mut decoder, Some(&payload[..n_bytes]), &mut out);
                conceal(&mut decoder, None, &mut out);
                decoder.handle_comfort_noise(&[60]);
                decoder.decode(&[0xff; 1500], &mut out);
                fit.fit(frame, Rate::Wide);
                fit.fit(frame, Rate::Narrow);
            }
        };
        work();
        let before = ALLOCATIONS.get();
        (0..50).for_each(|_| work());
        assert_eq!(ALLOCATIONS.get(), before, "{codec:?}");
    }
}

/// What the documentation of both says; Opus has its state from another allocator.
#[test]
fn states_are_as_large_as_they_say() {
    for (codec, decoder, encoder) in [
        (Codec::Pcmu, 3300, 0),
        (Codec::Pcma, 3300, 0),
        (Codec::G722, 3600, 300),
        (Codec::Opus, 0, 0),
    ] {
        let before = BYTES.get();
        let _decoder = Decoder::new(codec);
        let decoders = BYTES.get() - before;
        let _encoder = Encoder::new(codec);
        let encoders = BYTES.get() - before - decoders;
        assert!(decoders <= decoder && decoders + 200 > decoder, "{codec:?} {decoders}");
        assert!(encoders <= encoder && encoders + 100 > encoder, "{codec:?} {encoders}");
    }
    assert_eq!((size_of::<Decoder>(), size_of::<Encoder>()), (16, 32));
}
