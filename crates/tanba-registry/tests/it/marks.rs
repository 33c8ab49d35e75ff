//! Rows that give power, changed in the database by hand: they give none, and are found.

use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, SqlitePool};
use tanba_registry::{PasskeyDemand, RegistryError};

use crate::house::{House, PASSWORD, house, sign_in};
use crate::integrity::database;
use crate::passkeys::{bind, password, site};

/// What gives power, as it was.
struct Kept(SqlitePool);

impl Kept {
    const TABLES: [&str; 5] = ["accounts", "account_roles", "organisations", "passkeys", "sessions"];

    async fn of(house: &House) -> Self {
        let kept = Self(database(house).await);
        for table in Self::TABLES {
            kept.done(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
        }
        kept
    }

    /// Something is done by hand.
    async fn done(&self, by_hand: &str) {
        sqlx::raw_sql(AssertSqlSafe(by_hand.to_owned())).execute(&self.0).await.unwrap();
    }

    async fn put_back(&self) {
        for table in Self::TABLES {
            self.done(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}")).await;
        }
    }
}

/// Whether a round finds rows that somebody else has written.
async fn found(house: &House) -> bool {
    house.registry.reconcile_rows().await.unwrap().iter().any(|found| found.rows.ends_with("past the program"))
}

fn damaged<T>(result: Result<T, RegistryError>, what: &str) {
    assert!(matches!(result, Err(RegistryError::Damaged { .. })), "{what}: {:?}", result.err());
}

#[tokio::test]
async fn control_e9_power_that_is_written_by_hand_is_none_and_an_alarm() {
    let house = house(&[]).await;
    let registry = &house.registry;
    let operator = password(registry, "operator").await;
    assert!(!found(&house).await);
    let kept = Kept::of(&house).await;
    let own = "(SELECT id FROM accounts WHERE login = 'operator')";
    let other = "(SELECT id FROM accounts WHERE login = 'administrator')";
    for (what, by_hand) in [
        ("a role more", format!("INSERT INTO account_roles VALUES ({own}, 'administrator')")),
        ("another role", format!("UPDATE account_roles SET role = 'supervisor' WHERE account_id = {own}")),
        ("another body", "UPDATE organisations SET body = 'national_security_committee'".to_owned()),
        (
            "another organisation",
            format!(
                "UPDATE accounts SET organisation_id = (SELECT organisation_id FROM accounts WHERE id = {other}) WHERE id = {own}"
            ),
        ),
        ("somebody else's eyes", format!("UPDATE accounts SET natural_person = 'P-none' WHERE id = {own}")),
        (
            "another's mark",
            format!("UPDATE accounts SET mark = (SELECT mark FROM accounts WHERE id = {other}) WHERE id = {own}"),
        ),
        ("no mark", format!("UPDATE accounts SET mark = NULL WHERE id = {own}")),
        ("the session of somebody else", format!("UPDATE sessions SET account_id = {other} WHERE account_id = {own}")),
        ("a longer session", "UPDATE sessions SET expires_at = expires_at + 1".to_owned()),
        ("a proof that nobody gave", "UPDATE sessions SET proved_at = created_at".to_owned()),
        ("another station", "UPDATE sessions SET station_id = NULL".to_owned()),
        ("a session without a mark", "UPDATE sessions SET mark = NULL".to_owned()),
    ] {
        registry.authenticate(&operator).await.unwrap();
        kept.done(&by_hand).await;
        damaged(registry.authenticate(&operator).await, what);
        assert!(found(&house).await, "{what}");
        kept.put_back().await;
        assert!(!found(&house).await, "{what}, put back");
    }

    // A session for a token that somebody made up, and another's password.
    let made_up: String = Sha256::digest("made up").iter().map(|byte| format!("{byte:02x}")).collect();
    let columns =
        "account_id, station_id, created_at, expires_at, revoked_at, waits_for_passkey, passkey_id, proved_at, mark";
    kept.done(&format!(
        "INSERT INTO sessions (token_hash, {columns}) SELECT x'{made_up}', {columns} FROM sessions LIMIT 1"
    ))
    .await;
    damaged(registry.authenticate("made up").await, "a session by hand");
    assert!(found(&house).await);
    kept.put_back().await;
    kept.done(&format!(
        "UPDATE accounts SET password_hash = (SELECT password_hash FROM accounts WHERE id = {other}) WHERE id = {own}"
    ))
    .await;
    damaged(registry.sign_in("operator", PASSWORD, None).await, "another's password");
    kept.put_back().await;

    // What is not under the mark is counted against the log: an account that was ended is ended once, and stays so.
    let actor = sign_in(registry, "operator", Some("csc-1-a")).await;
    let disable = async || registry.disable_account(&house.administrator, actor.account()).await.unwrap();
    disable().await;
    disable().await;
    house.assert_log_is_sound().await;
    kept.done("UPDATE accounts SET disabled_at = NULL").await;
    let rows = registry.reconcile_rows().await.unwrap();
    assert!(rows.iter().any(|row| row.rows.starts_with("accounts WHERE disabled_at") && !row.unspoken), "{rows:?}");
}

#[tokio::test]
async fn control_e9_a_passkey_that_was_given_to_another_account_signs_nothing() {
    let house = house(&[]).await;
    let registry = &house.registry;
    registry.use_passkeys(site(), PasskeyDemand::Required).unwrap();
    let mut administrator = bind(&house, &house.administrator, "administrator").await;
    let mut operator = bind(&house, &administrator.actor, "operator").await;
    assert!(!found(&house).await);
    let kept = Kept::of(&house).await;
    kept.done(
        "UPDATE passkeys SET account_id = (SELECT id FROM accounts WHERE login = 'administrator') \
         WHERE account_id = (SELECT id FROM accounts WHERE login = 'operator')",
    )
    .await;
    std::mem::swap(&mut administrator.key, &mut operator.key);
    damaged(administrator.prove(registry).await, "the operator's key for the administrator");
    assert!(found(&house).await);
    kept.put_back().await;
    std::mem::swap(&mut administrator.key, &mut operator.key);
    administrator.prove(registry).await.unwrap();
    kept.done("DELETE FROM passkeys").await;
    let rows = registry.reconcile_rows().await.unwrap();
    assert!(rows.iter().any(|row| row.rows == "passkeys" && !row.unspoken), "{rows:?}");
}

#[tokio::test]
async fn control_e9_rows_of_an_older_version_are_marked_once_and_never_again() {
    let house = house(&[]).await;
    let token = password(&house.registry, "operator").await;
    let unmark = "UPDATE accounts SET mark = NULL; UPDATE sessions SET mark = NULL";
    // This register has had marks from the beginning: it gives none to rows that have lost theirs.
    let kept = Kept::of(&house).await;
    kept.done(unmark).await;
    let house = house.reopened().await;
    damaged(house.registry.authenticate(&token).await, "no mark");

    // As a register of an older version, whose founding says nothing of marks: another entry stands in for it.
    kept.done(
        "UPDATE log_entries SET event = 'x' WHERE event = 'instance.founded'; \
         UPDATE log_entries SET event = 'instance.founded' WHERE event = 'site.created'",
    )
    .await;
    let house = house.reopened().await;
    house.registry.authenticate(&token).await.unwrap();
    sign_in(&house.registry, "operator", Some("csc-1-a")).await;
    let marked = async || -> i64 {
        sqlx::query_scalar("SELECT COUNT(*) FROM log_entries WHERE event = 'rows.marked'")
            .fetch_one(&kept.0)
            .await
            .unwrap()
    };
    assert_eq!(marked().await, 1);
    kept.done(unmark).await;
    let house = house.reopened().await;
    damaged(house.registry.authenticate(&token).await, "once is enough");
    assert_eq!(marked().await, 1);
}
