//! Passkeys of those who work here, from authenticators in software: binding, signing in, proving oneself again, and acts that two
//! people sign.

use jiff::SignedDuration;
use tanba_registry::{
    Act, Actor, DualAct, DualKind, NewAccount, PasskeyAsked, PasskeyDemand, Registry, RegistryError, Result, Revision,
    RevisionId, Role,
};
use tanba_seal::passkey::software::{Authenticator, MODEL, Maker};
use tanba_seal::passkey::{Attestation, HardwareOnly, RelyingParty};

use crate::access::{grounds, mark};
use crate::house::{House, PASSWORD, account, adult, denied, house, sign_in};

const SITE: &str = "tanba.test";
const ORIGIN: &str = "https://tanba.test";

fn maker() -> Maker {
    Maker::new("a maker of keys")
}

fn key(seed: &str) -> Authenticator {
    maker().authenticator(seed, SITE, ORIGIN)
}

pub(crate) fn site() -> RelyingParty {
    let hardware = HardwareOnly::new([maker().anchor()], [MODEL]).unwrap();
    RelyingParty {
        id: SITE.to_owned(),
        origins: [ORIGIN.to_owned()].into(),
        attestation: Attestation::Hardware(hardware),
    }
}

/// Somebody with an open session and the authenticator that it was proved with.
pub(crate) struct Holder {
    token: String,
    pub(crate) actor: Actor,
    pub(crate) key: Authenticator,
}

pub(crate) async fn password(registry: &Registry, login: &str) -> String {
    let station = (login == "operator").then_some("csc-1-a");
    registry.sign_in(login, PASSWORD, station).await.unwrap().reveal().to_owned()
}

/// Binds a first passkey: the administrator's code, and the person with the password.
pub(crate) async fn bind(house: &House, administrator: &Actor, login: &str) -> Holder {
    let registry = &house.registry;
    let token = password(registry, login).await;
    let account = house.account_of(login).await;
    let code = registry.issue_binding_code(administrator, account).await.unwrap().code;
    let asked = registry.begin_binding(&token, Some(&code)).await.unwrap();
    let mut key = key(login);
    registry.finish_binding(&token, &key.create(&asked.challenge)).await.unwrap();
    let actor = registry.authenticate(&token).await.unwrap();
    Holder { token, actor, key }
}

impl Holder {
    pub(crate) async fn prove(&mut self, registry: &Registry) -> Result<()> {
        let asked = registry.begin_proof(&self.token).await?;
        registry.finish_proof(&self.token, &self.key.sign(&asked.challenge)).await
    }

    /// A sensitive act: refused, signed, and sent again as it was.
    pub(crate) async fn signing<T: std::fmt::Debug>(
        &mut self,
        registry: &Registry,
        act: impl AsyncFn(&Actor) -> Result<T>,
    ) -> Result<T> {
        assert_eq!(denied(act(&self.actor).await), "passkey_proof");
        self.prove(registry).await?;
        act(&self.actor).await
    }

    pub(crate) async fn approve(&mut self, registry: &Registry, act: &DualAct) -> Result<()> {
        let asked = registry.begin_approval(&self.actor, act).await?;
        registry.finish_approval(&self.actor, act, &self.key.sign(&asked.challenge)).await
    }
}

impl House {
    async fn account_of(&self, login: &str) -> tanba_registry::AccountId {
        let institutions = self.registry.institutions(&self.administrator).await.unwrap();
        institutions.accounts.iter().find(|a| a.login == login).unwrap().id
    }

    /// Changes rows behind the program's back.
    pub(crate) async fn tampered(&self, statement: &'static str) -> u64 {
        let path = self.data().join("tanba.sqlite");
        let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
        sqlx::query(statement).execute(&pool).await.unwrap().rows_affected()
    }
}

async fn required_house() -> House {
    let house = house(&[]).await;
    house.registry.use_passkeys(site(), PasskeyDemand::Required).unwrap();
    house
}

fn waits(result: Result<Actor>) -> bool {
    match result {
        Err(RegistryError::PasskeyNeeded { bound }) => bound,
        other => panic!("expected a wait for a passkey, got {other:?}"),
    }
}

#[tokio::test]
async fn control_j1_the_first_passkey_takes_an_administrators_code_and_the_person() {
    let house = required_house().await;
    let registry = &house.registry;
    // Nobody has one yet, so passwords open sessions, or the first could not be bound.
    let administrator = bind(&house, &house.administrator, "administrator").await;
    assert!(waits(registry.authenticate(&password(registry, "administrator").await).await));
    // From now on everyone official is asked for one, and a password opens nothing but binding.
    let token = password(registry, "officer").await;
    assert!(!waits(registry.authenticate(&token).await));
    assert_eq!(registry.session_waits_for(&token).await.unwrap(), Some(PasskeyAsked::ToBind));
    assert!(matches!(registry.begin_proof(&token).await, Err(RegistryError::Conflict { .. })));

    let officer = house.account_of("officer").await;
    let code = registry.issue_binding_code(&administrator.actor, officer).await.unwrap().code;
    for wrong in [None, Some(""), Some("0000 0000 0000")] {
        assert_eq!(denied(registry.begin_binding(&token, wrong).await), "passkey_code", "{wrong:?}");
    }
    // The code is the officer's and nobody else's.
    let other = password(registry, "supervisor").await;
    assert_eq!(denied(registry.begin_binding(&other, Some(&code)).await), "passkey_code");
    let asked = registry.begin_binding(&token, Some(&format!(" {} ", code.to_uppercase()))).await.unwrap();
    registry.finish_binding(&token, &key("officer").create(&asked.challenge)).await.unwrap();
    assert_eq!(registry.authenticate(&token).await.unwrap().login(), "officer");
    // A code is used once, and is not given to whoever has a key.
    assert_eq!(denied(registry.begin_binding(&other, Some(&code)).await), "passkey_code");
    assert!(matches!(
        registry.issue_binding_code(&administrator.actor, officer).await,
        Err(RegistryError::Conflict { .. })
    ));
    // What a password alone had opened before has ended.
    let before = house.officer.account();
    assert_eq!(registry.passkeys(&administrator.actor, before).await.unwrap().len(), 1);

    // A code ends after an hour, and after five wrong answers.
    let supervisor = house.account_of("supervisor").await;
    let mut holder = administrator;
    let code = registry.issue_binding_code(&holder.actor, supervisor).await.unwrap().code;
    house.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(denied(registry.begin_binding(&other, Some(&code)).await), "passkey_code");
    holder.prove(registry).await.unwrap();
    let code = registry.issue_binding_code(&holder.actor, supervisor).await.unwrap().code;
    for _ in 0..5 {
        assert_eq!(denied(registry.begin_binding(&other, Some("no")).await), "passkey_code");
    }
    assert_eq!(denied(registry.begin_binding(&other, Some(&code)).await), "passkey_code");
    // Nobody vouches for themselves, under another account either.
    let twin = NewAccount {
        natural_person: "P-administrator".to_owned(),
        ..account("twin", house.centre, Role::Administrator)
    };
    let twin = holder.signing(registry, async |actor: &Actor| registry.add_account(actor, &twin).await).await.unwrap();
    holder.prove(registry).await.unwrap();
    assert_eq!(denied(registry.issue_binding_code(&holder.actor, twin).await), "four_eyes");
    assert_eq!(denied(registry.issue_binding_code(&house.second, supervisor).await), "role");
}

#[tokio::test]
async fn control_j1_what_is_not_hardware_or_was_signed_before_is_refused_and_logged() {
    let house = required_house().await;
    let registry = &house.registry;
    let mut holder = bind(&house, &house.administrator, "administrator").await;
    let officer = house.account_of("officer").await;
    let token = password(registry, "officer").await;
    let code = registry.issue_binding_code(&holder.actor, officer).await.unwrap().code;
    let mut synced = key("officer");
    synced.flags = 0x1d;
    let unlike = [
        (Authenticator::in_software("s", SITE, ORIGIN), "passkey_unattested"),
        (synced, "passkey_synced"),
        (Maker::new("a stranger").authenticator("s", SITE, ORIGIN), "passkey_untrusted_maker"),
        (maker().authenticator("s", "evil.test", ORIGIN), "passkey_wrong_relying_party"),
        (maker().authenticator("s", SITE, "https://evil.test"), "passkey_wrong_origin"),
        // A key that is bound already, to whomever.
        (key("administrator"), "passkey_wrong_credential"),
    ];
    for (mut unlike, reason) in unlike {
        let before = registry.denials().await.unwrap();
        let asked = registry.begin_binding(&token, Some(&code)).await.unwrap();
        assert_eq!(denied(registry.finish_binding(&token, &unlike.create(&asked.challenge)).await), reason);
        assert_eq!(registry.denials().await.unwrap(), before + 1, "{reason}");
    }
    assert!(registry.passkeys(&holder.actor, officer).await.unwrap().is_empty());

    // A signature counts once; another session's challenge, and an old one, not at all.
    let asked = registry.begin_proof(&holder.token).await.unwrap();
    let signed = holder.key.sign(&asked.challenge);
    registry.finish_proof(&holder.token, &signed).await.unwrap();
    assert_eq!(denied(registry.finish_proof(&holder.token, &signed).await), "passkey_no_challenge");
    registry.begin_proof(&holder.token).await.unwrap();
    assert_eq!(denied(registry.finish_proof(&holder.token, &signed).await), "passkey_wrong_challenge");
    let second = password(registry, "administrator").await;
    let asked = registry.begin_proof(&second).await.unwrap();
    let signed = holder.key.sign(&asked.challenge);
    assert_eq!(denied(registry.finish_proof(&holder.token, &signed).await), "passkey_no_challenge");
    house.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(denied(registry.finish_proof(&second, &signed).await), "passkey_no_challenge");
    assert!(waits(registry.authenticate(&second).await));
    // A wrong answer uses the challenge up.
    let asked = registry.begin_proof(&second).await.unwrap();
    assert_eq!(
        denied(registry.finish_proof(&second, &key("another").sign(&asked.challenge)).await),
        "passkey_wrong_credential"
    );
    assert_eq!(
        denied(registry.finish_proof(&second, &holder.key.sign(&asked.challenge)).await),
        "passkey_no_challenge"
    );
    // A copy of the key counts from where it was copied.
    let asked = registry.begin_proof(&second).await.unwrap();
    let mut copy = key("administrator");
    assert_eq!(denied(registry.finish_proof(&second, &copy.sign(&asked.challenge)).await), "passkey_counter_went_back");
    holder.prove(registry).await.unwrap();
    registry.fsck().await.unwrap();
}

#[tokio::test]
async fn control_j1_a_signature_over_one_act_opens_it_once_and_nothing_else() {
    let house = required_house().await;
    let registry = &house.registry;
    let mut holder = bind(&house, &house.administrator, "administrator").await;
    let mut officer = bind(&house, &holder.actor, "officer").await;
    let mut clerk = bind(&house, &holder.actor, "clerk").await;
    let new = |login| account(login, house.centre, Role::Operator);
    let add = async |actor: &Actor, login| registry.add_account(actor, &new(login)).await;
    // Having just bound a key opens nothing, and neither does a signature over nothing.
    holder.prove(registry).await.unwrap();
    assert_eq!(denied(add(&holder.actor, "first").await), "passkey_proof");
    let asked = registry.begin_proof(&holder.token).await.unwrap();
    assert_eq!(asked.act.as_deref(), Some("set up an account"));
    let signed = holder.key.sign(&asked.challenge);
    registry.finish_proof(&holder.token, &signed).await.unwrap();
    assert_eq!(denied(registry.finish_proof(&holder.token, &signed).await), "passkey_no_challenge");
    // One letter more, another role, another session of the same officer: another act.
    assert_eq!(denied(add(&holder.actor, "firsts").await), "passkey_proof");
    let more = NewAccount { roles: [Role::Operator, Role::Supervisor].into(), ..new("first") };
    assert_eq!(denied(registry.add_account(&holder.actor, &more).await), "passkey_proof");
    let other = password(registry, "administrator").await;
    let asked = registry.begin_proof(&other).await.unwrap();
    registry.finish_proof(&other, &holder.key.sign(&asked.challenge)).await.unwrap();
    let other = registry.authenticate(&other).await.unwrap();
    assert_eq!(denied(add(&other, "first").await), "passkey_proof");
    // The act itself, once.
    add(&holder.actor, "first").await.unwrap();
    assert_eq!(denied(add(&holder.actor, "first").await), "passkey_proof");
    // What is asked for last is what is signed next; a signature over what was asked before is of no use.
    let earlier = registry.begin_proof(&holder.token).await.unwrap();
    assert_eq!(denied(add(&holder.actor, "second-one").await), "passkey_proof");
    let signed = holder.key.sign(&earlier.challenge);
    assert_eq!(denied(registry.finish_proof(&holder.token, &signed).await), "passkey_no_challenge");
    // Five minutes, and the key must still be bound.
    holder.prove(registry).await.unwrap();
    house.clock.advance(SignedDuration::from_secs(301));
    assert_eq!(denied(add(&holder.actor, "second-one").await), "passkey_proof");
    holder.prove(registry).await.unwrap();
    let removed =
        "UPDATE passkeys SET removed_at = 1 WHERE account_id = (SELECT id FROM accounts WHERE login = 'administrator')";
    house.tampered(removed).await;
    assert_eq!(denied(add(&holder.actor, "second-one").await), "passkey_to_bind");
    house.tampered("UPDATE passkeys SET removed_at = NULL").await;
    add(&holder.actor, "second-one").await.unwrap();

    let id = holder.actor.account();
    let keys = registry.passkeys(&holder.actor, id).await.unwrap();
    assert_eq!(denied(registry.remove_passkey(&holder.actor, keys[0].id).await), "passkey_proof");
    let aida = adult(5);
    let ask =
        async |actor: &Actor| registry.ask(actor, Act::Identify, &grounds(None, None), &mark(&aida)).await.map(drop);
    // The law is asked once it is signed.
    assert_ne!(denied(officer.signing(registry, ask).await), "passkey_proof");
    let none = tanba_registry::SanctionId::from_u128(7);
    let revoked = clerk.signing(registry, async |actor: &Actor| registry.revoke_sanction(actor, none, "x").await).await;
    assert!(matches!(revoked, Err(RegistryError::NotFound { .. })));
    // Whoever has none where one is required does none of it, in a session that was open before.
    assert_eq!(denied(ask(&house.officer).await), "passkey_proof");
    assert_eq!(denied(registry.revoke_sanction(&house.second, none, "x").await), "passkey_to_bind");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_j1_codes_and_further_keys_take_a_proof_that_is_minutes_old() {
    let house = required_house().await;
    let registry = &house.registry;
    let mut holder = bind(&house, &house.administrator, "administrator").await;
    let officer = house.account_of("officer").await;
    registry.issue_binding_code(&holder.actor, officer).await.unwrap();
    house.clock.advance(SignedDuration::from_secs(301));
    assert_eq!(denied(registry.issue_binding_code(&holder.actor, officer).await), "passkey_proof");
    assert_eq!(denied(registry.begin_binding(&holder.token, None).await), "passkey_proof");
    // What is not sensitive goes on.
    assert!(registry.institutions(&holder.actor).await.is_ok());
    assert_eq!(registry.begin_proof(&holder.token).await.unwrap().act, None);
    holder.prove(registry).await.unwrap();
    registry.issue_binding_code(&holder.actor, officer).await.unwrap();
    registry.begin_binding(&holder.token, None).await.unwrap();
}

#[tokio::test]
async fn control_j1_a_removed_passkey_opens_nothing_from_the_next_call_on() {
    let house = required_house().await;
    let registry = &house.registry;
    let mut administrator = bind(&house, &house.administrator, "administrator").await;
    let mut officer = bind(&house, &administrator.actor, "officer").await;
    let account = officer.actor.account();
    let first = registry.passkeys(&officer.actor, account).await.unwrap()[0].id;
    // A second key takes the first one's signature, and no administrator.
    let asked = registry.begin_binding(&officer.token, None).await.unwrap();
    assert_eq!(asked.bound, [officer.key.credential.clone()]);
    let mut spare = key("a spare key");
    registry.finish_binding(&officer.token, &spare.create(&asked.challenge)).await.unwrap();
    officer.prove(registry).await.unwrap();

    let supervisor = sign_in_waits(registry, "supervisor").await;
    assert!(!supervisor);
    let remove = async |actor: &Actor| registry.remove_passkey(actor, first).await;
    administrator.signing(registry, remove).await.unwrap();
    assert!(matches!(registry.authenticate(&officer.token).await, Err(RegistryError::Unauthenticated)));
    assert!(matches!(registry.begin_proof(&officer.token).await, Err(RegistryError::Unauthenticated)));
    let token = password(registry, "officer").await;
    let asked = registry.begin_proof(&token).await.unwrap();
    assert_eq!(asked.keys, [spare.credential.clone()]);
    assert_eq!(
        denied(registry.finish_proof(&token, &officer.key.sign(&asked.challenge)).await),
        "passkey_wrong_credential"
    );
    let asked = registry.begin_proof(&token).await.unwrap();
    registry.finish_proof(&token, &spare.sign(&asked.challenge)).await.unwrap();
    let actor = registry.authenticate(&token).await.unwrap();
    // Somebody else's key is not there to be removed.
    let foreign = registry.passkeys(&administrator.actor, administrator.actor.account()).await.unwrap()[0].id;
    assert_eq!(denied(registry.remove_passkey(&actor, foreign).await), "passkey_proof");
    let asked = registry.begin_proof(&token).await.unwrap();
    registry.finish_proof(&token, &spare.sign(&asked.challenge)).await.unwrap();
    assert!(matches!(registry.remove_passkey(&actor, foreign).await, Err(RegistryError::NotFound { .. })));
    assert_eq!(denied(registry.passkeys(&actor, administrator.actor.account()).await), "role");
}

async fn sign_in_waits(registry: &Registry, login: &str) -> bool {
    waits(registry.authenticate(&password(registry, login).await).await)
}

#[tokio::test]
async fn a_demonstration_takes_passwords_and_whoever_has_a_passkey_uses_it() {
    let house = house(&[]).await;
    let registry = &house.registry;
    let token = password(registry, "administrator").await;
    // Nobody has named the site.
    assert!(matches!(registry.begin_binding(&token, None).await, Err(RegistryError::Conflict { .. })));
    let any = RelyingParty { attestation: Attestation::Any, ..site() };
    registry.use_passkeys(any, PasskeyDemand::Allowed).unwrap();
    bind(&house, &house.administrator, "administrator").await;
    assert!(sign_in_waits(registry, "administrator").await);
    assert_eq!(sign_in(registry, "officer", None).await.login(), "officer");
}

/// Two provisional records of one person, and a revision that joins them.
pub(crate) async fn proposed(house: &House, by: &Actor, k: &str) -> RevisionId {
    let mut people = Vec::new();
    for (i, seed) in [71_u64, 72].into_iter().enumerate() {
        people.push(house.open(&adult(seed), "identity_card", &format!("{k}{i}")).await.unwrap().person);
    }
    let merge = Revision::Merge { from: people[0], into: people[1] };
    house.registry.propose_revision(by, &merge, "one person, two records").await.unwrap().id
}

/// A house in which two second officers have passkeys.
async fn house_of_two() -> (House, Holder, Holder, Holder) {
    let (a, b) = (adult(71), adult(72));
    let house = house(&[&a, &b]).await;
    house.registry.use_passkeys(site(), PasskeyDemand::Required).unwrap();
    let administrator = bind(&house, &house.administrator, "administrator").await;
    let second = bind(&house, &administrator.actor, "second").await;
    let clerk = bind(&house, &administrator.actor, "clerk").await;
    (house, administrator, second, clerk)
}

#[tokio::test]
async fn control_j2_an_act_takes_two_signatures_of_two_people_over_one_hash() {
    let (house, mut administrator, mut second, mut clerk) = house_of_two().await;
    let registry = &house.registry;
    let id = proposed(&house, &second.actor, "k").await;
    let act = DualAct::of(DualKind::Revision, id);
    assert_eq!(denied(registry.apply_revision(&clerk.actor, id).await), "approval_missing");
    second.approve(registry, &act).await.unwrap();
    assert_eq!(denied(registry.apply_revision(&clerk.actor, id).await), "approval_missing");
    // The same again, and the same person under another account.
    assert_eq!(denied(second.approve(registry, &act).await), "four_eyes");
    let twin =
        NewAccount { natural_person: "P-second".to_owned(), ..account("twin", house.centre, Role::SecondOfficer) };
    administrator.signing(registry, async |actor: &Actor| registry.add_account(actor, &twin).await).await.unwrap();
    let mut twin = bind(&house, &administrator.actor, "twin").await;
    assert_eq!(denied(twin.approve(registry, &act).await), "four_eyes");
    assert_eq!(denied(registry.apply_revision(&clerk.actor, id).await), "approval_missing");
    // Not an officer who may.
    assert_eq!(denied(registry.begin_approval(&administrator.actor, &act).await), "role");

    // A signature that was given is of no use to somebody else, nor a second time.
    let asked = registry.begin_approval(&clerk.actor, &act).await.unwrap();
    assert_eq!(
        denied(registry.finish_approval(&clerk.actor, &act, &second.key.sign(&asked.challenge)).await),
        "passkey_wrong_credential"
    );
    let asked = registry.begin_approval(&clerk.actor, &act).await.unwrap();
    let signed = clerk.key.sign(&asked.challenge);
    registry.finish_approval(&clerk.actor, &act, &signed).await.unwrap();
    assert_eq!(denied(registry.finish_approval(&clerk.actor, &act, &signed).await), "passkey_no_challenge");
    registry.apply_revision(&clerk.actor, id).await.unwrap();
    registry.fsck().await.unwrap();

    // Another act has another hash: what was signed for the first is nothing for it.
    let undo =
        registry.propose_revision(&second.actor, &Revision::Undo { revision: id }, "they are two").await.unwrap().id;
    let undo = DualAct::of(DualKind::Revision, undo);
    registry.begin_approval(&clerk.actor, &undo).await.unwrap();
    let replayed = registry.finish_approval(&clerk.actor, &undo, &signed).await;
    assert_eq!(denied(replayed), "passkey_wrong_challenge");
    // Nor does an answer to one act count as one to another.
    let asked = registry.begin_approval(&clerk.actor, &undo).await.unwrap();
    let signed = clerk.key.sign(&asked.challenge);
    assert_eq!(denied(registry.finish_approval(&clerk.actor, &act, &signed).await), "passkey_no_challenge");
}

#[tokio::test]
async fn control_j2_one_byte_changed_between_the_approvals_voids_them() {
    let (house, _administrator, mut second, mut clerk) = house_of_two().await;
    let registry = &house.registry;
    let id = proposed(&house, &second.actor, "k").await;
    let act = DualAct::of(DualKind::Revision, id);
    let change = "UPDATE cluster_revisions SET reason = 'one person, two recordz' WHERE state = 'proposed'";
    let change_back = "UPDATE cluster_revisions SET reason = 'one person, two records' WHERE state = 'proposed'";
    // Before the second one asks.
    second.approve(registry, &act).await.unwrap();
    assert_eq!(house.tampered(change).await, 1);
    assert_eq!(denied(clerk.approve(registry, &act).await), "approval_void");
    assert_eq!(house.tampered(change_back).await, 1);
    assert_eq!(denied(registry.apply_revision(&clerk.actor, id).await), "approval_missing");
    // While the second one signs.
    second.approve(registry, &act).await.unwrap();
    let asked = registry.begin_approval(&clerk.actor, &act).await.unwrap();
    house.tampered(change).await;
    let signed = clerk.key.sign(&asked.challenge);
    assert_eq!(denied(registry.finish_approval(&clerk.actor, &act, &signed).await), "approval_void");
    house.tampered(change_back).await;
    // Before it is done.
    second.approve(registry, &act).await.unwrap();
    clerk.approve(registry, &act).await.unwrap();
    house.tampered(change).await;
    assert_eq!(denied(registry.apply_revision(&clerk.actor, id).await), "approval_void");
    house.tampered(change_back).await;
    assert_eq!(denied(registry.apply_revision(&clerk.actor, id).await), "approval_missing");
    // After a working day.
    second.approve(registry, &act).await.unwrap();
    clerk.approve(registry, &act).await.unwrap();
    house.clock.advance(SignedDuration::from_hours(8));
    assert_eq!(denied(registry.apply_revision(&clerk.actor, id).await), "approval_missing");
    // With a key that was taken away meanwhile.
    second.approve(registry, &act).await.unwrap();
    clerk.approve(registry, &act).await.unwrap();
    let removed =
        "UPDATE passkeys SET removed_at = 1 WHERE account_id = (SELECT id FROM accounts WHERE login = 'second')";
    assert_eq!(house.tampered(removed).await, 1);
    assert_eq!(denied(registry.apply_revision(&clerk.actor, id).await), "approval_missing");
    house.tampered("UPDATE passkeys SET removed_at = NULL").await;
    registry.apply_revision(&clerk.actor, id).await.unwrap();
}

#[tokio::test]
async fn control_e14_the_logs_key_is_changed_by_two_administrators() {
    let (house, mut administrator, mut second, _clerk) = house_of_two().await;
    let registry = &house.registry;
    let (passphrase, kdf) = (crate::house::PASSPHRASE, tanba_seal::KdfParams::MINIMUM);
    let next = &DualAct::of(DualKind::LogKeyNext, "log");
    let rotate = || registry.rotate_log_key(passphrase, kdf, |_| Ok(()));
    let before = registry.verifier_key();
    assert_eq!(denied(rotate().await), "approval_missing");
    assert_eq!(denied(second.approve(registry, next).await), "role");
    administrator.approve(registry, next).await.unwrap();
    assert_eq!(denied(rotate().await), "approval_missing");
    assert_eq!(denied(administrator.approve(registry, next).await), "four_eyes");
    let other = account("administrator-2", house.centre, Role::Administrator);
    assert_eq!(denied(registry.add_account(&administrator.actor, &other).await), "passkey_proof");
    administrator.prove(registry).await.unwrap();
    registry.add_account(&administrator.actor, &other).await.unwrap();
    let mut other = bind(&house, &administrator.actor, "administrator-2").await;
    other.approve(registry, next).await.unwrap();
    // What was signed for the next key ends no key.
    assert_eq!(registry.verifier_key(), before);
    rotate().await.unwrap();
    assert_ne!(registry.verifier_key(), before);
    let retire = || registry.retire_log_key(passphrase, kdf, |_| Ok(()));
    assert_eq!(denied(retire().await), "approval_missing");
    let end = &DualAct::of(DualKind::LogKeyRetirement, "log");
    administrator.approve(registry, end).await.unwrap();
    other.approve(registry, end).await.unwrap();
    retire().await.unwrap();
    // Signatures are used up.
    assert_eq!(denied(rotate().await), "approval_missing");
    house.assert_log_is_sound().await;
}
