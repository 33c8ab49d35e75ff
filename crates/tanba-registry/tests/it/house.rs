//! A register in a temporary folder, with its institutions, accounts and a population register of synthetic people.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use jiff::civil::Date;
use tanba_finger::MinutiaKind;
use tanba_formats::Finger;
use tanba_registry::{
    Actor, CandidateId, Capture, CivilRecord, Completion, Confirmation, Consent, ConsentKind, EncounterId,
    EncounterView, FingerMarks, FingerState, Founding, GuardianIdentity, Judgement, JudgementView, LawActivation,
    LawFiles, Mark, MarkOrigin, Markings, MemoryRegister, Mode, NameFinding, NewAccount, NewOrganisation, NewSite,
    NewStation, OpenEncounter, OrganisationId, QualityReason, Registry, RegistryError, Result, Role, SetClock,
    ShownText,
};
use tanba_seal::KdfParams;
use tanba_synth::{ImpressionPreset, Person, PersonSpec, Sex};

pub(crate) const PASSPHRASE: &str = "seven winters on the steppe";
pub(crate) const PASSWORD: &str = "a password long enough";
/// The day on which the tests' clocks start.
pub(crate) const TODAY: (i16, u8, u8) = (2026, 11, 23);
/// Fingers that test people offer; the others are stated as unable, to keep the tests fast.
pub(crate) const FINGERS: [Finger; 2] = [Finger::RightIndex, Finger::LeftIndex];

pub(crate) struct House {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) registry: Registry,
    pub(crate) register: Arc<MemoryRegister>,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) administrator: Actor,
    pub(crate) centre: OrganisationId,
    pub(crate) ministry: OrganisationId,
    pub(crate) supervision: OrganisationId,
    pub(crate) operator: Actor,
    pub(crate) second: Actor,
    pub(crate) examiner_a: Actor,
    pub(crate) examiner_b: Actor,
    pub(crate) officer: Actor,
    pub(crate) prosecution_clerk: Actor,
    pub(crate) supervisor: Actor,
    pub(crate) dna_examiner: Actor,
}

pub(crate) fn today() -> Date {
    jiff::civil::date(TODAY.0, i8::try_from(TODAY.1).unwrap(), i8::try_from(TODAY.2).unwrap())
}

pub(crate) async fn house(people: &[&Person]) -> House {
    house_with(people.iter().map(|p| record(p, &[])).collect()).await
}

pub(crate) async fn house_with(records: Vec<CivilRecord>) -> House {
    furnish(records, Start::default()).await
}

/// A register under the law of a folder, from a day on.
pub(crate) async fn house_under(
    records: Vec<CivilRecord>,
    jurisdiction: &'static str,
    law: &LawFiles,
    from: Date,
) -> House {
    furnish(records, Start { law: law.clone(), jurisdiction, from, ..Start::default() }).await
}

/// A register as if it were for real people, under signed packs. Nobody in it exists.
pub(crate) async fn production_house(records: Vec<CivilRecord>, law: &LawFiles) -> House {
    furnish(records, Start { law: law.clone(), mode: Mode::Production, ..Start::default() }).await
}

/// How a register begins.
struct Start {
    training: bool,
    mode: Mode,
    law: LawFiles,
    jurisdiction: &'static str,
    from: Date,
}

impl Default for Start {
    fn default() -> Self {
        Self { training: false, mode: Mode::Demonstration, law: LawFiles::default(), jurisdiction: "kz", from: today() }
    }
}

/// A register for exercises.
pub(crate) async fn training_house(records: Vec<CivilRecord>) -> House {
    furnish(records, Start { training: true, ..Start::default() }).await
}

async fn furnish(records: Vec<CivilRecord>, start: Start) -> House {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock::at(start.from));
    let (data, register) = (dir.path().join("data"), Arc::new(MemoryRegister::new(records)));
    let founding = Founding { jurisdiction: start.jurisdiction.to_owned(), mode: start.mode, ..founding() };
    let registry = if start.training {
        Registry::found_training(&data, PASSPHRASE, &founding, register.clone(), clock.clone()).await.unwrap()
    } else {
        Registry::found_under(&data, PASSPHRASE, &founding, &start.law, register.clone(), clock.clone()).await.unwrap()
    };
    let administrator = sign_in(&registry, "administrator", None).await;

    let centre = organisation(&registry, &administrator, "csc", "service_centre").await;
    let ministry = organisation(&registry, &administrator, "mia", "ministry_of_interior").await;
    let supervision = organisation(&registry, &administrator, "dpa", "supervisory_authority").await;
    let site = NewSite {
        organisation: centre,
        code: "csc-1".to_owned(),
        name: "Service centre 1".to_owned(),
        kind: "service_centre".to_owned(),
        triggers: ["identity_card", "passport"].map(str::to_owned).into(),
        region: Some(7),
    };
    let site = registry.add_site(&administrator, &site).await.unwrap();
    registry.add_station(&administrator, &NewStation { site, code: "csc-1-a".to_owned() }).await.unwrap();

    let mut accounts = BTreeMap::new();
    for (login, organisation, role) in [
        ("operator", centre, Role::Operator),
        ("second", centre, Role::SecondOfficer),
        ("examiner-a", ministry, Role::FingerprintExaminer),
        ("examiner-b", ministry, Role::FingerprintExaminer),
        ("officer", ministry, Role::Officer),
        ("clerk", ministry, Role::SecondOfficer),
        ("supervisor", supervision, Role::Supervisor),
        ("dna", ministry, Role::DnaExaminer),
    ] {
        registry.add_account(&administrator, &account(login, organisation, role)).await.unwrap();
        let station = (login == "operator").then_some("csc-1-a");
        accounts.insert(login, sign_in(&registry, login, station).await);
    }
    let mut take = |login| accounts.remove(login).unwrap();
    House {
        dir,
        register,
        clock,
        administrator,
        centre,
        ministry,
        supervision,
        operator: take("operator"),
        second: take("second"),
        examiner_a: take("examiner-a"),
        examiner_b: take("examiner-b"),
        officer: take("officer"),
        prosecution_clerk: take("clerk"),
        supervisor: take("supervisor"),
        dna_examiner: take("dna"),
        registry,
    }
}

pub(crate) fn founding() -> Founding {
    Founding {
        mode: Mode::Demonstration,
        jurisdiction: "kz".to_owned(),
        time_zone: None,
        origin: "tanba.test/log".to_owned(),
        operator_code: "operator".to_owned(),
        administrator: "administrator".to_owned(),
        password: PASSWORD.to_owned(),
        natural_person: "P-administrator".to_owned(),
        kdf: KdfParams::MINIMUM,
    }
}

pub(crate) fn account(login: &str, organisation: OrganisationId, role: Role) -> NewAccount {
    NewAccount {
        login: login.to_owned(),
        password: PASSWORD.to_owned(),
        organisation,
        natural_person: format!("P-{login}"),
        roles: [role].into(),
        person: None,
    }
}

pub(crate) async fn sign_in(registry: &Registry, login: &str, station: Option<&str>) -> Actor {
    let token = registry.sign_in(login, PASSWORD, station).await.unwrap();
    registry.authenticate(token.reveal()).await.unwrap()
}

async fn organisation(registry: &Registry, administrator: &Actor, code: &str, body: &str) -> OrganisationId {
    let new = NewOrganisation { code: code.to_owned(), name: code.to_owned(), body: body.to_owned() };
    registry.add_organisation(administrator, &new).await.unwrap()
}

/// What the population register says of a synthetic person.
pub(crate) fn record(person: &Person, guardians: &[&Person]) -> CivilRecord {
    CivilRecord {
        iin: person.iin.as_str().to_owned(),
        born: person.born.iso().parse().unwrap(),
        status: "citizen".to_owned(),
        names: [
            ("family_name_kk", &person.name.family.kk),
            ("given_name_kk", &person.name.given.kk),
            ("family_name_latin", &person.name.family.latin),
            ("given_name_latin", &person.name.given.latin),
        ]
        .map(|(k, v)| (k.to_owned(), v.clone()))
        .into(),
        sex: if person.sex == Sex::Male { "male" } else { "female" }.to_owned(),
        guardians: guardians.iter().map(|g| g.iin.as_str().to_owned()).collect(),
        documents: person.documents.iter().map(|document| document.number.clone()).collect(),
        message_address: Some(address_of(person)),
    }
}

/// By what the messaging service knows a synthetic person.
pub(crate) fn address_of(person: &Person) -> String {
    format!("box-{}", person.seed)
}

pub(crate) fn adult(seed: u64) -> Person {
    Person::with(seed, TODAY, PersonSpec::ADULT)
}

pub(crate) fn teenager(seed: u64) -> Person {
    Person::with(seed, TODAY, PersonSpec::TEENAGER)
}

pub(crate) fn young_child(seed: u64) -> Person {
    Person::with(seed, TODAY, PersonSpec::YOUNG_CHILD)
}

/// One point on each test finger.
pub(crate) fn markings() -> Markings {
    let mark = Mark { x: 100.0, y: 120.0, angle: 1.0, kind: MinutiaKind::Ending, origin: MarkOrigin::Added };
    let finger = |finger| FingerMarks { finger, marks: vec![mark] };
    Markings { fingers: FINGERS.map(finger).into(), nothing_to_mark: false }
}

type Prints = Mutex<BTreeMap<(u64, Finger, u64), Vec<u8>>>;

/// One finger of a person, touched once, as a PNG; made once for all tests.
pub(crate) fn print(person: &Person, finger: Finger, touch: u64) -> Vec<u8> {
    static MADE: LazyLock<Prints> = LazyLock::new(Prints::default);
    if let Some(png) = MADE.lock().unwrap().get(&(person.seed, finger, touch)) {
        return png.clone();
    }
    let master = person.finger(finger).expect("the test person has this finger");
    let png = tanba_formats::image::encode_png(&master.touch(ImpressionPreset::Clean, touch).image);
    MADE.lock().unwrap().insert((person.seed, finger, touch), png.clone());
    png
}

impl House {
    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) async fn open(&self, person: &Person, trigger: &str, client_key: &str) -> Result<EncounterView> {
        let new = OpenEncounter {
            client_key: client_key.to_owned(),
            trigger: trigger.to_owned(),
            iin: Some(person.iin.as_str().to_owned()),
            typed: BTreeMap::new(),
        };
        self.registry.open_encounter(&self.operator, &new).await
    }

    /// Takes the test fingers of `hands` in an encounter and states the others.
    pub(crate) async fn capture_all(&self, id: EncounterId, hands: &Person, touch: u64) -> Result<()> {
        for finger in Finger::TEN {
            if FINGERS.contains(&finger) {
                let capture = Capture { finger, image: print(hands, finger, touch), ppi: None };
                if self.registry.capture(&self.operator, id, capture).await?.flagged {
                    let reason = QualityReason::ManualWork;
                    self.registry.accept_quality(&self.operator, id, finger, reason, None).await?;
                }
            } else {
                self.registry.state_finger(&self.operator, id, finger, FingerState::Unable).await?;
            }
        }
        Ok(())
    }

    /// A guardian is identified, and gives back the code that is theirs.
    pub(crate) async fn guardian_present(&self, id: EncounterId, guardian: &Person) -> Result<EncounterView> {
        let issued = self.registry.identify_guardian(&self.operator, id, &identity_of(guardian)).await?;
        let code = issued.code.expect("the register in memory sends no codes");
        self.registry.confirm_guardian(&self.operator, id, &code).await
    }

    /// A consent, an explanation or an objection of somebody, recorded.
    pub(crate) async fn say(&self, id: EncounterId, kind: ConsentKind, by: &Person) -> Result<EncounterView> {
        self.registry.record_consent(&self.operator, id, &consent(kind, by.iin.as_str())).await
    }

    /// What an exemption rests on beside two officers.
    pub(crate) async fn ground_exemption(&self, id: EncounterId) {
        self.registry.record_hands_photograph(&self.operator, id, photograph()).await.unwrap();
        self.registry.search_namesakes(&self.operator, id).await.unwrap();
        self.registry.record_name_finding(&self.operator, id, NameFinding::Nobody).await.unwrap();
    }

    /// The whole journey: `person` (on paper) with the fingers of `hands`.
    pub(crate) async fn register(
        &self,
        person: &Person,
        hands: &Person,
        client_key: &str,
        touch: u64,
    ) -> Result<Completion> {
        let encounter = self.open(person, "identity_card", client_key).await?;
        self.capture_all(encounter.id, hands, touch).await?;
        self.registry.complete(&self.operator, encounter.id).await
    }

    /// An examiner marks one point on each test finger of the searched prints and locks them.
    pub(crate) async fn lock(&self, examiner: &Actor, candidate: CandidateId) {
        self.registry.lock_markings(examiner, candidate, &markings()).await.unwrap();
    }

    /// The whole examination by one examiner.
    pub(crate) async fn judge(
        &self,
        examiner: &Actor,
        candidate: CandidateId,
        judgement: impl Into<Judgement>,
    ) -> Result<JudgementView> {
        self.lock(examiner, candidate).await;
        self.registry.judge(examiner, candidate, judgement).await
    }

    /// Another account in the ministry, with a role.
    pub(crate) async fn another(&self, login: &str, role: Role) -> Actor {
        self.registry.add_account(&self.administrator, &account(login, self.ministry, role)).await.unwrap();
        sign_in(&self.registry, login, None).await
    }

    /// Another authority with accounts, each with a role; signed in.
    pub(crate) async fn authority(&self, code: &str, body: &str, accounts: &[(&str, Role)]) -> Vec<Actor> {
        let id = organisation(&self.registry, &self.administrator, code, body).await;
        let mut actors = Vec::new();
        for (login, role) in accounts {
            self.registry.add_account(&self.administrator, &account(login, id, *role)).await.unwrap();
            actors.push(sign_in(&self.registry, login, None).await);
        }
        actors
    }

    /// Delivers files of law, and has the supervisor acknowledge them.
    pub(crate) async fn put_into_use(&self, law: &LawFiles) -> LawActivation {
        let delivery = self.registry.deliver_law(law).await.unwrap().expect("another law than the last one");
        self.registry.acknowledge_law(&self.supervisor, delivery.id).await.unwrap().expect("it counts at once")
    }

    /// The same folder, closed and opened again; the population register is empty then.
    pub(crate) async fn reopened(self) -> Self {
        self.reopened_beside(Arc::new(MemoryRegister::new([]))).await
    }

    /// The same beside a population register.
    pub(crate) async fn reopened_beside(self, register: Arc<MemoryRegister>) -> Self {
        let (data, clock) = (self.data(), self.clock.clone());
        let Self { registry, .. } = self;
        drop(registry);
        let registry = Registry::open(&data, PASSPHRASE, register, clock).await.unwrap();
        Self { registry, ..self }
    }

    /// Rows and log agree, and every tile file is right.
    pub(crate) async fn assert_log_is_sound(&self) {
        let strays = self.registry.reconcile_rows().await.unwrap();
        assert!(strays.is_empty(), "rows and log disagree: {strays:?}");
        self.registry.publish().await.unwrap();
        let report = self.registry.fsck().await.unwrap();
        assert!(report.ok, "{:?}", report.faults);
        assert_eq!(report.rows_waiting, 0);
        let unresolved = self.registry.unresolved_citations().await.unwrap();
        assert!(unresolved.is_empty(), "entries cite clauses that their packs do not have: {unresolved:?}");
    }
}

/// Words that are shown in the tests.
pub(crate) fn words() -> ShownText {
    ShownText { version: "test-1".to_owned(), language: "kk".to_owned(), words: "Келісесіз бе?".to_owned() }
}

/// A consent that lacks nothing; what is no consent is said.
pub(crate) fn consent(kind: ConsentKind, given_by: &str) -> Consent {
    match kind {
        ConsentKind::SubjectConsent | ConsentKind::GuardianConsent => {
            Consent::new(kind, given_by, words(), "written", Confirmation::SignatureOnPaper).signed("sheet 17")
        }
        _ => Consent::new(kind, given_by, words(), "spoken", Confirmation::OperatorStatement),
    }
}

/// Who a guardian says they are.
pub(crate) fn identity_of(guardian: &Person) -> GuardianIdentity {
    GuardianIdentity {
        iin: guardian.iin.as_str().to_owned(),
        document: guardian.documents.first().expect("an adult has a document").number.clone(),
        language: "kk".to_owned(),
    }
}

/// A picture that opens as a photograph does.
pub(crate) fn photograph() -> Vec<u8> {
    tanba_formats::image::encode_png_rgb(320, 240, &[180; 320 * 240 * 3]).unwrap()
}

/// The code of a denial.
pub(crate) fn denied<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(RegistryError::Denied(denial)) => denial.code,
        other => panic!("expected a denial, got {other:?}"),
    }
}

/// Every file below a folder, with its bytes.
pub(crate) fn all_files(dir: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push((path.clone(), std::fs::read(path).unwrap()));
            }
        }
    }
    files
}
