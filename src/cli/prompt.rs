//! Asking a person.

use std::io::{self, BufRead as _};

use anyhow::Context as _;

use crate::config::VariableDecl;
use crate::view::Terminal;

use super::signals;

/// Asks for the value of a variable.
pub(super) fn variable(terminal: &Terminal, variable: &VariableDecl) -> anyhow::Result<String> {
    terminal.line(&terminal.look.paint.strong(&format!("var.{}", variable.name)));
    if let Some(description) = &variable.description {
        terminal.line(&format!("  {description}"));
    }
    terminal.text("\n  Enter a value: ");
    let answer = line()?;
    terminal.line("");
    Ok(answer)
}

/// Asks whether to go on; only `yes` means yes, and an interrupt means no.
pub(super) async fn approval(
    terminal: &Terminal,
    question: &str,
    meaning: &str,
) -> anyhow::Result<bool> {
    terminal.line(&terminal.look.paint.strong(question));
    terminal.line(&format!("  {meaning}"));
    terminal.line("  Only `yes` is taken as approval.");
    terminal.text("\n  Enter a value: ");
    let answer = tokio::select! {
        answer = line_beside() => answer?,
        () = signals::interrupt() => String::new(),
    };
    terminal.line("");
    Ok(answer == "yes")
}

/// Reads a line on a thread of its own, so that an interrupt is heard meanwhile. After one the
/// thread is left behind; it ends with the process.
async fn line_beside() -> anyhow::Result<String> {
    let (send, receive) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || send.send(line()));
    receive.await.context("no answer could be read")?
}

fn line() -> anyhow::Result<String> {
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).context("no answer could be read")?;
    Ok(answer.trim().to_owned())
}
