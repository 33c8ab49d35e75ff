//! Which extractor made a template, and which extractors there are.
//!
//! Several live side by side: their templates are stored, searched and compared together, and each says where it comes from. A
//! new one is a variant with a name and a code of its own, and an arm of [`Recipe::extractor`].

use crate::{Extractor, FilteredRidges, LearnedRidges};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::LazyLock;

/// A way from an image to a template. Another result for the same image is another recipe, with another number in its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Recipe {
    /// Nobody knows: a record of another system, made minutiae, a file of the first version.
    #[default]
    #[serde(rename = "unknown")]
    Unknown,
    /// Ridges filtered along their own flow, thinned and read: [`FilteredRidges`].
    #[serde(rename = "filtered-ridges-2")]
    FilteredRidges2,
    /// Ridges and minutiae as a small network sees them: [`LearnedRidges`].
    #[serde(rename = "learned-1")]
    Learned1,
}

/// Why a name names no extractor of this program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no extractor {name:?} in this program: give one of {}", Recipe::available().map(Recipe::name).collect::<Vec<_>>().join(", "))]
pub struct NoSuchExtractor {
    /// What was asked for.
    pub name: String,
}

static FILTERED: LazyLock<FilteredRidges> = LazyLock::new(FilteredRidges::default);
static LEARNED: LazyLock<LearnedRidges> = LazyLock::new(LearnedRidges::default);

impl Recipe {
    /// Every recipe there ever was.
    pub const ALL: [Self; 3] = [Self::Unknown, Self::FilteredRidges2, Self::Learned1];
    /// What is used where nobody asks for another one.
    pub const DEFAULT: Self = Self::Learned1;

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::FilteredRidges2 => "filtered-ridges-2",
            Self::Learned1 => "learned-1",
        }
    }

    /// Stable code, as in the native template file.
    pub fn code(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::FilteredRidges2 => 1,
            Self::Learned1 => 2,
        }
    }

    /// The recipe with this code; `None` where a newer program gave it.
    pub fn of_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|recipe| recipe.code() == code)
    }

    /// What works by this recipe; `None` where nothing in this program does.
    pub fn extractor(self) -> Option<&'static dyn Extractor> {
        match self {
            Self::FilteredRidges2 => Some(&*FILTERED),
            Self::Learned1 => Some(&*LEARNED),
            Self::Unknown => None,
        }
    }

    /// The recipes by which this program can work.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|recipe| recipe.extractor().is_some())
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The extractor of [`Recipe::DEFAULT`].
pub fn default_extractor() -> &'static dyn Extractor {
    Recipe::DEFAULT.extractor().unwrap_or(&*FILTERED)
}

/// The extractor whose recipe has this name.
///
/// # Errors
/// [`NoSuchExtractor`] lists those there are.
pub fn extractor_named(name: &str) -> Result<&'static dyn Extractor, NoSuchExtractor> {
    let found = Recipe::ALL.into_iter().find(|recipe| recipe.name() == name).and_then(Recipe::extractor);
    found.ok_or_else(|| NoSuchExtractor { name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::IntoDeserializer;
    use serde::de::value::Error as ValueError;

    #[test]
    fn names_and_codes_are_stable_and_no_two_are_alike() {
        let told = Recipe::ALL.map(|recipe| (recipe.code(), recipe.name()));
        assert_eq!(told, [(0, "unknown"), (1, "filtered-ridges-2"), (2, "learned-1")]);
        for recipe in Recipe::ALL {
            assert_eq!(Recipe::of_code(recipe.code()), Some(recipe));
            let read: Result<Recipe, ValueError> = Recipe::deserialize(recipe.name().into_deserializer());
            assert_eq!(read, Ok(recipe), "it has the same name everywhere");
        }
        assert_eq!(Recipe::of_code(200), None);
    }

    #[test]
    fn an_extractor_works_by_the_recipe_that_it_is_asked_for_by() {
        assert_eq!(default_extractor().recipe(), Recipe::DEFAULT);
        for recipe in Recipe::available() {
            assert_eq!(recipe.extractor().map(Extractor::recipe), Some(recipe));
            assert_eq!(extractor_named(recipe.name()).map(Extractor::recipe), Ok(recipe));
        }
        for none in ["", "unknown", "filtered-ridges-1"] {
            let refused = extractor_named(none).map(Extractor::recipe).unwrap_err().to_string();
            assert!(refused.contains(none) && refused.contains("filtered-ridges-2"), "{refused}");
        }
    }
}
