//! The register of the story: its folder, offices and accounts.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use tanba_registry::{
    Actor, CivilRecord, Founding, MemoryRegister, Mode, NewAccount, NewOrganisation, NewSite, NewStation,
    OrganisationId, PersonId, Registry, Role, SystemClock,
};
use tanba_seal::KdfParams;

/// Offices that the story sets up, with the body of the law pack that each belongs to.
const ORGANISATIONS: [(&str, &str, &str); 3] = [
    ("csc", "Citizen service centres (demonstration)", "service_centre"),
    ("mia", "Ministry of the interior (demonstration)", "ministry_of_interior"),
    ("dpa", "Supervisory authority (demonstration)", "supervisory_authority"),
];
pub(crate) const OFFICES: usize = ORGANISATIONS.len();

/// Accounts: login, office, role.
const PEOPLE: [(&str, &str, Role); 8] = [
    ("operator", "csc", Role::Operator),
    ("second", "csc", Role::SecondOfficer),
    ("examiner-a", "mia", Role::FingerprintExaminer),
    ("examiner-b", "mia", Role::FingerprintExaminer),
    ("officer", "mia", Role::Officer),
    ("clerk", "mia", Role::SecondOfficer),
    ("dna", "mia", Role::DnaExaminer),
    ("supervisor", "dpa", Role::Supervisor),
];
pub(crate) const ACCOUNTS: usize = PEOPLE.len();

pub(crate) const STATION: &str = "csc-astana-1";

pub(crate) struct Stage {
    pub(crate) registry: Registry,
    pub(crate) password: String,
    pub(super) administrator: Actor,
    centre: OrganisationId,
    pub(crate) operator: Actor,
    pub(crate) second: Actor,
    pub(crate) examiner_a: Actor,
    pub(crate) examiner_b: Actor,
    pub(crate) officer: Actor,
    pub(crate) clerk: Actor,
    pub(crate) dna_examiner: Actor,
    pub(crate) supervisor: Actor,
}

impl Stage {
    /// Founds the register of the demonstration and opens its offices.
    pub(crate) async fn set(dir: &Path, people: Vec<CivilRecord>) -> anyhow::Result<Self> {
        Self::open(dir, people, Secrets::fresh()?, false).await
    }

    /// Founds a training register with the same offices.
    pub(crate) async fn set_training(dir: &Path, people: Vec<CivilRecord>, secrets: Secrets) -> anyhow::Result<Self> {
        Self::open(dir, people, secrets, true).await
    }

    async fn open(dir: &Path, people: Vec<CivilRecord>, secrets: Secrets, training: bool) -> anyhow::Result<Self> {
        let Secrets { passphrase, password } = secrets;
        let founding = Founding {
            mode: Mode::Demonstration,
            jurisdiction: "kz".to_owned(),
            time_zone: None,
            origin: if training { "training.invalid/tanba" } else { "demonstration.invalid/tanba" }.to_owned(),
            operator_code: "register".to_owned(),
            administrator: "administrator".to_owned(),
            password: password.clone(),
            natural_person: "staff-administrator".to_owned(),
            kdf: KdfParams::MINIMUM,
        };
        let register = Arc::new(MemoryRegister::new(people));
        let clock = Arc::new(SystemClock);
        let registry = if training {
            Registry::found_training(dir, &passphrase, &founding, register, clock).await?
        } else {
            Registry::found(dir, &passphrase, &founding, register, clock).await?
        };
        let administrator = sign_in(&registry, "administrator", &password, None).await?;
        let mut organisations = Vec::new();
        for (code, name, body) in ORGANISATIONS {
            let new = NewOrganisation { code: code.to_owned(), name: name.to_owned(), body: body.to_owned() };
            organisations.push((code, registry.add_organisation(&administrator, &new).await?));
        }
        let office = |code: &str| {
            organisations
                .iter()
                .find(|(known, _)| *known == code)
                .map(|(_, id)| *id)
                .ok_or_else(|| anyhow::anyhow!("the story has no office {code}"))
        };
        let centre = office("csc")?;
        let site = NewSite {
            organisation: centre,
            code: "csc-astana".to_owned(),
            name: "Service centre, Astana (demonstration)".to_owned(),
            kind: "service_centre".to_owned(),
            triggers: ["identity_card", "passport", "residence_permit", "stateless_certificate"]
                .map(str::to_owned)
                .into(),
            region: Some(1),
        };
        let site = registry.add_site(&administrator, &site).await?;
        registry.add_station(&administrator, &NewStation { site, code: STATION.to_owned() }).await?;
        let mut actors = Vec::new();
        for (login, code, role) in PEOPLE {
            registry.add_account(&administrator, &account(login, office(code)?, role, &password)).await?;
            let station = (role == Role::Operator).then_some(STATION);
            actors.push((login, sign_in(&registry, login, &password, station).await?));
        }
        let actor = |login: &str| {
            actors
                .iter()
                .find(|(known, _)| *known == login)
                .map(|(_, actor)| actor.clone())
                .ok_or_else(|| anyhow::anyhow!("the story has no account {login}"))
        };
        Ok(Self {
            centre,
            operator: actor("operator")?,
            second: actor("second")?,
            examiner_a: actor("examiner-a")?,
            examiner_b: actor("examiner-b")?,
            officer: actor("officer")?,
            clerk: actor("clerk")?,
            dna_examiner: actor("dna")?,
            supervisor: actor("supervisor")?,
            administrator,
            password,
            registry,
        })
    }

    /// An account for a registered person, signed in.
    pub(crate) async fn citizen(&self, person: PersonId) -> anyhow::Result<Actor> {
        let new = NewAccount { person: Some(person), ..account("citizen", self.centre, Role::Citizen, &self.password) };
        self.registry.add_account(&self.administrator, &new).await?;
        sign_in(&self.registry, "citizen", &self.password, None).await
    }
}

fn account(login: &str, organisation: OrganisationId, role: Role, password: &str) -> NewAccount {
    NewAccount {
        login: login.to_owned(),
        password: password.to_owned(),
        organisation,
        natural_person: format!("staff-{login}"),
        roles: BTreeSet::from([role]),
        person: None,
    }
}

async fn sign_in(registry: &Registry, login: &str, password: &str, station: Option<&str>) -> anyhow::Result<Actor> {
    let token = registry.sign_in(login, password, station).await?;
    Ok(registry.authenticate(token.reveal()).await?)
}

/// What opens the register, and what all its accounts sign in with. They are of no use to anyone, since nobody in the register
/// exists, and still nobody else's to know.
pub(crate) struct Secrets {
    pub(crate) passphrase: String,
    pub(crate) password: String,
}

impl Secrets {
    pub(crate) fn fresh() -> anyhow::Result<Self> {
        Ok(Self { passphrase: random_words()?, password: random_words()? })
    }
}

/// A random secret that can be read aloud: six groups of four digits, about 80 bits.
fn random_words() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes)?;
    let groups: Vec<String> = bytes
        .chunks(4)
        .map(|c| format!("{:04}", c.iter().fold(0_u32, |n, b| (n << 8) | u32::from(*b)) % 10_000))
        .collect();
    Ok(groups.join("-"))
}
