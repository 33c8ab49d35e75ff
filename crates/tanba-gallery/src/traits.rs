//! What a search may be narrowed by, where it says so.

use core::ops::RangeInclusive;

/// Recorded sex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// What is known of a person beside the fingers; anything may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traits {
    /// Recorded sex.
    pub sex: Option<Sex>,
    /// Year of birth, above 0.
    pub born: Option<u16>,
    /// Region by the register's own code, above 0.
    pub region: Option<u16>,
}

/// Whom a search is narrowed to. A choice that can miss the one looked for, because what is recorded may be wrong: so there is none
/// unless asked for, whoever asks is told how many people it left out ([`Coverage::people_filtered_out`](crate::Coverage)), and people of
/// whom a trait is unknown are never left out by it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only people of this sex.
    pub sex: Option<Sex>,
    /// Only people born in these years.
    pub born: Option<RangeInclusive<u16>>,
    /// Only people of this region.
    pub region: Option<u16>,
}

impl Filter {
    /// Whether the search is narrowed at all.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a person stays in the search.
    pub fn keeps(&self, traits: &Traits) -> bool {
        fn fits<T, W>(wanted: Option<&W>, known: Option<T>, same: impl Fn(&W, T) -> bool) -> bool {
            wanted.zip(known).is_none_or(|(wanted, known)| same(wanted, known))
        }
        fits(self.sex.as_ref(), traits.sex, |wanted, known| *wanted == known)
            && fits(self.born.as_ref(), traits.born, |years, year| years.contains(&year))
            && fits(self.region.as_ref(), traits.region, |wanted, known| *wanted == known)
    }
}

/// Bytes of traits in a segment.
pub(crate) const TRAITS_BYTES: usize = 5;

impl Traits {
    /// As in a segment: sex (0 unknown, 1 male, 2 female: ISO/IEC 5218), year of birth and region (0 unknown).
    pub(crate) fn to_bytes(self) -> [u8; TRAITS_BYTES] {
        let sex = match self.sex {
            None => 0,
            Some(Sex::Male) => 1,
            Some(Sex::Female) => 2,
        };
        let ([b0, b1], [r0, r1]) = (self.born.unwrap_or(0).to_le_bytes(), self.region.unwrap_or(0).to_le_bytes());
        [sex, b0, b1, r0, r1]
    }

    /// `None` for a sex that does not exist.
    pub(crate) fn from_bytes([sex, b0, b1, r0, r1]: [u8; TRAITS_BYTES]) -> Option<Self> {
        let sex = match sex {
            0 => None,
            1 => Some(Sex::Male),
            2 => Some(Sex::Female),
            _ => return None,
        };
        let known = |v: u16| (v > 0).then_some(v);
        Some(Self { sex, born: known(u16::from_le_bytes([b0, b1])), region: known(u16::from_le_bytes([r0, r1])) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_never_a_reason_to_leave_a_person_out() {
        let filter = Filter { sex: Some(Sex::Female), born: Some(1980..=1990), region: Some(7) };
        let fits = Traits { sex: Some(Sex::Female), born: Some(1985), region: Some(7) };
        assert!(filter.keeps(&fits) && filter.keeps(&Traits::default()));
        assert!(filter.keeps(&Traits { region: None, ..fits }));
        for other in [
            Traits { sex: Some(Sex::Male), ..fits },
            Traits { born: Some(1991), ..fits },
            Traits { region: Some(8), ..fits },
        ] {
            assert!(!filter.keeps(&other));
            assert!(Filter::default().keeps(&other));
        }
        for traits in [fits, Traits::default(), Traits { sex: Some(Sex::Male), born: None, region: Some(65_535) }] {
            assert_eq!(Traits::from_bytes(traits.to_bytes()), Some(traits));
        }
        assert_eq!(Traits::from_bytes([3, 0, 0, 0, 0]), None);
    }
}
