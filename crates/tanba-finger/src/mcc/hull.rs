//! The convex hull of the minutiae: inside it (and a margin around it) a cell without minutiae is known to be empty.

use super::Point;

/// Convex hull, corners counter-clockwise; may have fewer than three corners.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hull {
    corners: Vec<(f32, f32)>,
}

impl Hull {
    /// Andrew's monotone chain.
    pub(super) fn of(points: &[Point]) -> Self {
        let mut sorted: Vec<(f32, f32)> = points.iter().map(|p| (p.x, p.y)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        sorted.dedup();
        if sorted.len() < 3 {
            return Self { corners: sorted };
        }
        let mut corners: Vec<(f32, f32)> = Vec::with_capacity(sorted.len() + 1);
        half_chain(&mut corners, sorted.iter().copied(), 0);
        let lower = corners.len() - 1;
        half_chain(&mut corners, sorted.iter().rev().copied(), lower);
        corners.pop();
        Self { corners }
    }

    /// Its edges, counter-clockwise; those of a hull without an inside lead back and forth.
    pub(super) fn edges(&self) -> Vec<Edge> {
        let n = self.corners.len();
        (0..n)
            .map(|i| {
                let (from, to) = (self.corners[i], self.corners[(i + 1) % n]);
                let along = (to.0 - from.0, to.1 - from.1);
                Edge { from, along, length2: along.0 * along.0 + along.1 * along.1, has_inside: n >= 3 }
            })
            .collect()
    }

    /// How deep inside the hull a point is, pixels; negative outside, 0 for a degenerate hull.
    pub(crate) fn depth(&self, x: f32, y: f32) -> f32 {
        let n = self.corners.len();
        if n < 3 {
            return 0.0;
        }
        (0..n)
            .map(|i| {
                let (a, b) = (self.corners[i], self.corners[(i + 1) % n]);
                let (ex, ey) = (b.0 - a.0, b.1 - a.1);
                (ex * (y - a.1) - ey * (x - a.0)) / (ex * ex + ey * ey).sqrt()
            })
            .fold(f32::INFINITY, f32::min)
    }
}

/// A side of the hull.
pub(super) struct Edge {
    from: (f32, f32),
    along: (f32, f32),
    length2: f32,
    /// Whether there is anything to the left of it.
    has_inside: bool,
}

/// Which of some points are inside the hull with these edges or at most `margin` pixels outside it, the first as the lowest bit.
#[inline(always)]
pub(super) fn hold<const N: usize>(edges: &[Edge], x: &[f32; N], y: &[f32; N], margin: f32) -> u32 {
    let mut inside = [edges.first().is_some_and(|edge| edge.has_inside); N];
    let mut nearest = [f32::INFINITY; N];
    for Edge { from, along: (ex, ey), length2, .. } in edges {
        // A single point is an edge of no length: the place along it, whatever that is, is its beginning.
        let length2 = if *length2 > 0.0 { *length2 } else { 1.0 };
        for k in 0..N {
            let (px, py) = (x[k] - from.0, y[k] - from.1);
            inside[k] &= ex * py - ey * px >= 0.0;
            let along = ((px * ex + py * ey) / length2).clamp(0.0, 1.0);
            let (dx, dy) = (px - along * ex, py - along * ey);
            nearest[k] = nearest[k].min(dx * dx + dy * dy);
        }
    }
    let mut held = 0;
    for k in 0..N {
        held |= if inside[k] || nearest[k] <= margin * margin { 1 << k } else { 0 };
    }
    held
}

/// Adds one half of the hull to `corners`, never touching its first `base` corners.
fn half_chain(corners: &mut Vec<(f32, f32)>, points: impl Iterator<Item = (f32, f32)>, base: usize) {
    for p in points {
        while corners.len() >= base + 2 {
            let (a, b) = (corners[corners.len() - 2], corners[corners.len() - 1]);
            if (b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0) > 0.0 {
                break;
            }
            corners.pop();
        }
        corners.push(p);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f32, y: f32) -> Point {
        Point::drawn(x, y, 0.0)
    }

    impl Hull {
        fn holds(&self, x: f32, y: f32, margin: f32) -> bool {
            hold(&self.edges(), &[x], &[y], margin) == 1
        }
    }

    #[test]
    fn a_square_holds_its_inside_and_its_margin_only() {
        let hull = Hull::of(&[at(0.0, 0.0), at(100.0, 0.0), at(100.0, 100.0), at(0.0, 100.0), at(50.0, 50.0)]);
        assert_eq!(hull.corners.len(), 4);
        assert!(hull.holds(50.0, 50.0, 0.0));
        assert!(hull.holds(-9.0, 50.0, 10.0));
        assert!(!hull.holds(-11.0, 50.0, 10.0));
        // At a corner the margin is a circle: (-8, -8) is 11.3 px away.
        assert!(!hull.holds(-8.0, -8.0, 10.0));
        assert!((hull.depth(20.0, 50.0) - 20.0).abs() < 1e-3);
    }

    #[test]
    fn degenerate_hulls_are_points_and_segments() {
        assert!(!Hull::of(&[]).holds(0.0, 0.0, 10.0));
        assert!(Hull::of(&[at(5.0, 5.0)]).holds(5.0, 14.0, 10.0));
        let line = Hull::of(&[at(0.0, 0.0), at(10.0, 0.0), at(20.0, 0.0)]);
        assert!(line.holds(15.0, 9.0, 10.0));
        assert!(!line.holds(15.0, 11.0, 10.0));
    }
}
