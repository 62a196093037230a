//! `s3` against moto, alone and together with Terraform.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use snapform::state::backend::S3;
use tempfile::TempDir;

use super::server::{Server, program, start};
use super::{contents, goes_as_promised, holder, lines, lock, next, settings, store};
use crate::support::http::send;

fn moto() -> Option<Server> {
    let server =
        start("moto_server", |port| ["-H", "127.0.0.1", "-p", port].map(str::to_owned).to_vec())?;
    assert_eq!(send(&server.host, "PUT /states", &[], "").status, 200);
    Some(server)
}

fn block(server: &Server) -> snapform::value::Value {
    let endpoint = format!("http://{}", server.host);
    settings(&[
        ("bucket", "states"),
        ("key", "team/terraform.tfstate"),
        ("region", "us-east-1"),
        ("endpoint", &endpoint),
        ("access_key", "AKIDEXAMPLE"),
        ("secret_key", "secret"),
        ("use_path_style", "true"),
        ("lease", "3s"),
    ])
}

/// A server, and the lines of a `backend` block that mean a state in it.
pub(crate) fn site() -> Option<(Server, String)> {
    let server = moto()?;
    let block = lines(&block(&server));
    Some((server, block))
}

#[tokio::test]
async fn s3_keeps_what_it_promises_at_moto() {
    let Some(server) = moto() else { return };
    goes_as_promised(&*store(&S3, &block(&server))).await;
}

fn terraform(folder: &Path, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(program("terraform")?)
        .args(arguments)
        .current_dir(folder)
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_IN_AUTOMATION", "1")
        .output();
    Some(output.unwrap())
}

fn succeeds(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

fn configuration(server: &Server) -> String {
    format!(
        r#"terraform {{
  backend "s3" {{
    bucket = "states"
    key = "team/terraform.tfstate"
    region = "us-east-1"
    endpoints = {{ s3 = "http://{}" }}
    access_key = "AKIDEXAMPLE"
    secret_key = "secret"
    use_path_style = true
    use_lockfile = true
    skip_credentials_validation = true
    skip_requesting_account_id = true
    skip_metadata_api_check = true
    skip_region_validation = true
  }}
}}
resource "terraform_data" "a" {{
  input = "one"
}}
"#,
        server.host
    )
}

#[tokio::test]
async fn a_state_in_s3_is_shared_with_terraform() {
    let Some(server) = moto() else { return };
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("main.tf"), configuration(&server)).unwrap();
    let Some(begun) = terraform(folder.path(), &["init", "-no-color"]) else { return };
    succeeds(&begun);
    let run = |arguments: &[&str]| terraform(folder.path(), arguments).unwrap();
    succeeds(&run(&["apply", "-auto-approve", "-no-color"]));
    let backend = store(&S3, &block(&server)).workspace("default").unwrap();
    let state = backend.read().await.unwrap().state.unwrap();
    let state = String::from_utf8(state).unwrap();
    assert!(state.contains("terraform_data"), "{state}");

    // While we hold the lock, Terraform does not get it, and says whose it is.
    let mut hold = lock(&*backend, "ann").await;
    hold.append(b"line\n").await.unwrap();
    let refused = run(&["apply", "-auto-approve", "-no-color"]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && told.contains("ann@ci"), "{told}");

    // A takeover marks the state; to both it is the same as before.
    drop(hold);
    let mut hold = lock(&*backend, "bob").await;
    assert_eq!(hold.read().await, Ok(contents(Some(&state), "line\n")));
    let pulled = succeeds(&run(&["state", "pull"]));
    assert_eq!(pulled.trim(), state.trim());
    hold.replace(next(&state.replace("\"serial\": 1", "\"serial\": 2"), "")).await.unwrap();
    hold.release().await;
    assert!(succeeds(&run(&["state", "pull"])).contains("\"serial\": 2"));
    succeeds(&run(&["apply", "-auto-approve", "-no-color", "-replace=terraform_data.a"]));

    // What Terraform wrote meanwhile is found, and its lock is obeyed.
    let mut hold = lock(&*backend, "ann").await;
    let state = String::from_utf8(hold.read().await.unwrap().state.unwrap()).unwrap();
    assert!(state.contains("\"serial\": 4") || state.contains("\"serial\": 3"), "{state}");
    hold.release().await;
    let held = Command::new(program("terraform").unwrap())
        .args(["console", "-no-color"])
        .current_dir(folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn();
    let mut held = held.unwrap();
    let begun = tokio::time::Instant::now();
    let refused = loop {
        match backend.lock(&holder("bob")).await {
            Ok(hold) => hold.release().await,
            Err(error) => break error,
        }
        assert!(begun.elapsed().as_secs() < 60, "the console takes no lock");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    held.kill().unwrap();
    held.wait().unwrap();
    let snapform::state::BackendError::Locked(Some(named)) = refused else { panic!("{refused}") };
    assert!(named.command.contains("Terraform 1."), "{named:?}");
}
