//! `tanba templates`: which extractor made the templates of a register, and their renewal by another one.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::json;
use tanba_registry::{Registry, Save, TemplateStanding};

use crate::alone::AloneWithKeys;
use crate::cmd::synth::output::Interrupt;
use crate::console::Console;
use crate::input::ByExtractor;

/// Options of `tanba templates`.
#[derive(Args)]
#[command(
    after_help = "A running service renews by itself with `tanba serve --renew-templates`; these are for a register that is not open. The passphrase comes in TANBA_PASSPHRASE, in the file that TANBA_PASSPHRASE_FILE names, or is asked for."
)]
pub(crate) struct Templates {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Count the templates of registered people by what made them, and those that the extractor would make anew. Nothing is changed.
    Status(Choice),
    /// Make the templates of every other extractor anew from the images that are kept, on all processors. Ctrl-C ends it after a record, and the
    /// next run goes on from there.
    Renew(Choice),
}

#[derive(Args)]
struct Choice {
    #[command(flatten)]
    register: AloneWithKeys,
    #[command(flatten)]
    by: ByExtractor,
}

impl Templates {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let (Choice { register, by }, renews) = match self.what {
            What::Status(choice) => (choice, false),
            What::Renew(choice) => (choice, true),
        };
        register.with(async |registry| {
            registry.extract_with(by.extractor);
            if renews {
                return renew(registry, console).await;
            }
            let standing = registry.template_standing().await?;
            console.answer(&serde_json::to_value(&standing)?, told(&standing));
            Ok(())
        })
    }
}

async fn renew(registry: &Registry, console: &Console) -> anyhow::Result<()> {
    let interrupt = Interrupt::listen();
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    // Old templates leave memory and disk on the way, not all at the end.
    let upkeep = registry.keep_gallery_going();
    let bar = console.progress(registry.template_standing().await?.waiting, "templates");
    let run = registry.renew_templates(at_once, |run| {
        bar.set_position(run.renewed + run.refused + run.known_now);
        if interrupt.pressed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let run = run.await?;
    bar.finish_and_clear();
    upkeep.abort();
    registry.keep_gallery(Save::Everyone).await?;
    let standing = registry.template_standing().await?;
    let mut text =
        format!("Made anew: {}. Kept, because nothing was found in the image: {}.", run.renewed, run.refused);
    // Writing to a string cannot fail.
    if run.passed_over > 0 {
        let _ = write!(text, " Records that may not be used now: {}.", run.passed_over);
    }
    if interrupt.pressed() {
        text += " Interrupted: run it again to go on.";
    }
    let answer = json!({"run": run, "interrupted": interrupt.pressed(), "standing": standing});
    console.answer(&answer, format_args!("{text}\n{}", told(&standing)));
    if run.unreadable > 0 {
        bail!(
            "the prints of {} records could not be read, and their templates stay: see the messages, run `tanba log fsck`, and restore the folder from a backup",
            run.unreadable
        );
    }
    Ok(())
}

fn told(standing: &TemplateStanding) -> String {
    let TemplateStanding { wanted, templates, waiting, refused, without_image } = standing;
    let counts = templates.iter().map(|(recipe, n)| format!("{n} by {recipe}")).collect::<Vec<_>>().join(", ");
    format!(
        "Templates of registered people: {}.\n{wanted} would make {waiting} of them anew; nothing is found in the images of {refused}, and the images of {without_image} are erased.",
        if counts.is_empty() { "none" } else { &counts }
    )
}
