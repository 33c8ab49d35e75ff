//! Where the ridges can be read, and how well.

use super::cells::{Cells, smooth_cells};
use super::gabor::TILE;
use super::ridges::{flip_small, largest_piece};
use super::spectrum::Spectrum;
use crate::exact::Exact;
use crate::params::ExtractParams;
use crate::sink::{Flow, Mask, Plane};

/// How well ridges can be read, 0-1, on tiles: how much of the normalised image the filtered one explains (their correlation over a neighbourhood of
/// about two ridges), times the agreement of the orientation.
pub(crate) fn certainty(
    normal: &Plane,
    enhanced: &Plane,
    flow: &Flow,
    windows: &Spectrum,
    alive: &Mask,
    params: &ExtractParams,
) -> Cells {
    let (w, h) = (normal.width, normal.height);
    let [mut cross, mut own, mut other] = Cells::sums((w, h), TILE, |y, [cross, own, other]| {
        let pixels = normal.row(y).iter().zip(enhanced.row(y));
        for (((c, n), o), (a, b)) in cross.iter_mut().zip(own).zip(other).zip(pixels) {
            *c += a * b;
            *n += a * a;
            *o += b * b;
        }
    });
    for map in [&mut cross, &mut own, &mut other] {
        smooth_cells(map, 2.0);
    }
    let share = Cells {
        cell: super::spectrum::STEP,
        width: windows.width,
        height: windows.height,
        data: windows.band_share.clone(),
    };
    let mut certainty = cross;
    for (c, v) in certainty.data.iter_mut().enumerate() {
        let correlation = *v / (own.data[c] * other.data[c]).sqrt().max(1e-6);
        let agreement = flow.cos2[c].hypot_exact(flow.sin2[c]);
        let (x, y) = (c % flow.width * TILE + TILE / 2, c / flow.width * TILE + TILE / 2);
        let ridgelike = (1.5 * share.at(x as f32, y as f32)).min(1.0);
        *v = (correlation.max(0.0) * (0.5 + 0.5 * agreement) * ridgelike.sqrt()).clamp(0.0, 1.0);
    }
    // Rims and large blots cannot be read whatever the filter answers there; small ones it bridges.
    let mut solid = alive.clone();
    flip_small(&mut solid, false, params.blot_area / (TILE * TILE));
    for (v, &s) in certainty.data.iter_mut().zip(&solid.data) {
        *v = if s { *v } else { 0.0 };
    }
    certainty
}

/// The readable area, on tiles: where ridges are read at least so well, without patches that stand alone and with small gaps closed.
pub(crate) fn readable(how_well: &Cells, least: f32, params: &ExtractParams) -> Mask {
    let data = how_well.data.iter().map(|&v| v >= least).collect();
    let mut cells = Mask { width: how_well.width, height: how_well.height, data };
    let cell_area = TILE * TILE;
    flip_small(&mut cells, true, params.patch_area / cell_area);
    flip_small(&mut cells, false, params.gap_area / cell_area);
    // What an earlier finger left on the glass lies apart from this one and is smaller.
    let main = (params.piece_share * largest_piece(&cells) as f32) as usize;
    flip_small(&mut cells, true, main);
    cells
}

/// A mask on tiles as one on pixels.
pub(crate) fn to_pixels(cells: &Mask, width: usize, height: usize) -> Mask {
    let mut mask = Mask::none(width, height);
    for (y, row) in mask.data.chunks_exact_mut(width).enumerate() {
        let from = &cells.data[y / TILE * cells.width..][..cells.width];
        for (piece, &v) in row.chunks_mut(TILE).zip(from) {
            piece.fill(v);
        }
    }
    mask
}
