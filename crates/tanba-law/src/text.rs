//! Plain words in the three languages of the service.

use serde::{Deserialize, Serialize};

/// A language in which the law is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// Kazakh.
    Kk,
    /// Russian.
    Ru,
    /// English.
    #[default]
    En,
}

impl std::str::FromStr for Lang {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "kk" => Ok(Lang::Kk),
            "ru" => Ok(Lang::Ru),
            "en" => Ok(Lang::En),
            _ => Err("no such language; use kk, ru or en".to_owned()),
        }
    }
}

/// One statement in all three languages; none of them may be empty in a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Text {
    /// Kazakh.
    pub kk: String,
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A statement from its three wordings.
    pub fn new(kk: &str, ru: &str, en: &str) -> Self {
        Self { kk: kk.to_owned(), ru: ru.to_owned(), en: en.to_owned() }
    }

    /// The wording in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Kk => &self.kk,
            Lang::Ru => &self.ru,
            Lang::En => &self.en,
        }
    }

    /// Whether a wording is blank.
    pub(crate) fn has_blank(&self) -> bool {
        [&self.kk, &self.ru, &self.en].iter().any(|wording| wording.trim().is_empty())
    }
}
