//! Whom the search serves worst: people by age, trade and skin.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tanba_finger::evaluate::clopper_pearson;
use tanba_synth::Person;

use super::people::{AS_OF, People};
use super::searches::Mated;

/// Searches that a group must have to be the worst or the best: of fewer, none or one missed says nothing.
const FEWEST: usize = 30;
/// Groups by skin, and by evidence.
const TENTHS: usize = 10;
/// Completed years with which a band of ages begins.
const AGES: [i32; 4] = [16, 30, 45, 60];

/// People of a kind.
pub(super) struct Group {
    name: String,
    searches: usize,
    missed: usize,
}

impl Group {
    fn fnir(&self) -> f64 {
        100.0 * self.missed as f64 / self.searches.max(1) as f64
    }

    fn to_json(&self) -> Value {
        let (low, high) = clopper_pearson(self.missed as f64, self.searches as f64);
        json!({
            "name": self.name,
            "searches": self.searches,
            "fnir": self.fnir(),
            "fnir_ci95": [100.0 * low, 100.0 * high],
        })
    }
}

/// The same people, grouped in three ways, and their evidence.
pub(super) struct Groups {
    /// Name of the way, and its groups.
    ways: Vec<(&'static str, Vec<Group>)>,
    /// Mean evidence for the mates of each tenth, the weakest first; who was not found counts as none.
    evidence: Vec<f64>,
}

impl Groups {
    /// At a threshold.
    pub(super) fn of(mated: &[Mated], people: &People, threshold: f64) -> Self {
        let who: Vec<(Person, bool)> = mated
            .iter()
            .map(|search| (people.person(search.place), search.mate.is_none_or(|lr| lr < threshold)))
            .collect();
        let mut hard: Vec<(f64, bool)> = who.iter().map(|(person, missed)| (hardness(person), *missed)).collect();
        hard.sort_by(|a, b| a.0.total_cmp(&b.0));
        let tenth = |k: usize| {
            let of = &hard[k * hard.len() / TENTHS..(k + 1) * hard.len() / TENTHS];
            let missed = of.iter().filter(|(_, missed)| *missed).count();
            Group { name: format!("{}", k + 1), searches: of.len(), missed }
        };
        let mut evidence: Vec<f64> = mated.iter().map(|search| search.mate.unwrap_or(0.0)).collect();
        evidence.sort_by(f64::total_cmp);
        let mean = |k: usize| {
            let of = &evidence[k * evidence.len() / TENTHS..(k + 1) * evidence.len() / TENTHS];
            of.iter().sum::<f64>() / of.len().max(1) as f64
        };
        Self {
            ways: vec![
                ("age", grouped(&who, |person| band(person.born.age_at(AS_OF)))),
                ("trade", grouped(&who, trade)),
                ("skin_decile", (0..TENTHS).map(tenth).collect()),
            ],
            evidence: (0..TENTHS).map(mean).collect(),
        }
    }

    /// The groups, way by way.
    pub(super) fn to_json(&self) -> Value {
        let ways = self
            .ways
            .iter()
            .map(|(name, groups)| ((*name).to_owned(), Value::Array(groups.iter().map(Group::to_json).collect())));
        Value::Object(ways.collect())
    }

    /// The worst group of each way beside the middle one.
    pub(super) fn worst(&self) -> Value {
        let mut all: serde_json::Map<String, Value> = self
            .ways
            .iter()
            .filter_map(|(way, groups)| {
                let mut groups: Vec<&Group> = groups.iter().filter(|group| group.searches >= FEWEST).collect();
                groups.sort_by(|a, b| a.fnir().total_cmp(&b.fnir()));
                let middle = groups.get(groups.len() / 2)?.fnir();
                Some(((*way).to_owned(), json!({ "worst": groups.last()?.to_json(), "median_fnir": middle })))
            })
            .collect();
        all.insert(
            "evidence_decile".to_owned(),
            json!({ "worst_mean_log10_lr": self.evidence[0], "median_mean_log10_lr": self.evidence[TENTHS / 2] }),
        );
        Value::Object(all)
    }
}

fn grouped(who: &[(Person, bool)], name: impl Fn(&Person) -> String) -> Vec<Group> {
    let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (person, missed) in who {
        let group = groups.entry(name(person)).or_default();
        group.0 += 1;
        group.1 += usize::from(*missed);
    }
    groups.into_iter().map(|(name, (searches, missed))| Group { name, searches, missed }).collect()
}

fn band(age: i32) -> String {
    let at = AGES.iter().rposition(|from| age >= *from).unwrap_or(0);
    match AGES.get(at + 1) {
        Some(next) => format!("{} to {}", AGES[at], next - 1),
        None => format!("{} and more", AGES[at]),
    }
}

fn trade(person: &Person) -> String {
    match serde_json::to_value(person.trade) {
        Ok(Value::String(name)) => name,
        _ => String::new(),
    }
}

/// How hard somebody's skin is to read (own choice of what counts, by what the synthesis does with it): worn, creased, and off the
/// usual moisture, the mean of the ten fingers.
fn hardness(person: &Person) -> f64 {
    let one = |skin: &tanba_synth::Skin| f64::from(skin.wear + skin.creases + (skin.dryness - 0.5).abs());
    person.skin.iter().map(one).sum::<f64>() / person.skin.len() as f64
}

#[cfg(test)]
mod tests {
    use super::super::people::Made;
    use super::*;
    use tanba_synth::ImpressionPreset;

    #[test]
    fn everybody_is_in_one_group_of_each_way_and_the_worst_has_the_most_missed() {
        let people = People::new(1, 400, 2, ImpressionPreset::FvcLike, Made::Templates);
        // The oldest have no evidence.
        let mated: Vec<Mated> = (0..400)
            .map(|place| {
                let old = people.person(place).born.age_at(AS_OF) >= 60;
                Mated { place, mate: (!old).then_some(5.0), ..Mated::default() }
            })
            .collect();
        let groups = Groups::of(&mated, &people, 1.0);
        for (way, of) in &groups.ways {
            assert_eq!(of.iter().map(|g| g.searches).sum::<usize>(), 400, "{way}");
        }
        let worst = groups.worst();
        assert_eq!(worst["age"]["worst"]["name"], "60 and more");
        assert_eq!((&worst["age"]["worst"]["fnir"], &worst["age"]["median_fnir"]), (&json!(100.0), &json!(0.0)));
        assert_eq!(worst["evidence_decile"]["median_mean_log10_lr"], 5.0);
        assert_eq!([15, 29, 30, 59, 79].map(band), ["16 to 29", "16 to 29", "30 to 44", "45 to 59", "60 and more"]);
    }
}
