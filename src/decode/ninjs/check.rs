//! Whether an item is what its version of ninjs allows.
//!
//! `rules.json` has what the schemas of the IPTC say, version by version, without their texts. A rule is `string`, `number`,
//! `integer` (both with bounds: `integer 1..9`), `object`, `array`, `date` (a date that may lack its day or month), `*` for anything,
//! `=a|b` for one of these texts, `@part` for a part that several versions share, `[rule]` for a list of it, or an object with a rule for
//! each property. In such an object `~body_` stands for all properties that begin so, `!` lists those that must be there, `^` groups
//! of which one has exactly one property, `+` says that others are allowed, `|` lists rules of which one holds, `=` names the rule
//! that holds as well. A version gives what differs from the one that it is `like`; `-` lists what it has no more. As in the schemas,
//! formats of dates and addresses are not looked at.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

/// How deep items lie in items that are looked at.
const MAX_DEPTH: usize = 32;

#[derive(Default, Deserialize)]
struct Rules {
    parts: Map<String, Value>,
    versions: BTreeMap<String, Map<String, Value>>,
}

static RULES: LazyLock<Rules> =
    LazyLock::new(|| serde_json::from_str(include_str!("rules.json")).unwrap_or_default());

static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^-?\d{4,}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01])(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?)?)?$",
    )
    .ok()
});

/// The first thing that an item has against the rules of its version; `None` where it has nothing, or where nothing is known of the
/// version.
pub(super) fn violation(object: &Map<String, Value>) -> Option<String> {
    let version = version(object)?;
    let item = item_rules(&version)?;
    let check = Check { item: &item, version: &version };
    let wrong = check.object(&item, object, "", MAX_DEPTH).err()?;
    Some(format!("by ninjs {version} {wrong}"))
}

/// The version that an item says it follows, else the last one of the family that its keys are of.
fn version(object: &Map<String, Value>) -> Option<String> {
    let standard = object.get("standard").or_else(|| object.get("$standard"));
    let declared = standard.and_then(|standard| standard.get("version")).and_then(Value::as_str);
    if let Some(declared) = declared.filter(|version| RULES.versions.contains_key(*version)) {
        return Some(declared.to_owned());
    }
    let first = match declared {
        Some(declared) => declared.split('.').next().unwrap_or(declared).to_owned(),
        None => family(object).to_owned(),
    };
    RULES.versions.keys().rfind(|known| known.split('.').next() == Some(&*first)).cloned()
}

/// Version 3 writes capitals in its keys, version 2 has lists where version 1 has texts and lists that are called after one thing.
fn family(object: &Map<String, Value>) -> &'static str {
    let has = |family: &str| {
        let known = |key: &&String| {
            let mut versions = RULES.versions.iter().filter(|(version, _)| version.starts_with(family));
            versions.any(|(_, rules)| rules.contains_key(key.as_str()))
        };
        let prefixed = |key: &&String| {
            family == "1" && ["body_", "headline_", "description_"].iter().any(|start| key.starts_with(start))
        };
        object.keys().filter(|key| known(key) || prefixed(key)).count()
    };
    // Equal counts are those of an item that says little; the earliest family is the widest used.
    ["3", "2", "1"].into_iter().max_by_key(|family| has(family)).unwrap_or("1")
}

/// The rules of a version with those of the ones that it is like.
fn item_rules(version: &str) -> Option<Map<String, Value>> {
    let own = RULES.versions.get(version)?;
    let Some(like) = own.get("like").and_then(Value::as_str) else { return Some(own.clone()) };
    let mut rules = item_rules(like)?;
    let gone = own.get("-").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    gone.for_each(|key| drop(rules.remove(key)));
    rules.extend(
        own.iter()
            .filter(|(key, _)| !matches!(&***key, "like" | "-"))
            .map(|(key, rule)| (key.clone(), rule.clone())),
    );
    Some(rules)
}

struct Check<'r> {
    item: &'r Map<String, Value>,
    version: &'r str,
}

impl Check<'_> {
    fn value(&self, rule: &Value, value: &Value, at: &str, depth: usize) -> Result<(), String> {
        if depth == 0 {
            return Err(format!("{at} lies too deep"));
        }
        match rule {
            Value::String(rule) => self.simple(rule, value, at, depth),
            Value::Array(rules) => {
                let Value::Array(items) = value else { return Err(format!("{at} has to be a list")) };
                let Some(rule) = rules.first() else { return Ok(()) };
                items.iter().try_for_each(|item| self.value(rule, item, at, depth - 1))
            }
            Value::Object(rules) => {
                if let Some(Value::Array(any)) = rules.get("|") {
                    let mut wrong = Ok(());
                    for rule in any {
                        wrong = self.value(rule, value, at, depth - 1);
                        if wrong.is_ok() {
                            break;
                        }
                    }
                    return wrong;
                }
                let Value::Object(object) = value else { return Err(format!("{at} has to be an object")) };
                if let Some(base) = rules.get("=") {
                    Self::required(rules, object, at)?;
                    return self.with_name(base, object, at, depth - 1);
                }
                self.object(rules, object, at, depth - 1)
            }
            _ => Ok(()),
        }
    }

    /// An item in an item, which a name tells from its fellows.
    fn with_name(
        &self,
        rule: &Value,
        object: &Map<String, Value>,
        at: &str,
        depth: usize,
    ) -> Result<(), String> {
        let mut object = object.clone();
        object.remove("name");
        self.value(rule, &Value::Object(object), at, depth)
    }

    fn simple(&self, rule: &str, value: &Value, at: &str, depth: usize) -> Result<(), String> {
        if let Some(texts) = rule.strip_prefix('=') {
            let is_one = value.as_str().is_some_and(|text| texts.split('|').any(|known| known == text));
            return if is_one {
                Ok(())
            } else {
                Err(format!("{at} has to be one of {}", texts.replace('|', ", ")))
            };
        }
        if let Some(part) = rule.strip_prefix('@') {
            return match (part, value) {
                ("item", Value::Object(object)) => self.object(self.item, object, at, depth - 1),
                ("item", _) => Err(format!("{at} has to be an item")),
                ("geojson", _) => geojson(value, at),
                _ => RULES.parts.get(part).map_or(Ok(()), |rule| self.value(rule, value, at, depth - 1)),
            };
        }
        let (kind, bounds) = rule.split_once(' ').unwrap_or((rule, ""));
        let number = value.as_f64();
        let is_right = match kind {
            "string" => value.is_string(),
            "number" => number.is_some(),
            "integer" => number.is_some_and(|number| number.fract() == 0.0),
            "object" => value.is_object(),
            "array" => value.is_array(),
            "date" => {
                let Some(text) = value.as_str() else { return Err(format!("{at} has to be a date")) };
                DATE.as_ref().is_none_or(|date| date.is_match(text))
            }
            _ => true,
        };
        let is_within = bounds.split_once("..").is_none_or(|(least, most)| {
            let bound = |text: &str| text.parse::<f64>().unwrap_or_default();
            number.is_some_and(|number| (bound(least)..=bound(most)).contains(&number))
        });
        if is_right && is_within {
            return Ok(());
        }
        let article = if matches!(kind, "integer" | "object" | "array") { "an" } else { "a" };
        let bounds =
            if bounds.is_empty() { String::new() } else { format!(" from {}", bounds.replace("..", " to ")) };
        Err(format!("{at} has to be {article} {kind}{bounds}"))
    }

    fn required(rules: &Map<String, Value>, object: &Map<String, Value>, at: &str) -> Result<(), String> {
        let names = rules.get("!").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for name in names {
            if !object.contains_key(name) {
                return Err(format!("{} is missing", path(at, name)));
            }
        }
        Ok(())
    }

    fn object(
        &self,
        rules: &Map<String, Value>,
        object: &Map<String, Value>,
        at: &str,
        depth: usize,
    ) -> Result<(), String> {
        Self::required(rules, object, at)?;
        if let Some(Value::Array(groups)) = rules.get("^") {
            let one = |group: &Value| {
                let names = group.as_array().into_iter().flatten().filter_map(Value::as_str);
                names.filter(|name| object.contains_key(*name)).count() == 1
            };
            if !groups.iter().any(one) {
                let names: Vec<String> = groups
                    .iter()
                    .map(|group| {
                        let names = group.as_array().into_iter().flatten().filter_map(Value::as_str);
                        names.collect::<Vec<_>>().join(" or ")
                    })
                    .collect();
                return Err(format!(
                    "{} has to have either {}",
                    if at.is_empty() { "it" } else { at },
                    names.join(", or ")
                ));
            }
        }
        for (key, value) in object {
            let at = path(at, key);
            let is_named =
                key.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) || key.starts_with('$');
            let beginning = || {
                let mut rules = rules.iter().filter_map(|(name, rule)| Some((name.strip_prefix('~')?, rule)));
                rules.find_map(|(start, rule)| {
                    let rest = key.strip_prefix(start)?;
                    let goes_on =
                        rest.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
                    goes_on.then_some(rule)
                })
            };
            match rules.get(key).filter(|_| is_named).or_else(beginning) {
                Some(rule) => self.value(rule, value, &at, depth)?,
                // Each version lets an item say what it follows, if not in the same words.
                None if matches!(&**key, "standard" | "$standard") && depth == MAX_DEPTH => {
                    self.simple("@standard", value, &at, depth)?;
                }
                None if rules.contains_key("+") => {}
                None => return Err(format!("there is no {at} in version {}", self.version)),
            }
        }
        Ok(())
    }
}

fn path(at: &str, name: &str) -> String {
    let name: String = name.chars().take(60).collect();
    if at.is_empty() { name } else { format!("{at}.{name}") }
}

/// The kinds of objects in RFC 7946, with what each has to have.
const GEOJSON: [(&str, &str); 9] = [
    ("Point", "coordinates"),
    ("MultiPoint", "coordinates"),
    ("LineString", "coordinates"),
    ("MultiLineString", "coordinates"),
    ("Polygon", "coordinates"),
    ("MultiPolygon", "coordinates"),
    ("GeometryCollection", "geometries"),
    ("Feature", "geometry"),
    ("FeatureCollection", "features"),
];

fn geojson(value: &Value, at: &str) -> Result<(), String> {
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
    let Some((_, part)) = GEOJSON.iter().find(|(known, _)| *known == kind) else {
        return Err(format!("{at} is no GeoJSON"));
    };
    let part = value.get(*part);
    let is_right = match kind {
        "Feature" => part.is_some_and(|part| part.is_null() || geojson(part, at).is_ok()),
        "Point" => part
            .and_then(Value::as_array)
            .is_some_and(|place| place.len() >= 2 && place.iter().all(Value::is_number)),
        _ => part.is_some_and(Value::is_array),
    };
    if is_right { Ok(()) } else { Err(format!("{at} is no GeoJSON of the type {kind}")) }
}

#[cfg(test)]
mod tests {
    use super::violation;
    use serde_json::{Value, json};

    #[test]
    fn the_first_violation_is_named() {
        for (item, expected) in [
            (json!({"uri": "u", "headline": "T", "body_text": "B", "urgency": 3}), None),
            (
                json!({"uri": "u", "headline": "T", "pubstatus": "replaced"}),
                Some("by ninjs 1.6 pubstatus has to be one of usable, withheld, canceled"),
            ),
            (
                json!({"uri": "u", "headline": "T", "body_": "B"}),
                Some("by ninjs 1.6 there is no body_ in version 1.6"),
            ),
            (
                json!({"uri": "u", "$standard": {"name": "ninjs", "version": "1.1"}, "title": "T"}),
                Some("by ninjs 1.1 there is no title in version 1.1"),
            ),
            (
                json!({"uri": "u", "$standard": {"version": "1.1"}, "headline": 5}),
                Some("by ninjs 1.1 headline has to be a string"),
            ),
            (
                json!({"uri": "u", "bodies": [{"value": 1}]}),
                Some("by ninjs 2.2 bodies.value has to be a string"),
            ),
            (json!({"uri": "u", "bodies": "B", "by": "A"}), Some("by ninjs 2.2 bodies has to be a list")),
            (
                json!({"uri": "u", "versionCreated": "2024", "urgency": 0}),
                Some("by ninjs 3.1 urgency has to be an integer from 1 to 9"),
            ),
            (
                json!({"uri": "u", "versionCreated": "2024", "associations": [{"uri": "v"}]}),
                Some("by ninjs 3.1 associations.name is missing"),
            ),
            (
                json!({"uri": "u", "versionCreated": "2024", "places": [{"geoJSON": {"type": "Point"}}]}),
                Some("by ninjs 3.1 places.geoJSON is no GeoJSON of the type Point"),
            ),
            (json!({"headline": "T", "bodies": [], "by": "A"}), Some("by ninjs 2.2 uri is missing")),
        ] {
            let Value::Object(object) = &item else { panic!() };
            assert_eq!(violation(object).as_deref(), expected, "{item}");
        }
    }

    #[test]
    fn deep_items_are_bounded() {
        let mut item = json!({"uri": "u", "headline": "T"});
        for _ in 0..60 {
            item = json!({"uri": "u", "headline": "T", "associations": {"a": item}});
        }
        let Value::Object(object) = &item else { panic!() };
        assert!(violation(object).is_some_and(|reason| reason.contains("too deep")));
    }
}
