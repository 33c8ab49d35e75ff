//! What changed between two packs: complete, so that the changes applied to the first give the second, and in plain words.
//!
//! Compared is the canonical content. Rows with a clause id are matched by it wherever they stand; everything else by place.

use crate::{Pack, Text};
use serde::Serialize;
use serde_json::{Map, Value};

/// One change, at a place given by keys and clause ids (`rules`, `citizen-from-16`, `basis`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The keys and clause ids that lead there, from the top.
    pub path: Vec<String>,
    /// What happened there.
    #[serde(flatten)]
    pub what: Changed,
}

/// What happened at a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Changed {
    /// A key or row that was not there before.
    Added {
        /// Its content.
        new: Value,
    },
    /// A key or row that is gone.
    Removed {
        /// What it was.
        old: Value,
    },
    /// Another content.
    Replaced {
        /// Before.
        old: Value,
        /// After.
        new: Value,
    },
    /// Rows in another order, or with others between them.
    Ordered {
        /// Clause ids, in the new order.
        codes: Vec<String>,
    },
}

/// Every change from `old` to `new`, in the order of the file's keys by name.
pub fn diff(old: &Pack, new: &Pack) -> Vec<Change> {
    let mut changes = Vec::new();
    walk(&content(old), &content(new), &mut Vec::new(), &mut changes);
    changes
}

/// The content that `changes` make of `old`; `None` where they do not fit it. Of the changes of [`diff`], the new pack's own.
pub fn apply(old: &Pack, changes: &[Change]) -> Option<Value> {
    let mut value = content(old);
    for change in changes {
        let path: Vec<&str> = change.path.iter().map(String::as_str).collect();
        one(&mut value, &path, &change.what)?;
    }
    Some(value)
}

fn content(pack: &Pack) -> Value {
    serde_json::from_str(pack.canonical_json()).unwrap_or_default()
}

fn walk(old: &Value, new: &Value, path: &mut Vec<String>, changes: &mut Vec<Change>) {
    if old == new {
        return;
    }
    let mut note = |path: &[String], what| changes.push(Change { path: path.to_vec(), what });
    match (old, new, codes(old), codes(new)) {
        (Value::Array(before), Value::Array(after), Some(was), Some(is)) => {
            for (row, code) in before.iter().zip(&was).filter(|(_, code)| !is.contains(code)) {
                path.push(code.clone());
                note(path, Changed::Removed { old: row.clone() });
                path.pop();
            }
            for (row, code) in after.iter().zip(&is).filter(|(_, code)| !was.contains(code)) {
                path.push(code.clone());
                note(path, Changed::Added { new: row.clone() });
                path.pop();
            }
            let kept = was.iter().filter(|code| is.contains(code));
            let appended: Vec<_> = kept.chain(is.iter().filter(|code| !was.contains(code))).cloned().collect();
            if appended != is {
                note(path, Changed::Ordered { codes: is.clone() });
            }
            for (row, code) in before.iter().zip(&was) {
                if let Some(at) = is.iter().position(|other| other == code) {
                    path.push(code.clone());
                    walk(row, &after[at], path, changes);
                    path.pop();
                }
            }
        }
        (Value::Object(before), Value::Object(after), ..) => walk_keys(before, after, path, changes),
        _ => note(path, Changed::Replaced { old: old.clone(), new: new.clone() }),
    }
}

fn walk_keys(old: &Map<String, Value>, new: &Map<String, Value>, path: &mut Vec<String>, changes: &mut Vec<Change>) {
    let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        path.push(key.clone());
        let mut note = |what| changes.push(Change { path: path.clone(), what });
        match (old.get(key), new.get(key)) {
            (Some(before), Some(after)) => walk(before, after, path, changes),
            (None, Some(after)) => note(Changed::Added { new: after.clone() }),
            (Some(before), None) => note(Changed::Removed { old: before.clone() }),
            (None, None) => {}
        }
        path.pop();
    }
}

/// The clause ids of a list of rows; `None` where it is none, or where one stands twice.
fn codes(value: &Value) -> Option<Vec<String>> {
    let rows = value.as_array()?;
    let codes: Vec<String> =
        rows.iter().map(|row| row.get("code")?.as_str().map(str::to_owned)).collect::<Option<_>>()?;
    let mut unique = codes.clone();
    unique.sort();
    unique.dedup();
    (unique.len() == codes.len()).then_some(codes)
}

fn one(value: &mut Value, path: &[&str], what: &Changed) -> Option<()> {
    let Some((first, rest)) = path.split_first() else { return here(value, what) };
    match value {
        Value::Object(entries) if rest.is_empty() => match what {
            Changed::Added { new } => entries.insert((*first).to_owned(), new.clone()).is_none().then_some(()),
            Changed::Removed { old } => (entries.remove(*first).as_ref() == Some(old)).then_some(()),
            _ => here(entries.get_mut(*first)?, what),
        },
        Value::Object(entries) => one(entries.get_mut(*first)?, rest, what),
        Value::Array(rows) => {
            let at = rows.iter().position(|row| row.get("code").and_then(Value::as_str) == Some(first));
            match (what, at, rest.is_empty()) {
                (Changed::Added { new }, None, true) => rows.push(new.clone()),
                (Changed::Removed { old }, Some(at), true) if rows[at] == *old => drop(rows.remove(at)),
                (_, Some(at), _) => one(&mut rows[at], rest, what)?,
                _ => return None,
            }
            Some(())
        }
        _ => None,
    }
}

fn here(value: &mut Value, what: &Changed) -> Option<()> {
    match what {
        Changed::Replaced { old, new } if value == old => *value = new.clone(),
        Changed::Ordered { codes: order } => {
            let rows = value.as_array_mut()?;
            let place =
                |row: &Value| order.iter().position(|code| row.get("code").and_then(Value::as_str) == Some(code));
            if rows.len() != order.len() || rows.iter().any(|row| place(row).is_none()) {
                return None;
            }
            rows.sort_by_key(place);
        }
        _ => return None,
    }
    Some(())
}

impl Change {
    /// The change as one sentence in each language: where, what it was, what it is.
    pub fn told(&self) -> Text {
        let place = self.path.iter().map(|key| label(key)).fold(Text::new("", "", ""), |said, key| {
            let join =
                |said: String, key: &str| if said.is_empty() { key.to_owned() } else { format!("{said} › {key}") };
            Text { kk: join(said.kk, &key.kk), ru: join(said.ru, &key.ru), en: join(said.en, &key.en) }
        });
        let say = |kk: String, ru: String, en: String| Text {
            kk: format!("{}: {kk}", place.kk),
            ru: format!("{}: {ru}", place.ru),
            en: format!("{}: {en}", place.en),
        };
        match &self.what {
            Changed::Added { new } => {
                let new = shown(new);
                say(format!("қосылды: {new}"), format!("добавлено: {new}"), format!("added: {new}"))
            }
            Changed::Removed { old } => {
                let old = shown(old);
                say(format!("алынды: {old}"), format!("убрано: {old}"), format!("removed: {old}"))
            }
            Changed::Replaced { old, new } => {
                let (old, new) = (shown(old), shown(new));
                say(format!("{old} → {new}"), format!("{old} → {new}"), format!("{old} → {new}"))
            }
            Changed::Ordered { codes } => {
                let codes = codes.join(", ");
                say(format!("реті: {codes}"), format!("порядок: {codes}"), format!("order: {codes}"))
            }
        }
    }
}

/// A value as one reads it: words and lists plain, rows by their English words and everything else they say.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(entries) => match (entries.get("en"), entries.get("text")) {
            (Some(words), _) => shown(words),
            (None, Some(words)) => {
                let rest: Vec<_> = entries
                    .iter()
                    .filter(|(key, _)| !matches!(key.as_str(), "text" | "ground" | "code"))
                    .map(|(key, item)| format!("{key} {}", shown(item)))
                    .collect();
                format!("{} ({})", shown(words), rest.join("; "))
            }
            (None, None) => {
                entries.iter().map(|(key, item)| format!("{key} {}", shown(item))).collect::<Vec<_>>().join("; ")
            }
        },
        other => other.to_string(),
    }
}

/// The name of a key in three languages; clause ids and other words stand for themselves.
fn label(key: &str) -> Text {
    let (kk, ru, en) = match key {
        "access" => ("қолжетімділік", "доступ", "access"),
        "acts" => ("әрекеттер", "действия", "acts"),
        "age" => ("жасы", "возраст", "age"),
        "amount" => ("сома", "сумма", "amount"),
        "authority" => ("шешуші орган", "решающий орган", "deciding authority"),
        "basis" => ("міндеттілігі", "обязательность", "footing"),
        "bodies" => ("органдар", "органы", "bodies"),
        "by_statement" => {
            ("оператордың сөзі жеткілікті", "достаточно слова оператора", "the operator's word is enough")
        }
        "cite" => ("сілтеме", "ссылка", "citation"),
        "condition" => ("шарт", "условие", "condition"),
        "conducted_by" => ("кім тіркейді", "кто регистрирует", "who registers"),
        "confidence" => ("сенімділік", "достоверность", "confidence"),
        "deletion" => ("жою", "уничтожение", "deletion"),
        "effect" => ("салдары", "действие", "effect"),
        "exempt" => ("босатулар", "освобождения", "exemptions"),
        "fields" => ("өрістер", "поля", "fields"),
        "ground" => ("негізі", "основание", "ground"),
        "history" => ("тарихы", "история", "history"),
        "id" => ("идентификаторы", "идентификатор", "id"),
        "index" => ("көрсеткіш", "показатель", "index"),
        "instrument" => ("құжат", "акт", "instrument"),
        "known_from" => ("белгілі болған күні", "известно с", "known from"),
        "left_open" => ("әдейі реттелмегені", "намеренно не урегулировано", "left open"),
        "log" => ("журнал", "журнал", "log"),
        "max_period" => ("ең ұзақ мерзім", "предельный срок", "longest period"),
        "needs" => ("шарттар", "условия", "what is needed"),
        "notify" => ("хабарлау", "уведомление", "notice to the person"),
        "obligations" => ("органның міндеттері", "обязанности органа", "duties of the body"),
        "occasions" => ("қай кезде алынады", "когда берётся", "occasions"),
        "order" => ("реті", "порядок", "order"),
        "panel" => ("рұқсат етілген локустар", "разрешённые локусы", "permitted loci"),
        "populations" => ("тіркелгендер тобы", "группы учёта", "populations"),
        "profile" => ("профиль", "профиль", "profile"),
        "purposes" => ("мақсаттар", "цели", "purposes"),
        "refusal" => ("бас тартудың салдары", "последствия отказа", "consequences of refusal"),
        "retention" => ("сақтау", "хранение", "retention"),
        "rules" => ("ережелер", "правила", "rules"),
        "sample" => ("үлгі", "образец", "sample"),
        "samples" => ("алынатын үлгілер", "что берётся", "samples"),
        "sanction" => ("санкция", "санкция", "sanction"),
        "silence" => ("ереже жоқ кезде", "где нет правила", "where no rule speaks"),
        "source" => ("дереккөз", "источник", "source"),
        "status" => ("күйі", "состояние", "status"),
        "struck" => ("күші жойылған", "отменён", "struck down"),
        "supersedes" => ("алмастырады", "заменяет", "supersedes"),
        "text" => ("мәтіні", "текст", "words"),
        "title" => ("атауы", "название", "title"),
        "transfers" => ("шетелге беру", "передача за рубеж", "transfers abroad"),
        "triggers" => ("оқиғалар", "события", "events"),
        "units" => ("бірлік саны", "единиц", "units"),
        "unknown" => ("белгісіз", "неизвестно", "unknown"),
        "valid_from" => ("күшіне ену күні", "действует с", "valid from"),
        "valid_to" => ("күші аяқталатын күн", "действует до", "valid until"),
        "validity" => ("күшіне енуі", "вступление в силу", "entry into force"),
        "value" => ("мәні", "значение", "value"),
        "who" => ("кім", "кто", "who"),
        "withdrawal" => ("келісімді қайтару", "отзыв согласия", "withdrawal of consent"),
        other => (other, other, other),
    };
    Text::new(kk, ru, en)
}
