//! Completions and the manual page, from the one definition of the command line.

use clap::CommandFactory;

use super::args::{Cli, When};
use super::print;
use super::report::status;
use crate::error::{Error, ErrorKind, Result};

pub(super) fn completions(shell: clap_complete::Shell, when: When) -> Result<u8> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "dateline", &mut bytes);
    print(when, &String::from_utf8_lossy(&bytes))?;
    Ok(status::DONE)
}

/// The page of the program, with its commands behind it, or of one command.
pub(super) fn page(command: Option<&str>, when: When) -> Result<u8> {
    let mut program = Cli::command();
    program.build();
    let mut bytes = Vec::new();
    let fail = |error| Error::io("the manual page", error);
    match command {
        None => {
            clap_mangen::Man::new(program.clone()).render(&mut bytes).map_err(fail)?;
            for command in program.get_subcommands() {
                section(command, &mut bytes).map_err(fail)?;
            }
        }
        Some(name) => {
            let Some(command) = program.find_subcommand(name) else {
                return Err(Error::new(ErrorKind::Argument, format!("there is no command {name}"))
                    .with_hint("dateline --help lists the commands"));
            };
            let title = format!("dateline-{name}");
            let command = command.clone().name(title.clone()).bin_name(title);
            clap_mangen::Man::new(command).render(&mut bytes).map_err(fail)?;
        }
    }
    print(when, &String::from_utf8_lossy(&bytes))?;
    Ok(status::DONE)
}

/// One command inside the page of the program.
fn section(command: &clap::Command, out: &mut Vec<u8>) -> std::io::Result<()> {
    use std::io::Write;
    writeln!(out, ".SH \"DATELINE {}\"", command.get_name().to_uppercase())?;
    let man = clap_mangen::Man::new(command.clone());
    man.render_synopsis_section(out)?;
    man.render_options_section(out)
}
