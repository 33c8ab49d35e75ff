//! `tanba law`: what the law says of a person, which packs there are, what stands in them, and what a change of law does.

mod cedar;
mod check;
mod diff;
mod show;
mod simulate;
mod verify;
mod words;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use tanba_law::{Date, Lang, Library, Pack};

use crate::console::Console;

/// Largest file of law read, bytes; the law crate refuses more than 256 KiB itself, with its own words.
const MAX_FILE: u64 = 256 * 1024 + 1;

/// Options of `tanba law`.
#[derive(Args)]
pub(crate) struct Law {
    #[command(subcommand)]
    question: Question,
    /// Language of the answer for people: kk, ru or en.
    #[arg(long, global = true, default_value = "en", value_parser = |name: &str| name.parse::<Lang>())]
    lang: Lang,
}

#[derive(Subcommand)]
enum Question {
    /// What the law says of one person on one date.
    Check(check::Check),
    /// The same in Kazakh, Russian and English, with every rule that was tried and the sources.
    Explain(check::Check),
    /// The law packs and assumption sheets that come with the program.
    List,
    /// Every rule of a pack, or every assumption of a sheet, with its source and how well it is known.
    Show {
        /// Id of a pack or sheet, as `tanba law list` gives it.
        id: String,
    },
    /// What changed between two packs, clause by clause.
    Diff(diff::Diff),
    /// Whether a pack is sound, alone and among the others, and who signed it.
    Verify(verify::Verify),
    /// Who may look, as policies of the Cedar language, and their schema.
    Cedar(cedar::Cedar),
    /// What a change of law would do to people who do not exist: how many would be treated otherwise, and who.
    Simulate(simulate::Simulate),
}

fn parse_date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "a date is written YYYY-MM-DD".to_owned())
}

impl Law {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let library = Library::embedded();
        match self.question {
            Question::Check(question) => question.run(library, self.lang, console),
            Question::Explain(question) => question.explain(library, console),
            Question::List => {
                show::list(library, self.lang, console);
                Ok(())
            }
            Question::Show { id } => match (library.pack(&id), library.sheet(&id)) {
                (Some(pack), _) => show::show_pack(pack, self.lang, console),
                (None, Some(sheet)) => {
                    show::show_sheet(sheet, self.lang, console);
                    Ok(())
                }
                (None, None) => bail!("there is no pack or sheet of this id; `tanba law list` names them"),
            },
            Question::Diff(question) => question.run(library, self.lang, console),
            Question::Verify(question) => question.run(library, self.lang, console),
            Question::Cedar(question) => question.run(library, console),
            Question::Simulate(question) => question.run(library, self.lang, console),
        }
    }
}

fn pack_named<'a>(library: &'a Library, id: &str) -> anyhow::Result<&'a Pack> {
    library.pack(id).with_context(|| {
        let ids: Vec<_> = library.packs().iter().map(Pack::id).collect();
        format!("there is no pack of this id; there are {}", ids.join(", "))
    })
}

/// A pack by its id, or read from a file where the name ends in `.yaml`.
fn pack_or_file(library: &Library, name: &str) -> anyhow::Result<Pack> {
    if !name.ends_with(".yaml") {
        return Ok(pack_named(library, name)?.clone());
    }
    let text = read_text(Path::new(name), MAX_FILE)?;
    Pack::from_yaml(&text, library.indices()).with_context(|| format!("{name} is no sound law pack"))
}

/// A text file, or standard input for `-`; what is longer than `most` bytes is cut, and then refused by the law crate.
fn read_text(path: &Path, most: u64) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let cannot = || format!("cannot read {}", path.display());
    if path == Path::new("-") {
        std::io::stdin().take(most).read_to_end(&mut bytes).context("cannot read standard input")?;
    } else {
        File::open(path).with_context(cannot)?.take(most).read_to_end(&mut bytes).with_context(cannot)?;
    }
    String::from_utf8(bytes).ok().with_context(|| format!("{} is not UTF-8 text", path.display()))
}
