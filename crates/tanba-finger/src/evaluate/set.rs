//! Which impressions are of the same finger, and which fingers of the same person, by their file names.

use std::collections::BTreeMap;

use super::Numbers;

/// Which impostor comparisons count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Impostors {
    /// The FVC protocol: the first impressions of different fingers.
    Fvc,
    /// Every pair of impressions of different fingers: more data, but correlated.
    #[default]
    All,
    /// About one in so many of those pairs, for sets that have too many of them. Which ones depends on the places of the two
    /// impressions in the set alone. Searches for rank 1 need scores of pairs that are left out here: that figure has no meaning then.
    OneIn(u32),
}

/// One impression of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impression {
    /// The file's name without folder.
    pub name: String,
    /// Number of the finger within the set, counted from 0 in sorted order.
    pub finger: usize,
}

/// The impressions of a set in sorted order of their file names, the order of its score matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImpressionSet {
    impressions: Vec<Impression>,
    /// For each finger, the index of its first impression.
    first: Vec<usize>,
    /// For each finger, the number of its person, counted from 0 in sorted order.
    persons: Vec<usize>,
}

/// Why names do not make a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// A name is not `<finger>_<impression>.<ext>`.
    #[error("{0}: not named <finger>_<impression>.<ext>; rename the file or take it out of the folder")]
    Name(String),
    /// Two files are the same impression.
    #[error("{0} and {1}: two files of one impression; take one out of the folder")]
    Twice(String, String),
    /// Fewer than two impressions.
    #[error("the set has {0} impressions, but a comparison takes two")]
    Small(usize),
}

impl ImpressionSet {
    /// Sorts the names and groups them: all before the last `_` of the name without its extension names the finger; all before the
    /// last `_` of that again names the person (`person_finger_impression`). Without a second `_` every finger is a person.
    ///
    /// # Errors
    /// [`SetError`] names the file that does not fit.
    pub fn from_names<S: AsRef<str>>(names: &[S]) -> Result<Self, SetError> {
        let mut sorted: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        sorted.sort_unstable();
        if sorted.len() < 2 {
            return Err(SetError::Small(sorted.len()));
        }
        // Sorted names do not keep a finger together (`1_2`, `10_1`, `1_3.x`), so numbers are looked up.
        let mut fingers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut people: BTreeMap<&str, usize> = BTreeMap::new();
        let mut seen: BTreeMap<(usize, &str), &str> = BTreeMap::new();
        let (mut first, mut persons) = (Vec::new(), Vec::new());
        let mut impressions = Vec::with_capacity(sorted.len());
        for name in sorted {
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            let (finger_name, impression) = stem.rsplit_once('_').ok_or_else(|| SetError::Name(name.to_owned()))?;
            if finger_name.is_empty() || impression.is_empty() {
                return Err(SetError::Name(name.to_owned()));
            }
            let finger = *fingers.entry(finger_name).or_insert_with(|| {
                let person_name = finger_name.rsplit_once('_').map_or(finger_name, |(person, _)| person);
                let next = people.len();
                persons.push(*people.entry(person_name).or_insert(next));
                first.push(impressions.len());
                first.len() - 1
            });
            if let Some(other) = seen.insert((finger, impression), name) {
                return Err(SetError::Twice(other.to_owned(), name.to_owned()));
            }
            impressions.push(Impression { name: name.to_owned(), finger });
        }
        Ok(Self { impressions, first, persons })
    }

    /// The impressions, sorted by name.
    pub fn impressions(&self) -> &[Impression] {
        &self.impressions
    }

    /// Number of different fingers.
    pub fn fingers(&self) -> usize {
        self.first.len()
    }

    /// The name of a finger, as its impressions have it.
    pub fn finger_name(&self, finger: usize) -> &str {
        let first = self.first.get(finger).map_or("", |&i| self.impressions[i].name.as_str());
        let stem = first.rsplit_once('.').map_or(first, |(stem, _)| stem);
        stem.rsplit_once('_').map_or(stem, |(finger, _)| finger)
    }

    /// For each finger, the number of its person.
    pub fn persons(&self) -> &[usize] {
        &self.persons
    }

    /// Whether the names tell of persons with several fingers.
    pub fn knows_persons(&self) -> bool {
        self.persons.iter().max().is_some_and(|last| last + 1 < self.fingers())
    }

    /// Number of impressions.
    pub fn len(&self) -> usize {
        self.impressions.len()
    }

    /// Never true: a set has at least two impressions.
    pub fn is_empty(&self) -> bool {
        self.impressions.is_empty()
    }

    /// The least thinning of the pairs of different fingers that leaves about `most` of them: [`Impostors::All`] where there are no
    /// more than that.
    pub fn thinned(&self, most: usize) -> Impostors {
        let mut per_finger = vec![0_usize; self.fingers()];
        for impression in &self.impressions {
            per_finger[impression.finger] += 1;
        }
        let ordered = self.len() * self.len() - per_finger.iter().map(|n| n * n).sum::<usize>();
        match (ordered / 2).div_ceil(most.max(1)) {
            0 | 1 => Impostors::All,
            n => Impostors::OneIn(u32::try_from(n).unwrap_or(u32::MAX)),
        }
    }

    /// Whether the pair of different impressions `i` and `j`, in either order, is compared: every pair of one finger, and of
    /// different fingers those that `impostors` says.
    pub fn compared(&self, i: usize, j: usize, impostors: Impostors) -> bool {
        if self.impressions[i].finger == self.impressions[j].finger {
            return true;
        }
        match impostors {
            Impostors::All => true,
            Impostors::Fvc => [i, j].iter().all(|&k| self.first[self.impressions[k].finger] == k),
            Impostors::OneIn(n) => {
                let places = (i.min(j) as u64) << 32 | i.max(j) as u64;
                Numbers::from_state(places).next().is_multiple_of(u64::from(n.max(1)))
            }
        }
    }

    /// For each finger, the index of its first impression.
    pub fn first_impressions(&self) -> Vec<usize> {
        self.first.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thinned_set_keeps_every_genuine_pair_and_its_share_of_the_others() {
        let names: Vec<String> = (0..400).map(|i| format!("{:03}_{}", i / 4, i % 4)).collect();
        let set = ImpressionSet::from_names(&names).unwrap();
        assert_eq!(set.thinned(79_200), Impostors::All);
        let thin = set.thinned(20_000);
        assert_eq!(thin, Impostors::OneIn(4));
        let (mut genuine, mut impostors) = (0, 0);
        for i in 0..400 {
            for j in i + 1..400 {
                assert_eq!(set.compared(i, j, thin), set.compared(j, i, thin));
                let same = i / 4 == j / 4;
                genuine += usize::from(same && set.compared(i, j, thin));
                impostors += usize::from(!same && set.compared(i, j, thin));
                assert_eq!(set.compared(i, j, Impostors::Fvc), same || i % 4 + j % 4 == 0);
            }
        }
        assert_eq!(genuine, 600);
        assert!((19_000..20_600).contains(&impostors), "{impostors}");
    }

    #[test]
    fn all_before_the_last_underscore_names_the_finger() {
        let set = ImpressionSet::from_names(&["012_3_2.tif", "012_3_1.tif", "012_4_1.tif", "7_1.png"]).unwrap();
        let fingers: Vec<usize> = set.impressions().iter().map(|i| i.finger).collect();
        assert_eq!(fingers, [0, 0, 1, 2]);
        assert_eq!(set.impressions()[0].name, "012_3_1.tif");
        assert_eq!(set.first_impressions(), [0, 2, 3]);
        assert_eq!([0, 1, 2, 3].map(|f| set.finger_name(f)), ["012_3", "012_4", "7", ""]);
        assert_eq!((set.persons(), set.knows_persons()), (&[0, 0, 1][..], true));
        let plain = ImpressionSet::from_names(&["101_1.tif", "101_2.tif", "102_1.tif"]).unwrap();
        assert_eq!((plain.persons(), plain.knows_persons()), (&[0, 1][..], false));
    }

    #[test]
    fn wrong_names_are_refused_with_the_name() {
        assert_eq!(ImpressionSet::from_names(&["a_1.png", "readme.txt"]), Err(SetError::Name("readme.txt".into())));
        assert_eq!(ImpressionSet::from_names(&["a_1.png"]), Err(SetError::Small(1)));
        assert_eq!(
            ImpressionSet::from_names(&["a_1.png", "a_1.tif"]),
            Err(SetError::Twice("a_1.png".into(), "a_1.tif".into()))
        );
    }
}
