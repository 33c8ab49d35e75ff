//! Many items into a few files, made in parallel and written in order.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

use anyhow::{Context, anyhow};
use indicatif::ProgressBar;
use rayon::prelude::*;

use super::super::{Interrupt, OutFile};

/// Chunks that one thread makes before they are written: enough that threads seldom wait for each other.
const CHUNKS_PER_THREAD: usize = 4;

/// A file under way: what stands before, between and after its items.
pub(super) struct Output {
    pub(super) path: PathBuf,
    pub(super) head: Vec<u8>,
    pub(super) between: &'static [u8],
    pub(super) tail: &'static [u8],
}

impl Output {
    /// A JSON object: this one, whose closing brace is left away, with a list of items under `key` at its end.
    pub(super) fn list(path: PathBuf, object: &serde_json::Value, key: &str) -> anyhow::Result<Self> {
        let mut head = serde_json::to_vec(object)?;
        head.pop();
        writeln!(head, ",\"{key}\":[")?;
        Ok(Self { path, head, between: b",\n", tail: b"\n]}\n" })
    }
}

/// Makes items `0..count` in parallel, in chunks of `chunk`, and writes them in their order. `make` appends item `k` to one buffer a
/// file. All files are whole at the end, or none is there.
pub(super) fn write_items(
    outputs: &[Output],
    (count, chunk): (u64, u64),
    bar: &ProgressBar,
    interrupt: &Interrupt,
    make: impl Fn(u64, &mut [Vec<u8>]) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<()> {
    let failed = |path: &Path| format!("cannot write {}; is the disk full?", path.display());
    let mut files = outputs.iter().map(|output| OutFile::create(&output.path)).collect::<anyhow::Result<Vec<_>>>()?;
    for (file, output) in files.iter_mut().zip(outputs) {
        file.write_all(&output.head).with_context(|| failed(&output.path))?;
    }
    let chunks = count.div_ceil(chunk);
    let batch = (rayon::current_num_threads() * CHUNKS_PER_THREAD) as u64;
    let make_chunk = |c: u64| -> anyhow::Result<Vec<Vec<u8>>> {
        let mut buffers = vec![Vec::new(); outputs.len()];
        for k in c * chunk..((c + 1) * chunk).min(count) {
            if k > 0 {
                buffers.iter_mut().zip(outputs).for_each(|(buffer, output)| buffer.extend(output.between));
            }
            make(k, &mut buffers)?;
        }
        bar.inc(chunk.min(count - c * chunk));
        Ok(buffers)
    };
    // One batch is written while the next is made.
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let (to_disk, made) = sync_channel::<Vec<Vec<Vec<u8>>>>(1);
        let files = &mut files;
        let writer = scope.spawn(move || -> anyhow::Result<()> {
            for buffers in made.iter().flatten() {
                for ((file, output), buffer) in files.iter_mut().zip(outputs).zip(buffers) {
                    file.write_all(&buffer).with_context(|| failed(&output.path))?;
                }
            }
            Ok(())
        });
        for first in (0..chunks).step_by(batch as usize) {
            // No part is left behind: the files are dropped unfinished.
            check(interrupt)?;
            let made = (first..(first + batch).min(chunks)).into_par_iter().map(make_chunk);
            if to_disk.send(made.collect::<anyhow::Result<_>>()?).is_err() {
                // The writer has given up, and says why below.
                break;
            }
        }
        drop(to_disk);
        writer.join().map_err(|_| anyhow!("the thread that writes has failed"))?
    })?;
    for (file, output) in files.iter_mut().zip(outputs) {
        file.write_all(output.tail).with_context(|| failed(&output.path))?;
    }
    files.into_iter().try_for_each(OutFile::finish)
}

/// An error once somebody has pressed Ctrl-C.
pub(super) fn check(interrupt: &Interrupt) -> anyhow::Result<()> {
    interrupt
        .check()
        .map_err(|_| anyhow!("interrupted; every file that is there is whole, and the same command makes all"))
}
