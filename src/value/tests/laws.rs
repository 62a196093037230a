//! Laws of conversions, of types in common, of numbers and of JSON.

use proptest::prelude::*;

use super::{Number, Type, Value, convert, read_json, unify, write_json};
use crate::value::{Data, Refinement};

fn types() -> impl Strategy<Value = Type> {
    let leaf =
        prop_oneof![Just(Type::Bool), Just(Type::Number), Just(Type::String), Just(Type::Any)];
    leaf.prop_recursive(2, 8, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Type::tuple),
            proptest::collection::vec(("[ab]", inner), 0..3).prop_map(Type::object),
        ]
    })
}

fn values() -> impl Strategy<Value = Value> {
    const TEXTS: [&str; 7] = ["", "a", "1", "true", "e\u{301}", "é", "1.50"];
    let leaf = prop_oneof![
        Just(Value::NULL),
        Just(Value::null(Type::String)),
        any::<bool>().prop_map(Value::bool),
        any::<i8>().prop_map(|number| Value::from(i64::from(number))),
        Just(Value::number("0.1".parse::<Number>().unwrap())),
        proptest::sample::select(TEXTS.to_vec()).prop_map(Value::from),
        Just(Value::unknown(Type::String)),
        Just(Value::unknown_with(Type::String, Refinement::prefix("1"))),
        Just(Value::unknown_with(Type::list(Type::Number), Refinement::length(1, Some(2)))),
        Just(Value::unknown(Type::Any)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let sequence = proptest::collection::vec(inner.clone(), 0..3);
        let entries = proptest::collection::vec(("[abc]", inner.clone()), 0..3);
        prop_oneof![
            sequence.clone().prop_map(Value::tuple),
            entries.prop_map(Value::object),
            (sequence, types())
                .prop_filter_map("fits", |(items, ty)| { convert(&Value::tuple(items), &ty).ok() }),
            inner.prop_map(Value::sensitive),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1500,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn conversion_is_idempotent_and_keeps_what_is_of_the_type(value in values(), ty in types()) {
        prop_assert_eq!(convert(&value, &value.ty()), Ok(value.clone()), "to its own type");
        let Ok(converted) = convert(&value, &ty) else { return Ok(()) };
        prop_assert_eq!(convert(&converted, &ty), Ok(converted.clone()), "twice to {}", ty);
        prop_assert!(
            value.deep_marks().is_sensitive() == converted.deep_marks().is_sensitive()
                || matches!(ty, Type::Object(_)),
            "a mark was lost or made: {:?} to {}", value, ty
        );
        prop_assert!(!value.is_wholly_known() || converted.is_wholly_known());
        if !ty.has_any() && !matches!(value.data(), Data::Null(Type::Any)) {
            prop_assert_eq!(converted.ty(), ty);
        }
    }

    #[test]
    fn a_type_in_common_takes_both_sides_in_either_order(left in values(), right in values()) {
        let (one, other) = (left.ty(), right.ty());
        let common = unify(&[one.clone(), other.clone()]);
        prop_assert_eq!(&common, &unify(&[other, one.clone()]), "in the other order");
        if !one.has_any() {
            prop_assert_eq!(unify(&[one.clone(), one.clone()]), Some(one.clone()), "with itself");
        }
        let Some(common) = common else { return Ok(()) };
        // What has no type yet may turn out not to fit.
        if common.has_any() || one.has_any() || right.ty().has_any() {
            return Ok(());
        }
        // As to types: a text that is no number is told when it is converted.
        for side in [left.ty(), right.ty()] {
            let converted = convert(&Value::unknown(side.clone()), &common);
            prop_assert!(converted.is_ok(), "{} is no {}: {:?}", side, common, converted);
        }
        prop_assert_eq!(unify(&[common.clone(), one]), Some(common), "once more");
    }

    #[test]
    fn numbers_print_as_they_read(
        whole in "[1-9][0-9]{0,40}",
        fraction in "[0-9]{0,140}[1-9]",
        exponent in -300i32..300,
    ) {
        let number: Number = format!("-{whole}.{fraction}e{exponent}").parse().unwrap();
        let printed = number.to_string();
        prop_assert_eq!(printed.parse::<Number>().unwrap(), number.clone());
        let third = number.divide(&Number::from(3_i64)).unwrap();
        prop_assert_eq!(third.to_string().parse::<Number>().unwrap(), third.clone());
        let json = write_json(&Value::number(third.clone())).unwrap();
        prop_assert_eq!(read_json(&json).unwrap(), Value::number(third));
    }

    #[test]
    fn values_come_back_from_json(value in values()) {
        let value = value.reveal();
        let Ok(json) = write_json(&value) else { return Ok(()) };
        let read = read_json(&json).unwrap();
        prop_assert_eq!(write_json(&read).unwrap(), json.clone());
        let typed = super::super::read_json_as(&json, &value.ty());
        prop_assert_eq!(typed.map(|typed| write_json(&typed).unwrap()), Ok(json));
    }
}
