//! Pieces made in parallel and written one after another, so that a file or pipe gets the same bytes whatever the threads do.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::Interrupt;

/// Bytes that are made and not yet written, about.
const WAITING_BYTES: u64 = 128 << 20;
/// Pieces for each thread that are begun and not yet written, at most.
const PIECES_PER_THREAD: u64 = 16;

/// Bytes that are set aside for a piece beforehand, at most.
const MOST_RESERVED: u64 = 16 << 20;

/// Makes pieces of some `piece_bytes` each in parallel and writes them in their order; the sum of what `make` counted in them. Memory
/// is bounded: some 128 MB, or one piece a thread where that is more. A slow reader slows the making down.
///
/// # Errors
/// The first error of `make`, or the [`std::io::Error`] of the writer, or that somebody pressed Ctrl-C.
pub(super) fn write_in_order(
    pieces: Range<u64>,
    piece_bytes: u64,
    interrupt: &Interrupt,
    out: &mut impl Write,
    make: impl Fn(u64, &mut Vec<u8>) -> anyhow::Result<u64> + Sync,
) -> anyhow::Result<u64> {
    let threads = rayon::current_num_threads() as u64;
    let window = (WAITING_BYTES / piece_bytes.max(1)).clamp(threads, threads * PIECES_PER_THREAD);
    let bench = Bench {
        state: Mutex::new(State { next: pieces.start, made: BTreeMap::new(), ended: None }),
        changed: Condvar::new(),
    };
    let to_begin = AtomicU64::new(pieces.start);
    let work = || {
        let _on_panic = EndOnPanic(&bench);
        loop {
            let piece = to_begin.fetch_add(1, Ordering::Relaxed);
            // Whoever has the piece that is written next never waits here, so that there is always one.
            if piece >= pieces.end || !bench.wait_for_place(piece, window) {
                return;
            }
            let mut bytes = Vec::with_capacity(piece_bytes.min(MOST_RESERVED) as usize);
            match interrupt.check().and_then(|()| make(piece, &mut bytes)) {
                Ok(counted) => bench.put(piece, (bytes, counted)),
                Err(error) => return bench.end(Some(error)),
            }
        }
    };
    let mut sum = 0;
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
        for piece in pieces.clone() {
            let Some((bytes, counted)) = bench.take(piece) else { break };
            sum += counted;
            if let Err(error) = out.write_all(&bytes) {
                bench.end(Some(error.into()));
                break;
            }
        }
    });
    match bench.lock().ended.take() {
        Some(Some(error)) => Err(error),
        Some(None) | None => Ok(out.flush().map(|()| sum)?),
    }
}

/// Where made pieces lie until their turn comes.
struct Bench {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// The piece that is written next.
    next: u64,
    /// What is made, with its count.
    made: BTreeMap<u64, (Vec<u8>, u64)>,
    /// Set when nothing more is to be done, with the reason if it is an error.
    ended: Option<Option<anyhow::Error>>,
}

impl Bench {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(&self, condition: impl FnMut(&mut State) -> bool) -> MutexGuard<'_, State> {
        self.changed.wait_while(self.lock(), condition).unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the piece is among the next few; false when it is no longer wanted.
    fn wait_for_place(&self, piece: u64, window: u64) -> bool {
        self.wait_while(|s| s.ended.is_none() && piece >= s.next + window).ended.is_none()
    }

    fn put(&self, piece: u64, made: (Vec<u8>, u64)) {
        self.lock().made.insert(piece, made);
        self.changed.notify_all();
    }

    /// Waits for the piece; `None` when it will not come.
    fn take(&self, piece: u64) -> Option<(Vec<u8>, u64)> {
        let mut state = self.wait_while(|s| s.ended.is_none() && !s.made.contains_key(&piece));
        let made = state.made.remove(&piece).filter(|_| state.ended.is_none());
        state.next = piece + 1;
        self.changed.notify_all();
        made
    }

    fn end(&self, reason: Option<anyhow::Error>) {
        self.lock().ended.get_or_insert(reason);
        self.changed.notify_all();
    }
}

/// Lets nobody wait for a thread that is no more; the panic itself goes on.
struct EndOnPanic<'a>(&'a Bench);

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn pieces_come_in_their_order_however_many_fit_a_batch() {
        for piece_bytes in [0, 1, u64::MAX] {
            let mut out = Vec::new();
            let make = |piece: u64, bytes: &mut Vec<u8>| {
                bytes.extend(piece.to_le_bytes());
                Ok(piece)
            };
            let counted = write_in_order(3..500, piece_bytes, &Interrupt::listen(), &mut out, make).unwrap();
            assert_eq!(out, (3..500_u64).flat_map(u64::to_le_bytes).collect::<Vec<_>>());
            assert_eq!(counted, (3..500).sum::<u64>());
        }
    }

    #[test]
    fn an_error_of_the_maker_or_of_the_writer_ends_it() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let make = |piece: u64, bytes: &mut Vec<u8>| {
            bytes.push(1);
            if piece == 70 { Err(anyhow!("seventy")) } else { Ok(0) }
        };
        let error = write_in_order(0..100, 1, &Interrupt::listen(), &mut Vec::new(), make).unwrap_err();
        assert_eq!(error.to_string(), "seventy");
        let error = write_in_order(0..1_000_000, 1, &Interrupt::listen(), &mut Full, |_, bytes| {
            bytes.push(1);
            Ok(0)
        });
        let error = error.unwrap_err();
        assert_eq!(
            error.downcast_ref::<std::io::Error>().map(std::io::Error::kind),
            Some(std::io::ErrorKind::StorageFull)
        );
    }

    #[test]
    fn no_more_is_made_ahead_than_has_its_place() {
        use std::sync::atomic::AtomicU64;
        struct Slow<'a>(&'a AtomicU64, u64);
        impl Write for Slow<'_> {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                std::thread::sleep(std::time::Duration::from_micros(200));
                let ahead = self.0.fetch_sub(1, Ordering::SeqCst);
                self.1 = self.1.max(ahead);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let made = AtomicU64::new(0);
        let mut out = Slow(&made, 0);
        let make = |_: u64, bytes: &mut Vec<u8>| {
            bytes.push(1);
            made.fetch_add(1, Ordering::SeqCst);
            Ok(0)
        };
        write_in_order(0..400, 0, &Interrupt::listen(), &mut out, make).unwrap();
        // The one that is being written has left its place.
        assert!(out.1 <= rayon::current_num_threads() as u64 * PIECES_PER_THREAD + 1, "{}", out.1);
    }
}
