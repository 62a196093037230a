//! The console blocks of the README and of the examples do what they show.
//!
//! Commands run one after the other in a copy of the examples. A line `…` stands for any lines.
//! Times and identifiers are compared as such. A block that sets credentials is not run.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use regex::Regex;
use snapform::providers::REGISTRY;
use tempfile::TempDir;

use crate::support::{copy_tree, repository};

const BINARY: &str = env!("CARGO_BIN_EXE_snapform");
/// Commands that build or test: they are right or wrong by themselves.
const BY_THEMSELVES: [&str; 2] = ["cargo test", "cargo install --locked --path ."];
/// Where the README keeps the served world, and the port of its first vendor.
const SERVED: (&str, u16) = ("/tmp/vendors", 7400);

#[test]
fn readme_shows_what_happens() {
    let folder = copy_of_examples();
    Console::new(folder.path().to_owned(), folder.path()).follow(&read("README.md"));
}

#[test]
fn examples_show_what_happens() {
    let folder = copy_of_examples();
    let mut names: Vec<_> = fs::read_dir(folder.path().join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 7, "{names:?}");
    for name in names {
        let example = folder.path().join("examples").join(&name);
        let text = read(&format!("examples/{name}/README.md"));
        Console::new(example, folder.path()).follow(&text);
    }
}

#[test]
fn variables_in_the_readme_are_read() {
    let known: Vec<_> = REGISTRY
        .providers()
        .flat_map(|provider| provider.schema().attributes)
        .flat_map(|attribute| attribute.environment.iter().copied().chain([attribute.name]))
        .collect();
    let code = Regex::new("`([A-Za-z_]+)`").unwrap();
    let readme = read("README.md");
    let rows = readme.lines().filter(|line| line.starts_with("| [`"));
    let mut seen = 0;
    for row in rows {
        let cells: Vec<_> = row.split('|').skip(2).collect();
        for name in code.captures_iter(&cells.join("|")).map(|found| found[1].to_owned()) {
            assert!(known.contains(&name.as_str()), "nothing reads `{name}`, in: {row}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn ci_ends_with_the_command_that_the_readme_names() {
    let run = read(".ci/run");
    let last = run.lines().last().unwrap();
    assert!(last.starts_with("step ") && last.ends_with(BY_THEMSELVES[0]), "{last}");
    assert!(read("README.md").contains(&format!("$ {}\n", BY_THEMSELVES[0])));
}

#[test]
fn links_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)#:]+)\)").unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md"), root.join("ARCHITECTURE.md")];
    pages.extend(
        ["CONTRIBUTING.md", "state/README.md", "docs/language.md"].map(|page| root.join(page)),
    );
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for found in link.captures_iter(&text) {
            let target = page.parent().unwrap().join(&found[1]);
            assert!(target.exists(), "{}: `{}`", page.display(), &found[1]);
        }
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn copy_of_examples() -> TempDir {
    let folder = TempDir::new().unwrap();
    copy_tree(&repository().join("examples"), &folder.path().join("examples"));
    folder
}

/// A command of a console block and the lines it shows.
struct Step {
    command: String,
    shown: Vec<String>,
}

fn blocks(text: &str) -> Vec<Vec<Step>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while lines.by_ref().any(|line| line == "```console") {
        let mut steps: Vec<Step> = Vec::new();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => {
                    steps.push(Step { command: command.to_owned(), shown: Vec::new() });
                }
                (None, Some(step)) => step.shown.push(line.to_owned()),
                (None, None) => panic!("a block begins without a command: {line}"),
            }
        }
        blocks.push(steps);
    }
    blocks
}

/// Somebody who types what a page says.
struct Console {
    folder: PathBuf,
    /// Where the served world is kept in place of the page's folder.
    served: PathBuf,
    server: Option<(Child, Vec<String>)>,
    last: i32,
}

impl Drop for Console {
    fn drop(&mut self) {
        if let Some((server, _)) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Console {
    fn new(folder: PathBuf, scratch: &Path) -> Self {
        Self { folder, served: scratch.join("vendors"), server: None, last: 0 }
    }

    fn follow(&mut self, text: &str) {
        let blocks = blocks(text);
        assert!(!blocks.is_empty(), "no console blocks");
        for steps in blocks {
            if steps.iter().any(|step| step.command.starts_with("export ")) {
                continue;
            }
            for (index, step) in steps.iter().enumerate() {
                let checks_code =
                    steps.get(index + 1).is_some_and(|next| next.command == "echo $?");
                self.step(step, checks_code);
            }
        }
    }

    fn step(&mut self, step: &Step, checks_code: bool) {
        let command = step.command.as_str();
        if BY_THEMSELVES.contains(&command) {
            return;
        }
        let printed = if command == "echo $?" {
            format!("{}\n", self.last)
        } else if let Some(words) = command.strip_suffix(" &") {
            self.serve(&words_of(words));
            return;
        } else if let Some(call) = command.strip_prefix("curl -s ") {
            self.curl(&words_of(call))
        } else {
            let printed = self.run(command);
            assert!(
                checks_code || self.last == 0,
                "`{command}` ended with {}:\n{printed}",
                self.last
            );
            printed
        };
        let printed: Vec<_> = printed.lines().map(filtered).collect();
        let shown: Vec<_> = step.shown.iter().map(|line| filtered(line)).collect();
        assert!(
            shown.is_empty() || fits(&shown, &printed),
            "`{command}` shows:\n{}\n\nand prints:\n{}\n",
            shown.join("\n"),
            printed.join("\n")
        );
    }

    fn command(&self, words: &[String]) -> Command {
        let mut command = Command::new(BINARY);
        let served = self.served.to_str().unwrap();
        command.args(words.iter().map(|word| word.replace(SERVED.0, served)));
        command.current_dir(&self.folder).env_clear();
        command
    }

    /// Runs snapform, with the variables that stand in front of it.
    fn run(&mut self, line: &str) -> String {
        let variable = Regex::new(r"^([A-Z_]+)=(\S+) ").unwrap();
        let (mut rest, mut variables) = (line, Vec::new());
        while let Some(found) = variable.captures(rest) {
            variables.push((found[1].to_owned(), self.reached(&found[2])));
            rest = &rest[found[0].len()..];
        }
        let words = rest
            .strip_prefix("cargo run --release -- ")
            .or_else(|| rest.strip_prefix("snapform "))
            .unwrap_or_else(|| panic!("nothing checks the command `{line}`"));
        let output = self.command(&words_of(words)).envs(variables).output().unwrap();
        self.last = output.status.code().unwrap_or(-1);
        // What goes to standard error on success is said before the result.
        let mut text = String::from_utf8(output.stderr).unwrap();
        text.push_str(&String::from_utf8(output.stdout).unwrap());
        text
    }

    /// Starts the emulators where the system chooses, whatever port the page names.
    fn serve(&mut self, words: &[String]) {
        let words: Vec<_> =
            words.iter().skip(1).map(|word| word.replace(&SERVED.1.to_string(), "0")).collect();
        let mut server = self.command(&words).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let vendors: serde_json::Value = serde_json::from_str(&line).unwrap();
        let urls = vendors.as_object().unwrap().values();
        let urls = urls.map(|vendor| vendor["url"].as_str().unwrap().to_owned()).collect();
        self.server = Some((server, urls));
    }

    /// An address of the page as the one where that vendor really listens.
    fn reached(&self, text: &str) -> String {
        let Some((_, urls)) = &self.server else { return text.to_owned() };
        urls.iter().zip(SERVED.1..).fold(text.to_owned(), |text, (url, port)| {
            text.replace(&format!("http://127.0.0.1:{port}"), url)
        })
    }

    /// What curl would print: options `-u`, `-H` and `-d`, plain HTTP to a served vendor.
    fn curl(&self, words: &[String]) -> String {
        let mut words = words.iter();
        let page = self.reached(words.next().unwrap());
        let (address, path) = page.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let (mut headers, mut body) = (String::new(), "");
        while let Some(option) = words.next() {
            let value = words.next().unwrap();
            match option.as_str() {
                "-u" => {
                    let encoded = base64::prelude::BASE64_STANDARD.encode(value);
                    headers.push_str(&format!("Authorization: Basic {encoded}\r\n"));
                }
                "-H" => headers.push_str(&format!("{value}\r\n")),
                "-d" => body = value,
                other => panic!("curl {other}"),
            }
        }
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        let request = format!(
            "POST /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

/// Words as a shell parts them.
fn words_of(line: &str) -> Vec<String> {
    let word = Regex::new(r#"'([^']*)'|"([^"]*)"|(\S+)"#).unwrap();
    let found = word.captures_iter(line);
    found
        .map(|found| (1..=3).find_map(|group| found.get(group)).unwrap().as_str().to_owned())
        .collect()
}

/// A line without what differs between runs.
fn filtered(line: &str) -> String {
    let filters = [
        (r"T?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", "UUID"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?", "TIME"),
    ];
    filters.iter().fold(line.trim_end().to_owned(), |line, (pattern, name)| {
        Regex::new(pattern).unwrap().replace_all(&line, *name).into_owned()
    })
}

/// Whether `printed` is what is shown; `…` stands for any number of lines.
fn fits(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "…" => {
            (0..=printed.len()).any(|skipped| fits(rest, &printed[skipped..]))
        }
        Some((first, rest)) => {
            printed.split_first().is_some_and(|(line, more)| line == first && fits(rest, more))
        }
    }
}
