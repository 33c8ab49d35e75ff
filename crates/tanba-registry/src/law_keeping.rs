//! The law's answers to how long something may be kept, and what follows when a consent is taken back.

use jiff::civil::Date;
use tanba_law::{
    ActivePack, Basis, Modality, Pack, RetentionAnswer, RetentionKind, RetentionRecord, RetentionState, Text,
};

use crate::law::{LawAnswer, LawBook, forbidden};
use crate::registry::Mode;

/// What follows when a consent is taken back.
pub(crate) struct WithdrawalRule {
    pub document_stays: bool,
    pub delete_within: String,
    pub text: Text,
    pub assumed: Option<String>,
    pub pack_hash: String,
}

impl LawBook {
    /// Production stores nothing of which nobody knows how long it may be kept.
    pub(crate) fn storable(&self, pack: ActivePack<'_>, answered: LawAnswer, today: Date) -> LawAnswer {
        if self.mode == Mode::Demonstration {
            return answered;
        }
        let group = self.group(&answered.pack, &answered.clause).unwrap_or("any");
        [RetentionKind::Profile, RetentionKind::Sample]
            .into_iter()
            .map(|kind| pack.retention(&RetentionRecord::collected(kind, group, today), today))
            // A row whose clock starts with an event that has not happened yet is known.
            .find(|kept| kept.state == RetentionState::NotKnown)
            .map_or(answered, |kept| forbidden(&pack, &kept.clause, Some(kept.text)))
    }

    /// The group of a registration by the rule that it rests on.
    pub(crate) fn group(&self, pack: &str, clause: &str) -> Option<&str> {
        let rules = self.pack(pack)?.rules();
        rules.iter().find(|rule| rule.code == clause).map(|rule| rule.group.as_str())
    }

    /// Whether what was collected under a pack may still be used: its law must not have been struck down, and a version of it
    /// must hold.
    pub(crate) fn still_holds(&self, modality: Modality, collected_under: &str, today: Date) -> bool {
        self.in_force(modality, today).is_some() && self.struck(collected_under, today).is_none()
    }

    /// The pack as it was struck down by a day: in the law in use, or in a set that was delivered since.
    pub(crate) fn struck(&self, pack: &str, today: Date) -> Option<ActivePack<'_>> {
        let struck = |pack: &&Pack| pack.struck().is_some_and(|struck| today >= struck.on);
        let mut books = std::iter::once(self).chain(&self.delivered);
        books.find_map(|book| book.activated(book.pack(pack).filter(struck)?).ok())
    }

    /// The version that ends, in a set that was delivered and not acknowledged, what the law in use still lets happen.
    pub(crate) fn ended_by_delivery(&self, modality: Modality, today: Date) -> Option<ActivePack<'_>> {
        self.own_in_force(modality, today)?;
        let ended = self.delivered.iter().rev().find(|book| book.own_in_force(modality, today).is_none());
        ended?.own_version(modality, today)
    }

    /// How long something may be kept that was collected under a pack: by that pack where it was struck down, else by the version
    /// that holds today; where none holds any more, not at all.
    pub(crate) fn keeping(
        &self,
        modality: Modality,
        collected_under: &str,
        record: &RetentionRecord,
        today: Date,
    ) -> Option<RetentionAnswer> {
        let struck = |pack: &&Pack| pack.struck().is_some_and(|struck| today >= struck.on);
        if let Some(pack) = self.struck(collected_under, today) {
            return Some(pack.retention(record, today));
        }
        let mut version = self.version(modality, today)?;
        let mut expired = version.pack().valid_to().filter(|end| today >= *end);
        if struck(&version.pack())
            && let Some(own) = self.pack(collected_under).and_then(|pack| self.activated(pack).ok())
        {
            // The law is ended by its later version; what was collected before it goes by its own time, and is not used.
            (version, expired) = (own, None);
        }
        let mut answer = version.retention(record, today);
        if let Some(end) = expired.filter(|_| record.kind != RetentionKind::Log) {
            let ordered = record.hold.is_some() && !answer.hold_refused;
            answer.state = if ordered { RetentionState::Held } else { RetentionState::Erase };
            (answer.usable, answer.until) = (false, Some(answer.until.map_or(end, |until| until.min(end))));
            (answer.clause, answer.text) = ("validity".to_owned(), version.pack().history().clone());
        } else if self.in_force(modality, today).is_none() && record.kind != RetentionKind::Log {
            // Nobody knows from when it holds, or it is not known yet: kept, and not used.
            answer.usable = false;
        }
        Some(answer)
    }

    /// What follows when a consent to a registration is taken back, by the version that holds today.
    pub(crate) fn withdrawal(&self, modality: Modality, today: Date) -> Option<WithdrawalRule> {
        let pack = self.version(modality, today)?;
        let (rule, assumed) = pack.withdrawal()?;
        Some(WithdrawalRule {
            document_stays: rule.document_stays,
            delete_within: rule.delete_within.clone(),
            text: rule.text.clone(),
            assumed,
            pack_hash: pack.pack().hash().to_string(),
        })
    }

    /// Whether a registration rests on a rule that lets the person choose.
    pub(crate) fn by_choice(&self, pack: &str, clause: &str) -> bool {
        let rules = self.pack(pack).map(Pack::rules).unwrap_or_default();
        rules.iter().any(|rule| rule.code == clause && rule.basis == Basis::Voluntary)
    }

    /// The hash of the version that answers about prints today, for log entries.
    pub(crate) fn prints_hash(&self, today: Date) -> String {
        self.prints(today).map(|pack| pack.pack().hash().to_string()).unwrap_or_default()
    }
}
