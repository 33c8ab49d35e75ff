//! What can be said of each missing person and each victim: undisputed pairs first, then the joint assignments.
//!
//! A finding is a proposal for two experts, never an identification.

use super::case::DviCase;
use super::joint::{Joint, JointLimits, may_be};
use super::pairs::{FamilyLikelihoods, MutationUse, PairTable, pair_table, victims_alone};
use crate::kinship::KinshipError;

/// From which likelihood ratio on something is said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolveRules {
    /// A match.
    pub threshold: f64,
    /// Probable.
    pub probable: f64,
    /// Work, and how many markers may exclude.
    pub limits: JointLimits,
}

impl Default for SolveRules {
    /// 10,000 and 1,000, as dvir has them by default.
    fn default() -> Self {
        Self { threshold: 1e4, probable: 1e3, limits: JointLimits::default() }
    }
}

/// What is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// One pair reaches the threshold and every other pair of the two is less likely than chance.
    Undisputed,
    /// The best assignment is so many times as likely as the best one without this pair.
    MatchByJoint,
    /// Victims are some of brothers or sisters whom nothing tells apart.
    SymmetricMatch,
    /// Below the threshold of a match, above that of probable.
    Probable,
    /// Several victims reach the threshold for one missing person.
    Disputed,
    /// More likely than chance, and no more.
    Inconclusive,
    /// Nothing is more likely than chance.
    NoMatch,
    /// Too many markers exclude every pair.
    Excluded,
}

impl Conclusion {
    /// The word of the tables of dvir, with which this can be compared.
    pub fn word_of_dvir(self) -> &'static str {
        match self {
            Self::Undisputed => "Undisputed",
            Self::MatchByJoint => "Match (GLR)",
            Self::SymmetricMatch => "Symmetric match",
            Self::Probable => "Probable",
            Self::Disputed => "Disputed",
            Self::Inconclusive => "Inconclusive",
            Self::NoMatch => "No match",
            Self::Excluded => "Excluded",
        }
    }
}

/// What is proposed for one missing person or one victim.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The victims of a missing person or the missing persons of a victim: one, or several who are alike, or none.
    pub others: Vec<usize>,
    /// Likelihood ratio of the pair alone, its natural logarithm; the best there is where nobody is proposed.
    pub ln_lr: Option<f64>,
    /// Generalised likelihood ratio, its natural logarithm: the best assignment against the best without this.
    pub ln_glr: Option<f64>,
    /// The proposal.
    pub conclusion: Conclusion,
    /// In which round, from 1, where undisputed.
    pub step: Option<usize>,
    /// The fewest markers that exclude any pair, where all are excluded; `None` where no sex fits.
    pub exclusions: Option<usize>,
}

/// Both views.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// For each missing person.
    pub missing: Vec<Finding>,
    /// For each victim.
    pub victims: Vec<Finding>,
}

/// Proposes who is who.
///
/// # Errors
/// As [`Joint::new`] and [`pair_table`].
pub fn solve(case: &DviCase, rules: SolveRules, proceed: &dyn Fn() -> bool) -> Result<Solution, KinshipError> {
    let pairs = pair_table(case, MutationUse::Everywhere, proceed)?;
    let (fixed, open) = undisputed(case, &pairs, rules, proceed)?;
    let mut missing: Vec<Option<Finding>> = vec![None; case.number_missing()];
    let mut victims: Vec<Option<Finding>> = vec![None; case.victims().len()];
    let finding = |others: Vec<usize>, ln_lr: Option<f64>, conclusion: Conclusion| Finding {
        others,
        ln_lr,
        ln_glr: None,
        conclusion,
        step: None,
        exclusions: None,
    };
    for (victim, place, step, ln) in &fixed {
        let of =
            |other: usize| Finding { step: Some(*step), ..finding(vec![other], Some(*ln), Conclusion::Undisputed) };
        missing[*place] = Some(of(*victim));
        victims[*victim] = Some(of(*place));
    }
    // Excluded is said of the whole table, before anybody was taken out of it.
    for m in 0..missing.len() {
        let column: Vec<usize> = (0..victims.len()).collect();
        if missing[m].is_none() && !column.iter().any(|v| may_be(&pairs, rules.limits, *v, m)) {
            let fewest = column.iter().filter_map(|v| pairs.exclusions[*v][m]).min();
            missing[m] = Some(Finding { exclusions: fewest, ..finding(Vec::new(), None, Conclusion::Excluded) });
        }
    }
    for v in 0..victims.len() {
        if victims[v].is_none() && !(0..missing.len()).any(|m| may_be(&pairs, rules.limits, v, m)) {
            let fewest = pairs.exclusions[v].iter().flatten().copied().min();
            victims[v] = Some(Finding { exclusions: fewest, ..finding(Vec::new(), None, Conclusion::Excluded) });
        }
    }
    let open_missing: Vec<usize> = (0..missing.len()).filter(|m| missing[*m].is_none()).collect();
    if !open_missing.is_empty() {
        let joint = Joint::new(case, &open, rules.limits, proceed)?;
        for group in groups(case, &open_missing) {
            for (m, found) in group.iter().zip(of_group(case, &joint, &open, &group, rules)) {
                missing[*m] = Some(found);
            }
        }
    }
    let missing: Vec<Finding> = missing.into_iter().flatten().collect();
    let victims = (0..victims.len())
        .map(|v| victims[v].clone().unwrap_or_else(|| of_victim(v, &missing, &open, rules)))
        .collect();
    Ok(Solution { missing, victims })
}

/// An undisputed pair: victim, missing person, round, and the likelihood ratio's natural logarithm.
type Fixed = (usize, usize, usize, f64);

/// Undisputed pairs, and the table of what is left: in the families of those identified every
/// likelihood ratio is conditional on them.
fn undisputed(
    case: &DviCase,
    pairs: &PairTable,
    rules: SolveRules,
    proceed: &dyn Fn() -> bool,
) -> Result<(Vec<Fixed>, PairTable), KinshipError> {
    let alone = victims_alone(case)?;
    let mut fixed: Vec<Fixed> = Vec::new();
    let mut open = pairs.clone();
    for step in 1.. {
        let lr = |v: usize, m: usize| open.ln_lr[v][m].unwrap_or(f64::NEG_INFINITY);
        let mut new = Vec::new();
        for v in 0..case.victims().len() {
            for m in 0..case.number_missing() {
                let others = (0..case.number_missing()).filter(|o| *o != m).all(|o| lr(v, o) <= 0.0)
                    && (0..case.victims().len()).filter(|o| *o != v).all(|o| lr(o, m) <= 0.0);
                if lr(v, m) >= rules.threshold.ln() && others && may_be(&open, rules.limits, v, m) {
                    new.push((v, m, step, lr(v, m)));
                }
            }
        }
        if new.is_empty() {
            break;
        }
        fixed.extend(&new);
        for (v, m, ..) in &new {
            open.ln_lr[*v].fill(None);
            open.ln_lr.iter_mut().for_each(|row| row[*m] = None);
        }
        for f in 0..case.families().len() {
            let placed: Vec<(usize, usize)> =
                fixed.iter().map(|(v, m, ..)| (*v, *m)).filter(|(_, m)| case.family_of(*m) == f).collect();
            if !new.iter().any(|(_, m, ..)| case.family_of(*m) == f) {
                continue;
            }
            let mut family = FamilyLikelihoods::new(case, f, pairs.mutates[f])?;
            for m in (0..case.number_missing()).filter(|m| case.family_of(*m) == f) {
                for v in 0..case.victims().len() {
                    if !proceed() {
                        return Err(KinshipError::Interrupted);
                    }
                    if let Some(ln) = &mut open.ln_lr[v][m] {
                        let with: Vec<_> = placed.iter().copied().chain([(v, m)]).collect();
                        *ln = family.ln_lr(&with, placed.len(), &alone)?;
                    }
                }
            }
        }
    }
    Ok((fixed, open))
}

/// Missing persons whom nothing tells apart: brothers or sisters of one sex, of the same parents, without children and twins.
fn groups(case: &DviCase, open: &[usize]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for &m in open {
        let alike = |a: usize, b: usize| {
            let (family, (_, a), (_, b)) = (case.family_of(a), case.missing[a], case.missing[b]);
            let pedigree = &case.families()[family].pedigree;
            let has_children =
                |p: usize| (0..pedigree.len()).any(|c| pedigree.parents(c).is_some_and(|of| of.contains(&p)));
            let has_twin = |p: usize| (0..pedigree.len()).any(|o| o != p && pedigree.twin_of(o) == pedigree.twin_of(p));
            pedigree.parents(a).is_some()
                && pedigree.parents(a) == pedigree.parents(b)
                && pedigree.sex(a) == pedigree.sex(b)
                && ![a, b].into_iter().any(|p| has_children(p) || has_twin(p))
        };
        match groups.iter_mut().find(|g| case.family_of(g[0]) == case.family_of(m) && alike(g[0], m)) {
            Some(group) => group.push(m),
            None => groups.push(vec![m]),
        }
    }
    groups
}

/// What is proposed for each member of a group, which is one person as a rule.
fn of_group(case: &DviCase, joint: &Joint, pairs: &PairTable, group: &[usize], rules: SolveRules) -> Vec<Finding> {
    let family = case.family_of(group[0]);
    let in_family = (0..case.number_missing()).filter(|m| case.family_of(*m) == family);
    let lr = |v: usize, m: usize| pairs.ln_lr[v][m].unwrap_or(f64::NEG_INFINITY);
    let column = |m: usize| (0..case.victims().len()).map(|v| lr(v, m)).fold(f64::NEG_INFINITY, f64::max);
    if in_family.clone().count() == 1 {
        return vec![of_single(case, pairs, group[0], rules)];
    }
    let best = joint.best(1).into_iter().next();
    let chosen: Vec<usize> = best
        .iter()
        .flat_map(|best| best.victims.iter().enumerate())
        .filter(|(_, of)| of.is_some_and(|m| group.contains(&m)))
        .map(|(v, _)| v)
        .collect();
    let without = |v: usize| joint.best_ln(&|victim, missing| victim != v || !group.contains(&missing));
    let second = chosen.iter().map(|v| without(*v)).fold(f64::NEG_INFINITY, f64::max);
    let ln_glr = best.filter(|_| !chosen.is_empty()).map(|best| best.ln_lr - second);
    let symmetric = group.len() > 1;
    let conclusion = match ln_glr {
        Some(glr) if glr >= rules.threshold.ln() && symmetric => Conclusion::SymmetricMatch,
        Some(glr) if glr >= rules.threshold.ln() => Conclusion::MatchByJoint,
        Some(glr) if glr >= rules.probable.ln() => Conclusion::Probable,
        _ if group.iter().any(|m| column(*m) > 0.0) || ln_glr.is_some_and(|glr| glr > 0.0) => Conclusion::Inconclusive,
        _ => Conclusion::NoMatch,
    };
    let proposed = !matches!(conclusion, Conclusion::Inconclusive | Conclusion::NoMatch);
    let of = |m: &usize| Finding {
        others: if proposed { chosen.clone() } else { Vec::new() },
        ln_lr: match (proposed, &chosen[..]) {
            (false, _) => Some(column(*m)).filter(|ln| *ln > f64::NEG_INFINITY),
            (true, [one]) => Some(lr(*one, *m)),
            (true, _) => None,
        },
        ln_glr,
        conclusion,
        step: None,
        exclusions: None,
    };
    group.iter().map(of).collect()
}

/// The only missing person of a family: the pairs say everything.
fn of_single(case: &DviCase, pairs: &PairTable, missing: usize, rules: SolveRules) -> Finding {
    let mut column: Vec<(usize, f64)> = (0..case.victims().len())
        .filter_map(|v| pairs.ln_lr[v][missing].map(|ln| (v, ln)))
        .filter(|(v, _)| may_be(pairs, rules.limits, *v, missing))
        .collect();
    column.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let best = column.first().copied();
    let conclusion = match (best, column.get(1)) {
        (Some((_, ln)), Some((_, next))) if ln >= rules.threshold.ln() && *next >= rules.threshold.ln() => {
            Conclusion::Disputed
        }
        (Some((_, ln)), _) if ln >= rules.probable.ln() => Conclusion::Probable,
        (Some((_, ln)), _) if ln > 0.0 => Conclusion::Inconclusive,
        _ => Conclusion::NoMatch,
    };
    Finding {
        others: best.filter(|_| conclusion != Conclusion::NoMatch).map(|(v, _)| v).into_iter().collect(),
        ln_lr: best.map(|(_, ln)| ln),
        ln_glr: None,
        conclusion,
        step: None,
        exclusions: None,
    }
}

/// What the findings of missing persons mean for a victim.
fn of_victim(victim: usize, missing: &[Finding], pairs: &PairTable, rules: SolveRules) -> Finding {
    let proposed = |f: &Finding| {
        use Conclusion::{MatchByJoint, SymmetricMatch};
        matches!(f.conclusion, MatchByJoint | SymmetricMatch) && f.others.contains(&victim)
    };
    let places: Vec<usize> = (0..missing.len()).filter(|m| proposed(&missing[*m])).collect();
    let pair = |m: usize| pairs.ln_lr[victim][m];
    if let Some(first) = places.first() {
        return Finding { others: places.clone(), ln_lr: pair(*first), ..missing[*first].clone() };
    }
    let best = (0..missing.len())
        .filter_map(|m| pair(m).map(|ln| (m, ln)))
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    // Numbers that only rounding lifts above 1 say nothing.
    let conclusion = match best {
        Some((_, ln)) if ln >= rules.probable.ln() => Conclusion::Probable,
        Some((_, ln)) if ln > 1e-9 => Conclusion::Inconclusive,
        _ => Conclusion::NoMatch,
    };
    let others = best.filter(|_| conclusion == Conclusion::Probable).map(|(m, _)| m).into_iter().collect();
    Finding { others, ln_lr: best.map(|(_, ln)| ln), ln_glr: None, conclusion, step: None, exclusions: None }
}
