//! What is told of events, at each pace.

use std::io::{self, Write};
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressDrawTarget, TermLike};

use super::*;
use crate::addr::InstanceAddr;
use crate::engine::StepVerb;
use crate::view::{Look, Paint};

/// Everything that was written or drawn, however often it was drawn over.
#[derive(Clone, Debug, Default)]
struct Written(Arc<Mutex<String>>);

impl Written {
    fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    fn push(&self, text: &str) {
        self.0.lock().unwrap().push_str(text);
    }

    /// Waits until a line was drawn: lines are drawn by a thread of their own.
    fn shows(&self, text: &str) {
        for _ in 0..10_000 {
            if self.text().contains(text) {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("`{text}` is not in {:?}", self.text());
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TermLike for Written {
    fn width(&self) -> u16 {
        90
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.push(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

fn terminal(written: &Written, pace: Pace) -> Arc<Terminal> {
    let look = Look { paint: Paint::PLAIN, width: 90 };
    let terminal = Terminal::over(look, Box::new(written.clone()), Box::new(Vec::new()));
    Arc::new(terminal.at_pace(pace))
}

fn address(text: &str) -> InstanceAddr {
    text.parse().unwrap()
}

const CREATE: StepVerb = StepVerb::Create;

/// What is told of a create that takes some time, after an object was read.
fn told(pace: Pace, with_reads: bool) -> String {
    let written = Written::default();
    let progress = HumanProgress::new(terminal(&written, pace));
    let progress = if with_reads { progress } else { progress.without_reads() };
    let address = address("a_b.c");
    progress.event(&Event::Refreshing { objects: 1 });
    progress.event(&Event::Refreshed { address: address.clone(), id: Some("i".into()) });
    progress.event(&Event::AllRefreshed);
    progress.event(&Event::Started { address: address.clone(), verb: CREATE, id: None });
    for second in 0..24 {
        let text = if second < 2 { "queued" } else { "creating" }.to_owned();
        let elapsed = Duration::from_secs(second);
        progress.event(&Event::Progress { address: address.clone(), text, elapsed });
    }
    let elapsed = Duration::from_secs(24);
    progress.event(&Event::Completed { address, verb: CREATE, id: Some("j".into()), elapsed });
    written.text()
}

#[test]
fn many_objects_that_were_read_are_counted() {
    for (objects, expected) in [(100, 100), (101, 1)] {
        let written = Written::default();
        let progress = HumanProgress::new(terminal(&written, Pace::Lines));
        progress.event(&Event::Refreshing { objects });
        for number in 0..objects {
            let address = address(&format!("a_b.c[{number}]"));
            progress.event(&Event::Refreshed { address, id: None });
        }
        progress.event(&Event::AllRefreshed);
        let text = written.text();
        assert_eq!(text.lines().count(), expected, "{text}");
        assert_eq!(text == "Refreshed 101 objects.\n", objects == 101);
    }
}

#[test]
fn what_takes_long_is_told_now_and_then() {
    assert_eq!(
        told(Pace::Lines, true),
        "a_b.c: Refreshed [id=i]\n\
         a_b.c: Creating...\n\
         a_b.c: queued [0s elapsed]\n\
         a_b.c: creating [2s elapsed]\n\
         a_b.c: creating [12s elapsed]\n\
         a_b.c: creating [22s elapsed]\n\
         a_b.c: Creation complete after 24s [id=j]\n"
    );
}

#[test]
fn a_log_has_one_line_for_each_thing_that_happens() {
    assert_eq!(
        told(Pace::Events, false),
        "a_b.c: Creating...\n\
         a_b.c: queued [0s elapsed]\n\
         a_b.c: creating [2s elapsed]\n\
         a_b.c: Creation complete after 24s [id=j]\n"
    );
}

#[test]
fn steps_under_way_are_drawn_and_those_that_are_over_are_written_above() {
    let (drawn, written) = (Written::default(), Written::default());
    let terminal = terminal(&written, Pace::Live);
    let target = ProgressDrawTarget::term_like(Box::new(drawn.clone()));
    let live = LiveProgress::on(target, Arc::clone(&terminal), Some(3));
    let (one, two) = (address("a_b.one"), address("a_b.two"));
    let seconds = Duration::from_secs;
    live.event(&Event::Refreshing { objects: 2 });
    live.event(&Event::Refreshed { address: one.clone(), id: None });
    live.event(&Event::AllRefreshed);
    live.event(&Event::Started { address: one.clone(), verb: CREATE, id: None });
    drawn.shows("a_b.one: Creating");
    live.event(&Event::Completed { address: one, verb: CREATE, id: None, elapsed: seconds(50) });
    live.event(&Event::Started { address: two.clone(), verb: CREATE, id: None });
    drawn.shows("1/3 done, 1 running");
    let text = "waiting for the disk".to_owned();
    live.event(&Event::Progress { address: two.clone(), text, elapsed: seconds(20) });
    drawn.shows("a_b.two: waiting for the disk");
    drawn.shows("[20s, about ");
    live.event(&Event::Failed { address: two, verb: CREATE, elapsed: seconds(30) });
    drawn.shows("1/3 done, 0 running, 1 failed");
    drop(live);
    terminal.line("afterwards");
    assert_eq!(
        written.text(),
        "Refreshed 2 objects.\n\
         a_b.one: Creation complete after 50s\n\
         a_b.two: Creation failed after 30s\n\
         afterwards\n"
    );
}
