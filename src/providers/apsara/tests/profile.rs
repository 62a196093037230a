//! Credentials from the profiles of the vendor's command line.

use super::*;

const FILE: &str = r#"{
  "current": "main",
  "profiles": [
    { "name": "main", "mode": "AK", "access_key_id": "LTAIemulator",
      "access_key_secret": "apsara-emulator-access-secret", "region_id": "r", "language": "en" },
    { "name": "default", "access_key_id": "hunter1", "access_key_secret": "hunter2" },
    { "name": "short", "mode": "StsToken", "access_key_id": "hunter1",
      "access_key_secret": "hunter2", "sts_token": "hunter3" },
    { "name": "tokenless", "mode": "StsToken", "access_key_id": "hunter1",
      "access_key_secret": "hunter2" },
    { "name": "role", "mode": "RamRoleArn", "access_key_id": "hunter1",
      "access_key_secret": "hunter2" },
    { "name": "empty", "mode": "AK", "access_key_id": "", "access_key_secret": "" }
  ]
}"#;

/// What is wrong with settings whose environment has a home with this file in its usual place.
fn problems_of(
    file: &str,
    settings: &[(&'static str, &str)],
    environment: &[(&str, &str)],
) -> Vec<(String, String)> {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aliyun")).unwrap();
    std::fs::write(home.path().join(".aliyun/config.json"), file).unwrap();
    let bench = bench();
    let mut variables: Environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    variables.entry("HOME".to_owned()).or_insert(home.path().to_str().unwrap().to_owned());
    let cx = ConfigureContext {
        world: bench.world.clone(),
        transport: bench.wire.clone(),
        environment: variables,
        keys: std::sync::Arc::default(),
    };
    let fixed = [("endpoint", "https://e.example.test"), ("region", "r"), ("auth_mode", "acs3")];
    let settings = fixed.iter().chain(settings).map(|(name, value)| (*name, Value::string(value)));
    match PROVIDER.configure(&Value::object(settings.collect::<Vec<_>>()), &cx) {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .into_iter()
            .map(|problem| {
                let told = format!("{} {}", problem.message, problem.help.unwrap_or_default());
                assert!(!told.contains("hunter2"), "{told}");
                (problem.path.to_string(), told)
            })
            .collect(),
    }
}

#[test]
fn a_profile_is_found_or_what_is_wrong_with_it_is_told() {
    let names = "`main`, `default`, `short`, `tokenless`, `role`, `empty`";
    for (settings, environment, expected) in [
        (("profile", "main"), None, None),
        (("profile", "default"), None, None),
        (("profile", "short"), None, None),
        (("shared_credentials_file", "~/.aliyun/config.json"), None, None),
        (("stage", "x"), Some(("ALIBABACLOUDSTACK_PROFILE", "main")), None),
        (("profile", "other"), None, Some(("profile", names))),
        (("profile", "role"), None, Some(("profile", "`RamRoleArn`"))),
        (("profile", "empty"), None, Some(("profile", "holds no access key"))),
        (("profile", "tokenless"), None, Some(("profile", "no token"))),
        (
            ("shared_credentials_file", "/nowhere/config.json"),
            None,
            Some(("shared_credentials_file", "cannot be read")),
        ),
        (
            ("profile", "main"),
            Some(("HOME", "")),
            Some(("shared_credentials_file", "`HOME` is not set")),
        ),
        (
            ("stage", "x"),
            Some(("ALIBABACLOUDSTACK_SHARED_CREDENTIALS_FILE", "/nowhere")),
            Some(("shared_credentials_file", "`/nowhere`")),
        ),
    ] {
        let environment: Vec<_> = environment.into_iter().collect();
        let found = problems_of(FILE, &[settings], &environment);
        match expected {
            None => assert_eq!(found, [], "{settings:?}"),
            Some((path, told)) => {
                assert_eq!(found.len(), 1, "{settings:?}: {found:?}");
                assert!(found[0].0 == path && found[0].1.contains(told), "{found:?}");
            }
        }
    }
}

#[test]
fn a_file_of_another_shape_is_told_without_what_is_in_it() {
    for file in ["hunter2", r#"{ "profiles": "hunter2" }"#, r#"{ "profiles": ["hunter2"] }"#] {
        let found = problems_of(file, &[("profile", "main")], &[]);
        assert_eq!(found.len(), 1);
        assert!(found[0].1.contains("line 1, column"), "{found:?}");
    }
    let none = problems_of("{}", &[("profile", "main")], &[]);
    assert!(none[0].1.contains("no profile `main`"), "{none:?}");
}

#[test]
fn keys_win_over_a_profile_in_the_same_place_and_the_block_over_the_environment() {
    let pair = [("ALIBABACLOUDSTACK_ACCESS_KEY", "a"), ("ALIBABACLOUDSTACK_SECRET_KEY", "s")];
    let with_profile = [pair[0], pair[1], ("ALIBABACLOUDSTACK_PROFILE", "other")];
    assert_eq!(problems_of(FILE, &[], &pair), []);
    assert_eq!(problems_of(FILE, &[], &with_profile), []);
    assert_eq!(problems_of(FILE, &[("profile", "other")], &pair).len(), 1);
    let block = [("profile", "other"), ("access_key_id", "a"), ("access_key_secret", "s")];
    assert_eq!(problems_of(FILE, &block, &[]), []);
    let half = problems_of(FILE, &[("profile", "main"), ("access_key_id", "a")], &[]);
    assert_eq!(
        half.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(),
        ["access_key_secret"]
    );
    assert_eq!(problems_of(FILE, &[], &[]).len(), 2, "no profile is read unless one is asked for");
}

#[tokio::test]
async fn requests_are_signed_with_the_keys_of_the_profile() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    std::fs::write(&path, FILE).unwrap();
    for (profile, mode, works) in
        [("main", "acs3", true), ("main", "rpc", true), ("default", "acs3", false)]
    {
        let settings = [
            ("auth_mode", Some(mode)),
            ("access_key_id", None),
            ("access_key_secret", None),
            ("profile", Some(profile)),
            ("shared_credentials_file", path.to_str()),
        ];
        let bench = bench_with(Setup { settings: &settings, ..Setup::default() });
        let created = bench.try_create(&bench.planned(&arguments("db-1"))).await;
        assert_eq!(created.is_ok(), works, "{profile} {mode}");
    }
}
