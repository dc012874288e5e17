//! The body of a create request goes out byte for byte; here it is made sure that everybody reads the same in it. What
//! one reader takes and the next refuses would be found out when the session is there, and its URL lost.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Bodies of create requests have three levels. Readers in other languages stop at 64.
const DEPTH_LIMIT: usize = 32;

/// Reads a body, and checks it.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<RawValue>, D::Error> {
    let body = Box::<RawValue>::deserialize(deserializer)?;
    check(body.get()).map_err(D::Error::custom)?;
    Ok(body)
}

/// Accepts an object whose texts are Unicode, whose numbers can be told, whose members stand once and that is nested as
/// deep as people nest.
pub(crate) fn check(body: &str) -> Result<(), String> {
    let mut reader = serde_json::Deserializer::from_str(body);
    let read = match body.trim_start().starts_with('{') {
        true => Unambiguous { depth: 0 }.deserialize(&mut reader).and_then(|()| reader.end()),
        false => Err(serde_json::Error::custom("it is no object")),
    };
    read.map_err(|error| format!("the body cannot be sent: {error}"))
}

/// Ids by name, each once.
pub(crate) fn unique<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    struct Ids;
    impl<'de> Visitor<'de> for Ids {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of ids")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut ids = BTreeMap::new();
            while let Some((name, id)) = map.next_entry::<String, String>()? {
                if ids.contains_key(&name) {
                    return Err(A::Error::custom(stands_twice(&name)));
                }
                ids.insert(name, id);
            }
            Ok(ids)
        }
    }
    deserializer.deserialize_map(Ids)
}

fn stands_twice(name: &str) -> String {
    format!("the member '{}' stands twice", name.escape_debug())
}

/// Reads any value, and keeps nothing of it.
struct Unambiguous {
    depth: usize,
}

impl Unambiguous {
    fn inner<E: Error>(&self) -> Result<Unambiguous, E> {
        if self.depth == DEPTH_LIMIT {
            return Err(E::custom(format!("it is nested deeper than {DEPTH_LIMIT} levels")));
        }
        Ok(Unambiguous { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Unambiguous {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(self.inner()?)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value_seed(self.inner()?)?;
            if let Some(twice) = names.replace(name) {
                return Err(A::Error::custom(stands_twice(&twice)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_reads_alike_is_accepted() {
        let deep = format!("{}{{}}{}", r#"{"a":"#.repeat(DEPTH_LIMIT), "}".repeat(DEPTH_LIMIT));
        for body in [
            "{}",
            " {\"item\": {\"name\": \"\\ud83d\\ude00 \u{1f600}\\u0000\", \"size\": 18446744073709551615, \"x\": [-1.5e300, null]}} ",
            &deep,
        ] {
            assert_eq!(check(body), Ok(()), "{body}");
        }
    }

    #[test]
    fn what_a_reader_might_refuse_is_refused_and_said_why() {
        let deep = format!("{}{{}}{}", r#"{"a":"#.repeat(DEPTH_LIMIT + 1), "}".repeat(DEPTH_LIMIT + 1));
        let deepest = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        for (body, why) in [
            (r#"{"name":"\udcff"}"#, "surrogate"),
            (r#"{"name":"\ud800\u0041"}"#, "surrogate"),
            (r#"{"\udcff":1}"#, "surrogate"),
            (r#"{"a":1e999}"#, "number out of range"),
            (r#"{"item":{"name":"a","name":"b"}}"#, "'name' stands twice"),
            (r#"{"a":1,"\u0061":2}"#, "'a' stands twice"),
            ("[]", "no object"),
            ("null", "no object"),
            ("\"text\"", "no object"),
            (&deep, "nested deeper"),
            (&deepest, "nested deeper"),
            ("{} {}", "trailing"),
            ("{\"a\":\"\n\"}", "control character"),
        ] {
            let told = check(body).unwrap_err();
            assert!(told.contains(why), "{why}: {told}");
        }
    }
}
