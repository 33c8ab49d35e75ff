//! The rows of a pack that decide on registration: rules, exemptions, and the facts they ask for.

use crate::document::{Trigger, named};
use crate::{Ground, Status, Text};
use serde::{Deserialize, Deserializer, de};
use std::fmt;
use std::marker::PhantomData;

/// Ages in completed years, half-open: `[12,16)`, `[16,inf)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeBand {
    /// First age inside.
    pub from: u16,
    /// First age no longer inside; `None` for "inf".
    pub to: Option<u16>,
}

impl AgeBand {
    /// Whether a person of `age` completed years is inside.
    pub fn holds(self, age: u16) -> bool {
        age >= self.from && self.to.is_none_or(|to| age < to)
    }

    /// Whether all of `other` is inside.
    pub(crate) fn contains(self, other: Self) -> bool {
        self.from <= other.from && self.to.is_none_or(|to| other.to.is_some_and(|end| end <= to))
    }

    fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.strip_prefix('[')?.strip_suffix(')')?.split_once(',')?;
        let from = from.trim().parse().ok()?;
        let to = match to.trim() {
            "inf" => None,
            years => Some(years.parse().ok().filter(|to| *to > from)?),
        };
        Some(Self { from, to })
    }
}

impl fmt::Display for AgeBand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to {
            Some(to) => write!(f, "[{},{to})", self.from),
            None => write!(f, "[{},inf)", self.from),
        }
    }
}

impl<'de> Deserialize<'de> for AgeBand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| de::Error::custom("an age band is written \"[12,16)\" or \"[16,inf)\", in whole years"))
    }
}

/// "any", or a list of what is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector<T> {
    /// Everything, also what is not known.
    Any,
    /// Only these.
    Only(Vec<T>),
}

impl<T: PartialEq> Selector<T> {
    /// Whether `item` is meant; what is not known (`None`) is meant only by "any".
    pub fn holds(&self, item: Option<&T>) -> bool {
        match self {
            Selector::Any => true,
            Selector::Only(items) => item.is_some_and(|item| items.contains(item)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Selector<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyOrList<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for AnyOrList<T> {
            type Value = Selector<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`any` or a list")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                if text == "any" { Ok(Selector::Any) } else { Err(E::invalid_value(de::Unexpected::Str(text), &self)) }
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Selector::Only(items))
            }
        }

        deserializer.deserialize_any(AnyOrList(PhantomData))
    }
}

/// On what footing a rule puts registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Basis {
    /// The person must be registered.
    Mandatory,
    /// The person may be registered, if they want to.
    Voluntary,
    /// The person must not be registered.
    Prohibited,
}

named! {
    /// A fact that a rule may ask for before anything is taken.
    Fact {
        /// The person agrees.
        Consent = "consent",
        /// The person agrees in writing.
        WrittenConsent = "written_consent",
        /// The parent or guardian agrees.
        GuardianConsent = "guardian_consent",
        /// The parent or guardian is present.
        GuardianPresence = "guardian_presence",
        /// The judgment is final.
        JudgmentFinal = "judgment_final",
        /// An investigator's order covers the material.
        InvestigatorOrder = "investigator_order",
        /// The stay is short: no longer than the days that a visa-free or short-stay visit allows.
        ShortStay = "short_stay",
    }
}

/// A fact that must be given, and why.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Need {
    /// Which fact.
    pub fact: Fact,
    /// Whether the operator's statement that it was given is enough; otherwise a consent is signed.
    #[serde(default)]
    pub by_statement: bool,
    /// In plain words.
    pub text: Text,
}

/// One rule: for whom, at what age, on what event, on what footing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rule {
    /// Clause id inside the pack.
    pub code: String,
    /// The group that a registration under this rule belongs to (kept apart from other groups).
    pub group: String,
    /// Whom it binds.
    pub who: Selector<Status>,
    /// At what age.
    pub age: AgeBand,
    /// On which events.
    pub triggers: Selector<Trigger>,
    /// Offence classes, where only a conviction for one of them counts.
    #[serde(default)]
    pub offences: Vec<String>,
    /// Kinship to the missing person, where only relatives count.
    #[serde(default)]
    pub relationships: Vec<String>,
    /// The events at which samples are taken. Empty: at any of `triggers`. A rule may bind a person always and yet be
    /// carried out only on some occasions.
    #[serde(default)]
    pub occasions: Vec<Trigger>,
    /// The footing.
    pub basis: Basis,
    /// What must be given before anything is taken.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Where the rule stands.
    pub ground: Ground,
    /// The rule in plain words.
    pub text: Text,
}

/// What holds where no rule speaks: always a prohibition.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Silence {
    /// Clause id inside the pack.
    pub code: String,
    /// Where it stands.
    pub ground: Ground,
    /// In plain words.
    pub text: Text,
    /// Ages between rules that are left to silence on purpose; a hole that is not named here is a gap, and refused.
    #[serde(default)]
    pub left_open: Vec<LeftOpen>,
}

/// Ages of some people, on some events, of which no rule speaks on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LeftOpen {
    pub who: Selector<Status>,
    pub age: AgeBand,
    pub triggers: Selector<Trigger>,
    /// Events that are not meant.
    #[serde(default)]
    pub except: Vec<Trigger>,
}

named! {
    /// A state of the person's hands or office that an exemption may rest on.
    Condition {
        /// Not one finger on either hand.
        NoFingersBothHands = "no_fingers_both_hands",
        /// No papillary pattern on the fingers of both hands.
        NoPapillaryPatternsBothHands = "no_papillary_patterns_both_hands",
        /// An injury of the hand that will heal.
        HandInjury = "hand_injury",
        /// Diplomatic or comparable status.
        Diplomatic = "diplomatic",
        /// What the pack registers cannot be given, ever: no eye to take an iris from.
        PhysicallyImpossible = "physically_impossible",
        /// What the pack registers cannot be given for now.
        TemporarilyImpossible = "temporarily_impossible",
    }
}

/// What an exemption does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum ExemptionEffect {
    /// The person is not subject to registration.
    NotSubject,
    /// Registration waits; the person stays subject to it.
    Postpone,
    /// Whether it exempts could not be read: nothing may be taken until somebody who knows the law has said.
    NotKnown,
}

/// Who is exempt, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Exemption {
    /// Clause id inside the pack.
    pub code: String,
    /// The state it rests on.
    pub condition: Condition,
    /// What it does.
    pub effect: ExemptionEffect,
    /// The events that it is limited to. Empty: all.
    #[serde(default)]
    pub only_on: Vec<Trigger>,
    /// Where it stands.
    pub ground: Ground,
    /// In plain words.
    pub text: Text,
}

impl Exemption {
    /// Whether it concerns an event; one that is limited to some does not concern an event that is not known.
    pub(crate) fn concerns(&self, trigger: Option<Trigger>) -> bool {
        self.only_on.is_empty() || trigger.is_some_and(|trigger| self.only_on.contains(&trigger))
    }
}

/// A body that carries out registration, and on which events.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Conductor {
    /// Clause id inside the pack.
    pub code: String,
    /// The bodies.
    pub bodies: Vec<String>,
    /// The events on which they register.
    pub triggers: Vec<Trigger>,
    /// Where it stands.
    pub ground: Ground,
    /// In plain words.
    pub text: Text,
}

/// When an obligation of the registering body applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum When {
    /// The person must be registered.
    Mandatory,
    /// The person may be registered.
    Voluntary,
    /// A rule forbids registration, or none allows it.
    Prohibited,
    /// The person is exempt for good.
    Exempt,
    /// Registration waits.
    Postponed,
    /// The person is registered already.
    RegisteredBefore,
}

/// A duty of the registering body.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Duties {
    /// Clause id inside the pack.
    pub code: String,
    /// When it applies.
    pub when: Vec<When>,
    /// Where it stands.
    pub ground: Ground,
    /// In plain words.
    pub text: Text,
}
