//! Steps under way, each on a line at the bottom of the terminal that changes; what is over scrolls
//! away above them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::addr::InstanceAddr;
use crate::engine::{Event, StepVerb};

use super::super::terminal::Beneath;
use super::super::{Paint, Style, Terminal, elapsed};
use super::usual::{Usual, left};
use super::words;

/// Steps that have a line of their own; further ones are only counted.
const MOST: usize = 12;

/// How often a line is drawn anew.
const TICK: Duration = Duration::from_millis(120);

/// Progress on a terminal.
pub(super) struct LiveProgress {
    terminal: Arc<Terminal>,
    screen: Arc<Screen>,
    state: Mutex<Running>,
}

/// The lines at the bottom.
struct Screen(MultiProgress);

impl Beneath for Screen {
    fn step_aside(&self, write: &mut dyn FnMut()) {
        self.0.suspend(write);
    }
}

struct Running {
    steps: BTreeMap<InstanceAddr, Step>,
    usual: Usual,
    /// How many steps there are in all, where that is known.
    expected: Option<usize>,
    done: usize,
    failed: usize,
    /// The sum of all steps.
    total: Option<ProgressBar>,
    /// Objects that are read, and how many there are.
    reading: Option<(ProgressBar, usize)>,
    read: usize,
}

struct Step {
    verb: StepVerb,
    bar: Option<ProgressBar>,
}

impl LiveProgress {
    pub(super) fn new(terminal: Arc<Terminal>, expected: Option<usize>) -> Self {
        Self::on(ProgressDrawTarget::stderr(), terminal, expected)
    }

    pub(super) fn on(
        target: ProgressDrawTarget,
        terminal: Arc<Terminal>,
        expected: Option<usize>,
    ) -> Self {
        let screen = Arc::new(Screen(MultiProgress::with_draw_target(target)));
        terminal.above(Some(Arc::clone(&screen) as Arc<dyn Beneath>));
        let state = Running {
            steps: BTreeMap::new(),
            usual: Usual::default(),
            expected,
            done: 0,
            failed: 0,
            total: None,
            reading: None,
            read: 0,
        };
        Self { terminal, screen, state: Mutex::new(state) }
    }

    pub(super) fn event(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Refreshing { objects } => self.reading(&mut state, *objects),
            Event::Refreshed { .. } => {
                state.read += 1;
                if let Some((bar, objects)) = &state.reading {
                    bar.set_message(format!("Reading objects: {} of {objects}", state.read));
                }
            }
            Event::AllRefreshed => self.all_read(&mut state),
            Event::Started { address, verb, .. } => self.started(&mut state, address, *verb),
            Event::Progress { address, text, elapsed } => {
                let Some(step) = state.steps.get(address) else { return };
                let usual = state.usual.of(address, step.verb);
                if let Some(bar) = &step.bar {
                    let paint = self.terminal.look.paint;
                    bar.set_message(format!("{address}: {}", paint.faint(text)));
                    bar.set_style(step_style(*elapsed, usual, paint));
                    bar.reset_elapsed();
                }
            }
            Event::Completed { address, verb, elapsed, .. } => {
                state.usual.took(address, *verb, *elapsed);
                state.done += 1;
                self.ended(&mut state, address, event);
            }
            Event::Withdrawn { address, .. } => self.ended(&mut state, address, event),
            Event::Failed { address, .. } => {
                state.failed += 1;
                self.ended(&mut state, address, event);
            }
            Event::Forgotten { address } => {
                state.done += 1;
                self.ended(&mut state, address, event);
            }
        }
    }

    fn reading(&self, state: &mut Running, objects: usize) {
        if objects == 0 {
            return;
        }
        let bar = self.screen.0.add(ProgressBar::no_length());
        bar.set_style(style("{spinner} {wide_msg}", self.terminal.look.paint));
        bar.set_message(format!("Reading objects: 0 of {objects}"));
        bar.enable_steady_tick(TICK);
        state.read = 0;
        state.reading = Some((bar, objects));
    }

    fn all_read(&self, state: &mut Running) {
        if let Some((bar, objects)) = state.reading.take() {
            bar.finish_and_clear();
            self.screen.0.remove(&bar);
            self.terminal.line(&words::all_refreshed(objects));
        }
    }

    fn started(&self, state: &mut Running, address: &InstanceAddr, verb: StepVerb) {
        let paint = self.terminal.look.paint;
        if state.total.is_none() {
            let bar = self.screen.0.add(ProgressBar::no_length());
            bar.set_style(timed_style("  {wide_msg} {time}", Duration::ZERO, None, paint));
            bar.enable_steady_tick(TICK);
            state.total = Some(bar);
        }
        let shown = state.steps.values().filter(|step| step.bar.is_some()).count();
        let bar = (shown < MOST).then(|| {
            let place = state.total.as_ref();
            let bar = ProgressBar::no_length();
            let bar = match place {
                Some(total) => self.screen.0.insert_before(total, bar),
                None => self.screen.0.add(bar),
            };
            bar.set_style(step_style(Duration::ZERO, state.usual.of(address, verb), paint));
            bar.set_message(format!("{address}: {}", words::doing(verb)));
            bar.enable_steady_tick(TICK);
            bar
        });
        state.steps.insert(address.clone(), Step { verb, bar });
        state.sum_up();
    }

    fn ended(&self, state: &mut Running, address: &InstanceAddr, event: &Event) {
        if let Some(Step { bar: Some(bar), .. }) = state.steps.remove(address) {
            bar.finish_and_clear();
            self.screen.0.remove(&bar);
        }
        state.sum_up();
        if let Some(line) = words::ended(event, self.terminal.look.paint) {
            self.terminal.line(&line);
        }
    }
}

impl Drop for LiveProgress {
    fn drop(&mut self) {
        self.terminal.above(None);
        let _ = self.screen.0.clear();
    }
}

impl Running {
    /// Puts the counts into the last line; takes the line away once there is nothing more to come.
    fn sum_up(&mut self) {
        let Some(total) = &self.total else { return };
        let over = self.done + self.failed;
        if self.steps.is_empty() && self.expected.is_some_and(|expected| over >= expected) {
            total.finish_and_clear();
            return;
        }
        total.set_message(self.counts());
        // The steps that are over tell how long all of them will take.
        let whole = self.expected.filter(|_| over > 1).and_then(|expected| {
            let share = total.elapsed().checked_div(u32::try_from(over).ok()?)?;
            share.checked_mul(u32::try_from(expected).ok()?)
        });
        total.set_style(timed_style("  {wide_msg} {time}", Duration::ZERO, whole, Paint::PLAIN));
    }

    /// `7/30 done, 3 running, 1 failed`.
    fn counts(&self) -> String {
        let of = self.expected.map_or_else(String::new, |expected| format!("/{expected}"));
        let mut text = format!("{}{of} done, {} running", self.done, self.steps.len());
        if self.failed > 0 {
            let _ = write!(text, ", {} failed", self.failed);
        }
        text
    }
}

/// A line of a step: what it does, and how long it has been at it.
fn step_style(begin: Duration, usual: Option<Duration>, paint: Paint) -> ProgressStyle {
    timed_style("{spinner} {wide_msg} {time}", begin, usual, paint)
}

/// A line with the time since it was reset, which begins at `begin`, and what is left of `usual`.
fn timed_style(
    template: &str,
    begin: Duration,
    usual: Option<Duration>,
    paint: Paint,
) -> ProgressStyle {
    let time = move |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        let time = begin + state.elapsed();
        let _ = write!(text, "[{}{}]", elapsed(time), left(usual, time));
    };
    style(template, paint).with_key("time", time)
}

fn style(template: &str, paint: Paint) -> ProgressStyle {
    let signs = ["|", "/", "-", "\\", " "].map(|sign| paint.paint(Style::Active, sign));
    let signs: Vec<&str> = signs.iter().map(String::as_str).collect();
    let style = ProgressStyle::with_template(template);
    style.unwrap_or_else(|_| ProgressStyle::default_spinner()).tick_strings(&signs)
}
