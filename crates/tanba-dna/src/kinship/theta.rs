//! theta: all founders' alleles are drawn from one gene pool whose frequencies are not known exactly.
//!
//! Given the pool's frequencies q, founders' alleles are independent; q itself is Dirichlet with parameters p (1 - theta) / theta
//! (Balding, Nichols: *DNA profile match probability calculation*, 1994). So the likelihood is the mean of the likelihood at q,
//! and that is a polynomial in q. Two exact ways to average it, each made of positive terms only:
//!
//! - [`Quadrature`]: q is broken off a stick, one Beta variable an allele; the polynomial is integrated by Gauss-Jacobi rules of
//!   as many points as its degree asks (Golub, Welsch: *Calculation of Gauss quadrature rules*, 1969). Few points where nothing
//!   mutates: an allele that is seen c times has degree 1 to c.
//! - [`partitions`]: in the urn of the same model each allele is either new or a copy of an earlier one, so the mean is a sum over
//!   all ways to put m founders' alleles into blocks of copies (Ewens: *The sampling theory of selectively neutral alleles*, 1972).

use super::marker::ANY;
use super::model::Model;

/// The lowest and the highest power in which the frequency of a state stands in the likelihood.
#[derive(Debug, Clone, Copy)]
struct Powers {
    state: usize,
    least: usize,
    most: usize,
}

/// Points and weights to average a likelihood over the gene pool's frequencies.
#[derive(Debug)]
pub(super) struct Quadrature {
    sticks: Vec<Stick>,
    states: usize,
    /// States that share what is left of the stick, with their shares.
    rest: Vec<(usize, f64)>,
}

#[derive(Debug)]
struct Stick {
    powers: Powers,
    /// Powers of what is left of the stick.
    after: usize,
    number: usize,
    alpha: f64,
    beta: f64,
}

impl Quadrature {
    /// For a model in which the alleles typed are `typed`, and `founders` founders' alleles.
    pub(super) fn new(model: &Model, typed: &[Option<[u16; 2]>], theta: f64, founders: usize) -> Self {
        let states = model.states();
        let unchanging = model.mutation.iter().all(|m| m.identity);
        let mut powers: Vec<Powers> = (0..states)
            .map(|state| match unchanging {
                true => Powers { state, least: 0, most: 0 },
                false => Powers { state, least: 0, most: founders },
            })
            .collect();
        if unchanging {
            for [a, b] in typed.iter().flatten() {
                for seen in [a, b].into_iter().filter(|seen| **seen != ANY) {
                    let powers = &mut powers[usize::from(*seen)];
                    (powers.least, powers.most) = (1, powers.most + 1);
                }
                if *b == ANY {
                    powers.iter_mut().for_each(|powers| powers.most += 1);
                }
                if let Some(silent) = model.silent.filter(|_| a == b) {
                    powers[usize::from(silent)].most += 1;
                }
            }
        }
        powers.sort_by_key(|p| std::cmp::Reverse(p.most - p.least));
        // One state needs no stick of its own: it is what the others leave.
        let used = if unchanging { powers.iter().filter(|p| p.most > 0).count() } else { states - 1 };
        let (sticks, rest) = (powers.iter().filter(|p| p.most > 0).take(used), powers.iter());
        let sticks: Vec<Powers> = sticks.copied().collect();
        let on_sticks = |state: usize| sticks.iter().any(|p| p.state == state);
        let rest: Vec<usize> = rest.map(|p| p.state).filter(|s| !on_sticks(*s)).collect();
        let scale = (1.0 - theta) / theta;
        let alpha = |state: usize| model.frequencies[state] * scale;
        let left: f64 = rest.iter().map(|s| alpha(*s)).sum();
        let share = |state: usize| if left > 0.0 { alpha(state) / left } else { 0.0 };
        let shares = rest.iter().map(|s| (*s, share(*s))).collect();
        let least: usize = sticks.iter().map(|p| p.least).sum();
        let sticks = (0..sticks.len())
            .map(|i| {
                let degree: usize = sticks[i..].iter().map(|p| p.most - p.least).sum();
                let degree = degree.min(founders.saturating_sub(least));
                let beta: f64 = left + sticks[i + 1..].iter().map(|p| alpha(p.state)).sum::<f64>();
                let alpha = alpha(sticks[i].state);
                let number = if alpha == 0.0 || beta == 0.0 { 1 } else { degree / 2 + 1 };
                Stick { powers: sticks[i], after: sticks[i + 1..].iter().map(|p| p.least).sum(), number, alpha, beta }
            })
            .collect();
        Self { sticks, states, rest: shares }
    }

    /// How many points there are.
    pub(super) fn points(&self) -> f64 {
        self.sticks.iter().map(|stick| stick.number as f64).product()
    }

    /// Every point: the logarithm of its weight, and frequencies. See [`Quadrature::points`] before asking.
    pub(super) fn all(&self) -> Vec<(f64, Vec<f64>)> {
        let mut all = Vec::new();
        let Ok(()) = self.each(|ln_weight, frequencies| {
            all.push((ln_weight, frequencies.to_vec()));
            Ok::<(), std::convert::Infallible>(())
        });
        all
    }

    /// Calls `f(ln weight, frequencies)` at each point; the likelihood is the weighted sum.
    pub(super) fn each<E>(&self, mut f: impl FnMut(f64, &[f64]) -> Result<(), E>) -> Result<(), E> {
        let rules: Vec<Vec<(f64, f64)>> = self.sticks.iter().map(Stick::rule).collect();
        let mut chosen = vec![0usize; rules.len()];
        let mut q = vec![0.0; self.states];
        loop {
            let (mut ln_weight, mut left) = (0.0, 1.0);
            for ((stick, rule), point) in self.sticks.iter().zip(&rules).zip(&chosen) {
                let (broken, weight) = rule[*point];
                ln_weight += weight;
                q[stick.powers.state] = left * broken;
                left *= 1.0 - broken;
            }
            for (state, share) in &self.rest {
                q[*state] = left * share;
            }
            f(ln_weight, &q)?;
            let Some(next) = (0..rules.len()).rev().find(|i| chosen[*i] + 1 < rules[*i].len()) else { return Ok(()) };
            chosen[next] += 1;
            chosen[next + 1..].fill(0);
        }
    }
}

impl Stick {
    /// Where to break, and the logarithm of the weight, divided by the powers that every term has.
    fn rule(&self) -> Vec<(f64, f64)> {
        let (least, after) = (self.powers.least, self.after);
        if self.alpha == 0.0 {
            // A frequency of 0 stays 0; seen and without mutation it makes the likelihood 0.
            let weight = if least > 0 { f64::NEG_INFINITY } else { 0.0 };
            return vec![(0.0, weight)];
        }
        if self.beta == 0.0 {
            let weight = if after > 0 { f64::NEG_INFINITY } else { 0.0 };
            return vec![(1.0, weight)];
        }
        // The mean of b^least (1 - b)^after, which becomes part of the Beta weight.
        let rising = |x: f64, n: usize| (0..n).map(|i| (x + i as f64).ln()).sum::<f64>();
        let mean = rising(self.alpha, least) + rising(self.beta, after) - rising(self.alpha + self.beta, least + after);
        gauss_jacobi(self.alpha + least as f64, self.beta + after as f64, self.number)
            .into_iter()
            .map(|(b, w)| (b, w.ln() + mean - least as f64 * b.ln() - after as f64 * (-b).ln_1p()))
            .collect()
    }
}

/// Points and weights that give the exact mean under Beta(a, b) of polynomials up to degree 2 n - 1.
fn gauss_jacobi(a: f64, b: f64, n: usize) -> Vec<(f64, f64)> {
    // Recurrence of the Jacobi polynomials with exponents b - 1 at 1 and a - 1 at 0, moved from (-1, 1) to (0, 1).
    let (p, q) = (b - 1.0, a - 1.0);
    let sum = p + q;
    let mut diagonal = Vec::with_capacity(n);
    let mut off = vec![0.0; n];
    for k in 0..n {
        let t = 2.0 * k as f64 + sum;
        let centre = if k == 0 { (q - p) / (sum + 2.0) } else { (q * q - p * p) / (t * (t + 2.0)) };
        diagonal.push(0.5 * (1.0 + centre));
        if k > 0 {
            let k = k as f64;
            // For k = 1 the factors (k + sum) and (t - 1) are equal and cancel.
            let square = if k == 1.0 {
                4.0 * (1.0 + p) * (1.0 + q) / (t * t * (t + 1.0))
            } else {
                4.0 * k * (k + p) * (k + q) * (k + sum) / (t * t * (t + 1.0) * (t - 1.0))
            };
            off[k as usize - 1] = 0.5 * square.sqrt();
        }
    }
    let first = tridiagonal(&mut diagonal, &mut off);
    diagonal.into_iter().zip(first).map(|(x, v)| (x.clamp(f64::MIN_POSITIVE, 1.0 - 1e-16), v * v)).collect()
}

/// Eigenvalues of a symmetric tridiagonal matrix, in place of its diagonal, and the first component of each eigenvector (QL
/// with implicit shifts; Wilkinson, Reinsch: *Handbook for Automatic Computation*, 1971).
fn tridiagonal(diagonal: &mut [f64], off: &mut [f64]) -> Vec<f64> {
    let n = diagonal.len();
    let mut first = vec![0.0; n];
    first[0] = 1.0;
    for l in 0..n {
        // Converges within a few rounds; the bound only keeps a broken input from looping.
        for _ in 0..100 {
            let small = |m: &usize| off[*m].abs() <= f64::EPSILON * (diagonal[*m].abs() + diagonal[*m + 1].abs());
            let m = (l..n - 1).find(small).unwrap_or(n - 1);
            if m == l {
                break;
            }
            let g = (diagonal[l + 1] - diagonal[l]) / (2.0 * off[l]);
            let mut g = diagonal[m] - diagonal[l] + off[l] / (g + g.hypot(1.0).copysign(g));
            let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
            for i in (l..m).rev() {
                let (f, b) = (s * off[i], c * off[i]);
                let r = f.hypot(g);
                off[i + 1] = r;
                (s, c) = if r == 0.0 { (0.0, 1.0) } else { (f / r, g / r) };
                let d = diagonal[i + 1] - p;
                let r = (diagonal[i] - d) * s + 2.0 * c * b;
                p = s * r;
                diagonal[i + 1] = d + p;
                g = c * r - b;
                (first[i], first[i + 1]) = (c * first[i] - s * first[i + 1], s * first[i] + c * first[i + 1]);
            }
            diagonal[l] -= p;
            off[l] = g;
            off[m] = 0.0;
        }
    }
    first
}

/// Calls `f` with every way to put `n` things into blocks: the block of each, in restricted-growth form.
pub(super) fn partitions<E>(n: usize, mut f: impl FnMut(&[usize]) -> Result<(), E>) -> Result<(), E> {
    let mut blocks = vec![0usize; n];
    loop {
        f(&blocks)?;
        let next = (1..n).rev().find(|i| blocks[*i] <= blocks[..*i].iter().copied().max().unwrap_or(0));
        let Some(next) = next else { return Ok(()) };
        blocks[next] += 1;
        blocks[next + 1..].fill(0);
    }
}

/// How many ways there are (Bell numbers, by Aitken's triangle).
pub(super) fn number_of_partitions(n: usize) -> f64 {
    let mut row = vec![1.0];
    for _ in 1..n.max(1) {
        let mut next: Vec<f64> = vec![row.last().copied().unwrap_or(1.0)];
        for above in &row {
            next.push(next.last().copied().unwrap_or(1.0) + above);
        }
        row = next;
    }
    row.last().copied().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bell_numbers() {
        for (n, bell) in [(0, 1.0), (1, 1.0), (2, 2.0), (3, 5.0), (4, 15.0), (8, 4140.0), (10, 115_975.0)] {
            assert_eq!(number_of_partitions(n), bell);
            if n < 9 && n > 0 {
                let mut count = 0.0;
                partitions(n, |_| {
                    count += 1.0;
                    Ok::<_, ()>(())
                })
                .unwrap();
                assert_eq!(count, bell);
            }
        }
    }

    #[test]
    fn gauss_jacobi_gives_the_moments_of_beta() {
        for (a, b) in [(1.0, 1.0), (0.05, 30.0), (2.5, 0.001), (1e4, 1e6), (0.5, 0.5), (1.0, 0.0001)] {
            for n in 1..9 {
                let rule = gauss_jacobi(a, b, n);
                for degree in 0..2 * n {
                    let moment: f64 = (0..degree).map(|i| (a + i as f64) / (a + b + i as f64)).product();
                    let sum: f64 = rule.iter().map(|(x, w)| w * x.powi(degree as i32)).sum();
                    assert!((sum / moment - 1.0).abs() < 1e-11, "{a} {b} {n} {degree}: {sum} {moment}");
                }
            }
        }
    }
}
