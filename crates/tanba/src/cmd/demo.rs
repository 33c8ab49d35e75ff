//! `tanba demo`: the main job, end to end, without a service, a network or a real person.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use tanba_server::{Face, ServerState};

use crate::console::Console;
use crate::demo;

/// Where the demonstration listens; another free port where this one is taken.
const ADDRESS: &str = "127.0.0.1:8480";

/// Options of `tanba demo`.
#[derive(Args)]
pub(crate) struct Demo {
    /// Keep the register in this folder, which must hold none; a folder that goes away with the program otherwise.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Stop after the story instead of serving the register.
    #[arg(long)]
    once: bool,
}

impl Demo {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let passing = tempfile::Builder::new()
            .prefix("tanba-demo-")
            .tempdir()
            .context("cannot make a folder for the demonstration")?;
        let dir = self.dir.clone().unwrap_or_else(|| passing.path().join("data"));
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            let played = demo::play(&dir, console).await?;
            console.answer(&played.outcome.to_json(), played.outcome.describe());
            if self.dir.is_some() {
                console.note(format_args!("Check the log yourself: tanba log verify --dir {}", dir.display()));
            }
            if self.once {
                return Ok(());
            }
            let listener = match tokio::net::TcpListener::bind(ADDRESS).await {
                Ok(listener) => listener,
                Err(_) => tokio::net::TcpListener::bind("127.0.0.1:0").await.context("no port is free to serve on")?,
            };
            let address = listener.local_addr()?;
            let newcomers: Vec<String> =
                played.newcomers.iter().map(|(name, number)| format!("    {number}  {name}")).collect();
            console.note(format_args!(
                "\nServing the register at http://{address}/ (API: http://{address}/api/openapi.json). Ctrl-C ends it.\n\
                 All accounts have the password {}\n\
                 Somebody who is registered: {} ({})\n\
                 Where to begin:\n\
                 \u{20} operator (station csc-astana-1)   serve somebody; the scanner on the page knows these hands:\n{}\n\
                 \u{20} examiner-a, examiner-b            compare: a candidate waits\n\
                 \u{20} second                            the review of a duplicate, a request for correction\n\
                 \u{20} clerk                             apply the merge that second has proposed\n\
                 \u{20} officer                           ask for data with case, purpose and basis; decide the refusal\n\
                 \u{20} supervisor                        what needs attention, the log, the day in figures\n\
                 \u{20} citizen                           what is held about me, and who looked\n\
                 \u{20} administrator, dna                institutions; specimens, searches, hits\n\
                 To practise with scored exercises: tanba train",
                played.password,
                played.registered.1,
                played.registered.0,
                newcomers.join("\n")
            ));
            let face = Face {
                device: Some(Arc::new(played.scanner)),
                public_url: Some(format!("http://{address}")),
                ..Face::default()
            };
            let publishing = played.registry.keep_publishing();
            let stop = async {
                // Without a signal handler the program still ends with its terminal.
                let _ = tokio::signal::ctrl_c().await;
            };
            tanba_server::serve(listener, ServerState::open_as(played.registry.clone(), &dir, face), stop).await?;
            publishing.abort();
            played.registry.publish().await?;
            played.registry.close().await?;
            Ok(())
        })
    }
}
