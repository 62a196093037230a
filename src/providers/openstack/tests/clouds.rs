//! `clouds.yaml` and `secure.yaml`: what counts, where it is found, and what is wrong with it.

use std::path::Path;

use crate::schema::Problem;
use crate::sdk::ConfigureContext;

use super::super::client::{Api, Cloud};
use super::*;

const CLOUDS: &str = "
shared: &auth
  auth_url: http://openstack.emulator
  username: rehearsal
  user_domain_name: Default
clouds:
  whole:
    auth: &whole
      <<: *auth
      password: rehearsal-password
      project_name: rehearsal
    region_name: RegionOne
  parted:
    auth: { <<: *auth, project_name: rehearsal, project_domain_id: default }
    regions: [{ name: RegionOne }, Mars]
  elsewhere:
    auth: *whole
    region_name: RegionOne
    regions: [Mars, RegionOne]
  inside:
    auth: *whole
    interface: internalURL
  nobody: { auth: *whole, interface: admin }
  overridden:
    auth: *whole
    block_storage_endpoint_override: http://openstack.emulator/volume/v3
    compute_endpoint_override: http://cloud.example/v2.1
  credential:
    auth_type: v3applicationcredential
    auth:
      auth_url: http://openstack.emulator/v3
      application_credential_id: 2f4c0d6e8a1b4c3d9e5f7a6b8c0d1e2f
      application_credential_secret: rehearsal-secret
  flat: { auth_url: 'http://openstack.emulator', username: rehearsal, password: rehearsal-password,
    domain_name: Default, tenant_name: rehearsal }
  token: { auth_type: v3token, auth: { auth_url: 'http://openstack.emulator' } }
  profiled: { profile: vexxhost, auth: *whole }
  built: { profile: ours, auth: { username: rehearsal, password: rehearsal-password, tenant-name: rehearsal } }
  older: { cloud: ours, auth: *whole }
  foreign: { profile: tokens, auth: *whole }
  around: { profile: envvars, auth: *whole }
  plain: { auth: { auth_url: 'http://cloud.example', username: a } }
  empty:
";
/// Profiles, of which the first one says what the entries leave out, and what they overrule.
const PUBLIC: &str = "
public-clouds:
  ours:
    auth: { auth_url: 'http://openstack.emulator', user_domain_name: Default, username: nobody, project_name: none }
    region_name: RegionOne
  tokens: { auth_type: v3token }
";
const SECURE: &str = "
clouds:
  parted: { auth: { password: rehearsal-password } }
  whole: { auth: { password: wrong } }
";

/// A home with files in it.
struct Home {
    folder: tempfile::TempDir,
    bench: Bench,
}

impl Home {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self { folder, bench: bench(&[]) }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// A client made from a block that holds `block`, and variables beside `HOME`.
    fn cloud(
        &self,
        block: &[(&'static str, &str)],
        variables: &[(&str, &str)],
    ) -> Result<Cloud, Vec<Problem>> {
        let given = [&[("HOME", self.folder.path().to_str().unwrap())], variables].concat();
        let environment =
            given.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let cx = ConfigureContext { environment, ..self.bench.configure_context() };
        let block = block.iter().map(|(name, text)| (*name, Value::string(text)));
        settings::cloud(&Value::object(block.collect::<Vec<_>>()), &cx)
    }

    /// The region that a sign-in at block storage ends in.
    async fn region(
        &self,
        block: &[(&'static str, &str)],
        variables: &[(&str, &str)],
    ) -> Result<Option<String>, ErrorKind> {
        let cloud = self.cloud(block, variables).map_err(|problems| format!("{problems:?}"));
        let region = cloud.unwrap().region(Api::BlockStorage, None).await;
        region.map(|region| region.0).map_err(|error| error.kind)
    }

    fn problem(&self, block: &[(&'static str, &str)], variables: &[(&str, &str)]) -> Vec<Problem> {
        self.cloud(block, variables).err().unwrap()
    }
}

const USUAL: &str = ".config/openstack/clouds.yaml";
const USUAL_SECURE: &str = ".config/openstack/secure.yaml";

#[tokio::test]
async fn an_entry_stands_in_for_the_environment() {
    let home = Home::new(&[(USUAL, CLOUDS)]);
    let here = Ok(Some("RegionOne".to_owned()));
    for name in ["whole", "inside", "credential", "flat"] {
        assert_eq!(home.region(&[("cloud", name)], &[]).await, here, "{name}");
        assert_eq!(home.region(&[], &[("OS_CLOUD", name)]).await, here, "{name}");
    }
    // An entry says all; what else the environment has does not count.
    let others = [("OS_PASSWORD", "wrong"), ("OS_REGION_NAME", "Mars"), ("OS_INTERFACE", "admin")];
    assert_eq!(home.region(&[("cloud", "whole")], &others).await, here);
    // The block wins over the entry, and over the name in the environment.
    let refused = Err(ErrorKind::Refused);
    assert_eq!(home.region(&[("cloud", "whole"), ("region", "Mars")], &[]).await, refused);
    let credentials = Err(ErrorKind::Credentials);
    assert_eq!(home.region(&[("cloud", "whole"), ("password", "no")], &[]).await, credentials);
    assert_eq!(home.region(&[("cloud", "whole")], &[("OS_CLOUD", "elsewhere")]).await, here);
    // The first region of several is taken, and an interface that nothing has.
    assert_eq!(home.region(&[("cloud", "elsewhere")], &[]).await, refused);
    assert_eq!(home.region(&[("cloud", "nobody")], &[]).await, refused);
}

#[tokio::test]
async fn secrets_are_laid_over_the_entry() {
    let home = Home::new(&[(USUAL, CLOUDS), (USUAL_SECURE, SECURE)]);
    let parted = [("cloud", "parted")];
    assert_eq!(home.region(&parted, &[]).await, Ok(Some("RegionOne".to_owned())));
    let whole = [("cloud", "whole")];
    assert_eq!(home.region(&whole, &[]).await, Err(ErrorKind::Credentials));
    let bare = Home::new(&[(USUAL, CLOUDS), ("else.yaml", SECURE)]);
    let problems = bare.problem(&parted, &[]);
    assert_eq!(problems[0].path.root_attribute(), Some("password"));
    assert!(problems[0].help.as_deref().unwrap().contains("clouds.yaml"), "{problems:?}");
    let named = bare.path("else.yaml");
    let region = bare.region(&parted, &[("OS_CLIENT_SECURE_FILE", &named)]).await;
    assert_eq!(region, Ok(Some("RegionOne".to_owned())));
}

/// Older documents and files call a project tenant.
#[tokio::test]
async fn a_tenant_is_a_project() {
    const ID: &str = PROJECT_ID;
    let entry = |project: &str| CLOUDS.replace("tenant_name: rehearsal", project);
    let here = Ok(Some("RegionOne".to_owned()));
    for project in
        [&format!("tenant_id: {ID}"), &format!("tenant-id: {ID}"), "tenant-name: rehearsal"]
    {
        let home = Home::new(&[(USUAL, &entry(project))]);
        assert_eq!(home.region(&[("cloud", "flat")], &[]).await, here, "{project}");
    }
    let user = [
        ("OS_AUTH_URL", "http://openstack.emulator"),
        ("OS_USERNAME", "rehearsal"),
        ("OS_PASSWORD", "rehearsal-password"),
        ("OS_USER_DOMAIN_NAME", "Default"),
    ];
    let home = Home::new(&[]);
    for tenant in [("OS_TENANT_NAME", "rehearsal"), ("OS_TENANT_ID", ID)] {
        let variables = [&user[..], &[tenant]].concat();
        assert_eq!(home.region(&[], &variables).await, here, "{tenant:?}");
    }
}

#[tokio::test]
async fn an_entry_is_laid_over_the_profile_that_it_builds_on() {
    let home = Home::new(&[(USUAL, CLOUDS), (".config/openstack/clouds-public.yaml", PUBLIC)]);
    for name in ["built", "older", "around"] {
        let region = home.region(&[("cloud", name)], &[]).await;
        assert_eq!(region, Ok(Some("RegionOne".to_owned())), "{name}");
    }
    let elsewhere = Home::new(&[(USUAL, CLOUDS), ("profiles.yaml", PUBLIC)]);
    let named = elsewhere.path("profiles.yaml");
    let region =
        elsewhere.region(&[("cloud", "built")], &[("OS_CLIENT_VENDOR_FILE", &named)]).await;
    assert_eq!(region, Ok(Some("RegionOne".to_owned())));
    let foreign = format!("{:?}", home.problem(&[("cloud", "foreign")], &[]));
    assert!(foreign.contains("signs in by `v3token`"), "{foreign}");
    let unknown = format!("{:?}", home.problem(&[("cloud", "profiled")], &[]));
    assert!(unknown.contains("has `ours` and `tokens`"), "{unknown}");
}

#[tokio::test]
async fn files_are_found_where_openstacks_own_tools_find_them() {
    let other = CLOUDS.replace("rehearsal-password", "wrong");
    for (file, variables) in [
        (".config/openstack/clouds.yaml", vec![]),
        (".config/openstack/clouds.yml", vec![]),
        ("config/openstack/clouds.yaml", vec![("XDG_CONFIG_HOME", "config")]),
        ("own/file", vec![("OS_CLIENT_CONFIG_FILE", "own/file")]),
    ] {
        // A file that comes later in the order does not count.
        let home = Home::new(&[(".config/openstack/clouds.json", &other), (file, CLOUDS)]);
        let variables: Vec<_> =
            variables.into_iter().map(|(name, path)| (name, home.path(path))).collect();
        let variables: Vec<_> =
            variables.iter().map(|(name, path)| (*name, path.as_str())).collect();
        let region = home.region(&[("cloud", "whole")], &variables).await;
        assert_eq!(region, Ok(Some("RegionOne".to_owned())), "{file}");
    }
    let json = r#"{"clouds":{"a":{"auth":{"auth_url":"http://openstack.emulator","username":"rehearsal","password":"rehearsal-password","user_domain_id":"default","project_name":"rehearsal"}}}}"#;
    let home = Home::new(&[(".config/openstack/clouds.json", json)]);
    assert!(home.region(&[("cloud", "a")], &[]).await.is_ok());
}

#[tokio::test]
async fn addresses_of_services_are_taken_and_checked() {
    let home = Home::new(&[(USUAL, CLOUDS)]);
    let problems = home.problem(&[("cloud", "overridden")], &[]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].message.contains("`compute` must begin with https://"), "{problems:?}");
    let sound = CLOUDS.replace("http://cloud.example/v2.1", "http://openstack.emulator/v2.1");
    let home = Home::new(&[(USUAL, &sound)]);
    // Without a region: the catalogue, which would have named one, was not asked.
    assert_eq!(home.region(&[("cloud", "overridden")], &[]).await, Ok(None));
}

#[test]
fn what_is_wrong_is_told_with_its_file() {
    let home = Home::new(&[(USUAL, CLOUDS)]);
    let file = home.path(USUAL);
    let broken = Home::new(&[(USUAL, "clouds: [\n"), (USUAL_SECURE, "a: b")]);
    let secret = Home::new(&[(USUAL, CLOUDS), (USUAL_SECURE, "a: hunter2: hunter2")]);
    let tagged = "\nclouds: { whole: { password: !!int hunter2 } }";
    let tagged = Home::new(&[(USUAL, tagged)]);
    let nothing = Home::new(&[]);
    let device = [("OS_CLIENT_CONFIG_FILE", "/dev/zero")];
    let gone = [("OS_CLIENT_CONFIG_FILE", "/no/such/file")];
    let cases = [
        (home.problem(&[("cloud", "mars")], &[]), vec!["has no cloud `mars`", &file, "`whole`"]),
        (home.problem(&[("cloud", "empty")], &[]), vec!["`auth_url` is not set", &file]),
        (home.problem(&[("cloud", "token")], &[]), vec!["signs in by `v3token`", "`password`"]),
        (
            home.problem(&[("cloud", "profiled")], &[]),
            vec!["profile `vexxhost`", "no `clouds-public.yaml`", &file],
        ),
        (home.problem(&[("cloud", "plain")], &[]), vec!["https://", "http://cloud.example"]),
        (home.problem(&[("cloud", "whole")], &device), vec!["/dev/zero", "no file"]),
        (home.problem(&[("cloud", "whole")], &gone), vec!["/no/such/file"]),
        (broken.problem(&[("cloud", "whole")], &[]), vec!["not YAML at line 2"]),
        (tagged.problem(&[("cloud", "whole")], &[]), vec!["not YAML at line 2"]),
        (secret.problem(&[("cloud", "whole")], &[]), vec!["secure.yaml", "not YAML"]),
        (
            nothing.problem(&[("cloud", "no-such-cloud")], &[]),
            vec!["`no-such-cloud`", "/etc/openstack", "OS_CLIENT_CONFIG_FILE"],
        ),
    ];
    for (problems, words) in cases {
        let told = format!("{problems:?}");
        for word in words {
            assert!(told.contains(word), "{told} lacks {word}");
        }
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn no_file_is_read_without_a_name() {
    let home = Home::new(&[(USUAL, "this: is: no: yaml")]);
    let problems = home.problem(&[], &[("OS_CLOUD", "")]);
    let missing = problems.iter().all(|problem| problem.kind == ProblemKind::Missing);
    assert!(missing, "{problems:?}");
    assert!(problems[0].help.as_deref().unwrap().contains("OS_AUTH_URL"));
    assert!(Path::new(&home.path(USUAL)).exists());
}
