//! Which impressions are of the same finger, by their file names.

/// Which impostor comparisons count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Impostors {
    /// The FVC protocol: the first impressions of different fingers.
    Fvc,
    /// Every pair of impressions of different fingers: more data, but correlated.
    #[default]
    All,
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
    fingers: usize,
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
    /// Sorts the names and groups them: all before the last `_` of the name without its extension names the finger.
    ///
    /// # Errors
    /// [`SetError`] names the file that does not fit.
    pub fn from_names<S: AsRef<str>>(names: &[S]) -> Result<Self, SetError> {
        let mut sorted: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        sorted.sort_unstable();
        if sorted.len() < 2 {
            return Err(SetError::Small(sorted.len()));
        }
        let mut fingers: Vec<&str> = Vec::new();
        let mut seen: Vec<(usize, &str, &str)> = Vec::new();
        let mut impressions = Vec::with_capacity(sorted.len());
        for name in sorted {
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            let (finger_name, impression) = stem.rsplit_once('_').ok_or_else(|| SetError::Name(name.to_owned()))?;
            if finger_name.is_empty() || impression.is_empty() {
                return Err(SetError::Name(name.to_owned()));
            }
            let finger = fingers.iter().position(|&f| f == finger_name).unwrap_or_else(|| {
                fingers.push(finger_name);
                fingers.len() - 1
            });
            if let Some(&(_, _, other)) = seen.iter().find(|&&(f, i, _)| f == finger && i == impression) {
                return Err(SetError::Twice(other.to_owned(), name.to_owned()));
            }
            seen.push((finger, impression, name));
            impressions.push(Impression { name: name.to_owned(), finger });
        }
        Ok(Self { impressions, fingers: fingers.len() })
    }

    /// The impressions, sorted by name.
    pub fn impressions(&self) -> &[Impression] {
        &self.impressions
    }

    /// Number of different fingers.
    pub fn fingers(&self) -> usize {
        self.fingers
    }

    /// Number of impressions.
    pub fn len(&self) -> usize {
        self.impressions.len()
    }

    /// Never true: a set has at least two impressions.
    pub fn is_empty(&self) -> bool {
        self.impressions.is_empty()
    }

    /// For each finger, the index of its first impression.
    pub fn first_impressions(&self) -> Vec<usize> {
        let mut first = vec![usize::MAX; self.fingers];
        for (i, impression) in self.impressions.iter().enumerate() {
            first[impression.finger] = first[impression.finger].min(i);
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_before_the_last_underscore_names_the_finger() {
        let set = ImpressionSet::from_names(&["012_3_2.tif", "012_3_1.tif", "012_4_1.tif", "7_1.png"]).unwrap();
        let fingers: Vec<usize> = set.impressions().iter().map(|i| i.finger).collect();
        assert_eq!(fingers, [0, 0, 1, 2]);
        assert_eq!(set.impressions()[0].name, "012_3_1.tif");
        assert_eq!(set.first_impressions(), [0, 2, 3]);
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
