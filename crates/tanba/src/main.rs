//! The `tanba` program: fingerprint and genomic registration, and the science under it, on the command line.

mod alone;
mod class;
mod cmd;
mod console;
mod demo;
mod gpu;
mod house;
mod http;
mod input;
mod key_client;
mod key_desk;
mod key_way;
mod memory;
mod notices;
mod parts_chart;
mod party;
mod picture;
mod scanner;
mod secret;
mod sign_in;
mod stages;
mod token;

use std::process::ExitCode;

use clap::Parser;

use cmd::Command;
use console::Console;

/// Open national fingerprint and genomic registration.
#[derive(Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    /// Print exactly one JSON object on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    console::log_to_stderr();
    let console = Console::new(cli.json);
    match cli.command.run(&console) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console.fail(&error);
            ExitCode::FAILURE
        }
    }
}
