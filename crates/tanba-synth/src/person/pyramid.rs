//! How many people there are of each age.
//!
//! Living people of an age = births of their year x those of them who still live. Births are a level with three smooth waves; survival is
//! Gompertz's law. All parameters are own choices with the shape of a young country that had few births in the 1990s; no statistic is copied.

use std::sync::OnceLock;

use crate::exact;
use crate::random::Stream;

use super::Sex;

/// Oldest completed age.
pub(super) const OLDEST: i32 = 104;
/// Births: centre of each wave as age today, its width in years, its height beside the level 1.
const WAVES: [(f64, f64, f64); 3] = [(9.0, 7.0, 0.55), (23.0, 5.5, -0.32), (38.0, 7.0, 0.28)];
/// Births fall off for those born before the war: years of age, and the share that is left far beyond it.
const BEFORE: (f64, f64) = (72.0, 0.55);
/// Gompertz mortality: yearly chance to die at birth (beyond infancy) and its growth per year, men and women.
const MORTALITY: [(f64, f64); 2] = [(3.2e-4, 0.074), (8.0e-5, 0.085)];
/// Boys among births.
const BOYS: f64 = 0.513;

/// Living people of each completed age, men and women, beside the level of births.
fn living() -> &'static [[f64; OLDEST as usize + 1]; 2] {
    static LIVING: OnceLock<[[f64; OLDEST as usize + 1]; 2]> = OnceLock::new();
    LIVING.get_or_init(|| {
        std::array::from_fn(|sex| {
            let (level, growth) = MORTALITY[sex];
            let of_births = if sex == 0 { BOYS } else { 1.0 - BOYS };
            std::array::from_fn(|age| {
                let age = age as f64 + 0.5;
                let bell = |(centre, width, height): (f64, f64, f64)| {
                    let d = (age - centre) / width;
                    height * exact::exp(-0.5 * d * d)
                };
                let before = BEFORE.1 + (1.0 - BEFORE.1) / (1.0 + exact::exp((age - BEFORE.0) / 4.0));
                let births = (1.0 + WAVES.iter().copied().map(bell).sum::<f64>()) * before;
                let survival = exact::exp(-level / growth * (exact::exp(growth * age) - 1.0));
                of_births * births * survival
            })
        })
    })
}

fn within(sex: usize, (low, high): (i32, i32)) -> &'static [f64] {
    let low = low.clamp(0, OLDEST) as usize;
    &living()[sex][low..=(high.clamp(0, OLDEST) as usize).max(low)]
}

/// A sex, with its share among people of these ages.
pub(super) fn draw_sex(stream: &mut Stream, ages: (i32, i32)) -> Sex {
    let people = [0, 1].map(|sex| within(sex, ages).iter().sum::<f64>());
    if stream.chance(people[0] / (people[0] + people[1])) { Sex::Male } else { Sex::Female }
}

/// A completed age within these.
pub(super) fn draw_age(stream: &mut Stream, sex: Sex, (low, high): (i32, i32)) -> i32 {
    if low > OLDEST {
        return low;
    }
    low.max(0) + stream.weighted(within(usize::from(sex == Sex::Female), (low, high))) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_young_country_with_more_old_women_than_men() {
        let share = |sex: usize, ages| within(sex, ages).iter().sum::<f64>();
        let all = share(0, (0, OLDEST)) + share(1, (0, OLDEST));
        let of = |ages| (share(0, ages) + share(1, ages)) / all;
        assert!((0.27..0.36).contains(&of((0, 14))), "{}", of((0, 14)));
        assert!((0.06..0.14).contains(&of((65, OLDEST))), "{}", of((65, OLDEST)));
        assert!(share(0, (0, 4)) > share(1, (0, 4)));
        assert!(share(1, (75, OLDEST)) > 1.5 * share(0, (75, OLDEST)));
        // The dip of the 1990s.
        assert!(of((21, 25)) < of((6, 10)) && of((21, 25)) < of((34, 38)));
    }

    #[test]
    fn ages_come_as_often_as_the_pyramid_says() {
        let mut stream = Stream::new(1, "pyramid");
        let mut seen = [0_u32; 3];
        for _ in 0..30_000 {
            let age = draw_age(&mut stream, Sex::Male, (0, OLDEST));
            seen[if age < 15 {
                0
            } else if age < 65 {
                1
            } else {
                2
            }] += 1;
        }
        let total: f64 = within(0, (0, OLDEST)).iter().sum();
        for (count, ages) in seen.into_iter().zip([(0, 14), (15, 64), (65, OLDEST)]) {
            let expected = within(0, ages).iter().sum::<f64>() / total;
            // Four standard deviations.
            let slack = 4.0 * (expected * (1.0 - expected) / 30_000.0).sqrt();
            assert!((f64::from(count) / 30_000.0 - expected).abs() < slack, "{ages:?}");
        }
    }
}
