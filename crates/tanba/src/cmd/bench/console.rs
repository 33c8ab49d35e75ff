//! `tanba bench console`: a register of many people who do not exist, and every page that can be reached from the desks of
//! every role, each asked for many times through the service itself (no socket, no browser).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use clap::Args;
use serde_json::json;
use tanba_formats::Finger;
use tanba_registry::{
    Actor, Capture, Confirmation, Consent, ConsentKind, EncounterId, FingerState, Founding, LookPurpose,
    MemoryRegister, Mode, NewAccount, NewOrganisation, NewSite, NewStation, OpenEncounter, PersonId, Registry, Role,
    ShownText, SystemClock,
};
use tanba_seal::KdfParams;
use tanba_server::{Face, ServerState};
use tanba_synth::ImpressionPreset;
use tower::ServiceExt as _;

use crate::console::Console;
use crate::demo;

/// The accounts: login, office, role.
const ACCOUNTS: [(&str, &str, Role); 8] = [
    ("operator", "csc", Role::Operator),
    ("second", "csc", Role::SecondOfficer),
    ("examiner", "mia", Role::FingerprintExaminer),
    ("officer", "mia", Role::Officer),
    ("dna", "mia", Role::DnaExaminer),
    ("quality", "mia", Role::QualityManager),
    ("supervisor", "dpa", Role::Supervisor),
    ("administrator", "", Role::Administrator),
];
const STATION: &str = "bench-1";
const PASSWORD: &str = "a bench is no place for people";
/// Pages of one kind that are followed: a list of ten thousand links is one kind.
const OF_A_KIND: usize = 2;

/// Options of `tanba bench console`.
#[derive(Args)]
pub(crate) struct Pages {
    /// People in the register.
    #[arg(long, default_value_t = 10_000)]
    people: u64,
    /// Times that each page is asked for.
    #[arg(long, default_value_t = 30)]
    times: u32,
}

/// One kind of page: its path with ids taken out, for one role.
struct Measured {
    login: &'static str,
    page: String,
    ms: Vec<f64>,
}

impl Pages {
    pub(super) fn run(self, console: &Console) -> anyhow::Result<()> {
        ensure!(self.people >= 1 && self.times >= 1, "measure with at least one person and one time");
        let folder = tempfile::Builder::new().prefix("tanba-bench-").tempdir()?;
        let dir = folder.path().join("data");
        tokio::runtime::Runtime::new()?.block_on(async {
            let filled = Instant::now();
            let (router, of_the_served) = fill(&dir, self.people, console).await?;
            let fill_s = filled.elapsed().as_secs_f64();
            let mut measured = Vec::new();
            for (login, _, role) in ACCOUNTS.into_iter().chain([("citizen", "csc", Role::Citizen)]) {
                let station = (role == Role::Operator).then_some(STATION);
                let cookie = sign_in(&router, login, station).await?;
                let mut from = vec!["/".to_owned()];
                if role == Role::SecondOfficer {
                    // A record is not linked from anywhere without a reason to look.
                    from.push(format!("/persons/{of_the_served}"));
                }
                measured.extend(walk(&router, login, &cookie, &from, self.times).await?);
            }
            report(&measured, self.people, fill_s, console);
            Ok(())
        })
    }
}

fn report(measured: &[Measured], people: u64, fill_s: f64, console: &Console) {
    let at = |ms: &[f64], share: f64| ms[((ms.len() - 1) as f64 * share).round() as usize];
    let mut lines = String::new();
    let mut pages = Vec::new();
    for page in measured {
        let mut ms = page.ms.clone();
        ms.sort_by(f64::total_cmp);
        let (median, p99) = (at(&ms, 0.5), at(&ms, 0.99));
        lines += &format!("\n{median:8.1} {p99:8.1}  {:<14} {}", page.login, page.page);
        pages.push((median, p99, json!({"role": page.login, "page": page.page, "ms_median": median, "ms_p99": p99})));
    }
    let worst_median = pages.iter().map(|(median, _, _)| *median).fold(0.0, f64::max);
    let worst_p99 = pages.iter().map(|(_, p99, _)| *p99).fold(0.0, f64::max);
    let answer = json!({
        "people": people, "fill_s": fill_s, "worst_ms_median": worst_median, "worst_ms_p99": worst_p99,
        "pages": pages.into_iter().map(|(_, _, page)| page).collect::<Vec<_>>(),
    });
    console.answer(
        &answer,
        format_args!(
            "{people} people, filled in {fill_s:.0} s; {} pages. Median and 99th percentile, ms:{lines}\nslowest: median {worst_median:.1} ms, 99th percentile {worst_p99:.1} ms",
            measured.len()
        ),
    );
}

/// Founds a register and lets everyone come to the counter once: the law is asked and explained, and nearly everyone refuses
/// (so that nobody waits, and no gallery is grown, which `tanba bench identify` is for). The first is registered; the second
/// brings the same hands, so that examiners have a candidate. The second value is the record of the first.
async fn fill(dir: &Path, people: u64, console: &Console) -> anyhow::Result<(Router, PersonId)> {
    let population = tanba_synth::Population::new(1, people, demo::people_of());
    let persons: Vec<tanba_synth::Person> = (0..people).map(|i| population.person(i)).collect();
    let records = persons.iter().map(|person| demo::record(person, &[]));
    let founding = Founding {
        mode: Mode::Demonstration,
        jurisdiction: "kz".to_owned(),
        time_zone: None,
        origin: "bench.invalid/tanba".to_owned(),
        operator_code: "register".to_owned(),
        administrator: "administrator".to_owned(),
        password: PASSWORD.to_owned(),
        natural_person: "staff-administrator".to_owned(),
        kdf: KdfParams::MINIMUM,
    };
    let register = Arc::new(MemoryRegister::new(records));
    let registry =
        Registry::found(dir, "a bench is no secret place", &founding, register, Arc::new(SystemClock)).await?;
    let administrator =
        registry.authenticate(registry.sign_in("administrator", PASSWORD, None).await?.reveal()).await?;
    let mut offices = BTreeMap::new();
    for (code, body) in [("csc", "service_centre"), ("mia", "ministry_of_interior"), ("dpa", "supervisory_authority")] {
        let new = NewOrganisation { code: code.to_owned(), name: code.to_owned(), body: body.to_owned() };
        offices.insert(code, registry.add_organisation(&administrator, &new).await?);
    }
    let site = NewSite {
        organisation: offices["csc"],
        code: "bench".to_owned(),
        name: "Bench".to_owned(),
        kind: "service_centre".to_owned(),
        triggers: ["identity_card", "passport"].map(str::to_owned).into(),
        region: None,
    };
    let site = registry.add_site(&administrator, &site).await?;
    registry.add_station(&administrator, &NewStation { site, code: STATION.to_owned() }).await?;
    for (login, office, role) in ACCOUNTS.into_iter().filter(|(_, office, _)| !office.is_empty()) {
        let new = NewAccount {
            login: login.to_owned(),
            password: PASSWORD.to_owned(),
            organisation: offices[office],
            natural_person: format!("staff-{login}"),
            roles: [role].into(),
            person: None,
        };
        registry.add_account(&administrator, &new).await?;
    }
    let operator = registry.authenticate(registry.sign_in("operator", PASSWORD, Some(STATION)).await?.reveal()).await?;
    registry.open_shift(&operator).await?;
    let bar = console.progress(people, "people come to the counter");
    let mut refused = 0_u64;
    let mut hands: Option<&tanba_synth::Person> = None;
    let mut served = Vec::new();
    for (i, person) in persons.iter().enumerate() {
        let new = OpenEncounter {
            client_key: format!("bench-{i}"),
            trigger: "identity_card".to_owned(),
            iin: Some(person.iin.as_str().to_owned()),
            typed: BTreeMap::new(),
        };
        // Whoever the law excludes leaves a denial in the log, and nothing else.
        if let Ok(encounter) = registry.open_encounter(&operator, &new).await {
            let words =
                ShownText {
                    version: "bench-1".to_owned(), language: "kk".to_owned(), words: "Түсіндіру".to_owned()
                };
            let (kind, by) = (ConsentKind::Explanation, Confirmation::OperatorStatement);
            let explained = Consent::new(kind, person.iin.as_str(), words, "spoken", by);
            registry.record_consent(&operator, encounter.id, &explained).await?;
            if served.len() < 2 {
                give_prints(&registry, &operator, encounter.id, hands.unwrap_or(person)).await?;
                hands.get_or_insert(person);
                served.push(encounter.person);
            } else if (i as u64) + 5 < people {
                // The last few stay open: drafts on the operator's desk.
                registry.record_refusal(&operator, encounter.id).await?;
                refused += 1;
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let first = *served.first().context("the law lets nobody of these people be registered: take more")?;
    let citizen = NewAccount {
        login: "citizen".to_owned(),
        password: PASSWORD.to_owned(),
        organisation: offices["csc"],
        natural_person: "citizen".to_owned(),
        roles: [Role::Citizen].into(),
        person: Some(first),
    };
    registry.add_account(&administrator, &citizen).await?;
    let second = registry.authenticate(registry.sign_in("second", PASSWORD, None).await?.reveal()).await?;
    registry.state_purpose(&second, first, LookPurpose::Review, "bench").await?;
    let log = registry.publish().await?;
    console.note(format_args!("{people} people came; {refused} refusals recorded; the log has {} entries", log.size));
    Ok((tanba_server::router(ServerState::open_as(registry, dir, Face::default())), first))
}

/// Ten fingers on the glass, and the comparison with everyone.
async fn give_prints(
    registry: &Registry,
    operator: &Actor,
    id: EncounterId,
    hands: &tanba_synth::Person,
) -> anyhow::Result<()> {
    for finger in Finger::TEN {
        let touched = hands.finger(finger).map(|master| master.touch(ImpressionPreset::Clean, id.as_u128() as u64));
        let taken = match touched {
            Some(touched) => {
                let image = tanba_formats::image::encode_png(&touched.image);
                registry.capture(operator, id, Capture { finger, image, ppi: None }).await.is_ok()
            }
            None => false,
        };
        if !taken {
            registry.state_finger(operator, id, finger, FingerState::Unable).await?;
        }
    }
    registry.complete(operator, id).await?;
    Ok(())
}

/// Signs in as a browser does; the session's cookie.
async fn sign_in(router: &Router, login: &str, station: Option<&str>) -> anyhow::Result<String> {
    let form =
        format!("login={login}&password={}&station={}&next=", PASSWORD.replace(' ', "+"), station.unwrap_or_default());
    let request = Request::post("/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(form))?;
    let response = router.clone().oneshot(request).await?;
    let cookies = response.headers().get_all(header::SET_COOKIE);
    let session = cookies
        .iter()
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .find(|cookie| cookie.starts_with("tanba_session="))
        .with_context(|| format!("{login} cannot sign in"))?;
    Ok(format!("{session}; tanba_language=en"))
}

/// Every kind of page that this account can reach, measured.
async fn walk(
    router: &Router,
    login: &'static str,
    cookie: &str,
    from: &[String],
    times: u32,
) -> anyhow::Result<Vec<Measured>> {
    let mut queue: VecDeque<String> = from.iter().cloned().collect();
    let mut asked = BTreeSet::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut measured: BTreeMap<String, Measured> = BTreeMap::new();
    while let Some(path) = queue.pop_front() {
        let kind = kind_of(&path);
        if !asked.insert(path.clone()) || kinds.get(&kind).is_some_and(|seen| *seen >= OF_A_KIND) {
            continue;
        }
        *kinds.entry(kind.clone()).or_default() += 1;
        let (status, page, to, _) = get(router, &path, cookie).await?;
        if let Some(to) = to {
            queue.push_back(to);
            continue;
        }
        ensure!(!status.is_server_error(), "{path} answers {status} to {login}");
        if status != StatusCode::OK || !page.starts_with("<!doctype html>") {
            continue;
        }
        let entry = measured.entry(kind.clone()).or_insert_with(|| Measured { login, page: kind, ms: Vec::new() });
        for _ in 0..times {
            let (_, _, _, ms) = get(router, &path, cookie).await?;
            entry.ms.push(ms);
        }
        queue.extend(links(&page));
    }
    Ok(measured.into_values().collect())
}

/// Status, text, where it leads, and the milliseconds it took.
async fn get(router: &Router, path: &str, cookie: &str) -> anyhow::Result<(StatusCode, String, Option<String>, f64)> {
    let request =
        Request::get(path).header(header::COOKIE, cookie).header(header::ACCEPT, "text/html").body(Body::empty())?;
    let begun = Instant::now();
    let response = router.clone().oneshot(request).await?;
    let status = response.status();
    let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
    let bytes = to_bytes(response.into_body(), 64 << 20).await?;
    let ms = begun.elapsed().as_secs_f64() * 1000.0;
    Ok((status, String::from_utf8_lossy(&bytes).into_owned(), to, ms))
}

/// Where a page leads, within the console.
fn links(page: &str) -> Vec<String> {
    page.split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|to| to.starts_with('/') && !["/assets/", "/api/", "/log/"].iter().any(|other| to.starts_with(other)))
        .map(|to| to.split('#').next().unwrap_or_default().replace("&amp;", "&").replace("&#38;", "&"))
        .collect()
}

/// A path with its ids, and the values of its query, taken out.
fn kind_of(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let path: Vec<&str> = path
        .split('/')
        .map(|part| {
            let place = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            if part.len() >= 32 || place { "{id}" } else { part }
        })
        .collect();
    let names: Vec<&str> =
        query.split('&').filter_map(|pair| pair.split('=').next()).filter(|n| !n.is_empty()).collect();
    let query = if names.is_empty() { String::new() } else { format!("?{}", names.join("&")) };
    path.join("/") + &query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_one_kind_are_one_kind() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(kind_of(&format!("/encounters/{id}/law")), "/encounters/{id}/law");
        assert_eq!(kind_of("/oversight/log?before=17&outcome=denial"), "/oversight/log?before&outcome");
        assert_eq!(
            links("<a href=\"/a?x=1&amp;y=2#z\"><link href=\"/assets/x\"><a href=\"https://x\">"),
            ["/a?x=1&y=2"]
        );
    }
}
