//! Which desks there are, and for whom.

use tanba_registry::{Actor, Role};

/// A desk in the navigation.
pub(crate) struct Desk {
    /// Its page.
    pub(crate) href: &'static str,
    /// The key of its name.
    pub(crate) name: &'static str,
    roles: &'static [Role],
}

/// In the order in which they are shown; the first that an account has is its first page.
const DESKS: &[Desk] = &[
    Desk { href: "/counter", name: "desk-counter", roles: &[Role::Operator] },
    Desk { href: "/examination", name: "desk-examination", roles: &[Role::FingerprintExaminer] },
    Desk { href: "/reviews", name: "desk-reviews", roles: &[Role::SecondOfficer] },
    Desk { href: "/revisions", name: "desk-revisions", roles: &[Role::SecondOfficer] },
    Desk { href: "/persons", name: "desk-persons", roles: &[Role::SecondOfficer] },
    Desk { href: "/access", name: "desk-access", roles: &[Role::Officer] },
    Desk { href: "/refusals", name: "desk-refusals", roles: &[Role::Officer] },
    Desk { href: "/sanctions", name: "desk-sanctions", roles: &[Role::SecondOfficer] },
    Desk {
        href: "/genomic",
        name: "desk-genomic",
        roles: &[Role::DnaExaminer, Role::QualityManager, Role::SecondOfficer],
    },
    Desk {
        href: "/files",
        name: "desk-files",
        roles: &[Role::FingerprintExaminer, Role::DnaExaminer, Role::Officer, Role::SecondOfficer],
    },
    Desk { href: "/oversight", name: "desk-oversight", roles: &[Role::Supervisor] },
    Desk { href: "/oversight-log", name: "desk-log", roles: &[Role::Supervisor] },
    Desk { href: "/watches", name: "desk-watches", roles: &[Role::Supervisor] },
    Desk { href: "/law-changes", name: "desk-law-changes", roles: &[Role::Supervisor] },
    Desk { href: "/checks", name: "desk-checks", roles: &[Role::Officer, Role::SecondOfficer, Role::Supervisor] },
    Desk { href: "/me", name: "desk-me", roles: &[Role::Citizen] },
    Desk {
        href: "/statistics",
        name: "desk-statistics",
        roles: &[Role::Operator, Role::SecondOfficer, Role::Supervisor],
    },
    Desk { href: "/requests", name: "desk-requests", roles: &[Role::SecondOfficer, Role::Supervisor] },
    Desk { href: "/admin", name: "desk-admin", roles: &[Role::Administrator] },
    // An administrator reports breaches too, and comes in at the desk above.
    Desk { href: "/breaches", name: "desk-breaches", roles: &[Role::Supervisor, Role::Administrator] },
    Desk { href: "/thresholds", name: "desk-thresholds", roles: &[Role::Administrator, Role::Supervisor] },
    Desk { href: "/sanction-keys", name: "desk-office-keys", roles: &[Role::Administrator, Role::Supervisor] },
];

/// The desks of an account.
pub(crate) fn desks(actor: &Actor) -> Vec<&'static Desk> {
    DESKS.iter().filter(|desk| desk.roles.iter().any(|role| actor.roles().contains(role))).collect()
}

/// The first page of an account.
pub(crate) fn first_page(actor: &Actor) -> &'static str {
    desks(actor).first().map_or("/", |desk| desk.href)
}
