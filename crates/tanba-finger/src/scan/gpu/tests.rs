#![allow(clippy::print_stderr)] // a skipped test says so

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::super::{LANES, ScanPrint, scan};
use super::packed::{ROWS, TILE, alone, tiled};
use super::{definitions, invented};
use crate::{Minutia, MinutiaKind, Prepared, Template};

/// Prints of all kinds: chance in every count, real cylinders, twice the same print, and cylinders without a bit.
fn gallery() -> Vec<ScanPrint> {
    let mut prints = invented::prints(7, 120);
    let turned = |minutia: Minutia, turn: f32| Minutia { direction: minutia.direction + turn, ..minutia };
    for finger in 0..20 {
        // A lattice bent by a few waves: places and directions of a finger, without chance.
        let minutiae: Vec<Minutia> = (0..20 + finger)
            .map(|k| {
                let (a, b) = ((k % 6) as f32, (k / 6) as f32);
                Minutia {
                    x: 60.0 + 45.0 * a + 14.0 * (b * 1.7 + finger as f32).sin(),
                    y: 60.0 + 50.0 * b + 14.0 * (a * 2.3 + finger as f32).cos(),
                    direction: (1.3 * a + 0.7 * b * b + 0.31 * finger as f32).rem_euclid(6.0),
                    kind: MinutiaKind::Ending,
                    quality: 90 - k as u8,
                }
            })
            .collect();
        let touched = minutiae.iter().map(|m| turned(*m, 0.05)).collect();
        for minutiae in [minutiae, touched] {
            let template = Template { width: 400, height: 500, quality: 70, minutiae, ridges: None };
            prints.push(ScanPrint::of(&Prepared::new(&template)));
        }
    }
    let mut bare = prints[2].clone();
    for lane in [0, 3, 4, LANES - 1] {
        bare.ones[lane] = 0;
        bare.words.iter_mut().for_each(|row| row[lane] = 0);
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
    assert!(found > expected.len() / 10 && found < expected.len(), "{found} of {} agree", expected.len());
}

#[test]
fn a_print_in_a_tile_has_the_words_that_it_has_alone() {
    let prints = &gallery()[..2 * TILE + 3];
    let tiles = tiled(prints);
    assert_eq!(tiles.len(), 3 * TILE * ROWS);
    for (at, print) in prints.iter().enumerate() {
        let tile = &tiles[at / TILE * TILE * ROWS..];
        let words: Vec<u64> = (0..ROWS).map(|row| tile[row * TILE + at % TILE]).collect();
        assert_eq!(words, alone(print));
        assert_eq!(words[ROWS - 1], u64::from(print.count));
    }
    // Places that no print fills have nothing.
    assert!((0..ROWS).all(|row| tiles[2 * TILE * ROWS + row * TILE + 3] == 0));
    assert!(tiled(&[]).is_empty());
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
        .args(["-std=c++11", "-O1", "-ffp-contract=off", "-pthread"])
        .args(definitions())
        .arg(source)
        .arg("-o")
        .arg(&program)
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));

    let prints = gallery();
    // Some of all, all those at the edge, and one with cylinders without a bit.
    let edges = &prints[240..240 + invented::AT_THE_EDGE];
    let probes: Vec<ScanPrint> = prints.iter().step_by(7).chain(edges).chain(prints.last()).cloned().collect();
    let mut input = Vec::new();
    for size in [prints.len(), probes.len()] {
        input.extend((size as u32).to_ne_bytes());
    }
    let words = tiled(&prints).into_iter().chain(probes.iter().flat_map(alone));
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
    fn compiled_for_a_gpu_no_product_and_sum_are_rounded_once() {
        if !launch::has_compiler() {
            eprintln!("skipped: {}", GpuError::NoCompiler);
            return;
        }
        let assembly = launch::assembly().unwrap().to_src();
        assert!(assembly.contains("mul.rn.f32") && assembly.contains("div.rn.f32"), "{assembly}");
        let together = assembly.lines().find(|line| line.contains("fma") || line.contains("mad.f32"));
        assert_eq!(together, None);
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
