//! `tanba sanction`: what a court or prosecutor does, on a machine of its own that reaches no register: make the office's key, sign a sanction,
//! read and check one.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;
use tanba_seal::log::LogVerifier;
use tanba_seal::{KdfParams, Sanction as Order, Subject};

use crate::console::Console;
use crate::party;

/// Options of `tanba sanction`.
#[derive(Args)]
pub(crate) struct Sanction {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Make the key of an office, in a folder of its own.
    Key(MakeKey),
    /// Sign a sanction with the office's key.
    Sign(Box<Sign>),
    /// Say what a sanction says, without checking who signed it.
    Show(Show),
    /// Check that an office has signed a sanction as it stands.
    Verify(Verify),
}

#[derive(Args)]
struct MakeKey {
    /// The office's folder.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The office's name, by convention a URL without its scheme, such as court.example/sanctions.
    #[arg(long)]
    name: String,
}

#[derive(Args)]
struct Sign {
    /// The office's folder.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The origin of the register's log, for which alone it is.
    #[arg(long, value_name = "ORIGIN")]
    register: String,
    /// The office's own number of it, never given twice.
    #[arg(long)]
    serial: String,
    /// The level of authority, by the code of law packs (prosecutor, court).
    #[arg(long)]
    level: String,
    /// Who decided, by personnel reference.
    #[arg(long)]
    judge: String,
    /// The code of the organisation that may use it.
    #[arg(long = "for", value_name = "CODE")]
    organisation: String,
    /// That organisation's number of the case.
    #[arg(long)]
    case: String,
    /// File with the identification number of the person that it is about; without it, it is about an unknown person.
    #[arg(long, value_name = "FILE", requires = "subject_out")]
    number: Option<PathBuf>,
    /// Where to write what opens the subject: it goes to the register beside the sanction, and nowhere else.
    #[arg(long, value_name = "FILE", requires = "number")]
    subject_out: Option<PathBuf>,
    /// What kind of data it covers; once for each.
    #[arg(long = "modality", value_name = "LABEL", default_value = "fingerprint")]
    modalities: Vec<String>,
    /// What may be done (verify, identify, read, release_identity); once for each.
    #[arg(long = "act", value_name = "ACT", required = true)]
    acts: Vec<String>,
    /// What for, by the code of law packs; once for each.
    #[arg(long = "purpose", value_name = "CODE", required = true)]
    purposes: Vec<String>,
    /// From when, such as 2026-11-27T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    from: Timestamp,
    /// Until when.
    #[arg(long, value_name = "TIME")]
    to: Timestamp,
    /// How often it may be used.
    #[arg(long)]
    uses: u32,
    /// From when on the person is told of looks under it; at once without it.
    #[arg(long, value_name = "TIME")]
    tell_at: Option<Timestamp>,
    /// Write the sanction to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Args)]
struct Show {
    /// The sanction.
    note: PathBuf,
}

#[derive(Args)]
struct Verify {
    /// The sanction.
    note: PathBuf,
    /// The office's verifier key (name+hash+key).
    #[arg(long, value_name = "KEY")]
    key: String,
    /// What opens the subject, to check that it does.
    #[arg(long, value_name = "FILE")]
    subject: Option<PathBuf>,
}

impl Sanction {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        match self.task {
            Task::Key(key) => key.run(console),
            Task::Sign(sign) => sign.run(console),
            Task::Show(show) => {
                let order = Order::claimed(&read(&show.note)?)?;
                told(
                    console,
                    &order,
                    "NOT CHECKED: anybody may have written this. Check it with `tanba sanction verify`.",
                );
                Ok(())
            }
            Task::Verify(verify) => verify.run(console),
        }
    }
}

impl MakeKey {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let ring = party::found(&self.dir, &self.name, &[], KdfParams::RECOMMENDED)?;
        let key = ring.log_signer().verifier().to_string();
        let human = format!("The office's key is in {}. Registers check its sanctions by\n{key}", self.dir.display());
        console.answer(&json!({"dir": self.dir, "vkey": key}), human);
        Ok(())
    }
}

impl Sign {
    fn run(self, console: &Console) -> anyhow::Result<()> {
        let subject = self.number.as_deref().map(fresh_subject).transpose()?;
        let signer = party::open(&self.dir)?.log_signer();
        let order = Order {
            register: self.register,
            serial: self.serial,
            office: signer.verifier().name().to_owned(),
            level: self.level,
            judge: self.judge,
            organisation: self.organisation,
            case: self.case,
            subject: subject.as_ref().map(Subject::commitment).transpose()?,
            modalities: self.modalities,
            acts: self.acts,
            purposes: self.purposes,
            valid_from: seconds(self.from)?,
            valid_to: seconds(self.to)?,
            uses: self.uses,
            tell_at: self.tell_at.map(seconds).transpose()?,
        };
        let note = order.sign(&signer)?;
        // The subject first: a sanction whose subject nobody can open is of no use.
        if let (Some(subject), Some(path)) = (&subject, &self.subject_out) {
            write(path, &serde_json::to_string(subject)?)?;
        }
        let human = match &self.out {
            Some(path) => {
                write(path, &note)?;
                format!("sanction {}: {}", order.serial, path.display())
            }
            // The console ends the answer with the line's end that the note has itself.
            None => note.trim_end().to_owned(),
        };
        console.answer(&json!({"note": note, "serial": order.serial}), human);
        Ok(())
    }
}

impl Verify {
    fn run(&self, console: &Console) -> anyhow::Result<()> {
        let office = LogVerifier::parse(&self.key).context("--key")?;
        let order = Order::open(&read(&self.note)?, &office)?;
        if let Some(path) = &self.subject {
            let subject: Subject = serde_json::from_slice(&read(path)?)
                .with_context(|| format!("{}: this is no subject file", path.display()))?;
            if order.subject != Some(subject.commitment()?) {
                bail!("{} does not open the sanction's subject: take the file that came with it", path.display());
            }
        }
        told(console, &order, "Signed by this key, as it stands.");
        Ok(())
    }
}

fn fresh_subject(number: &Path) -> anyhow::Result<Subject> {
    let text = String::from_utf8(read(number)?).with_context(|| format!("{} is no text", number.display()))?;
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|e| anyhow::anyhow!("no random numbers: {e}"))?;
    Ok(Subject::new(text.trim(), &salt))
}

fn seconds(at: Timestamp) -> anyhow::Result<u64> {
    u64::try_from(at.as_second()).context("a time before 1970")
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn told(console: &Console, order: &Order, standing: &str) {
    let time = |at: u64| {
        let at = i64::try_from(at).ok().and_then(|at| Timestamp::from_second(at).ok());
        at.map_or_else(String::new, |at| at.to_string())
    };
    let answer = json!({
        "register": order.register, "serial": order.serial, "office": order.office, "level": order.level, "judge": order.judge,
        "for": order.organisation, "case": order.case, "names_a_person": order.subject.is_some(), "modalities": order.modalities,
        "acts": order.acts, "purposes": order.purposes, "valid_from": time(order.valid_from), "valid_to": time(order.valid_to),
        "uses": order.uses, "tell_at": order.tell_at.map(time),
    });
    let human = format!(
        "{standing}\nsanction {} of {} ({}), decided by {}\nfor {} in case {}, in the register {}\n{}: {} of {}\nfrom {} until {}, {} uses; the person is told {}",
        order.serial,
        order.office,
        order.level,
        order.judge,
        order.organisation,
        order.case,
        order.register,
        if order.subject.is_some() { "about one person" } else { "about an unknown person" },
        order.acts.join(", "),
        order.purposes.join(", "),
        time(order.valid_from),
        time(order.valid_to),
        order.uses,
        order.tell_at.map_or_else(|| "at once".to_owned(), |at| format!("from {}", time(at)))
    );
    console.answer(&answer, human);
}
