//! By whose clock a day begins: the time zones of countries that keep one time, as data (`packs/clocks/countries.yaml`).

use std::sync::LazyLock;

use serde::Deserialize;

use crate::Ground;
use crate::read::read_yaml;

const CLOCKS: &str = include_str!("../packs/clocks/countries.yaml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clocks {
    #[serde(rename = "format")]
    _format: String,
    clocks: Vec<CountryClock>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CountryClock {
    jurisdiction: String,
    zone: String,
    #[serde(rename = "ground")]
    _ground: Ground,
}

static EMBEDDED: LazyLock<Clocks> = LazyLock::new(|| {
    let read: (Clocks, String) = read_yaml(CLOCKS, "tanba-clocks/1")
        .expect("the embedded clocks are part of the program and are read by its tests");
    read.0
});

/// The IANA time zone of a country, by its ISO 3166 code in any case; `None` where it keeps several, or is not known.
pub fn time_zone(jurisdiction: &str) -> Option<&'static str> {
    let known = EMBEDDED.clocks.iter().find(|known| known.jurisdiction.eq_ignore_ascii_case(jurisdiction));
    known.map(|known| known.zone.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_of_one_time_have_it_and_others_have_none() {
        assert_eq!((time_zone("kz"), time_zone("IN")), (Some("Asia/Almaty"), Some("Asia/Kolkata")));
        assert_eq!((time_zone("ru"), time_zone("EU"), time_zone("xx")), (None, None, None));
    }
}
