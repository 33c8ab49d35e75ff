//! The main job, end to end, on people who do not exist: from a finger on the glass to a registered person, and everyone
//! who looked.
//!
//! [`play`] is the story, one function a scene; [`cast`] makes the people and their prints; [`stage`] sets up the register,
//! its offices and accounts. Everything goes through [`tanba_registry::Registry`], as it does in a service.

mod cast;
mod prosecutor;
pub(crate) mod stage;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value, json};
use tanba_dna::Category;
use tanba_registry::{
    Act, Actor, CandidateId, Capture, Completion, Confirmation, Consent, ConsentKind, DocumentEvent, EncounterId,
    EncounterState, Exemption, FingerMarks, FingerState, Grounds, GuardianIdentity, Markings, NameFinding, NewCase,
    NewRequest, NewSpecimen, OpenEncounter, PersonId, Personalisation, QualityReason, Registry, RegistryError,
    Revision, SearchGrounds, ShownText, Target, Verdict,
};
use tanba_synth::Person;

use crate::console::Console;
use crate::scanner::{Scanner, name_of};
use cast::{Cast, MARK, Touch};
pub(crate) use cast::{TEENAGERS, document_of, people_of, record};
use stage::Stage;

/// Everyone and everything in the story comes from this number, so that it is the same story every time.
const SEED: u64 = 2021;

/// What the story came to.
#[derive(Default)]
pub(crate) struct Outcome {
    registered: u64,
    documents_linked: u64,
    duplicates_found: u64,
    people_compared: u64,
    genomic_hits: u64,
    looks_seen_by_the_person: usize,
    denied: u64,
    log_size: u64,
    log_root: String,
    log_verified: bool,
    seconds: f64,
}

impl Outcome {
    /// The keys that users script against.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "registered": self.registered,
            "documents_linked": self.documents_linked,
            "duplicates_found": self.duplicates_found,
            "people_compared": self.people_compared,
            "genomic_hits": self.genomic_hits,
            "looks_seen_by_the_person": self.looks_seen_by_the_person,
            "denied": self.denied,
            "log_size": self.log_size,
            "log_root": self.log_root,
            "log_verified": self.log_verified,
            "seconds": (self.seconds * 10.0).round() / 10.0,
        })
    }

    /// The same for a person.
    pub(crate) fn describe(&self) -> String {
        format!(
            "\n{} people registered, {} documents linked to prints, {} duplicate found, {} refusals logged, {} genomic hits.\n\
             {} log entries; every tile and row checked: {}. It took {:.1} s.",
            self.registered,
            self.documents_linked,
            self.duplicates_found,
            self.denied,
            self.genomic_hits,
            self.log_size,
            if self.log_verified { "sound" } else { "NOT SOUND" },
            self.seconds
        )
    }
}

/// A register after the story, to be served.
pub(crate) struct Played {
    pub(crate) outcome: Outcome,
    pub(crate) registry: Registry,
    pub(crate) password: String,
    /// A scanner that knows the hands of the story's people.
    pub(crate) scanner: Scanner,
    /// Somebody who is registered: name and number.
    pub(crate) registered: (String, String),
    /// Who can be served next: name and number.
    pub(crate) newcomers: Vec<(String, String)>,
}

/// Plays the story in an empty folder.
pub(crate) async fn play(dir: &Path, console: &Console) -> anyhow::Result<Played> {
    let started = Instant::now();
    console.note("DEMONSTRATION. Nobody in it exists; the law packs are drafts that no lawyer has signed.");
    let cast = Cast::make(SEED, people_of(), console)?;
    let mut told = Told { console, outcome: Outcome::default(), keys: 0 };

    told.scene("The register is founded, and its offices open");
    let stage = Stage::set(dir, cast.civil_register()).await?;
    told.line(format!(
        "keys under a passphrase, an empty log, {} offices, {} accounts",
        stage::OFFICES,
        stage::ACCOUNTS
    ));

    told.scene("People come to the service centre");
    told.residents(&stage, &cast).await?;
    let aida = told.adults(&stage, &cast).await?;
    told.teenager(&stage, &cast).await?;

    told.scene("The law says no, or not like this");
    told.child(&stage, &cast).await?;
    told.refusal(&stage, &cast).await?;
    told.exemption(&stage, &cast).await?;

    told.scene("Somebody comes a second time, under another number");
    told.duplicate(&stage, &cast).await?;

    told.scene("An authority asks");
    told.unlawful_request(&stage, &cast).await?;
    told.lawful_request(&stage, &cast).await?;

    told.scene("Genomic registration");
    told.genomic(&stage, &cast).await?;

    told.scene("Everyone who looked can be seen");
    told.own_record(&stage, aida).await?;
    told.scene("What is left on the desks");
    told.left_open(&stage, &cast).await?;
    told.log(&stage).await?;

    told.outcome.seconds = started.elapsed().as_secs_f64();
    let registered = (name_of(&cast.adults[0]), cast.adults[0].iin.as_str().to_owned());
    let newcomers = cast.newcomers.iter().map(|p| (name_of(p), p.iin.as_str().to_owned())).collect();
    Ok(Played {
        outcome: told.outcome,
        registry: stage.registry,
        password: stage.password,
        scanner: Scanner::new(cast.hands()),
        registered,
        newcomers,
    })
}

/// The story so far.
struct Told<'a> {
    console: &'a Console,
    outcome: Outcome,
    keys: u64,
}

impl Told<'_> {
    fn scene(&self, title: &str) {
        self.console.note(format_args!("\n{title}"));
    }

    fn line(&self, text: impl std::fmt::Display) {
        self.console.note(format_args!("  - {text}"));
    }

    /// The people who were there before the story, each registered the whole lawful way.
    async fn residents(&mut self, stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
        let bar = self.console.progress(cast.residents.len() as u64, "registering residents");
        for person in &cast.residents {
            self.register(stage, cast, person, person, Touch::First).await?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        self.line(format!(
            "{} residents registered, ten fingers each, compared with everyone before them",
            cast.residents.len()
        ));
        Ok(())
    }

    /// The adults of the story, with their documents; the first of them is followed to the end.
    async fn adults(&mut self, stage: &Stage, cast: &Cast) -> anyhow::Result<PersonId> {
        let mut first = None;
        for person in &cast.adults {
            let done = self.register(stage, cast, person, person, Touch::First).await?;
            ensure!(
                done.encounter.state == EncounterState::Registered,
                "a new person ended as {:?}",
                done.encounter.state
            );
            self.document(stage, done.encounter.id, "identity_card").await?;
            self.line(format!(
                "{}: {} ({}), compared with {} people, no hit; identity card issued",
                person.name.given.latin, done.encounter.law.category, done.encounter.law.clause, done.people_compared
            ));
            first.get_or_insert(done.encounter.person);
        }
        first.context("the story has no adults")
    }

    /// Fifteen years old: only for a passport, only with a guardian's consent and presence.
    async fn teenager(&mut self, stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
        let (teenager, guardian) = (&cast.teenager, &cast.guardian);
        let encounter = self.open(stage, teenager, "passport").await?;
        let early = Capture { finger: MARK[0], image: cast.print(teenager, MARK[0], Touch::First)?, ppi: None };
        let denial = self.denied(stage.registry.capture(&stage.operator, encounter, early).await)?;
        self.line(format!("{}, in the teens: capture denied ({})", teenager.name.given.latin, denial));
        let words = ShownText {
            version: "explanation-kz-demo-1".to_owned(),
            language: "kk".to_owned(),
            words: "Балаңыздың паспорты үшін саусақ таңбасын алуымызға келісесіз бе?".to_owned(),
        };
        let by = guardian.iin.as_str();
        let explained =
            Consent::new(ConsentKind::Explanation, by, words.clone(), "spoken", Confirmation::OperatorStatement);
        let agreed = Consent::new(ConsentKind::GuardianConsent, by, words, "written", Confirmation::SignatureOnPaper)
            .signed("sheet 1");
        for consent in [explained, agreed] {
            stage.registry.record_consent(&stage.operator, encounter, &consent).await?;
        }
        let identity =
            GuardianIdentity { iin: by.to_owned(), document: document_of(guardian), language: "kk".to_owned() };
        let issued = stage.registry.identify_guardian(&stage.operator, encounter, &identity).await?;
        let code = issued.code.context("the stand-in of the population register sends no codes")?;
        stage.registry.confirm_guardian(&stage.operator, encounter, &code).await?;
        let done = self.finish(stage, cast, encounter, teenager, Touch::First).await?;
        ensure!(done.encounter.state == EncounterState::Registered, "the teenager ended as {:?}", done.encounter.state);
        self.document(stage, encounter, "passport").await?;
        self.line("with the guardian's signed consent and their own code on record: registered; passport issued");
        Ok(())
    }

    async fn child(&mut self, stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
        let opened = self.try_open(stage, &cast.child, "passport").await;
        let denial = self.denied(opened)?;
        self.line(format!("a child under twelve: {denial}; nothing was stored but the refusal itself"));
        Ok(())
    }

    async fn refusal(&mut self, stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
        let encounter = self.open(stage, &cast.refuser, "identity_card").await?;
        let refusal = stage.registry.record_refusal(&stage.operator, encounter).await?;
        let units = refusal.index_units.unwrap_or_default();
        let amount = refusal.amount.map_or_else(String::new, |a| format!(", {a:.0} tenge this year"));
        self.line(format!(
            "a person refuses: a fine of {units} index units{amount} may follow ({}), by decision, open to appeal",
            refusal.clause
        ));
        let document = stage.registry.apply_for_document(&stage.operator, encounter, "identity_card").await;
        let denial = self.denied(document)?;
        self.line(format!("no document meanwhile ({denial}), an interim one is due: {}", refusal.interim_document));
        Ok(())
    }

    async fn exemption(&mut self, stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
        let encounter = self.open(stage, &cast.exempt, "identity_card").await?;
        let exemption = Exemption { code: "no_fingers_both_hands".to_owned() };
        let photograph = tanba_formats::image::encode_png_rgb(320, 240, &[180; 320 * 240 * 3])?;
        stage.registry.record_hands_photograph(&stage.operator, encounter, photograph).await?;
        let namesakes = stage.registry.search_namesakes(&stage.operator, encounter).await?.people.len();
        stage.registry.record_name_finding(&stage.operator, encounter, NameFinding::Nobody).await?;
        stage.registry.record_exemption(&stage.operator, &stage.second, encounter, &exemption).await?;
        let card = stage.registry.apply_for_document(&stage.operator, encounter, "identity_card").await?;
        self.line(format!(
            "a person without fingers: hands photographed, {namesakes} of a like name looked at; exempt, confirmed by a second officer; identity card without prints ({:?})",
            card.state
        ));
        Ok(())
    }

    /// Two numbers, one pair of hands: found by the search, decided by two people who do not see each other's verdict.
    async fn duplicate(&mut self, stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
        let done = self.register(stage, cast, &cast.second_identity, &cast.adults[1], Touch::Second).await?;
        ensure!(
            done.encounter.state == EncounterState::Adjudication,
            "the duplicate was not found: {:?}",
            done.encounter.state
        );
        self.line(format!(
            "compared with {} people: {} candidate, shown to examiners as prints without a name",
            done.people_compared, done.candidates
        ));
        for examiner in [&stage.examiner_a, &stage.examiner_b] {
            for task in stage.registry.candidate_tasks(examiner).await? {
                let marked = self.mark(stage, examiner, task.id).await?;
                let material = stage.registry.comparison_material(examiner, task.id).await?;
                ensure!(
                    !material.probe.is_empty() && !material.reference.is_empty(),
                    "the examiner was shown no prints"
                );
                let judged = stage.registry.judge(examiner, task.id, Verdict::Same).await?;
                self.line(format!(
                    "{} marks {marked} points before seeing the candidate, then finds them the same; candidate is {}",
                    examiner.login(),
                    judged.state
                ));
                self.outcome.duplicates_found += u64::from(judged.encounter_state == EncounterState::Duplicate);
            }
        }
        let document = stage.registry.apply_for_document(&stage.operator, done.encounter.id, "identity_card").await;
        let denial = self.denied(document)?;
        self.line(format!("no second identity card ({denial}); the case goes to review"));
        Ok(())
    }

    /// What the story does not end, so that every desk of the console has something on it.
    async fn left_open(&mut self, stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
        let done = self.register(stage, cast, &cast.third_identity, &cast.adults[2], Touch::Second).await?;
        ensure!(
            done.encounter.state == EncounterState::Adjudication,
            "the second duplicate was not found: {:?}",
            done.encounter.state
        );
        self.line("a candidate waits for examiner-a and examiner-b");
        let reviews = stage.registry.open_reviews(&stage.second).await?;
        let found = reviews.iter().find(|task| task.kind == "duplicate_registration").context("no review is open")?;
        let [from, into] = found.persons[..] else { bail!("the review is not about two records") };
        let merge = Revision::Merge { from, into };
        stage.registry.propose_revision(&stage.second, &merge, "two examiners found one person").await?;
        self.line("a merge that second has proposed waits for another second officer (clerk)");
        self.line("the refusal waits for the decision of an officer");
        Ok(())
    }

    /// Before the candidate is shown: the machine's points on the searched prints, taken as they are, and locked.
    async fn mark(&self, stage: &Stage, examiner: &Actor, candidate: CandidateId) -> anyhow::Result<usize> {
        let examination = stage.registry.examination(examiner, candidate).await?;
        ensure!(examination.reference.is_empty(), "the candidate was shown before the markings were locked");
        let fingers: Vec<FingerMarks> = examination.proposal.into_iter().map(|p| p.marks).collect();
        let marked = fingers.iter().map(|f| f.marks.len()).sum();
        let markings = Markings { fingers, nothing_to_mark: false };
        stage.registry.lock_markings(examiner, candidate, &markings).await?;
        Ok(marked)
    }

    async fn unlawful_request(&mut self, stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
        let grounds = Grounds { purpose: Some("crime_investigation".to_owned()), ..Grounds::default() };
        let target = Target::Iin(cast.adults[0].iin.as_str().to_owned());
        let denial = self.denied(stage.registry.ask(&stage.officer, Act::Read, &grounds, &target).await)?;
        self.line(format!("an officer without case, basis and sanction wants to see a person: {denial}"));
        Ok(())
    }

    /// A mark at a scene, a sanction for one search and one name.
    async fn lawful_request(&mut self, stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
        let registry = &stage.registry;
        let new = NewCase { number: "DEMO-2026-17".to_owned(), kind: "crime".to_owned() };
        let case = registry.open_case(&stage.officer, &new).await?;
        let sanction = prosecutor::sanction(stage, case, &new.number).await?;
        let grounds = Grounds {
            purpose: Some("crime_investigation".to_owned()),
            case: Some(case),
            legal_basis: Some("Code of Criminal Procedure, as the demonstration assumes".to_owned()),
            sanction: Some(sanction),
            urgent: None,
        };
        let mut prints = Vec::new();
        for finger in MARK {
            prints.push((finger, cast.print(&cast.adults[0], finger, Touch::Second)?, None));
        }
        let found = registry.ask(&stage.officer, Act::Identify, &grounds, &Target::Prints(prints, None)).await?;
        let candidates = found.candidates.unwrap_or_default();
        let best = candidates.first().context("the mark found nobody")?;
        let log10_lr = best.log10_lr.context("the rule of the law does not tell the evidence")?;
        self.outcome.people_compared = found.people_compared.unwrap_or_default();
        self.line(format!(
            "with case, basis and a sanction that a prosecutor's key has signed: {} people compared, {} candidate without a name (log10 LR {log10_lr:.1})",
            self.outcome.people_compared,
            candidates.len(),
        ));
        let decision = "compared by hand: same source".to_owned();
        let released = Target::Candidate(best.encounter, decision);
        let answer = registry.ask(&stage.officer, Act::ReleaseIdentity, &grounds, &released).await?;
        let fields: Vec<String> = answer.identity.unwrap_or_default().into_keys().collect();
        self.line(format!(
            "after a named human decision the identity is released: {} ({})",
            fields.join(", "),
            answer.clause
        ));
        Ok(())
    }

    /// A convict is registered; a stain from a scene has the same profile.
    async fn genomic(&mut self, stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
        let registry = &stage.registry;
        let new = NewCase { number: "DEMO-DNA-3".to_owned(), kind: "crime".to_owned() };
        let case = registry.open_case(&stage.dna_examiner, &new).await?;
        let convicted = json!({"offence": "grave", "judgment_final": true});
        let mut specimens = BTreeMap::new();
        for (label, category, donor, facts) in [
            ("convict", Category::ConvictedPerson, &cast.adults[2], convicted),
            (
                "relative",
                Category::RelativeOfMissing,
                &cast.guardian,
                json!({"relationship": "parent", "written_consent": true}),
            ),
            ("unidentified body", Category::UnidentifiedBody, &cast.residents[0], json!({})),
            (
                "unidentified person",
                Category::UnidentifiedPerson,
                &cast.residents[1],
                json!({"investigator_order": true}),
            ),
            ("stain", Category::CrimeStain, &cast.adults[2], json!({"investigator_order": true})),
        ] {
            let specimen =
                registry.register_specimen(&stage.dna_examiner, &self.specimen(category, case, donor, facts)).await?;
            self.line(format!("{label}: {} loci, {}", specimen.loci, specimen.clause));
            specimens.insert(label, specimen);
        }
        let petty = self.specimen(
            Category::ConvictedPerson,
            case,
            &cast.adults[3],
            json!({"offence": "minor", "judgment_final": true}),
        );
        let denial = self.denied(registry.register_specimen(&stage.dna_examiner, &petty).await)?;
        self.line(format!("somebody convicted of a minor offence: {denial}"));
        let answer = registry
            .search_specimen(
                &stage.dna_examiner,
                specimens["stain"].id,
                SearchGrounds { case, purpose: "crime_investigation", legal_basis: "order of the investigator 12" },
            )
            .await?;
        self.outcome.genomic_hits = answer.hits.len() as u64;
        let hit = answer.hits.first().context("the stain found nobody")?;
        ensure!(hit.specimen == specimens["convict"].id, "the stain found somebody else");
        self.line(format!(
            "the stain is searched among {} profiles: one hit at {} of {} loci; a person must confirm it",
            answer.profiles_compared,
            hit.loci_compared - hit.mismatches,
            hit.loci_compared
        ));
        Ok(())
    }

    async fn own_record(&mut self, stage: &Stage, person: PersonId) -> anyhow::Result<()> {
        let citizen = stage.citizen(person).await?;
        let text = "In my passport the name is spelt differently; please compare.";
        stage.registry.ask_for(&citizen, &NewRequest::correction("given_name_latin", text)).await?;
        let own = stage.registry.own_record(&citizen, None, 100).await?;
        self.outcome.looks_seen_by_the_person = own.looks.len();
        self.line(format!("the first of them signs in and sees {} entries about them, newest first:", own.looks.len()));
        for look in own.looks.iter().take(5) {
            let who = look.organisation.as_deref().unwrap_or("the system");
            self.line(format!("  {}  {}  by {who}, purpose {}", look.at.to_rfc3339(), look.event, look.purpose));
        }
        Ok(())
    }

    async fn log(&mut self, stage: &Stage) -> anyhow::Result<()> {
        let page = stage.registry.supervise(&stage.supervisor, 0, 1000).await?;
        let looks = page.iter().filter(|e| e.look.outcome == tanba_registry::Outcome::Look).count();
        self.line(format!("the supervisor reads {} entries, {looks} of them looks, and no print", page.len()));
        let checkpoint = stage.registry.publish().await?;
        let report = stage.registry.fsck().await?;
        self.outcome.denied = stage.registry.denials().await?;
        self.outcome.log_size = checkpoint.size;
        self.outcome.log_root = checkpoint.root.to_string();
        self.outcome.log_verified = report.ok && report.size == checkpoint.size && report.rows_waiting == 0;
        if !self.outcome.log_verified {
            bail!("the log is not sound: {:?}", report.faults);
        }
        let unresolved = stage.registry.unresolved_citations().await?;
        ensure!(unresolved.is_empty(), "log entries cite clauses that their packs do not have: {unresolved:?}");
        self.line(format!(
            "{} entries in the public log, {} tile files and every row checked",
            checkpoint.size, report.files
        ));
        Ok(())
    }

    /// The whole journey of a person (by their papers) with the fingers of `hands`.
    async fn register(
        &mut self,
        stage: &Stage,
        cast: &Cast,
        person: &Person,
        hands: &Person,
        touch: Touch,
    ) -> anyhow::Result<Completion> {
        let encounter = self.open(stage, person, "identity_card").await?;
        self.finish(stage, cast, encounter, hands, touch).await
    }

    async fn finish(
        &mut self,
        stage: &Stage,
        cast: &Cast,
        id: EncounterId,
        hands: &Person,
        touch: Touch,
    ) -> anyhow::Result<Completion> {
        for finger in tanba_formats::Finger::TEN {
            if hands.present_fingers().any(|present| present == finger) {
                let capture = Capture { finger, image: cast.print(hands, finger, touch)?, ppi: None };
                match stage.registry.capture(&stage.operator, id, capture).await {
                    // A poor print is kept with the reason that is true of these hands.
                    Ok(taken) if taken.flagged => {
                        let reason = QualityReason::ManualWork;
                        stage.registry.accept_quality(&stage.operator, id, finger, reason, None).await?;
                    }
                    Ok(_) => {}
                    // A print that cannot be read is stated, as an operator would after three attempts.
                    Err(RegistryError::Extract(_)) => {
                        stage.registry.state_finger(&stage.operator, id, finger, FingerState::Worn).await?;
                    }
                    Err(error) => return Err(error.into()),
                }
            } else {
                stage.registry.state_finger(&stage.operator, id, finger, FingerState::Missing).await?;
            }
        }
        let done = stage.registry.complete(&stage.operator, id).await?;
        self.outcome.registered += u64::from(done.encounter.state == EncounterState::Registered);
        Ok(done)
    }

    async fn document(&mut self, stage: &Stage, encounter: EncounterId, kind: &str) -> anyhow::Result<()> {
        let document = stage.registry.apply_for_document(&stage.operator, encounter, kind).await?;
        let number = format!("DEMO{:06}", self.outcome.documents_linked + 1);
        let valid_to = cast::today_date().saturating_add(jiff::Span::new().years(10));
        stage
            .registry
            .personalise_document(&stage.operator, document.id, &Personalisation { number, valid_to })
            .await?;
        let issued = stage.registry.document_happened(&stage.operator, document.id, DocumentEvent::Issued).await?;
        self.outcome.documents_linked += u64::from(issued.prints_linked);
        Ok(())
    }

    async fn open(&mut self, stage: &Stage, person: &Person, trigger: &str) -> anyhow::Result<EncounterId> {
        Ok(self.try_open(stage, person, trigger).await?.id)
    }

    async fn try_open(
        &mut self,
        stage: &Stage,
        person: &Person,
        trigger: &str,
    ) -> tanba_registry::Result<tanba_registry::EncounterView> {
        self.keys += 1;
        let new = OpenEncounter {
            client_key: format!("demo-{}", self.keys),
            trigger: trigger.to_owned(),
            iin: Some(person.iin.as_str().to_owned()),
            typed: BTreeMap::new(),
        };
        stage.registry.open_encounter(&stage.operator, &new).await
    }

    fn specimen(
        &mut self,
        category: Category,
        case: tanba_registry::CaseId,
        donor: &Person,
        facts: Value,
    ) -> NewSpecimen {
        self.keys += 1;
        let facts = match facts {
            Value::Object(facts) => facts,
            _ => Map::new(),
        };
        NewSpecimen {
            client_key: format!("demo-{}", self.keys),
            category,
            label: format!("tube {}", self.keys),
            case,
            profile: Some(donor.genotype.profile().to_csv()),
            y: None,
            mitochondrial: None,
            snps: None,
            batch: None,
            iin: None,
            facts,
        }
    }

    /// The reason and clause of a refusal that the story expects; anything else ends it.
    fn denied<T>(&self, result: tanba_registry::Result<T>) -> anyhow::Result<String> {
        match result {
            Err(RegistryError::Denied(denial)) => {
                Ok(format!("{}, by {}, log entry {}", denial.code, denial.clause, denial.log_seq))
            }
            Err(other) => Err(other.into()),
            Ok(_) => bail!("something was allowed that the law forbids"),
        }
    }
}
