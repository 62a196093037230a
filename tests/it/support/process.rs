//! Runs the binary, never longer than a test may take.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// How long one command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is run, where and with what.
pub(super) struct Call<'a> {
    pub(super) program: &'a Path,
    pub(super) folder: &'a Path,
    pub(super) words: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
    pub(super) input: Option<String>,
    /// Whether standard input stays open although nobody types.
    pub(super) silent: bool,
}

impl Call<'_> {
    fn spawn(&self) -> Child {
        let mut command = Command::new(self.program);
        command.args(&self.words).current_dir(self.folder).env_clear();
        for name in ["PATH", "HOME"] {
            #[expect(clippy::disallowed_methods, reason = "what a child cannot do without")]
            let value = std::env::var_os(name);
            command.envs(value.map(|value| (name, value)));
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let stdin =
            if self.input.is_some() || self.silent { Stdio::piped() } else { Stdio::null() };
        let mut child =
            command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if let Some(input) = &self.input
            && let Some(mut stdin) = child.stdin.take()
        {
            // A command that needs no answer may be gone before it is given.
            let _ = stdin.write_all(input.as_bytes());
        }
        child
    }

    /// Runs to the end.
    pub(super) fn finish(self) -> Output {
        self.start().finish()
    }

    /// Starts and lets run.
    pub(super) fn start(self) -> Running {
        let mut child = self.spawn();
        let stderr = collect(child.stderr.take().unwrap());
        let (send, stdout) = channel();
        let pipe = child.stdout.take().unwrap();
        thread::spawn(move || {
            let mut lines = BufReader::new(pipe);
            loop {
                let mut line = Vec::new();
                let length = lines.read_until(b'\n', &mut line).unwrap_or_default();
                let line = String::from_utf8_lossy(&line).into_owned();
                if length == 0 || send.send(line).is_err() {
                    return;
                }
            }
        });
        let stdin = child.stdin.take();
        Running { child, stdin, stdout, stderr, words: self.words.join(" ") }
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receive
}

/// A command under way. Dropping it kills it.
pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    words: String,
}

impl Running {
    /// The next line of standard output.
    pub(crate) fn line(&self) -> String {
        let line = self.stdout.recv_timeout(PATIENCE);
        line.unwrap_or_else(|error| panic!("`snapform {}` printed no line: {error}", self.words))
    }

    /// Waits until `holds`; gives `false` where the command ended before.
    pub(crate) fn wait_until(&mut self, mut holds: impl FnMut() -> bool) -> bool {
        for _ in 0..PATIENCE.as_millis() {
            if holds() {
                return true;
            }
            if self.child.try_wait().unwrap().is_some() {
                return holds();
            }
            thread::sleep(Duration::from_millis(1));
        }
        panic!("`snapform {}` did not come to the awaited point", self.words);
    }

    /// Asks it to stop, as a person does with the keyboard.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        let process = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &process]).status().unwrap();
        assert!(sent.success());
    }

    /// The number of its process.
    #[cfg(unix)]
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Types something into its open standard input, and waits for its end.
    pub(crate) fn answer(mut self, text: &str) -> Output {
        let mut stdin = self.stdin.take().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        drop(stdin);
        self.finish()
    }

    /// Kills it on the spot, as `kill -9` does, and waits until it is gone.
    pub(crate) fn kill(mut self) -> Output {
        self.child.kill().unwrap();
        self.finish()
    }

    /// Waits for its end.
    pub(crate) fn finish(mut self) -> Output {
        let mut stdout = String::new();
        loop {
            match self.stdout.recv_timeout(PATIENCE) {
                Ok(line) => stdout.push_str(&line),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    panic!("`snapform {}` takes too long after:\n{stdout}", self.words)
                }
            }
        }
        let stderr = self.stderr.recv_timeout(PATIENCE).unwrap();
        let code = self.child.wait().unwrap().code();
        Output { words: self.words.clone(), stdout, stderr, code }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a command printed, and how it ended.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) words: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// `None` where it was killed.
    pub(crate) code: Option<i32>,
}

impl Output {
    /// Both outputs and the exit code, for people.
    pub(crate) fn transcript(&self) -> String {
        let mut text = self.stdout.clone();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str("⏎\n");
        }
        if !self.stderr.is_empty() {
            text.push_str(&format!("[stderr]\n{}", self.stderr));
        }
        if self.code != Some(0) {
            text.push_str(&format!("[exit {:?}]\n", self.code.unwrap_or(-1)));
        }
        text.push('\n');
        text
    }

    /// Both outputs.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Expects an exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "`snapform {}`:\n{}", self.words, self.text());
        self
    }

    /// Expects exit code 0.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        self.exits(0)
    }

    /// Expects exit code 1.
    #[track_caller]
    pub(crate) fn failed(self) -> Self {
        self.exits(1)
    }

    /// Does not say `text` anywhere.
    pub(crate) fn never_says(self, text: &str) -> Self {
        let all = self.text();
        assert!(!all.contains(text), "`snapform {}` says `{text}`:\n{all}", self.words);
        self
    }

    /// Expects a text in either output.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        let all = self.text();
        assert!(all.contains(text), "`snapform {}` does not say `{text}`:\n{all}", self.words);
        self
    }
}
