//! What changed between two packs.

use crate::pack;
use proptest::prelude::*;
use tanba_law::{Changed, Library, Pack, apply, diff};

const KZ_2016: &str = include_str!("../../packs/kz-2016-as-enacted.yaml");

fn read(text: &str) -> Option<Pack> {
    Pack::from_yaml(text, Library::embedded().indices()).ok()
}

/// The content after the changes, as the pack's own canonical content has it.
fn gives(old: &Pack, new: &Pack) -> bool {
    let target: serde_json::Value = serde_json::from_str(new.canonical_json()).unwrap();
    apply(old, &diff(old, new)) == Some(target)
}

#[test]
fn control_a10_the_changes_between_any_two_packs_give_the_second() {
    let packs = Library::embedded().packs();
    for old in packs {
        for new in packs {
            assert!(gives(old, new), "{} to {}", old.id(), new.id());
            assert_eq!(diff(old, new).is_empty(), old.id() == new.id());
        }
    }
}

#[test]
fn a_change_is_told_by_clause_in_three_languages() {
    let (old, new) = (pack("kz-2016-as-enacted"), pack("kz-2024-in-force"));
    let told: Vec<_> = diff(old, new).iter().map(|change| change.told()).collect();
    let has =
        |words: &str| told.iter().any(|text| [&text.kk, &text.ru, &text.en].iter().any(|said| said.contains(words)));
    for words in [
        "rules › citizen-from-16 › footing: mandatory → voluntary",
        "правила › citizen-from-16 › обязательность: mandatory → voluntary",
        "ережелер › citizen-from-16 › міндеттілігі: mandatory → voluntary",
        "consequences of refusal › value › refusal-fine: removed: A refusal may be fined",
        "exemptions › visa-reciprocity: added:",
        "valid from: 2021-01-01 → 2024-01-01",
    ] {
        assert!(has(words), "{words}");
    }
}

#[test]
fn changes_that_do_not_fit_are_not_applied() {
    let (old, new) = (pack("kz-2016-as-enacted"), pack("kz-2024-in-force"));
    let changes = diff(old, new);
    assert_eq!(apply(new, &changes), None);
    assert!(changes.iter().any(|change| matches!(change.what, Changed::Replaced { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Rules taken out, put in another order, renamed and reworded, wherever that leaves a sound pack.
    #[test]
    fn control_a10_whatever_was_edited_the_changes_give_the_second(
        from in 0usize..5, to in 0usize..5, rename: bool, remove: bool, units in 1u32..9, order: bool,
    ) {
        let old = pack("kz-2016-as-enacted");
        let (head, rest) = KZ_2016.split_once("\nrules:\n").unwrap();
        let (rules, tail) = rest.split_once("\nsilence:\n").unwrap();
        let mut rows: Vec<String> = rules.split("\n  - code: ").map(str::to_owned).collect();
        // The first piece holds the first rule; the others are rows 1 to 6.
        let mut others = rows.split_off(1);
        others.swap(from, to);
        if remove {
            others.pop();
        }
        if rename {
            others[0] = others[0].replacen('\n', "-anew\n", 1);
        }
        let text = format!("{head}\nrules:\n{}\n  - code: {}\nsilence:\n{tail}", rows[0], others.join("\n  - code: "));
        let text = text.replace("units: 5", &format!("units: {units}"));
        let text = if order { text.replace("[identity_card, passport,", "[passport, identity_card,") } else { text };
        if let Some(new) = read(&text) {
            prop_assert!(gives(old, &new) && gives(&new, old));
        } else {
            prop_assert!(false, "the edited pack does not read");
        }
    }
}
