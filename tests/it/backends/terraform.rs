//! A real Terraform, where there is one, to judge what we share with it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The program.
pub(crate) struct Terraform(PathBuf);

/// A program on the search path.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "a test looks for programs")]
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Looks for it.
pub(crate) fn find() -> Option<Terraform> {
    on_path("terraform").map(Terraform)
}

/// A folder with a configuration that keeps its state in a backend.
pub(crate) struct Folder {
    program: PathBuf,
    folder: TempDir,
}

/// What it said.
#[derive(Debug)]
pub(crate) struct Said {
    text: String,
    is_success: bool,
}

impl Terraform {
    /// A folder with one output and a backend with these settings.
    pub(crate) fn folder(&self, backend: &str, settings: &[(&str, String)]) -> Folder {
        let settings: Vec<_> =
            settings.iter().map(|(name, value)| format!("    {name} = {value:?}\n")).collect();
        let settings = settings.concat();
        let text = format!(
            "terraform {{\n  backend {backend:?} {{\n{settings}  }}\n}}\n\
             variable \"mark\" {{}}\noutput \"mark\" {{\n  value = var.mark\n}}\n\
             variable \"wait\" {{\n  default = 0\n}}\n\
             resource \"terraform_data\" \"slow\" {{\n  count = var.wait > 0 ? 1 : 0\n  \
             provisioner \"local-exec\" {{\n    command = \"sleep ${{var.wait}}\"\n  }}\n}}\n"
        );
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.tf"), text).unwrap();
        let made = Folder { program: self.0.clone(), folder };
        made.run(&["init", "-input=false"]).succeeds();
        made
    }
}

impl Folder {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).current_dir(self.path()).env("CHECKPOINT_DISABLE", "1");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Said {
        let output = self.command(words).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        Said { text, is_success: output.status.success() }
    }

    /// Applies with another output.
    pub(crate) fn apply(&self, mark: &str) -> Said {
        self.run(&["apply", "-no-color", "-auto-approve", &format!("-var=mark={mark}")])
    }

    /// Starts an apply that holds the lock for so many seconds.
    pub(crate) fn apply_slowly(&self, seconds: u32) -> Child {
        let wait = format!("-var=wait={seconds}");
        let words = ["apply", "-no-color", "-auto-approve", "-var=mark=slow", &wait];
        self.command(&words).spawn().unwrap()
    }

    pub(crate) fn output(&self) -> Said {
        self.run(&["output", "-raw", "mark"])
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Said {
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert!(self.is_success, "terraform:\n{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn fails(self) -> Self {
        assert!(!self.is_success, "terraform:\n{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.text.contains(text), "terraform does not say `{text}`:\n{}", self.text);
        self
    }
}
