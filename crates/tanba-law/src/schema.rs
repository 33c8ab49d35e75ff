//! The published JSON Schema of a pack, made from the types that read it (in tests only).

use crate::rule::{AgeBand, Selector};
use crate::{Field, Ground, Text};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

impl JsonSchema for AgeBand {
    fn schema_name() -> Cow<'static, str> {
        "AgeBand".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Ages in completed years, half-open: \"[12,16)\", \"[16,inf)\".",
            "type": "string",
            "pattern": r"^\[[0-9]+, *([0-9]+|inf)\)$"
        })
    }
}

impl<T: JsonSchema> JsonSchema for Selector<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("AnyOr{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        json_schema!({
            "description": "\"any\", or a list of what is meant.",
            "oneOf": [{ "const": "any" }, { "type": "array", "items": items }]
        })
    }
}

impl<T: JsonSchema> JsonSchema for Field<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("FieldOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (value, unknown) = (generator.subschema_for::<T>(), generator.subschema_for::<Text>());
        let ground = generator.subschema_for::<Ground>();
        json_schema!({
            "description": "A value with where it stands, or `unknown` with the reason; an act that needs an unknown value is denied.",
            "type": "object",
            "properties": { "value": value, "unknown": unknown, "ground": ground },
            "required": ["ground"],
            "additionalProperties": false,
            "oneOf": [{ "required": ["value"] }, { "required": ["unknown"] }]
        })
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_published_schema_is_that_of_the_reader() {
        let ours = serde_json::to_string_pretty(&schemars::schema_for!(crate::content::PackDoc)).unwrap() + "\n";
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/law/pack.schema.json");
        if std::env::var_os("TANBA_UPDATE").is_some() {
            std::fs::write(&path, &ours).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(published, ours, "write the schema anew: TANBA_UPDATE=1 cargo test -p tanba-law schema");
    }
}
