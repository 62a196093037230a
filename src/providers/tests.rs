//! What every resource type of every provider must keep, tried on its emulator. A type that is
//! registered and has no sample here fails.

use std::collections::BTreeSet;

use crate::plan::propose;
use crate::sdk::emulator::LedgerOperation::{Create, Delete};
use crate::sdk::{Created, Deletion, EXPIRES_AT, Provider, Reading, Recovery, ResourceSpec};
use crate::value::{Key, Value};
use crate::world::Timestamp;

use super::REGISTRY;
use super::bench::{Bench, Setup, text};

/// How a type is tried: arguments of the object with a number, each of a source of its own.
struct Sample {
    type_name: &'static str,
    arguments: fn(usize) -> Vec<(&'static str, Value)>,
    /// Another value for an argument that can be changed in place.
    change: Option<Change>,
    knobs: &'static [(&'static str, u64)],
}

/// An argument and its other value.
type Change = (&'static str, fn() -> Value);

const SAMPLES: &[Sample] = &[
    Sample {
        type_name: "apsara_ecs_snapshot",
        arguments: |number| {
            vec![
                ("disk_id", Value::string(format!("d-bp1s5fnvk4gn2tws{number:04}"))),
                ("name", Value::string(format!("contract-{number}"))),
                ("retention_days", Value::from(30)),
            ]
        },
        change: Some(("description", || Value::from("another one"))),
        knobs: &[],
    },
    Sample {
        type_name: "ctl_server_snapshot",
        arguments: |number| {
            vec![
                ("server_id", Value::string(format!("wa1aliaswb{:02}", number + 1))),
                ("expiration_days", Value::from(7)),
            ]
        },
        change: None,
        knobs: &[],
    },
    Sample {
        type_name: "openstack_compute_snapshot",
        arguments: openstack,
        change: None,
        knobs: &[],
    },
    Sample {
        type_name: "openstack_blockstorage_snapshot_v3",
        arguments: openstack,
        change: Some(("name", || Value::from("another-one"))),
        knobs: &[],
    },
    Sample {
        type_name: "thousandeyes_snapshot",
        arguments: |number| {
            vec![
                ("test_id", Value::string(format!("{}", 20_000 + number))),
                ("display_name", Value::string(format!("contract {number}"))),
                ("from", Value::from("2026-11-20T00:00:00Z")),
                ("to", Value::from("2026-11-20T01:00:00Z")),
            ]
        },
        change: None,
        knobs: &[],
    },
    Sample {
        type_name: "zenlayer_disk_snapshot",
        arguments: |number| {
            vec![
                ("disk_id", Value::string(format!("17000000000000000{number:02}"))),
                ("name", Value::string(format!("contract-{number}"))),
                ("retention_time", Value::from("2026-12-24T00:00:00Z")),
            ]
        },
        change: Some(("name", || Value::from("another-one"))),
        knobs: &[],
    },
];

fn openstack(number: usize) -> Vec<(&'static str, Value)> {
    vec![
        ("volume_id", Value::string(format!("521752a6-acf6-4b2d-bc7a-1190000000{number:02}"))),
        ("name", Value::string(format!("contract-{number}"))),
    ]
}

/// A type on its emulator.
struct Trial {
    spec: ResourceSpec,
    sample: &'static Sample,
    provider: &'static dyn Provider,
    bench: Bench,
}

impl Trial {
    fn new(provider: &'static dyn Provider, spec: ResourceSpec) -> Self {
        let sample = SAMPLES.iter().find(|sample| sample.type_name == spec.type_name);
        let sample = sample.unwrap_or_else(|| panic!("no sample of `{}`", spec.type_name));
        let setup = Setup { knobs: sample.knobs, ..Setup::default() };
        let operation = |request: &crate::sdk::http::Request| request.path().to_owned();
        let bench = Bench::new(provider, spec.type_name, operation, setup);
        Self { spec, sample, provider, bench }
    }

    /// One of every type that has a vendor behind it.
    fn all() -> Vec<Self> {
        let with_vendor = REGISTRY.providers().filter(|provider| provider.emulator().is_some());
        let trials: Vec<_> = with_vendor
            .flat_map(|provider| {
                provider.resources().into_iter().map(move |spec| Self::new(provider, spec))
            })
            .collect();
        let tried: BTreeSet<_> = trials.iter().map(|trial| trial.spec.type_name).collect();
        let known: BTreeSet<_> = SAMPLES.iter().map(|sample| sample.type_name).collect();
        assert_eq!(tried, known, "a sample of a type that is not registered");
        trials
    }

    fn planned(&self, number: usize) -> Value {
        let planned = self.bench.planned(&(self.sample.arguments)(number));
        let problems = self.spec.schema.check_rules(&planned);
        assert_eq!(problems, [], "{}", self.spec.type_name);
        (self.spec.plan)(None, planned)
    }

    /// What a configuration with these arguments says.
    fn config(&self, arguments: &[(&'static str, Value)]) -> Value {
        let entries = self.spec.schema.attributes.iter().map(|attribute| {
            let given = arguments.iter().find(|(name, _)| *name == attribute.name);
            let value =
                given.map_or_else(|| Value::null(attribute.ty.clone()), |(_, value)| value.clone());
            (Key::from(attribute.name), value)
        });
        Value::object(entries.collect::<Vec<_>>())
    }

    async fn create(&self, number: usize) -> Value {
        self.bench.create(&self.planned(number)).await
    }

    /// The object without what may differ at every read.
    fn lasting(&self, object: &Value) -> Value {
        let volatile = |name: &str| {
            let attribute = self.spec.schema.attribute(name);
            attribute.is_some_and(|attribute| attribute.volatile)
        };
        let entries = object.entries().unwrap().iter().filter(|(name, _)| !volatile(name));
        Value::object(
            entries.map(|(name, value)| (Key::clone(name), value.clone())).collect::<Vec<_>>(),
        )
    }

    /// What is there, with the record standing for what the vendor has no way to tell.
    fn present(&self, reading: Reading<Value>) -> Value {
        match reading {
            Reading::Present(object) | Reading::NotVerifiable(object, _) => object,
            other => panic!("{}: {other:?}", self.spec.type_name),
        }
    }
}

#[tokio::test]
async fn what_is_made_is_whole_and_a_second_plan_is_empty() {
    for trial in Trial::all() {
        let name = trial.spec.type_name;
        let created = trial.create(1).await;
        assert!(created.is_wholly_known(), "{name}: {created:?}");
        assert_eq!(trial.bench.ledger(Create).len(), 1, "{name}");
        assert!(!text(&created, "id").is_empty(), "{name}");
        let seen = trial.present(trial.bench.read(&created).await);
        assert_eq!(trial.lasting(&seen), trial.lasting(&created), "{name}: read back");
        let config = trial.config(&(trial.sample.arguments)(1));
        let proposal = propose(&trial.spec.schema, Some(&seen), &config);
        assert!(proposal.changed.is_empty() && proposal.replace.is_empty(), "{name}");
        if let Some(end) = seen.attribute(EXPIRES_AT).filter(|end| !end.is_null()) {
            let end = end.reveal();
            assert!(end.as_str().unwrap().parse::<Timestamp>().is_ok(), "{name}: {end:?}");
        }
    }
}

#[tokio::test]
async fn what_can_be_changed_is_changed_and_read_back() {
    for trial in Trial::all() {
        let name = trial.spec.type_name;
        assert_eq!(trial.spec.updates, trial.sample.change.is_some(), "{name}");
        let Some((attribute, value)) = trial.sample.change else { continue };
        let created = trial.create(1).await;
        let mut arguments = (trial.sample.arguments)(1);
        arguments.retain(|(name, _)| *name != attribute);
        arguments.push((attribute, value()));
        let config = trial.config(&arguments);
        let proposal = propose(&trial.spec.schema, Some(&created), &config);
        assert!(proposal.replace.is_empty() && !proposal.changed.is_empty(), "{name}");
        let planned = (trial.spec.plan)(Some(&created), proposal.planned);
        let updated = trial.bench.update(&created, &planned).await;
        assert_eq!(updated.attribute(attribute), Some(&value()), "{name}");
        assert_eq!(text(&updated, "id"), text(&created, "id"), "{name}");
        let seen = trial.present(trial.bench.read(&updated).await);
        assert_eq!(trial.lasting(&seen), trial.lasting(&updated), "{name}");
    }
}

#[tokio::test]
async fn deleting_twice_does_no_harm_and_what_is_gone_is_seen_to_be() {
    for trial in Trial::all() {
        let name = trial.spec.type_name;
        let created = trial.create(1).await;
        let first = trial.bench.try_delete(&created).await.unwrap();
        if trial.spec.cannot_delete.is_some() {
            assert!(matches!(first, Deletion::Impossible(_)), "{name}");
            assert_eq!(trial.bench.ledger(Delete).len(), 0, "{name}");
            continue;
        }
        assert_eq!(first, Deletion::Deleted, "{name}");
        assert_eq!(trial.bench.read(&created).await, Reading::Gone, "{name}");
        assert_eq!(trial.bench.try_delete(&created).await.unwrap(), Deletion::Deleted, "{name}");
        assert_eq!(trial.bench.ledger(Delete).len(), 1, "{name}");
        let again = trial.create(1).await;
        assert_ne!(text(&again, "id"), text(&created, "id"), "{name}");
    }
}

#[tokio::test]
async fn a_vendor_that_refuses_because_of_too_many_requests_is_obeyed() {
    for trial in Trial::all() {
        let name = trial.spec.type_name;
        trial.bench.throttle();
        let created = trial.create(1).await;
        let seen = trial.present(trial.bench.read(&created).await);
        assert_eq!(text(&seen, "id"), text(&created, "id"), "{name}");
        trial.bench.try_delete(&created).await.unwrap();
        assert_eq!(trial.bench.ledger(Create).len(), 1, "{name}");
        assert!(trial.bench.refused() > 0, "{name}");
    }
}

/// The vendor is asked what became of it, or, where it cannot tell, nothing is sent again.
#[tokio::test]
async fn a_create_whose_answer_is_lost_is_not_repeated() {
    for trial in Trial::all() {
        let name = trial.spec.type_name;
        let (planned, cx) = (trial.planned(1), trial.bench.context());
        let intent = trial.bench.prepare(&planned).await;
        trial.bench.lose_next_create();
        let made = trial.bench.resource.create(&cx, &planned, &intent).await;
        let object = match made {
            Ok(Created::Ready(object)) => object,
            Ok(other) => panic!("{name}: {other:?}"),
            Err(_) => match trial.bench.recover(&planned, &intent).await {
                Recovery::Found(object) => object,
                other => panic!("{name}: {other:?}"),
            },
        };
        let ledger = trial.bench.ledger(Create);
        assert_eq!(ledger.len(), 1, "{name}");
        let seen = trial.present(trial.bench.read(&object).await);
        assert_eq!(text(&seen, "id"), text(&object, "id"), "{name}");
    }
}

#[tokio::test]
async fn a_create_that_never_left_is_known_to_have_made_nothing() {
    for trial in Trial::all() {
        let name = trial.spec.type_name;
        let planned = trial.planned(1);
        let intent = trial.bench.prepare(&planned).await;
        let recovered = trial.bench.recover(&planned, &intent).await;
        assert_eq!(recovered, Recovery::Absent, "{name}");
        assert_eq!(trial.bench.ledger(Create).len(), 0, "{name}");
    }
}

#[tokio::test]
async fn many_objects_are_read_as_each_alone() {
    for trial in Trial::all() {
        let name = trial.spec.type_name;
        let mut objects = Vec::new();
        for number in 1..=4 {
            objects.push(trial.create(number).await);
        }
        if trial.spec.cannot_delete.is_none() {
            trial.bench.try_delete(&objects[2]).await.unwrap();
        }
        let many = trial.bench.resource.read_many(&trial.bench.context(), &objects).await;
        assert_eq!(many.len(), objects.len(), "{name}");
        for (object, found) in objects.iter().zip(many) {
            assert_eq!(found.unwrap(), trial.bench.read(object).await, "{name}");
        }
    }
}

/// A proxy's page, or the answer to another question, is no word of the vendor's: nothing may be taken
/// for gone.
#[tokio::test]
async fn an_answer_that_says_nothing_takes_nothing_away() {
    const DEEP: &str = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[";
    for trial in Trial::all() {
        let name = trial.spec.type_name;
        let created = trial.create(1).await;
        for body in ["", "ok", "<html></html>", "null", "[]", "{}", "{\"error\":1}", "7", DEEP] {
            trial.bench.babble(body);
            let cx = trial.bench.context();
            let found = trial.bench.resource.read_many(&cx, std::slice::from_ref(&created)).await;
            for found in found {
                let is_gone = matches!(found, Ok(Reading::Gone | Reading::Expired));
                assert!(!is_gone, "{name}: {body:?} counts as gone");
            }
        }
    }
}

/// By it the vendor's support finds what happened.
#[tokio::test]
async fn a_refusal_tells_the_id_by_which_the_vendor_knows_the_request() {
    for trial in Trial::all() {
        let name = trial.spec.type_name;
        let created = trial.create(1).await;
        trial.bench.echo();
        let (planned, cx) = (trial.planned(2), trial.bench.context());
        let refused = match trial.bench.resource.prepare(&cx, &planned).await {
            Err(error) => error,
            Ok(intent) => trial.bench.resource.create(&cx, &planned, &intent).await.unwrap_err(),
        };
        let mut errors = vec![refused];
        let seen = trial.bench.resource.read_many(&cx, std::slice::from_ref(&created)).await;
        errors.extend(seen.into_iter().filter_map(Result::err));
        errors.extend(trial.bench.try_delete(&created).await.err());
        for error in errors {
            assert_eq!(error.request_id.as_deref(), Some("r-4711"), "{name}: {error:?}");
            assert_eq!(error.status, Some(400), "{name}: {error:?}");
        }
    }
}

/// Whatever a vendor echoes, no credential of the settings stands in what is said of it.
#[tokio::test]
async fn no_credential_is_told() {
    for trial in Trial::all() {
        let name = trial.spec.type_name;
        let schema = trial.provider.schema();
        let settings = trial.bench.settings();
        let secrets: Vec<_> = settings
            .iter()
            .filter(|(name, _)| schema.attribute(name).is_some_and(|attribute| attribute.sensitive))
            .filter_map(|(_, value)| value.as_str().map(str::to_owned))
            .collect();
        assert!(!secrets.is_empty(), "{name}");
        trial.bench.echo();
        let planned = trial.planned(1);
        let cx = trial.bench.context();
        let told = match trial.bench.resource.prepare(&cx, &planned).await {
            Err(error) => format!("{error:?} {error}"),
            Ok(intent) => {
                let made = trial.bench.resource.create(&cx, &planned, &intent).await;
                format!("{made:?}")
            }
        };
        for secret in secrets {
            assert!(!told.contains(&secret), "{name}: {told}");
        }
    }
}
