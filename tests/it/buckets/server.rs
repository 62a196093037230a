//! Servers that live as long as a test.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::Instant;

/// A server that is stopped when it is dropped.
pub(crate) struct Server {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub(super) host: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program `name`, where it is installed.
#[expect(clippy::disallowed_methods, reason = "a test looks for what the machine has")]
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
pub(super) fn program(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(name));
    let found = found.into_iter().find(|path| path.is_file());
    if found.is_none() {
        let all = std::env::var("SNAPFORM_TEST_ALL").is_ok_and(|text| text == "1");
        // Terraform judges where somebody has it; it is nothing that tests install.
        let is_wanted = all && name != "terraform";
        assert!(!is_wanted, "{name} is not installed, and nothing may be skipped");
        println!("skipped: {name} is not installed (.ci/servers does that)");
    }
    found
}

/// Starts `name` with the arguments that `arguments` gives for a port. Nothing where it is not
/// installed.
pub(super) fn start(name: &str, arguments: impl Fn(&str) -> Vec<String>) -> Option<Server> {
    let program = program(name)?;
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let child = Command::new(program)
        .args(arguments(&free.port().to_string()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut server = Server { child, host: free.to_string() };
    let begun = Instant::now();
    while TcpStream::connect(free).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{name} does not listen");
        assert!(server.child.try_wait().unwrap().is_none(), "{name} ended");
        std::thread::sleep(Duration::from_millis(100));
    }
    Some(server)
}
