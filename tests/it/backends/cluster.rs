//! A real PostgreSQL of our own, in a folder that goes away with it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::terraform::on_path;

/// PostgreSQL refuses to run as root: then it runs as nobody.
const NOBODY: u32 = 65534;

/// A server that listens on a socket in its folder.
pub(crate) struct Cluster {
    folder: TempDir,
    server: Child,
    port: u16,
    is_encrypted: bool,
}

/// The one that all tests share, which ends with the last of them.
static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());

/// The programs `initdb` and `postgres`.
fn programs() -> Option<(PathBuf, PathBuf)> {
    let mut folders: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    folders.sort();
    let both = |initdb: PathBuf, postgres: PathBuf| {
        (initdb.is_file() && postgres.is_file()).then_some((initdb, postgres))
    };
    folders
        .iter()
        .rev()
        .find_map(|folder| both(folder.join("initdb"), folder.join("postgres")))
        .or_else(|| both(on_path("initdb")?, on_path("postgres")?))
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.starts_with(b"0\n")
}

/// A command, as somebody whom PostgreSQL accepts.
fn command(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    let (user, group) = (format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"));
    command.args([&user, &group, "--clear-groups", "--"]).arg(program);
    command
}

/// Makes an authority and a certificate for `localhost`, where there is a program for that.
fn certify(data: &Path) -> bool {
    let Some(openssl) = on_path("openssl") else { return false };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for words in [
        format!("req -x509 {key} -keyout ca.key -out ca.crt -subj /CN=authority -days 2"),
        format!("req {key} -keyout server.key -out server.csr -subj /CN=localhost"),
        "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -days 2 -out server.crt \
         -extfile names"
            .to_owned(),
    ] {
        fs::write(data.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
        let mut made = command(&openssl);
        let made = made.args(words.split_whitespace()).current_dir(data).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    true
}

impl Cluster {
    /// The shared one, begun where nobody has it; the error says why there can be none.
    pub(crate) fn shared() -> Result<Arc<Self>, String> {
        let mut shared = SHARED.lock().unwrap();
        if let Some(cluster) = shared.upgrade() {
            return Ok(cluster);
        }
        let (initdb, postgres) = programs().ok_or("there is no PostgreSQL")?;
        let cluster = Arc::new(Self::begin(&initdb, &postgres));
        *shared = Arc::downgrade(&cluster);
        Ok(cluster)
    }

    fn begin(initdb: &Path, postgres: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        #[cfg(unix)]
        if is_root() {
            std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let data = folder.path().join("data");
        let mut made = command(initdb);
        made.args(["--no-sync", "--auth=trust", "--username=ops", "--encoding=UTF8", "-D"]);
        let made = made.arg(&data).current_dir("/").output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let is_encrypted = certify(&data);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = command(postgres);
        server.arg("-D").arg(&data).arg("-k").arg(folder.path()).arg("-p").arg(port.to_string());
        server.args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
        if is_encrypted {
            server.args(["-c", "ssl=on"]);
        }
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let server =
            server.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let cluster = Self { folder, server: server.unwrap(), port, is_encrypted };
        cluster.wait();
        cluster
    }

    fn wait(&self) {
        for _ in 0..600 {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
            if log.contains("ready to accept connections") {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("PostgreSQL does not start");
    }

    /// Runs a statement by hand in a database.
    pub(crate) fn sql(&self, database: &str, statement: &str) -> String {
        let (_, postgres) = programs().unwrap();
        let folder = self.folder.path().to_str().unwrap();
        let mut program = Command::new(postgres.with_file_name("psql"));
        program.args(["-X", "-q", "-A", "-t", "-h", folder, "-p", &self.port.to_string()]);
        program.args(["-U", "ops", "-d", database, "-c", statement]);
        let output = program.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Makes a database: advisory locks are good within one, so tests do not meet.
    pub(crate) fn make(&self, database: &str) {
        let _ = self.sql("postgres", &format!("CREATE DATABASE {database}"));
    }

    /// How to reach a database, in a form that Terraform takes as well.
    pub(crate) fn connection(&self, database: &str) -> String {
        let folder = self.folder.path().display();
        format!("host={folder} port={} user=ops dbname={database} sslmode=disable", self.port)
    }

    /// How to reach a database over the network by one name of this machine, and the authority
    /// that vouches for `localhost`; `None` where no certificates could be made.
    pub(crate) fn encrypted(&self, host: &str, database: &str) -> Option<(String, String)> {
        let authority = self.folder.path().join("data/ca.crt").display().to_string();
        let connection = format!("postgres://ops@{host}:{}/{database}", self.port);
        self.is_encrypted.then_some((connection, authority))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let process = self.server.id().to_string();
        let _ = Command::new("kill").args(["-INT", &process]).status();
        let _ = self.server.wait();
    }
}
