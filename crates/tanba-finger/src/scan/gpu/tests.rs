#![allow(clippy::print_stderr)] // a skipped test says so

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use super::super::tests::{alike, anything, print, scattered, touched};
use super::super::{LANES, ScanPrint, scan};
use super::{definitions, invented, packed};

/// Prints of all kinds: every count, scattered minutiae touched twice, any bits and places, and cylinders that are not there among those that are.
fn gallery() -> Vec<ScanPrint> {
    let mut prints = invented::prints();
    for finger in 0..20 {
        let minutiae = scattered(finger, 4 + 2 * finger as usize);
        prints.extend([print(touched(&minutiae, finger)), print(minutiae)]);
    }
    let mut chance = TestRunner::deterministic();
    for _ in 0..100 {
        prints.push(anything().new_tree(&mut chance).unwrap().current());
        let (one, other) = alike().new_tree(&mut chance).unwrap().current();
        prints.extend([one, other]);
    }
    // `read` lets that pass where the last cylinder is there.
    let mut bare = prints[LANES].clone();
    for lane in [0, 3, 4, LANES - 2] {
        (bare.codes[lane], bare.words[lane]) = Default::default();
        (bare.places[lane], bare.turns[lane]) = Default::default();
    }
    prints.extend([bare.clone(), bare]);
    prints
}

/// What the processor says.
fn scores(probes: &[ScanPrint], gallery: &[ScanPrint]) -> Vec<u32> {
    let mut scores = vec![0; probes.len() * gallery.len()];
    for (probe, scores) in probes.iter().zip(scores.chunks_exact_mut(gallery.len())) {
        scan(probe, gallery, scores);
    }
    scores
}

/// Fails with the first score that differs, and where nothing or everything agrees.
fn assert_same(found: &[u32], expected: &[u32], prints: usize) {
    assert_eq!(found.len(), expected.len());
    let differs = found.iter().zip(expected).position(|(a, b)| a != b);
    if let Some(at) = differs {
        let (probe, print) = (at / prints, at % prints);
        panic!("probe {probe}, print {print}: {} where the processor says {}", found[at], expected[at]);
    }
    let found = expected.iter().filter(|score| **score > 0).count();
    assert!(found > expected.len() / 50 && found < expected.len(), "{found} of {} agree", expected.len());
}

#[test]
fn the_kernel_compiled_for_a_processor_gives_the_scores_of_the_processor() {
    if !Command::new("c++").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no c++ to compile the kernel with (apt-get install g++)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("first_look");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/scan/gpu/emulated.cpp");
    let compiled = Command::new("c++")
        .args(["-std=c++11", "-O1", "-pthread"])
        .args(definitions())
        .arg(source)
        .arg("-o")
        .arg(&program)
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));

    let prints = gallery();
    let (invented, others) = prints.split_at(invented::prints().len());
    let probes: Vec<ScanPrint> =
        invented.iter().chain(others.iter().step_by(7)).chain(prints.last()).cloned().collect();
    let mut input = Vec::new();
    for size in [prints.len(), probes.len()] {
        input.extend((size as u32).to_ne_bytes());
    }
    let words = packed::tiled(&prints).into_iter().chain(probes.iter().flat_map(packed::probe));
    input.extend(words.flat_map(u64::to_ne_bytes));
    let mut running = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    running.stdin.take().unwrap().write_all(&input).unwrap();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    let found: Vec<u32> =
        output.stdout.chunks_exact(4).map(|bytes| u32::from_ne_bytes(bytes.try_into().unwrap())).collect();
    assert_same(&found, &scores(&probes, &prints), prints.len());
}

#[cfg(feature = "cuda")]
mod on_a_gpu {
    use super::*;
    use crate::scan::gpu::{Gpu, GpuError, launch};

    /// The GPU of this machine; nothing, said so, where there is none. What is broken fails.
    fn found() -> Option<Gpu> {
        match Gpu::find() {
            Ok(gpu) => {
                eprintln!("on {}", gpu.name());
                Some(gpu)
            }
            Err(error @ (GpuError::NoDriver | GpuError::NoDevice | GpuError::NoCompiler)) => {
                assert!(error.to_string().contains("search on the processor"), "{error}");
                eprintln!("skipped: {error}");
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn the_compiler_for_gpus_takes_the_kernel() {
        if launch::has_compiler() {
            launch::assembly().unwrap();
        } else {
            eprintln!("skipped: {}", GpuError::NoCompiler);
        }
    }

    #[test]
    fn the_kernel_gives_the_scores_of_the_processor() {
        let Some(gpu) = found() else { return };
        let prints = gallery();
        let uploaded = gpu.upload(&prints).unwrap();
        assert_eq!(uploaded.len(), prints.len());
        let mut found = vec![0; prints.len() * prints.len()];
        uploaded.scan_all(&prints, &mut found).unwrap();
        assert_same(&found, &scores(&prints, &prints), prints.len());
    }

    #[test]
    fn one_probe_is_scored_as_by_the_processor_and_nothing_is_written_beyond() {
        let Some(gpu) = found() else { return };
        let prints = gallery();
        let uploaded = gpu.upload(&prints).unwrap();
        // One score too many, and too few.
        for length in [prints.len() + 1, prints.len() - 1] {
            let (mut here, mut there) = (vec![7; length], vec![7; length]);
            scan(&prints[1], &prints, &mut here);
            uploaded.scan(&prints[1], &mut there).unwrap();
            assert_eq!(here, there);
        }
        let nobody = gpu.upload(&[]).unwrap();
        let mut scores = [7];
        nobody.scan(&prints[1], &mut scores).unwrap();
        assert!(nobody.is_empty() && scores == [7]);
    }
}
