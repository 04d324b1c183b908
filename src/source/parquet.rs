//! A Parquet file to its rows: each becomes the JSON object that a record of its columns would be.
//!
//! Only the columns that hold a field are read, page by page. What the file says of itself is not trusted: the tree of columns is
//! walked before the library builds it by recursion, and its panics are caught.

mod footer;

use std::fs::File;
use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parquet::basic::{LogicalType, TimeUnit};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;
use serde_json::{Map, Number, Value};

use super::fields::Columns;
use super::sink::Sink;
use super::table::push_member;
use super::{Limits, Transcoded};
use crate::control::Cancel;
use crate::error::Result;
use crate::text::charset::UTF_8;

/// What the file begins and ends with.
pub(super) const MARK: &[u8] = b"PAR1";

/// How deep values may lie in each other.
const DEPTH: usize = 4;

/// Whether a file is one. It is looked at from its beginning afterwards.
pub(super) fn is_one(mut file: &File) -> bool {
    let mut head = [0; MARK.len()];
    let is_one = file.read_exact(&mut head).is_ok() && head == MARK;
    is_one & file.rewind().is_ok()
}

/// Gives every row as a record with its number. What can't be read is said once, behind the rows before it.
pub(super) fn read<R: ChunkReader + 'static>(
    source: R,
    limits: &Limits,
    cancel: &Cancel,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let outcome = catch_unwind(AssertUnwindSafe(|| rows(source, limits, cancel, &mut *sink)));
    match outcome {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => {
            let class = if sink.records == 0 { "not-parquet" } else { "broken-off" };
            sink.skip(None, class, format!("it could not be read to its end: {error}"))
        }
        Err(_) => sink.skip(None, "not-parquet", "it contradicts itself and could not be read to its end"),
    }
}

/// The outer error is that of the file.
fn rows<R: ChunkReader + 'static>(
    source: R,
    limits: &Limits,
    cancel: &Cancel,
    sink: &mut Sink<'_>,
) -> std::result::Result<Result<()>, ParquetError> {
    footer::check(&source)?;
    let reader = SerializedFileReader::new(source)?;
    let schema = reader.metadata().file_metadata().schema();
    let fields = schema.get_fields();
    let names = || fields.iter().map(|field| field.name());
    let Some(columns) = Columns::find(names(), &limits.columns) else {
        return Ok(sink.skip(None, "no-article", Columns::missing(names())));
    };
    let mut used: Vec<usize> = columns.used().collect();
    used.sort_unstable();
    let chosen = used.iter().map(|column| Arc::clone(&fields[*column])).collect();
    let projection = Type::group_type_builder(schema.name()).with_fields(chosen).build()?;
    let mut number = 0_u64;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        for row in group.get_row_iter(Some(projection.clone()))? {
            number += 1;
            if number.is_multiple_of(1024)
                && let Err(cancelled) = cancel.check()
            {
                return Ok(Err(cancelled));
            }
            let cells: Vec<(String, Field)> = row?.into_columns();
            let cell = |column: usize| {
                let place = used.binary_search(&column).ok()?;
                value(&cells.get(place)?.1, Unit::of(&fields[column]), DEPTH)
            };
            let mut bytes = vec![b'{'];
            for (key, value) in columns.of_row(cell) {
                push_member(&mut bytes, key, &value);
            }
            bytes.push(b'}');
            if bytes.len() > limits.max_line {
                let reason = format!("the row is longer than {} bytes", limits.max_line);
                if let Err(error) = sink.skip(Some(number), "too-large", reason) {
                    return Ok(Err(error));
                }
            } else if let Err(error) = sink.row(bytes, number, Transcoded { charset: UTF_8, replaced: 0 }) {
                return Ok(Err(error));
            }
        }
    }
    if number == 0 {
        return Ok(sink.skip(None, "empty", "the table has no rows"));
    }
    Ok(Ok(()))
}

/// What a number of a column counts.
#[derive(Clone, Copy)]
enum Unit {
    Plain,
    Nanoseconds,
}

impl Unit {
    fn of(column: &Type) -> Self {
        match column.get_basic_info().logical_type_ref() {
            Some(LogicalType::Timestamp(time)) if time.unit == TimeUnit::NANOS => Self::Nanoseconds,
            _ => Self::Plain,
        }
    }
}

/// A value as JSON; `None` where it says nothing.
fn value(field: &Field, unit: Unit, depth: usize) -> Option<Value> {
    let time = |nanoseconds: i128| {
        let time = jiff::Timestamp::from_nanosecond(nanoseconds).ok()?;
        Some(Value::String(time.to_string()))
    };
    let text = |text: &str| Some(Value::String(text.to_owned())).filter(|_| !text.trim().is_empty());
    match field {
        Field::Str(content) => text(content),
        Field::Bytes(content) => text(&String::from_utf8_lossy(content.data())),
        Field::Long(number) if matches!(unit, Unit::Nanoseconds) => time(i128::from(*number)),
        Field::TimestampMillis(number) => time(i128::from(*number) * 1_000_000),
        Field::TimestampMicros(number) => time(i128::from(*number) * 1_000),
        Field::Date(days) => {
            let day =
                jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(*days).ok()?).ok()?;
            Some(Value::String(day.to_string()))
        }
        Field::Byte(number) => Some((*number).into()),
        Field::Short(number) => Some((*number).into()),
        Field::Int(number) => Some((*number).into()),
        Field::Long(number) => Some((*number).into()),
        Field::UByte(number) => Some((*number).into()),
        Field::UShort(number) => Some((*number).into()),
        Field::UInt(number) => Some((*number).into()),
        Field::ULong(number) => Some((*number).into()),
        Field::Float(number) => Number::from_f64(f64::from(*number)).map(Value::Number),
        Field::Double(number) => Number::from_f64(*number).map(Value::Number),
        Field::ListInternal(list) if depth > 0 => {
            let items: Vec<Value> =
                list.elements().iter().filter_map(|item| value(item, unit, depth - 1)).collect();
            Some(Value::Array(items)).filter(|items| items.as_array().is_some_and(|items| !items.is_empty()))
        }
        Field::Group(row) if depth > 0 => {
            let members = row.get_column_iter();
            let members: Map<String, Value> = members
                .filter_map(|(name, member)| Some((name.clone(), value(member, unit, depth - 1)?)))
                .collect();
            Some(Value::Object(members))
                .filter(|object| object.as_object().is_some_and(|members| !members.is_empty()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
