//! What every page needs around its own content.

use fluent_bundle::FluentValue;
use jiff::civil::Date;
use tanba_registry::{Instant, Zone};

use super::assets;
use super::language::Lang;
use super::national;
use super::nav;
use super::visitor::{SignedIn, Theme, Visitor};
use crate::state::ServerState;

/// Around the content: language, colours, who is signed in, where they can go. Templates call its methods.
pub(crate) struct Page {
    pub(crate) lang: Lang,
    pub(crate) theme: Theme,
    /// The key of the title.
    title: &'static str,
    /// The area, whose style sheet is loaded.
    area: &'static str,
    /// The island that the page loads, if any.
    pub(crate) script: Option<&'static str>,
    /// Path and query, to come back to after switching the language.
    pub(crate) path: String,
    pub(crate) csrf: String,
    pub(crate) who: Option<Who>,
    pub(crate) desks: Vec<DeskLink>,
    pub(crate) demonstration: bool,
    pub(crate) training: bool,
    /// Passkeys can be bound and used.
    pub(crate) passkeys: bool,
    /// "This look is recorded", with the key of its purpose.
    look: Option<String>,
    /// What has just been done.
    pub(crate) done: Option<String>,
    /// That of the register, where there is one.
    zone: Option<Zone>,
}

/// Who is signed in, as the header shows it.
pub(crate) struct Who {
    pub(crate) login: String,
    /// Names of the roles.
    pub(crate) roles: Vec<String>,
    pub(crate) station: Option<String>,
}

/// A desk in the header.
pub(crate) struct DeskLink {
    pub(crate) href: &'static str,
    pub(crate) name: &'static str,
    pub(crate) here: bool,
}

impl Page {
    /// A page for someone who is signed in.
    pub(crate) fn new(state: &ServerState, signed: &SignedIn, area: &'static str, title: &'static str) -> Self {
        let mut page = Self::open(state, &signed.visitor, area, title);
        let path = signed.visitor.path.split('?').next().unwrap_or("/");
        page.desks = nav::desks(&signed.actor)
            .into_iter()
            .map(|desk| {
                let below = path.strip_prefix(desk.href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                DeskLink { href: desk.href, name: desk.name, here: below }
            })
            .collect();
        if state.face().exercises.is_some() && signed.actor.roles().contains(&tanba_registry::Role::Operator) {
            let here = path == "/training" || path.starts_with("/training/");
            page.desks.insert(0, DeskLink { href: "/training", name: "desk-training", here });
        }
        page.who = Some(Who {
            login: match signed.registry.national_sign_in() {
                Some(name) if signed.actor.is_national() => signed.visitor.lang.of(&name),
                _ => signed.actor.login().to_owned(),
            },
            roles: signed.actor.roles().iter().map(|role| role.name().to_owned()).collect(),
            station: signed.actor.station().map(|s| s.code.clone()),
        });
        page
    }

    /// A page for anyone.
    pub(crate) fn open(state: &ServerState, visitor: &Visitor, area: &'static str, title: &'static str) -> Self {
        Self {
            lang: visitor.lang,
            theme: visitor.theme,
            title,
            area,
            script: None,
            path: match visitor.path.split('?').next() {
                // What was brought back counts once, and belongs on no page.
                Some(national::RETURN) => "/sign-in".to_owned(),
                _ if visitor.reads => visitor.path.clone(),
                _ => visitor.resume(),
            },
            csrf: visitor.csrf(),
            who: None,
            desks: Vec::new(),
            demonstration: state.demonstration(),
            training: state.training(),
            passkeys: state.registry().is_ok_and(tanba_registry::Registry::passkeys_in_use),
            look: None,
            done: visitor.asked("done").and_then(|key| visitor.lang.find(&format!("done-{key}"), &[])),
            zone: state.registry().ok().map(|r| r.zone().clone()),
        }
    }

    /// The page shows a person's data, for this purpose (a key `purpose-...`): it says that the look is recorded.
    pub(crate) fn about(mut self, purpose: &str) -> Self {
        self.look = Some(purpose.to_owned());
        self
    }

    /// The page loads an island: the name of its script.
    pub(crate) fn island(mut self, script: &'static str) -> Self {
        self.script = Some(script);
        self
    }

    // ---------------------------------------------------------------------------------------------- for templates

    /// A text.
    pub(crate) fn t(&self, key: &str) -> String {
        self.lang.t(key)
    }

    /// A text with values: a key and `[arg("n", 3)]` with [`arg`](super::arg).
    pub(crate) fn tn<'v>(&self, key: &str, values: impl AsRef<[(&'v str, FluentValue<'v>)]>) -> String {
        self.lang.tn(key, values.as_ref())
    }

    /// A text with one whole number in it, named `n`.
    pub(crate) fn count(&self, key: &str, n: &impl Whole) -> String {
        self.lang.tn(key, &[("n", FluentValue::from(n.whole()))])
    }

    /// A text with one other text in it, named `text`.
    pub(crate) fn with(&self, key: &str, text: impl std::fmt::Display) -> String {
        self.lang.tn(key, &[("text", FluentValue::from(text.to_string()))])
    }

    /// The name of a code (`prefix-code`), or the code itself where it has none: codes come from law packs too.
    pub(crate) fn code(&self, prefix: &str, code: &str) -> String {
        self.lang.named(prefix, code)
    }

    /// The law's words in the page's language.
    pub(crate) fn law(&self, text: &tanba_law::Text) -> String {
        self.lang.of(text)
    }

    /// A day.
    pub(crate) fn date(&self, day: &Date) -> String {
        self.lang.date(*day)
    }

    /// A day given as `YYYY-MM-DD`.
    pub(crate) fn date_text(&self, text: &str) -> String {
        self.lang.date_text(text)
    }

    /// An instant, in the instance's civil time.
    pub(crate) fn time(&self, at: &Instant) -> String {
        self.zone.as_ref().map_or_else(|| at.to_rfc3339(), |zone| self.lang.time(*at, zone))
    }

    /// The same for a `datetime` attribute.
    pub(crate) fn machine_time(&self, at: &Instant) -> String {
        at.to_rfc3339()
    }

    /// A whole number.
    pub(crate) fn number(&self, n: &impl Whole) -> String {
        self.lang.number(u64::try_from(n.whole()).unwrap_or(0))
    }

    /// A number with one decimal.
    pub(crate) fn tenths(&self, n: &f64) -> String {
        self.lang.decimal(*n, 1)
    }

    /// A number with two decimals.
    pub(crate) fn hundredths(&self, n: &f64) -> String {
        self.lang.decimal(*n, 2)
    }

    /// The address of a style sheet, script or drawing.
    pub(crate) fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }

    pub(crate) fn title(&self) -> String {
        self.lang.t(self.title)
    }

    pub(crate) fn style(&self) -> &'static str {
        assets::address(match self.area {
            "common" => "console.css",
            area => area_sheet(area),
        })
    }

    pub(crate) fn languages(&self) -> [Lang; 3] {
        Lang::ALL
    }

    pub(crate) fn themes(&self) -> [Theme; 3] {
        [Theme::System, Theme::Light, Theme::Dark]
    }

    pub(crate) fn look(&self) -> Option<String> {
        let purpose = self.look.as_deref()?;
        let purpose = self.code("purpose", purpose);
        Some(self.with("look-recorded", &purpose))
    }
}

/// The style sheet of an area.
fn area_sheet(area: &str) -> &'static str {
    match area {
        "access" => "access.css",
        "admin" => "admin.css",
        "counter" => "counter.css",
        "examination" => "examination.css",
        "files" => "files.css",
        "genomic" => "genomic.css",
        "oversight" => "oversight.css",
        _ => "console.css",
    }
}

/// A whole number of any type, by value or reference, as templates have them.
pub(crate) trait Whole {
    /// The number; the largest there is where it does not fit.
    fn whole(&self) -> i64;
}

impl<T: Whole> Whole for &T {
    fn whole(&self) -> i64 {
        (*self).whole()
    }
}

macro_rules! whole {
    ($($kind:ty),*) => {$(
        impl Whole for $kind {
            fn whole(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        }
    )*};
}
whole!(u8, u16, u32, u64, usize, i8, i16, i32, i64);
