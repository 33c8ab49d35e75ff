//! Pedigrees of any shape: read, checked, and filled with people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::person::Sex;

use super::draw::{Draw, Streams};
use super::meiosis::Mutation;
use super::parameters::{MAX_MEMBERS, MAX_NAME};
use super::population::draw_sex;
use super::{Diploid, GeneticsError, Meiosis, ProfilePopulation};

/// A member as somebody writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Any name of 1 to 24 letters, digits, points, hyphens and underscores; `0` stands for no parent and is no name.
    pub id: String,
    /// `male` or `female`. Left out: mothers are female, fathers male, twins alike, and anybody else is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// The mother's id. Both parents are given, or neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mother: Option<String>,
    /// The father's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub father: Option<String>,
    /// The id of this member's monozygotic twin, who has the same parents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin_of: Option<String>,
    /// Whether there is a profile; yes unless said otherwise.
    #[serde(default = "yes")]
    pub typed: bool,
}

/// A pedigree as somebody writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PedigreeText {
    /// A name for the case.
    pub name: String,
    /// The members in any order.
    pub members: Vec<Member>,
    /// The ids of missing people: they have no ante-mortem profile, and one is looked for.
    #[serde(default)]
    pub missing: Vec<String>,
}

fn yes() -> bool {
    true
}

/// A pedigree that has been checked: parents before children, every name known.
#[derive(Debug, Clone, PartialEq)]
pub struct Pedigree {
    text: PedigreeText,
    members: Vec<Checked>,
    /// Places in `members`, parents and first twins before those who need them.
    order: Vec<usize>,
    missing: Vec<usize>,
}

/// A member with places instead of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Checked {
    sex: Option<Sex>,
    parents: Option<(usize, usize)>,
    twin_of: Option<usize>,
}

/// A family: the people of a pedigree, in its order.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedFamily {
    /// One for each member.
    pub people: Vec<Diploid>,
    /// What changed, with the place of the child.
    pub mutations: Vec<(usize, Mutation)>,
}

/// Families of one population and one pedigree, each by number.
#[derive(Clone)]
pub struct Families<'a> {
    /// Their shape.
    pub pedigree: &'a Pedigree,
    /// Where founders come from; all of a family are of one gene pool.
    pub population: &'a ProfilePopulation,
    /// How they inherit.
    pub meiosis: &'a Meiosis,
    streams: Streams,
}

impl Pedigree {
    /// Checks a pedigree. Loops, and parents who are related or the same for everybody, are allowed.
    ///
    /// # Errors
    /// [`GeneticsError::BadPedigree`] and [`GeneticsError::BadMember`]: no members or more than 10,000, names that are no names,
    /// that stand twice or are not members, one parent without the other, a parent of the wrong sex, somebody who descends from
    /// himself, twins of different parents or sexes.
    pub fn new(text: PedigreeText) -> Result<Self, GeneticsError> {
        let whole = |reason| Err(GeneticsError::BadPedigree { reason });
        if text.members.is_empty() {
            return whole("it has no members: give at least one");
        }
        if text.members.len() > MAX_MEMBERS {
            return whole("it has more than 10000 members: divide it");
        }
        if !is_name(&text.name) {
            return whole("its name has 1 to 24 letters, digits, points, hyphens and underscores");
        }
        let mut places = BTreeMap::new();
        for (i, member) in text.members.iter().enumerate() {
            let bad = |reason| Err(GeneticsError::BadMember { member: i + 1, reason });
            if !is_name(&member.id) || member.id == "0" {
                return bad(
                    "has an id that cannot be used: give 1 to 24 letters, digits, points, hyphens or underscores, but not 0",
                );
            }
            if places.insert(member.id.as_str(), i).is_some() {
                return bad("has the id of an earlier member: ids differ");
            }
        }
        let mut members = text
            .members
            .iter()
            .enumerate()
            .map(|(i, member)| check(member, i, &places))
            .collect::<Result<Vec<_>, _>>()?;
        settle_sexes(&mut members)?;
        let missing = text.missing.iter().map(|id| places.get(id.as_str()).copied()).collect::<Option<Vec<_>>>();
        let Some(missing) = missing else {
            return whole("somebody who is missing is not among its members: add the member");
        };
        if (1..missing.len()).any(|i| missing[..i].contains(&missing[i])) {
            return whole("somebody is listed twice as missing");
        }
        let order = ordered(&members)?;
        Ok(Self { members, order, missing, text })
    }

    /// The pedigree as it was written.
    pub fn text(&self) -> &PedigreeText {
        &self.text
    }

    /// Its members as they were written.
    pub fn members(&self) -> &[Member] {
        &self.text.members
    }

    /// The places of the mother and the father of a member.
    pub fn parents(&self, member: usize) -> Option<(usize, usize)> {
        self.members[member].parents
    }

    /// The place of the monozygotic twin that a member is a copy of.
    pub fn twin_of(&self, member: usize) -> Option<usize> {
        self.members[member].twin_of
    }

    /// The places of the missing.
    pub fn missing(&self) -> &[usize] {
        &self.missing
    }

    /// Whether there is a profile from the time before: typed and not missing.
    pub fn is_typed(&self, member: usize) -> bool {
        self.text.members[member].typed && !self.missing.contains(&member)
    }

    fn simulate(
        &self,
        population: &ProfilePopulation,
        meiosis: &Meiosis,
        pool: u64,
        draw: &mut Draw,
    ) -> SimulatedFamily {
        let mut people = vec![Diploid::empty(); self.members.len()];
        let (mut mutations, mut of_child) = (Vec::new(), Vec::new());
        for &i in &self.order {
            let member = self.members[i];
            people[i] = match (member.twin_of, member.parents) {
                (Some(twin), _) => people[twin].clone(),
                (None, Some((mother, father))) => {
                    let sex = member.sex.unwrap_or_else(|| draw_sex(draw));
                    let child = meiosis.child(&people[mother], &people[father], sex, draw, &mut of_child);
                    mutations.extend(of_child.drain(..).map(|m| (i, m)));
                    child
                }
                (None, None) => {
                    let sex = member.sex.unwrap_or_else(|| draw_sex(draw));
                    population.founder(pool, sex, draw)
                }
            };
        }
        SimulatedFamily { people, mutations }
    }
}

impl<'a> Families<'a> {
    /// Families of a pedigree. `label` keeps families of different uses of one seed apart.
    pub fn new(
        pedigree: &'a Pedigree,
        population: &'a ProfilePopulation,
        meiosis: &'a Meiosis,
        seed: u64,
        label: &str,
    ) -> Self {
        Self { pedigree, population, meiosis, streams: Streams::new(seed, &format!("genetics/family/{label}")) }
    }

    /// Family `k`; any number is allowed. Its founders are of gene pool `k`.
    pub fn family(&self, k: u64) -> SimulatedFamily {
        self.with_strangers(k, 0.0).0
    }

    /// Family `k`, whether it is what the pedigree says, and strangers of the same gene pool and sex who, with probability
    /// `false_share`, stand in for those who are asked about: the missing, or else member `B`, or else the last typed member.
    pub(super) fn with_strangers(&self, k: u64, false_share: f64) -> (SimulatedFamily, bool, Vec<(usize, Diploid)>) {
        let mut draw = self.streams.at(k);
        let family = self.pedigree.simulate(self.population, self.meiosis, k, &mut draw);
        if !draw.chance(false_share) {
            return (family, true, Vec::new());
        }
        let count = self.pedigree.members().len();
        let asked = if self.pedigree.missing.is_empty() {
            let second = self.pedigree.members().iter().position(|member| member.id == "B");
            second.or((0..count).rev().find(|&i| self.pedigree.is_typed(i))).into_iter().collect()
        } else {
            self.pedigree.missing.clone()
        };
        let mut stranger = |i: usize| (i, self.population.founder(k, family.people[i].sex, &mut draw));
        let strangers = asked.into_iter().map(&mut stranger).collect();
        (family, false, strangers)
    }
}

fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// A member's references, each to somebody else in the pedigree.
fn check(member: &Member, i: usize, places: &BTreeMap<&str, usize>) -> Result<Checked, GeneticsError> {
    let bad = |reason| GeneticsError::BadMember { member: i + 1, reason };
    let find =
        |id: &Option<String>, reason| id.as_deref().map(|id| places.get(id).copied().ok_or(bad(reason))).transpose();
    let mother =
        find(&member.mother, "names a mother who is no member: add her, with typed false if she has no profile")?;
    let father =
        find(&member.father, "names a father who is no member: add him, with typed false if he has no profile")?;
    let twin_of = find(&member.twin_of, "names a twin who is no member: add the twin")?;
    if mother.is_some() && mother == father {
        return Err(bad("has one person as mother and father: give two"));
    }
    if twin_of == Some(i) {
        return Err(bad("is given as its own twin: name the other one"));
    }
    let parents = match (mother, father) {
        (Some(mother), Some(father)) => Some((mother, father)),
        (None, None) => None,
        _ => return Err(bad("has one parent only: add the other as a member with typed false, or leave out both")),
    };
    Ok(Checked { sex: member.sex, parents, twin_of })
}

/// Gives parents the sex of their part and twins each other's, and checks twins' parents.
fn settle_sexes(members: &mut [Checked]) -> Result<(), GeneticsError> {
    for i in 0..members.len() {
        let Some((mother, father)) = members[i].parents else { continue };
        for (parent, sex, reason) in [
            (
                mother,
                Sex::Female,
                "is somebody's mother, and male or a father elsewhere: correct the sex or the parents",
            ),
            (
                father,
                Sex::Male,
                "is somebody's father, and female or a mother elsewhere: correct the sex or the parents",
            ),
        ] {
            if *members[parent].sex.get_or_insert(sex) != sex {
                return Err(GeneticsError::BadMember { member: parent + 1, reason });
            }
        }
    }
    for i in 0..members.len() {
        let Some(twin) = members[i].twin_of else { continue };
        let bad = |reason| Err(GeneticsError::BadMember { member: i + 1, reason });
        if members[twin].twin_of.is_some() {
            return bad("is the twin of somebody who is given as a twin: name the same first one for all");
        }
        if members[i].parents != members[twin].parents {
            return bad("has other parents than the twin: monozygotic twins have the same");
        }
        if let (Some(a), Some(b)) = (members[i].sex, members[twin].sex)
            && a != b
        {
            return bad("has another sex than the twin: monozygotic twins have the same");
        }
        // Passed through the first twin, so that three of them agree too.
        let sex = members[i].sex.or(members[twin].sex);
        members[i].sex = sex;
        members[twin].sex = sex;
    }
    Ok(())
}

/// An order in which nobody stands before those that he is made from (Kahn's algorithm, the earliest place first).
fn ordered(members: &[Checked]) -> Result<Vec<usize>, GeneticsError> {
    let before = |i: usize| {
        let parents = members[i].parents.map(|(m, f)| [Some(m), Some(f)]).unwrap_or_default();
        parents.into_iter().flatten().chain(members[i].twin_of)
    };
    let mut waiting = vec![0_u32; members.len()];
    let mut after = vec![Vec::new(); members.len()];
    for i in 0..members.len() {
        for needed in before(i) {
            waiting[i] += 1;
            after[needed].push(i);
        }
    }
    let mut ready: std::collections::BTreeSet<usize> = (0..members.len()).filter(|&i| waiting[i] == 0).collect();
    let mut order = Vec::with_capacity(members.len());
    while let Some(i) = ready.pop_first() {
        order.push(i);
        for &next in &after[i] {
            waiting[next] -= 1;
            if waiting[next] == 0 {
                ready.insert(next);
            }
        }
    }
    match waiting.iter().position(|w| *w > 0) {
        // Whoever still waits is in a circle, or descends from one.
        Some(i) => {
            let reason = "is, or descends from, an ancestor of itself: correct the parents";
            Err(GeneticsError::BadMember { member: i + 1, reason })
        }
        None => Ok(order),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genetics::{AlleleTable, MutationModels};

    fn read(json: &str) -> Result<Pedigree, GeneticsError> {
        Pedigree::new(serde_json::from_str(json).unwrap())
    }

    fn refused(members: &str) -> String {
        read(&format!(r#"{{"name": "x", "members": [{members}]}}"#)).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_pedigree_is_refused_in_words_that_name_the_place_and_not_the_person() {
        let aida = r#"{"id": "Aida", "sex": "female"}"#;
        let marat = r#"{"id": "Marat", "sex": "male"}"#;
        for (members, says) in [
            ("", "no members"),
            (r#"{"id": ""}"#, "member 1"),
            (r#"{"id": "0"}"#, "not 0"),
            (r#"{"id": "a b"}"#, "letters"),
            (&format!("{aida}, {aida}"), "member 2 of the pedigree has the id of an earlier"),
            (&format!(r#"{aida}, {{"id": "c", "mother": "Aida"}}"#), "one parent only"),
            (&format!(r#"{aida}, {{"id": "c", "mother": "Aida", "father": "Marat"}}"#), "father who is no member"),
            (
                &format!(r#"{aida}, {{"id": "c", "mother": "Aida", "father": "Aida"}}"#),
                "one person as mother and father",
            ),
            (&format!(r#"{aida}, {marat}, {{"id": "c", "mother": "Marat", "father": "Aida"}}"#), "correct the sex"),
            (
                r#"{"id": "a"}, {"id": "b"}, {"id": "c", "mother": "a", "father": "b"}, {"id": "d", "mother": "b", "father": "a"}"#,
                "correct the sex",
            ),
            (
                &format!(
                    r#"{marat}, {{"id": "c", "mother": "d", "father": "Marat"}}, {{"id": "d", "mother": "c", "father": "Marat"}}"#
                ),
                "ancestor of itself",
            ),
            (r#"{"id": "a", "twin_of": "a"}"#, "own twin"),
            (r#"{"id": "a", "twin_of": "b"}, {"id": "b", "twin_of": "a"}"#, "same first one"),
            (&format!(r#"{aida}, {{"id": "t", "sex": "male", "twin_of": "Aida"}}"#), "another sex than the twin"),
            (
                &format!(
                    r#"{aida}, {marat}, {{"id": "c", "mother": "Aida", "father": "Marat"}}, {{"id": "t", "twin_of": "c"}}"#
                ),
                "other parents than the twin",
            ),
        ] {
            let said = refused(members);
            assert!(said.contains(says) && !said.contains("Aida") && !said.contains("Marat"), "{said:?} {says:?}");
        }
        assert!(read(r#"{"name": "x", "members": [{"id": "a"}], "missing": ["b"]}"#).is_err());
        assert!(read(r#"{"name": "x", "members": [{"id": "a"}], "missing": ["a", "a"]}"#).is_err());
        let many: Vec<String> = (0..10_001).map(|i| format!(r#"{{"id": "m{i}"}}"#)).collect();
        assert!(refused(&many.join(",")).contains("10000"));
    }

    #[test]
    fn loops_are_filled_in_any_order_of_members_and_twins_are_alike() {
        // Father and daughter have a child; members stand youngest first.
        let pedigree = read(
            r#"{"name": "incest", "members": [
                {"id": "c2", "twin_of": "c1", "mother": "d", "father": "f"},
                {"id": "c1", "mother": "d", "father": "f"},
                {"id": "d", "mother": "m", "father": "f", "typed": false},
                {"id": "m", "sex": "female"}, {"id": "f"}], "missing": ["c1"]}"#,
        )
        .unwrap();
        assert_eq!(pedigree.missing(), [1]);
        assert_eq!((0..5).map(|i| pedigree.is_typed(i)).collect::<Vec<_>>(), [true, false, false, true, true]);
        let table = AlleleTable::illustration();
        let meiosis = Meiosis::new(&table, MutationModels::NONE, true).unwrap();
        let population = ProfilePopulation::new(table, 1, 0.01, 3).unwrap();
        let families = Families::new(&pedigree, &population, &meiosis, 2, "test");
        for k in 0..50 {
            let family = families.family(k);
            assert_eq!(family, families.family(k));
            let [c2, c1, d, m, f] = &family.people[..] else { panic!() };
            assert_eq!(c1, c2);
            assert_eq!((d.sex, m.sex, f.sex), (Sex::Female, Sex::Female, Sex::Male));
            for i in 0..d.maternal.len() {
                assert!([m.maternal[i], m.paternal[i]].contains(&d.maternal[i]));
                assert!([f.maternal[i], f.paternal[i]].contains(&c1.paternal[i]));
                assert!([d.maternal[i], d.paternal[i]].contains(&c1.maternal[i]));
            }
        }
        assert_ne!(families.family(1), families.family(2));
    }

    #[test]
    fn a_pedigree_of_ten_thousand_generations_is_filled() {
        let mut members = vec![r#"{"id": "m0"}"#.to_owned()];
        for i in 1..5000 {
            members.push(format!(r#"{{"id": "f{i}"}}"#));
            members.push(format!(r#"{{"id": "m{i}", "sex": "female", "mother": "m{}", "father": "f{i}"}}"#, i - 1));
        }
        let pedigree = read(&format!(r#"{{"name": "x", "members": [{}]}}"#, members.join(","))).unwrap();
        let table = AlleleTable::illustration();
        let meiosis = Meiosis::new(&table, MutationModels::USUAL, true).unwrap();
        let population = ProfilePopulation::new(table, 1, 0.0, 1).unwrap();
        let family = Families::new(&pedigree, &population, &meiosis, 2, "test").family(0);
        assert_eq!(family.people.len(), 9999);
        assert!(!family.mutations.is_empty());
    }
}
