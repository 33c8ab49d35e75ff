//! Pieces made in parallel and written one after another, so that a file or pipe gets the same bytes whatever the threads do.

use std::io::Write;
use std::ops::Range;
use std::sync::mpsc::sync_channel;

use anyhow::anyhow;
use rayon::prelude::*;

use super::Interrupt;

/// Bytes made before they are written: while one such batch goes out, the next is made, and no third is begun.
const BATCH_BYTES: u64 = 64 << 20;
/// Pieces a thread makes for a batch at most: more would not make the threads wait any less for each other.
const PIECES_PER_THREAD: u64 = 32;

/// Makes pieces of some `piece_bytes` each in parallel and writes them in their order; the sum of what `make` counted in them. Memory
/// is bounded: two batches of some 64 MB, or of one piece a thread where that is more. A slow reader slows the making down.
///
/// # Errors
/// The first error of `make`, or the [`std::io::Error`] of the writer, or that somebody pressed Ctrl-C.
pub(super) fn write_in_order(
    pieces: Range<u64>,
    piece_bytes: u64,
    interrupt: &Interrupt,
    out: &mut (impl Write + Send),
    make: impl Fn(u64, &mut Vec<u8>) -> anyhow::Result<u64> + Sync,
) -> anyhow::Result<u64> {
    let threads = rayon::current_num_threads() as u64;
    let batch = (BATCH_BYTES / piece_bytes.max(1)).clamp(threads, threads * PIECES_PER_THREAD);
    std::thread::scope(|scope| {
        let (to_writer, made) = sync_channel::<Vec<(Vec<u8>, u64)>>(0);
        let writer = scope.spawn(move || -> anyhow::Result<()> {
            for (bytes, _) in made.iter().flatten() {
                out.write_all(&bytes)?;
            }
            Ok(out.flush()?)
        });
        let mut counted = 0;
        let mut begin = pieces.start;
        while begin < pieces.end {
            interrupt.check()?;
            let end = (begin + batch).min(pieces.end);
            let made = (begin..end).into_par_iter().map(|piece| {
                interrupt.check()?;
                let mut bytes = Vec::new();
                make(piece, &mut bytes).map(|counted| (bytes, counted))
            });
            let made = made.collect::<anyhow::Result<Vec<_>>>()?;
            counted += made.iter().map(|piece| piece.1).sum::<u64>();
            if to_writer.send(made).is_err() {
                // The writer has given up, and says why below.
                break;
            }
            begin = end;
        }
        drop(to_writer);
        writer.join().map_err(|_| anyhow!("the thread that writes has failed"))??;
        Ok(counted)
    })
}

#[cfg(test)]
mod tests {
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
}
