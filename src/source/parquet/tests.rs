//! Files that the library's own writer makes, whole and broken.

use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use crate::Cancel;
use crate::source::{FieldMap, Found, Limits, read_bytes, read_file, walk};

fn text(name: &str) -> Type {
    Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
        .with_repetition(Repetition::REQUIRED)
        .with_converted_type(ConvertedType::UTF8)
        .build()
        .unwrap()
}

/// A table of titles and dates, in groups of `size` rows.
fn file(groups: usize, size: usize, compression: Compression) -> Vec<u8> {
    let logical = LogicalType::timestamp(true, TimeUnit::NANOS);
    let date = Type::primitive_type_builder("published", Physical::INT64)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(logical))
        .build()
        .unwrap();
    let fields = vec![Arc::new(text("Headline")), Arc::new(text("other")), Arc::new(date)];
    let schema = Type::group_type_builder("schema").with_fields(fields).build().unwrap();
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties)).unwrap();
    for group in 0..groups {
        let mut rows = writer.next_row_group().unwrap();
        let titles: Vec<ByteArray> =
            (0..size).map(|row| ByteArray::from(format!("Merger {}", group * size + row).as_str())).collect();
        for _ in 0..2 {
            let mut column = rows.next_column().unwrap().unwrap();
            column.typed::<ByteArrayType>().write_batch(&titles, None, None).unwrap();
            column.close().unwrap();
        }
        let mut column = rows.next_column().unwrap().unwrap();
        let dates = vec![1_705_388_400_000_000_000; size];
        column.typed::<Int64Type>().write_batch(&dates, None, None).unwrap();
        column.close().unwrap();
        rows.close().unwrap();
    }
    writer.close().unwrap();
    bytes
}

fn read(bytes: &[u8], limits: &Limits) -> Vec<String> {
    let mut found = Vec::new();
    read_bytes("x", bytes, limits, &mut |item| {
        found.push(match item {
            Found::Record(record) => {
                format!("{} {}", record.origin.line.unwrap(), String::from_utf8(record.bytes).unwrap())
            }
            Found::Skipped(skipped) | Found::Warned(skipped) => {
                format!("! {} {}", skipped.class, skipped.reason)
            }
        });
        Ok(())
    })
    .unwrap();
    found
}

#[test]
fn rows_become_records_with_every_codec() {
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(parquet::basic::GzipLevel::default()),
        Compression::ZSTD(parquet::basic::ZstdLevel::default()),
        Compression::LZ4_RAW,
    ] {
        let bytes = file(2, 2, codec);
        let row = |number: usize| {
            format!("{} {{\"title\":\"Merger {}\",\"date\":\"2024-01-16T07:00:00Z\"}}", number + 1, number)
        };
        assert_eq!(read(&bytes, &Limits::default()), (0..4).map(row).collect::<Vec<_>>());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        std::fs::write(&path, &bytes).unwrap();
        let walked = walk(&[folder.path().to_owned()]).unwrap();
        let mut rows = 0;
        let mut count = |_| {
            rows += 1;
            Ok(())
        };
        let file = read_file(&walked.files[0], &Limits::default(), &Cancel::new(), &mut count).unwrap();
        assert_eq!((rows, file.records, file.is_complete), (4, 4, true));
        assert_eq!((file.bytes_read, file.hash), (bytes.len() as u64, xxhash_rust::xxh3::xxh3_64(&bytes)));
    }
    let mut columns = FieldMap::default();
    columns.add("body=other").unwrap();
    let mapped = read(&file(1, 1, Compression::SNAPPY), &Limits { columns, ..Limits::default() });
    assert_eq!(
        mapped,
        ["1 {\"title\":\"Merger 0\",\"other\":\"Merger 0\",\"date\":\"2024-01-16T07:00:00Z\"}"]
    );
}

#[test]
fn broken_files_are_said_once_and_never_end_the_run() {
    let whole = file(3, 50, Compression::SNAPPY);
    for length in [4, 7, 11, 12, whole.len() / 2, whole.len() - 1] {
        let found = read(&whole[..length], &Limits::default());
        assert!(found.len() == 1 && found[0].starts_with("! not-parquet"), "{length}: {found:?}");
    }
    // Every byte of the footer and some of the pages, changed.
    for at in (4..whole.len()).step_by(3) {
        for change in [0x01, 0x80, 0xFF] {
            let mut bytes = whole.clone();
            bytes[at] ^= change;
            let found = read(&bytes, &Limits::default());
            assert!(found.len() <= 151, "{at}: {}", found.len());
        }
    }
    let mut deep = b"PAR1".to_vec();
    let mut footer = vec![0x15, 2, 0x19, 0xFC, 0xA0, 0x8D, 0x06];
    for _ in 0..100_000 {
        // A group that is required, named `a`, with one child.
        footer.extend([0x35, 0, 0x18, 1, b'a', 0x15, 2, 0]);
    }
    deep.extend(&footer);
    deep.extend((footer.len() as u32).to_le_bytes());
    deep.extend(b"PAR1");
    let found = read(&deep, &Limits::default());
    assert!(found.len() == 1 && found[0].contains("too deep"), "{found:?}");
}
