//! Direct identification where the questioned profile may be incomplete: drop-out and drop-in at one locus, one contributor.
//!
//! The qualitative model of Curran, Gill and Bill (2005), *Forensic Science International* 148, 47, with `d` the drop-out of one
//! allele of a heterozygote, `d²` that of a homozygote, and `c` the drop-in:
//!
//! ```text
//! P(seen | genotype) = product over its alleles of (1 - d or d, seen or not)
//!                    x (1 - c where nothing is stray, else product of c p over the stray alleles)
//! LR = P(seen | the person) / sum over genotypes G of P(G | the person's alleles) P(seen | G)
//! ```
//! Alleles that are neither seen nor the person's act alike, and are one kind in the sum. Of a person typed `6,F` numerator and
//! denominator are summed over the genotypes that it can be. A `6,F` that was seen although nothing drops out says that 6 was
//! shown, and of the other allele nothing: `P(seen | genotype)` is 1 with a 6 in it, and `c p` without.

use super::two::{Kind, TwoPeople, next_allele};
use crate::profile::Typing;
use crate::{Allele, DnaError, Locus};

/// The likelihood ratio of the alleles seen against a person's genotype.
pub(super) fn lr(
    two: &TwoPeople<'_>,
    locus: Locus,
    seen: Typing,
    person: Typing,
    dropout: f64,
    dropin: f64,
) -> Result<f64, DnaError> {
    let kinds = two.kinds(locus, seen.alleles().chain(person.alleles()))?;
    let showing = |genotype: [Kind; 2]| {
        let genotype = genotype.map(|(kind, _)| kind);
        match seen {
            Typing::Pair(seen) => shown(seen, genotype, &kinds, dropout, dropin),
            Typing::One(allele) if genotype.contains(&Some(allele)) => 1.0,
            Typing::One(allele) => dropin * frequency(allele, &kinds),
        }
    };
    let stranger = |person: [Kind; 2]| {
        let held = |kind: Option<Allele>| person.iter().filter(|(allele, _)| kind == *allele).count();
        let mut unknown = 0.0;
        for (at, (x, p)) in kinds.iter().enumerate() {
            let first = next_allele(two.theta(), *p, held(*x), 2);
            for (y, q) in &kinds[at..] {
                let again = usize::from(x == y);
                let orders = if x == y { 1.0 } else { 2.0 };
                let second = next_allele(two.theta(), *q, held(*y) + again, 3);
                unknown += orders * first * second * showing([(*x, *p), (*y, *q)]);
            }
        }
        unknown
    };
    let (mut same, mut unknown) = (0.0, 0.0);
    for (person, probability) in two.possible(person, &kinds) {
        same += probability * showing(person);
        unknown += probability * stranger(person);
    }
    Ok(same / unknown)
}

fn frequency(allele: Allele, kinds: &[Kind]) -> f64 {
    kinds.iter().find(|(kind, _)| *kind == Some(allele)).map_or(0.0, |(_, p)| *p)
}

/// `P(seen | genotype)`; see the module.
fn shown(seen: [Allele; 2], genotype: [Option<Allele>; 2], kinds: &[Kind], dropout: f64, dropin: f64) -> f64 {
    let is_seen = |kind: Option<Allele>| kind.is_some_and(|allele| seen.contains(&allele));
    let mut probability = if genotype[0] == genotype[1] {
        let lost = dropout * dropout;
        if is_seen(genotype[0]) { 1.0 - lost } else { lost }
    } else {
        genotype.iter().map(|kind| if is_seen(*kind) { 1.0 - dropout } else { dropout }).product()
    };
    let different = if seen[0] == seen[1] { &seen[..1] } else { &seen[..] };
    let mut stray = false;
    for allele in different.iter().filter(|allele| !genotype.contains(&Some(**allele))) {
        stray = true;
        probability *= dropin * frequency(*allele, kinds);
    }
    if stray { probability } else { probability * (1.0 - dropin) }
}

#[cfg(test)]
mod tests {
    use crate::{FrequencyTable, Genotype, Hypothesis, Kappa, Locus, MinimumFrequency, Theta, TwoPeople};

    const TABLE: &str = "TH01,6,0.2,200\nTH01,7,0.1,200\nTH01,8,0.4,200\nTH01,9,0.3,200";

    fn lr(dropout: f64, dropin: f64, seen: &str, person: &str) -> f64 {
        let table = FrequencyTable::from_csv("made up", TABLE).unwrap();
        let allele = |text: &str| crate::Allele::parse(text).unwrap();
        let genotype = |text: &str| match text.strip_suffix(",F") {
            Some(one) => Genotype::with_dropout_mark(allele(one)),
            None => Genotype::new(text.split(',').map(allele)).unwrap(),
        };
        let hypothesis = Hypothesis::SameSource { dropout, dropin };
        let two = TwoPeople::new(hypothesis, &table, Theta::new(0.0).unwrap(), MinimumFrequency::None).unwrap();
        two.lr(Locus::Th01, &genotype(seen), &genotype(person)).unwrap().unwrap_or(f64::NAN)
    }

    #[test]
    fn one_lost_allele_by_hand() {
        // Seen 6, person 6,7. Unknown: 6,6 shows it with 1-d²; 6,other with (1-d)d; others cannot without drop-in.
        let d: f64 = 0.1;
        let by_hand = (1.0 - d) * d / (0.04 * (1.0 - d * d) + 2.0 * 0.2 * 0.8 * (1.0 - d) * d);
        assert!((lr(d, 0.0, "6", "6,7") - by_hand).abs() < 1e-12);
        // A drop-out mark is weighed alike where the model has drop-out. Without, 6 was shown: by 6,6 and 6,other.
        assert!((lr(d, 0.0, "6,F", "6,7") - by_hand).abs() < 1e-12);
        assert!((lr(0.0, 0.0, "6,F", "6,7") - 1.0 / 0.36).abs() < 1e-12);
        // With strays, the other 0.64 of people have a 6 dropped in with c p.
        assert!((lr(0.0, 0.05, "6,F", "6,7") - 1.0 / (0.36 + 0.64 * 0.05 * 0.2)).abs() < 1e-12);
    }

    #[test]
    fn a_mark_in_the_reference_is_summed_over() {
        // Seen 6,7; the person has 6 and another: 6,6 with 0.04, 6,7 with 0.04, 6,other with 0.28. Only 6,7 shows it if nothing is
        // lost or stray, and a stranger of theta 0 shows it with 0.04 whoever the person is.
        assert!((lr(0.0, 0.0, "6,7", "6,F") - 0.04 / 0.36 / 0.04).abs() < 1e-12);
        // With drop-out and strays: the sum over the person's genotypes, one by one.
        let (d, c): (f64, f64) = (0.1, 0.05);
        let strange = |person: &str| lr(d, c, "6,7", person);
        let mean = 0.04 * strange("6") + 0.04 * strange("6,7") + 0.16 * strange("6,8") + 0.12 * strange("6,9");
        assert!((lr(d, c, "6,7", "6,F") - mean / 0.36).abs() < 1e-12);
    }

    #[test]
    fn one_stray_allele_by_hand() {
        // Seen 6,7, person 6,6, no drop-out. Unknown: 6,7 without a stray; 6,6 with a stray 7; 7,7 with a stray 6.
        let c = 0.05;
        let by_hand = c * 0.1 / (0.04 * (1.0 - c) + 0.04 * c * 0.1 + 0.01 * c * 0.2);
        assert!((lr(0.0, c, "6,7", "6") - by_hand).abs() < 1e-12);
    }

    #[test]
    fn without_loss_and_strays_it_is_the_match_probability() {
        assert!((lr(0.0, 0.0, "6,7", "6,7") - 1.0 / 0.04).abs() < 1e-12);
        assert_eq!(lr(0.0, 0.0, "6,7", "6,8"), 0.0);
        assert!(Kappa::new(0.0, 0.0, 1.0).is_ok());
    }
}
