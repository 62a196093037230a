//! What is checked while planning, without a network.

use super::*;

fn object(entries: &[(&'static str, Value)]) -> Value {
    Value::object(entries.iter().cloned())
}

fn problems(from: &str, to: &str) -> Vec<(ProblemKind, String)> {
    let arguments = object(&[("from", Value::string(from)), ("to", Value::string(to))]);
    let now: Timestamp = START.parse().unwrap();
    let problems = Snapshot::validate(&arguments, now);
    problems.into_iter().map(|problem| (problem.kind, problem.message)).collect()
}

#[test]
fn seed_002_only_the_documented_lengths_are_accepted() {
    for (hours, accepted) in
        [(1, true), (2, true), (3, false), (4, true), (6, true), (12, true), (24, true), (48, true)]
    {
        let (day, hour) = (6 + hours / 24, hours % 24);
        let to = format!("2018-10-{day:02}T{hour:02}:00:00");
        assert_eq!(problems("2018-10-06T00:00:00", &to).is_empty(), accepted, "{hours}");
    }
    let (kind, message) = problems("2018-10-06T00:00:00", "2018-10-06T01:30:00").remove(0);
    assert_eq!(kind, ProblemKind::Combination);
    assert!(message.ends_with("not 1 hour and 30 minutes."), "{message}");
}

#[test]
fn the_range_is_compared_as_instants() {
    assert!(problems("2018-10-06 00:00:00", "2018-10-06T03:00:00+02:00").is_empty());
    let attribute = Snapshot::schema();
    let attribute = attribute.attribute("from").unwrap();
    let same = |one: &str, other: &str| attribute.same(&Value::string(one), &Value::string(other));
    assert!(same("2018-10-06 00:00:00", "2018-10-06T02:00:00+02:00"));
    assert!(!same("2018-10-06 00:00:00", "2018-10-06T00:00:01Z"));
}

#[test]
fn backwards_future_and_old_ranges_are_told() {
    assert!(problems("2018-10-06T01:00:00", "2018-10-06T00:00:00")[0].1.contains("later than"));
    assert!(problems("2018-10-19T03:00:00", "2018-10-19T04:00:00")[0].1.contains("future"));
    assert_eq!(problems("2018-07-06T00:00:00", "2018-07-06T01:00:00")[0].0, ProblemKind::Advice);
}

#[test]
fn the_end_is_told_once() {
    let now: Timestamp = START.parse().unwrap();
    let from = ("from", Value::string("2018-10-06T00:00:00"));
    let to = ("to", Value::string("2018-10-06T01:00:00"));
    let hours = ("duration_hours", Value::from(2));
    let count = |entries: &[(&'static str, Value)]| Snapshot::validate(&object(entries), now).len();
    assert_eq!(count(std::slice::from_ref(&from)), 1);
    assert_eq!(count(&[from.clone(), to.clone(), hours.clone()]), 1);
    assert_eq!(count(&[from.clone(), to]), 0);
    assert_eq!(count(&[from.clone(), hours.clone()]), 0);
    let unknown = Value::unknown(crate::value::Type::String);
    assert_eq!(count(&[from, ("to", unknown.clone())]), 0);
    assert_eq!(count(&[("from", unknown), hours]), 0);
}

#[test]
fn single_arguments_have_their_rules() {
    let schema = Snapshot::schema();
    let count = |name: &'static str, value: Value| {
        let problems = schema.check_rules(&object(&[(name, value)]));
        problems.iter().filter(|problem| problem.kind == ProblemKind::Rule).count()
    };
    for (id, expected) in [("19955", 0), ("", 1), ("x", 1), ("-1", 1), ("9223372036854775808", 1)] {
        assert_eq!(count("test_id", Value::string(id)), expected, "{id}");
    }
    assert_eq!(count("display_name", Value::string(" ")), 1);
    assert_eq!(count("from", Value::string("yesterday")), 1);
    assert_eq!(count("from", Value::string("2018-10-06T00:00:00.5Z")), 1);
    assert_eq!(count("duration_hours", Value::from(3)), 1);
    let sensitive: Vec<_> =
        schema.attributes.iter().filter(|attribute| attribute.sensitive).collect();
    assert_eq!(
        sensitive.iter().map(|attribute| attribute.name).collect::<Vec<_>>(),
        ["link_id", "view_url"]
    );
}
