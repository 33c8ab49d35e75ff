//! The OpenAPI document: committed, complete, and of use to those who build against it.

use std::collections::BTreeSet;

use serde_json::Value;

pub(crate) fn document() -> Value {
    serde_json::from_str(&tanba_server::openapi_json()).unwrap()
}

/// Every operation of the document: method, path template, and what is said of it.
pub(crate) fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, op)| (method.to_uppercase(), path.clone(), op.clone()))
    });
    operations.collect()
}

#[test]
fn the_committed_document_is_what_the_service_serves() {
    let committed = include_str!("../../openapi.json");
    assert!(committed == tanba_server::openapi_json(), "openapi.json is old: run `cargo xtask openapi`, read the diff");
}

#[test]
fn every_operation_says_what_it_does_what_it_takes_and_how_it_ends() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let at = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{at}: its id is taken");
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{at}");
        assert!(operation["security"].is_array(), "{at} does not say who may call it");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{at}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{at} cannot succeed");
        assert!(responses.contains_key("500") && responses.contains_key("503"), "{at} cannot fail");
        for name in path.split('/').filter_map(|part| part.strip_prefix('{')).map(|part| part.trim_end_matches('}')) {
            let parameters = operation["parameters"].as_array().unwrap();
            assert!(parameters.iter().any(|p| p["name"] == name && p["in"] == "path"), "{at}: {name}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut stack = vec![&document];
    let mut followed = 0;
    while let Some(value) = stack.pop() {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    let pointer = reference.strip_prefix('#').expect("references stay in the document");
                    assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
                    followed += 1;
                }
                stack.extend(members.values());
            }
            Value::Array(items) => stack.extend(items),
            _ => {}
        }
    }
    assert!(followed > 100);
}

#[test]
fn no_parameter_of_a_path_or_query_takes_a_personal_identifier() {
    let ids = [
        "account",
        "breach",
        "candidate",
        "contamination",
        "delivery",
        "document",
        "encounter",
        "hit",
        "key",
        "order",
        "passkey",
        "plan",
        "proposal",
        "reconciliation",
        "refusal",
        "request",
        "review",
        "revision",
        "sanction",
        "service",
        "specimen",
        "watch",
    ];
    for (method, path, operation) in operations(&document()) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            // Estonia's protocol has the number there, and no other path does.
            if path == "/api/data-tracker/v2/findUsage" {
                let protocol = ["X-Road-UserId", "userCode", "periodStart", "periodEnd", "offset", "limit"];
                assert!(protocol.contains(&name), "{path}: {name}");
                continue;
            }
            match parameter["in"].as_str().unwrap() {
                "path" if ids.contains(&name) => assert_eq!(parameter["schema"]["format"], "uuid", "{method} {path}"),
                "path" => assert!(matches!(name, "finger" | "seq"), "{method} {path}: {name}"),
                "query" => assert_eq!(parameter["schema"]["minimum"], 0, "{method} {path}: {name} is a number"),
                _ => assert_eq!(name, "X-Second-Officer"),
            }
        }
    }
}

#[test]
fn control_c8_every_list_of_people_or_specimens_found_says_how_many_it_holds_at_most() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut capped = 0;
    for (name, schema) in schemas {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let item = property["items"]["$ref"].as_str().unwrap_or_default().rsplit('/').next().unwrap();
            if ["FoundEncounter", "Hit"].contains(&item) {
                let most = property["maxItems"].as_u64();
                assert!(most.is_some_and(|most| most <= 100), "{name}.{field} has no end: {property}");
                capped += 1;
            }
        }
    }
    assert_eq!(capped, 3, "the answers of an identification and of two genomic searches");
}
