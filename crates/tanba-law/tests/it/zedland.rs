//! The law of a country that does not exist, and its variants: what the real packs do not have yet.

use std::sync::LazyLock;
use tanba_law::{Library, Pack};

const PRINTS: &str = include_str!("../packs/zz-prints.yaml");

/// Prints of Zedland.
pub(crate) static ZEDLAND: LazyLock<Pack> = LazyLock::new(|| read(PRINTS));

/// The same law for pictures of the face: no age is too high.
pub(crate) static FACE: LazyLock<Pack> = LazyLock::new(|| {
    let text = PRINTS.replace("modality: fingerprint", "modality: face").replace("id: zz-prints", "id: zz-face");
    read(&text.replace("\"[14,80)\"", "\"[14,inf)\"").replace(
        "age: \"[80,inf)\"\n    triggers: [border_entry, border_exit]",
        "age: \"[80,inf)\"\n    triggers: [border_exit]",
    ))
});

/// The same law, struck down by a court on 5 October 2025; the supervisor may still read.
pub(crate) static STRUCK: LazyLock<Pack> = LazyLock::new(|| {
    let struck = "struck:\n  on: 2025-10-05\n  still_read: [data_protection]\n  ground: {cite: a, source: b, confidence: B}\n  \
                  text: {kk: \"Күші жойылды.\", ru: \"Отменён.\", en: \"Struck down.\"}\nleap_birthday:";
    read(&PRINTS.replace("id: zz-prints", "id: zz-struck").replacen("leap_birthday:", struck, 1))
});

fn read(text: &str) -> Pack {
    Pack::from_yaml(text, Library::embedded().indices()).unwrap_or_else(|error| panic!("{error}"))
}
