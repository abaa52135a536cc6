//! One run of the program: its streams, its progress bar, its interruption.

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::borrow::Cow;
use std::io::{IsTerminal, Write};
use std::time::Duration;
use zkml::Progress;
use zkml::advanced::{is_plain, plain};

/// How long work may take before a bar shows.
const PATIENCE: Duration = Duration::from_millis(500);

/// Options of every command.
#[derive(Args, Debug, Clone, Default)]
pub struct Global {
    /// Print the result as JSON on stdout; everything else goes to stderr
    #[arg(long, global = true, display_order = 900)]
    pub json: bool,
    /// Print the result and errors only
    #[arg(long, short, global = true, display_order = 901)]
    pub quiet: bool,
}

/// The answer of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done, proven or valid.
    Good,
    /// A proof that is invalid.
    InvalidProof,
}

/// The streams of a run. Library calls take [`Session::progress`].
pub struct Session {
    json: bool,
    quiet: bool,
    bar: ProgressBar,
    progress: Progress,
}

impl Session {
    /// Sets up the streams, the log, and Ctrl-C.
    pub fn start(options: &Global) -> Self {
        super::log::start();
        let hidden = options.json || options.quiet || !std::io::stderr().is_terminal();
        let bar = progress_bar(hidden);
        let progress = Progress::new({
            let bar = bar.clone();
            move |stage, fraction| show(&bar, stage, fraction)
        });
        let cancel = progress.clone();
        let handler = move || {
            if cancel.is_cancelled() {
                // Asked twice: files appear whole or not at all, so that nothing is left half done.
                std::process::exit(2);
            }
            let _ = writeln!(
                std::io::stderr(),
                "\nstopping at the end of this stage; Ctrl-C again stops at once"
            );
            cancel.cancel();
        };
        if let Err(error) = ctrlc::set_handler(handler) {
            tracing::debug!(%error, "Ctrl-C ends the program at once");
        }
        Self {
            json: options.json,
            quiet: options.quiet,
            bar,
            progress,
        }
    }

    /// What long work reports to.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Prints the result: `value` as JSON, or `text`.
    ///
    /// Fails if stdout does.
    pub fn result(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        match self.json {
            true => self.json(serde_json::to_string_pretty(value)),
            false => self.text(&text()),
        }
    }

    /// Prints one of many results: `value` as a line of JSON, or `text`.
    ///
    /// Fails if stdout does.
    pub fn line(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        match self.json {
            true => self.json(serde_json::to_string(value)),
            false => self.text(&text()),
        }
    }

    /// Prints a part of the result for people; nothing with `--json`.
    pub fn print(&self, text: &str) -> Result<()> {
        if self.json { Ok(()) } else { self.text(text) }
    }

    fn json(&self, json: serde_json::Result<String>) -> Result<()> {
        let json = json.context("cannot write the result as JSON")?;
        self.stdout(&harmless_json(&json))
    }

    fn text(&self, text: &str) -> Result<()> {
        self.stdout(&harmless(text.trim_end_matches('\n')))
    }

    fn stdout(&self, text: &str) -> Result<()> {
        let write = || {
            let mut out = std::io::stdout().lock();
            writeln!(out, "{text}").and_then(|()| out.flush())
        };
        self.bar.suspend(write).context("cannot write to stdout")
    }

    /// Says something by the way: what was written, what comes next.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.stderr(text);
        }
    }

    /// Says something that must not be missed.
    pub fn warn(&self, text: &str) {
        self.stderr(&format!("warning: {text}"));
    }

    /// Says why the command failed.
    pub fn error(&self, error: &anyhow::Error) {
        self.stderr(&format!("error: {}", chain(error)));
    }

    fn stderr(&self, text: &str) {
        // Where stderr is closed there is no reader.
        self.bar.suspend(|| {
            let _ = writeln!(std::io::stderr(), "{}", harmless(text));
        });
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The text with what does not show spelled out, but for the ends of lines: names and messages of strangers
/// neither command a terminal nor look like others.
fn harmless(text: &str) -> Cow<'_, str> {
    let layout = |c: char| matches!(c, '\n' | '\t');
    if text.split(layout).all(is_plain) {
        return Cow::Borrowed(text);
    }
    let spelled = |piece: &str| match piece.strip_suffix(layout) {
        Some(line) => format!("{}{}", plain(line), &piece[line.len()..]),
        None => plain(piece).into_owned(),
    };
    Cow::Owned(text.split_inclusive(layout).map(spelled).collect())
}

/// JSON with what does not show spelled out as JSON does it, which changes nothing of what it says.
fn harmless_json(json: &str) -> Cow<'_, str> {
    if json.split('\n').all(is_plain) {
        return Cow::Borrowed(json);
    }
    let mut spelled = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        // Outside of strings JSON has plain characters and ends of lines.
        match c != '\n' && !is_plain(c.encode_utf8(&mut [0; 4])) {
            true => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    spelled.push_str(&format!("\\u{unit:04x}"));
                }
            }
            false => spelled.push(c),
        }
    }
    Cow::Owned(spelled)
}

fn progress_bar(hidden: bool) -> ProgressBar {
    if hidden {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::with_draw_target(Some(100), ProgressDrawTarget::stderr());
    bar.set_style(spinner());
    bar.enable_steady_tick(PATIENCE / 4);
    bar
}

fn spinner() -> ProgressStyle {
    style("{spinner} {msg} {elapsed}")
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A spinner for stages that only start and end, a bar for those that say how far they are.
fn show(bar: &ProgressBar, stage: &str, fraction: f64) {
    if bar.is_hidden() {
        return;
    }
    if fraction <= 0.0 {
        bar.set_style(spinner());
        bar.reset();
        bar.set_message(stage.to_owned());
    } else if fraction < 1.0 {
        bar.set_style(style("{spinner} {msg} [{bar:30}] {percent} % {elapsed}"));
        bar.set_message(stage.to_owned());
        bar.set_position((fraction * 100.0) as u64);
    } else {
        bar.set_style(style("{msg}"));
        bar.set_message("");
    }
}

/// An error with its causes, without those that its message already tells.
fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_hear_no_commands() {
        assert_eq!(harmless("a\n\tb é"), "a\n\tb é");
        assert_eq!(harmless("a\u{1b}[2J\rb"), r"a\u{1b}[2J\rb");
    }

    #[test]
    fn what_is_shown_is_what_is_there() {
        assert_eq!(
            harmless("ok\u{202e}dab\nze\u{200b}ro\n"),
            "ok\\u{202e}dab\nze\\u{200b}ro\n"
        );
        let value = "ok\u{202e}dab\u{e0041}\n";
        let json = serde_json::to_string_pretty(&[value]).unwrap();
        let shown = harmless_json(&json);
        assert_eq!(shown, "[\n  \"ok\\u202edab\\udb40\\udc41\\n\"\n]");
        assert_eq!(serde_json::from_str::<[String; 1]>(&shown).unwrap(), [value]);
    }

    #[test]
    fn causes_are_told_once() {
        let source = std::io::Error::other("disk full");
        let error = anyhow::Error::new(zkml::Error::Io {
            action: "write",
            path: "x".into(),
            source,
        });
        assert_eq!(
            chain(&error.context("no key")),
            "no key: cannot write x: disk full"
        );
    }
}
