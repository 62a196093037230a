//! Conversions, unification, equality and sets, in tables.

mod laws;

use proptest::prelude::*;

use super::{Marks, Number, Type, Value, convert, equals, read_json, unify, write_json};

fn ty(text: &str) -> Type {
    serde_json::from_str(text).unwrap()
}

#[test]
fn conversions() {
    for (from, to, expected) in [
        ("1", r#""string""#, Ok(r#""1""#)),
        (r#""1.50""#, r#""number""#, Ok("1.5")),
        (r#""1""#, r#""bool""#, Ok("true")),
        (r#""yes""#, r#""bool""#, Err("a bool is needed")),
        ("true", r#""number""#, Err("a number is needed, but this is a bool")),
        (r#"[1,"a",true]"#, r#"["list","string"]"#, Ok(r#"["1","a","true"]"#)),
        (r#"["b","a","b"]"#, r#"["set","string"]"#, Ok(r#"["a","b"]"#)),
        ("[1,{}]", r#"["list","dynamic"]"#, Err("no type in common")),
        (r#"{"b":1,"a":"x"}"#, r#"["map","string"]"#, Ok(r#"{"a":"x","b":"1"}"#)),
        (r#"{"a":{"b":[true]}}"#, r#"["map",["map",["list","number"]]]"#, Err("a.b[0]: ")),
        (r#"{"a":1,"z":2}"#, r#"["object",{"a":"string"}]"#, Ok(r#"{"a":"1"}"#)),
        (r#"{"z":2}"#, r#"["object",{"a":"string"}]"#, Err("`a` is missing")),
        (r#"{"z":2}"#, r#"["object",{"a":"string"},["a"]]"#, Ok(r#"{"a":null}"#)),
        ("[1]", r#"["tuple",["string","string"]]"#, Err("2 elements are needed")),
        ("null", r#"["list","string"]"#, Ok("null")),
    ] {
        let to = ty(to);
        match (convert(&read_json(from).unwrap(), &to), expected) {
            (Ok(value), Ok(expected)) => {
                assert_eq!(write_json(&value).unwrap(), expected, "{from}");
                assert_eq!(convert(&value, &value.ty()).unwrap(), value, "{from}");
            }
            (Err(error), Err(part)) => assert!(error.describe().contains(part), "{from}: {error}"),
            (found, _) => panic!("{from}: {found:?}"),
        }
    }
}

#[test]
fn unknown_and_marked_values_convert() {
    let unknown = Value::unknown_not_null(Type::String).sensitive();
    let number = convert(&unknown, &Type::Number).unwrap();
    assert_eq!(number.ty(), Type::Number);
    assert!(number.is_never_null() && number.is_sensitive());
    assert!(convert(&Value::unknown(Type::Bool), &Type::Number).is_err());
    let list = Value::tuple(vec![Value::from(1).sensitive(), Value::unknown(Type::Number)]);
    let list = convert(&list, &Type::list(Type::String)).unwrap();
    assert!(!list.is_sensitive() && list.elements().unwrap()[0].is_sensitive());
    let set = convert(&list, &Type::set(Type::String)).unwrap();
    assert!(set.is_sensitive() && set.marks() == &Marks::sensitive());
}

#[test]
fn unification() {
    for (types, expected) in [
        (vec![r#""number""#, r#""string""#], Some(r#""string""#)),
        (vec![r#""number""#, r#""bool""#], None),
        (vec![r#"["tuple",["number"]]"#, r#"["list","string"]"#], Some(r#"["list","string"]"#)),
        (
            vec![r#"["tuple",["number","number"]]"#, r#"["tuple",["string"]]"#],
            Some(r#"["list","string"]"#),
        ),
        (vec![r#"["object",{"a":"number"}]"#, r#"["object",{"b":"bool"}]"#], None),
        (
            vec![r#"["object",{"a":"number"}]"#, r#"["object",{"b":"string"}]"#],
            Some(r#"["map","string"]"#),
        ),
        (vec![r#"["object",{}]"#, r#"["tuple",[]]"#], None),
    ] {
        let types: Vec<_> = types.into_iter().map(ty).collect();
        let found = unify(&types).map(|ty| serde_json::to_string(&ty).unwrap());
        assert_eq!(found.as_deref(), expected, "{types:?}");
    }
}

#[test]
fn equality() {
    let unknown = || Value::unknown_not_null(Type::String);
    for (left, right, expected) in [
        (Value::from(1), Value::from("1"), Some(false)),
        (Value::tuple(vec![1.into()]), Value::list(Type::Number, vec![1.into()]), Some(false)),
        (Value::NULL, Value::null(Type::Number), Some(true)),
        (Value::NULL, unknown(), Some(false)),
        (unknown(), unknown(), None),
        (
            Value::tuple(vec![unknown(), 1.into()]),
            Value::tuple(vec![unknown(), 2.into()]),
            Some(false),
        ),
    ] {
        assert_eq!(equals(&left, &right).as_bool(), expected, "{left:?} {right:?}");
    }
    assert!(equals(&Value::from(1).sensitive(), &Value::from(1)).is_sensitive());
}

proptest! {
    #[test]
    fn doubles_print_as_they_read(double in proptest::num::f64::NORMAL) {
        let number = Number::from_f64(double).unwrap();
        prop_assert_eq!(number.to_f64().to_bits(), double.to_bits());
        prop_assert_eq!(number.to_string().parse::<Number>().unwrap(), number);
    }

    #[test]
    fn integers_agree_with_wider_ones(left: i64, right: i64) {
        let (a, b) = (Number::from(left), Number::from(right));
        let (left, right) = (i128::from(left), i128::from(right));
        prop_assert_eq!(a.add(&b).unwrap().to_string(), (left + right).to_string());
        prop_assert_eq!(a.subtract(&b).unwrap().to_string(), (left - right).to_string());
        prop_assert_eq!(a.multiply(&b).unwrap().to_string(), (left * right).to_string());
        if right != 0 {
            prop_assert_eq!(a.remainder(&b).unwrap().to_string(), (left % right).to_string());
        }
        prop_assert_eq!(a.cmp(&b), left.cmp(&right));
    }

    #[test]
    fn json_comes_back(text in "[ -~é日🎉]{0,12}", number: i64, truth: bool) {
        let value = Value::object([
            (text.as_str(), Value::tuple(vec![number.into(), truth.into(), Value::NULL])),
            ("b", Value::string(&text)),
        ]);
        prop_assert_eq!(read_json(&write_json(&value).unwrap()).unwrap(), value);
    }
}
