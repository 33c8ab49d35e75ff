//! What a notice of a look says to people, in their language; the words are those of the console.

use tanba_registry::Notice;

use crate::console::{Lang, arg};

/// The notice as one short message. It names the authority, the day, the kind of look and its place in the log, and nobody.
pub fn notice_text(notice: &Notice) -> String {
    let lang = Lang::from_code(&notice.language).unwrap_or(Lang::Kk);
    let values = [
        arg("day", lang.date(notice.day)),
        arg("authority", notice.authority_name.as_str()),
        arg("what", lang.named("event", &notice.kind)),
        arg("entry", notice.entry.to_string()),
    ];
    lang.tn("notice-text", &values)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A notice in a language of a kind of look.
    fn notice(language: &str, kind: &str) -> Notice {
        Notice {
            key: "0190b5d4-0000-7000-8000-000000000000".parse().unwrap(),
            recipient: "r".to_owned(),
            language: language.to_owned(),
            kind: kind.to_owned(),
            authority: "mia".to_owned(),
            authority_name: "ІІМ".to_owned(),
            day: jiff::civil::date(2026, 11, 25),
            entry: 1234,
        }
    }

    #[test]
    fn a_notice_is_a_sentence_in_each_language() {
        assert_eq!(
            notice_text(&notice("kk", "person.viewed")),
            "2026 ж. 25 қараша, ІІМ: адамның парағы қаралды. Журнал жазбасы № 1234. Кім және не үшін қарағаны жеке парағыңызда көрсетілген."
        );
        assert_eq!(
            notice_text(&notice("ru", "person.viewed")),
            "25 ноября 2026 г., ІІМ: просмотрена страница человека. Запись журнала № 1234. Кто и зачем смотрел, видно на вашей странице."
        );
        assert!(notice_text(&notice("en", "person.viewed")).starts_with("25 November 2026, ІІМ: the person's page"));
        assert_eq!(notice_text(&notice("xx", "person.viewed")), notice_text(&notice("kk", "person.viewed")));
    }
}
