//! The reversible wavelet (T.800 annex F.4.8.1): lifting with whole numbers, so that nothing is lost.

/// Splits the top left `width` x `height` values of the plane into four bands, the low one at the top left.
pub(super) fn split(plane: &mut [i32], stride: usize, width: usize, height: usize) {
    let mut line = Vec::new();
    for x in 0..width {
        line.clear();
        line.extend((0..height).map(|y| plane[y * stride + x]));
        for (y, v) in lifted(&mut line).enumerate() {
            plane[y * stride + x] = v;
        }
    }
    for y in 0..height {
        line.clear();
        line.extend_from_slice(&plane[y * stride..][..width]);
        for (v, lifted) in plane[y * stride..].iter_mut().zip(lifted(&mut line)) {
            *v = lifted;
        }
    }
}

/// The low values of a line and then its high ones.
fn lifted(line: &mut [i32]) -> impl Iterator<Item = i32> {
    let n = line.len();
    if n > 1 {
        // Mirrored at the first and the last place.
        for i in (1..n).step_by(2) {
            let after = if i + 1 < n { line[i + 1] } else { line[i - 1] };
            line[i] -= (line[i - 1] + after) >> 1;
        }
        for i in (0..n).step_by(2) {
            let before = if i > 0 { line[i - 1] } else { line[1] };
            let after = if i + 1 < n { line[i + 1] } else { before };
            line[i] += (before + after + 2) >> 2;
        }
    }
    line.iter().step_by(2).chain(line.iter().skip(1).step_by(2)).copied()
}
