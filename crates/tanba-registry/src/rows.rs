//! Reading columns into the types they stand for. What doesn't parse was not written by this program.

use std::str::FromStr;

use jiff::civil::Date;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::error::{RegistryError, Result};
use crate::time::Instant;

/// An id from its text column.
pub(crate) fn parse_id<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| RegistryError::Damaged { what: "id" })
}

/// An id column.
pub(crate) fn id<T: FromStr>(row: &SqliteRow, column: &str) -> Result<T> {
    parse_id(&row.try_get::<String, _>(column)?)
}

/// An id column that may be NULL.
pub(crate) fn id_opt<T: FromStr>(row: &SqliteRow, column: &str) -> Result<Option<T>> {
    row.try_get::<Option<String>, _>(column)?.map(|t| parse_id(&t)).transpose()
}

/// An instant column.
pub(crate) fn instant(row: &SqliteRow, column: &str) -> Result<Instant> {
    Ok(Instant::from_micros(row.try_get(column)?))
}

/// An instant column that may be NULL.
pub(crate) fn instant_opt(row: &SqliteRow, column: &str) -> Result<Option<Instant>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Instant::from_micros))
}

/// A day column that may be NULL.
pub(crate) fn date_opt(row: &SqliteRow, column: &str) -> Result<Option<Date>> {
    let day: Option<String> = row.try_get(column)?;
    day.map(|day| day.parse().map_err(|_| RegistryError::Damaged { what: "day" })).transpose()
}

/// A count or code column.
pub(crate) fn number<T: TryFrom<i64>>(row: &SqliteRow, column: &str) -> Result<T> {
    T::try_from(row.try_get::<i64, _>(column)?).map_err(|_| RegistryError::Damaged { what: "number" })
}
