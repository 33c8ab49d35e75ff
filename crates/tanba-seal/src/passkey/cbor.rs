//! Reading the few CBOR maps there are (RFC 8949), bounded in size and depth, without keys that come twice.

use ciborium::Value;

use super::error::PasskeyError;

/// Bytes of an attestation object: certificates of three makers' chains with room to spare.
const MOST_BYTES: usize = 64 << 10;
/// A map, an array in it, and the strings in that, with one to spare.
const DEPTH: usize = 4;

/// The entries of a map, in the order in which they came.
pub(super) type Entries = Vec<(Value, Value)>;

/// The map at the beginning of some bytes, and what follows it.
pub(super) fn leading_map<'a>(bytes: &'a [u8], what: &'static str) -> Result<(Entries, &'a [u8]), PasskeyError> {
    if bytes.len() > MOST_BYTES {
        return Err(PasskeyError::Unreadable(what));
    }
    let mut rest = bytes;
    let read = ciborium::de::from_reader_with_recursion_limit::<Value, _>(&mut rest, DEPTH);
    let Ok(Value::Map(map)) = read else { return Err(PasskeyError::Unreadable(what)) };
    let twice = map.iter().enumerate().any(|(i, (key, _))| map[..i].iter().any(|(earlier, _)| earlier == key));
    if twice { Err(PasskeyError::Unreadable(what)) } else { Ok((map, rest)) }
}

/// The map that some bytes are.
pub(super) fn whole_map(bytes: &[u8], what: &'static str) -> Result<Entries, PasskeyError> {
    match leading_map(bytes, what)? {
        (map, []) => Ok(map),
        _ => Err(PasskeyError::Unreadable(what)),
    }
}

/// Takes the value of a text key out of a map.
pub(super) fn take(map: &mut Entries, key: &str) -> Option<Value> {
    let at = map.iter().position(|(k, _)| k.as_text() == Some(key))?;
    Some(map.swap_remove(at).1)
}

/// The value of a whole-number key.
pub(super) fn numbered(map: &[(Value, Value)], key: i64) -> Option<&Value> {
    map.iter().find(|(k, _)| whole(k) == Some(i128::from(key))).map(|(_, value)| value)
}

/// A value that is a whole number.
pub(super) fn whole(value: &Value) -> Option<i128> {
    value.as_integer().map(i128::from)
}
