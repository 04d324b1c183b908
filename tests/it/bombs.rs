//! Packed files and archives that mean harm or broke off: each costs itself alone, in bounded time and memory.

use std::io::Write;
use std::time::{Duration, Instant};

use dateline::Cancel;
use dateline::source::{Found, Limits, read_stream};

use crate::packs::{pack, read, tar, zip};
use crate::support::{command, write};

/// As long as anything here may take in a test build on a busy machine; on an idle one it is seconds.
const SOON: Duration = Duration::from_mins(5);

#[test]
fn bombs_of_every_kind_are_stopped() {
    let zeros = vec![b'x'; 96 << 20];
    let started = Instant::now();
    for ending in ["gz", "zst", "bz2", "xz"] {
        let name = format!("bomb.jsonl.{ending}");
        let (records, skipped, found) = read(&name, &pack(&name, &zeros));
        assert_eq!((records.len(), &*skipped[0].class, skipped.len()), (0, "too-large", 1), "{name}");
        assert!(found.bytes_unpacked < 40 << 20 && !found.is_complete, "{name}: {found:?}");
        // The same as members: what came before is kept, and nothing is read behind the bomb.
        let bomb = pack(ending, &zeros);
        let member = format!("b.txt.{ending}");
        for archive in [
            tar(&[("a.txt", b"Before it"), (&member, &bomb), ("c.txt", b"After it")]),
            zip(&[("a.txt", b"Before it"), (&member, &bomb), ("c.txt", b"After it")]),
        ] {
            let (records, skipped, found) = read("bomb.arc", &archive);
            assert_eq!((records.len(), skipped.len()), (1, 1), "{skipped:?}");
            assert!(skipped[0].reason.contains("200 times its size, in b.txt"), "{skipped:?}");
            assert!(found.bytes_unpacked < 40 << 20);
        }
    }
    let (records, skipped, found) = read("bomb.zip", &zip(&[("a.txt", b"Before it"), ("b.jsonl", &zeros)]));
    assert_eq!((records.len(), skipped.len()), (1, 1));
    assert!(found.bytes_unpacked < 40 << 20);
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
}

#[test]
fn bombs_in_bombs_count_together() {
    // Each member is within what it may give, all of them and their layers together are not.
    let inner = pack("gz", &vec![b'x'; 9 << 20]);
    let names: Vec<String> = (0..40).map(|number| format!("{number}.txt.gz")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &*inner)).collect();
    let nested = zip(&[("nested.tar.bz2", &pack("bz2", &tar(&members)))]);
    let (records, skipped, found) = read("nested.zip", &nested);
    assert!(records.len() < 10 && !skipped.is_empty());
    assert_eq!(skipped.last().unwrap().class, "too-large");
    assert!(found.bytes_unpacked < 64 << 20, "{found:?}");
}

#[test]
fn members_that_overlap_are_read_once() {
    // The list at the end names one member a thousand times.
    let mut bomb = zip(&[("a.txt", b"Only once")]);
    let list = bomb.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let end = bomb.windows(4).position(|four| four == b"PK\x05\x06").unwrap();
    let entry = bomb[list..end].to_vec();
    let mut tail = bomb.split_off(end);
    for _ in 1..1000 {
        bomb.extend_from_slice(&entry);
    }
    tail[8..10].copy_from_slice(&1000_u16.to_le_bytes());
    tail[10..12].copy_from_slice(&1000_u16.to_le_bytes());
    tail[12..16].copy_from_slice(&(entry.len() as u32 * 1000).to_le_bytes());
    bomb.extend_from_slice(&tail);
    let (records, skipped, _) = read("a.zip", &bomb);
    assert_eq!((records.len(), skipped.len()), (1, 0));
}

#[test]
fn headers_that_lie_cost_what_they_lie_about() {
    let sound = zip(&[("a.txt", b"The first member of it"), ("b.txt", b"The second member of it")]);
    // At 14 the checksum, at 18 the packed size, at 22 the size.
    for (at, value, records_expected, class) in [
        (22, u32::MAX - 1, 2, None),
        (22, 0, 2, None),
        (18, u32::MAX - 1, 1, Some("broken-off")),
        (18, 5, 1, Some("broken-off")),
        (14, 7, 2, Some("damaged")),
    ] {
        let mut lying = sound.clone();
        lying[at..at + 4].copy_from_slice(&u32::to_le_bytes(value));
        let (records, skipped, _) = read("a.zip", &lying);
        assert!(records.len() <= records_expected, "{at} {value}: {records:?}");
        assert_eq!(skipped.first().map(|one| &*one.class), class, "{at} {value}: {skipped:?}");
    }
    let mut lying = tar(&[("a.txt", b"The first member"), ("b.txt", b"The second")]);
    // Eight gigabytes, with a checksum that is right.
    lying[124..136].copy_from_slice(b"77777777777\0");
    let sum: u32 = lying[..512]
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
        .sum();
    lying[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let (records, skipped, read) = read("a.tar", &lying);
    assert_eq!((records.len(), skipped.len(), read.is_complete), (1, 1, false));
    assert_eq!(skipped[0].reason, "it could not be read to its end: it breaks off in a.txt");
}

#[test]
fn a_long_name_of_tar_is_not_held() {
    let mut out = tar::Builder::new(Vec::new());
    let name = vec![b'n'; 4 << 20];
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(name.len() as u64);
    header.set_path("././@LongLink").unwrap();
    header.set_cksum();
    out.append(&header, &*name).unwrap();
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    header.set_path("a.txt").unwrap();
    header.set_cksum();
    out.append(&header, &b"x"[..]).unwrap();
    let (records, skipped, _) = read("a.tar", &out.into_inner().unwrap());
    assert_eq!((records.len(), skipped.len()), (0, 1));
    assert!(skipped[0].reason.contains("the headers of a member have more than"), "{skipped:?}");
}

#[test]
fn what_breaks_off_gives_what_it_holds() {
    let texts: Vec<String> = (0..12)
        .map(|number| format!("Headline number {number}\n\nText of it, {}.\n", "more ".repeat(30 + number)))
        .collect();
    let names: Vec<String> = (0..12).map(|number| format!("folder/{number:02}.txt")).collect();
    let members: Vec<(&str, &[u8])> =
        names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let (zipped, tarred) = (zip(&members), tar(&members));
    let list = zipped.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    for (name, whole, end) in [
        ("a.zip", zipped.clone(), list),
        ("a.tar", tarred.clone(), tarred.len() - 1024),
        ("a.tar.gz", pack("gz", &tarred), usize::MAX),
        ("a.tar.xz", pack("xz", &tarred), usize::MAX),
    ] {
        let all = read(name, &whole).0;
        assert_eq!(all.len(), 12);
        for cut in (1..whole.len()).step_by(whole.len() / 60) {
            let (records, skipped, found) = read(name, &whole[..cut]);
            if cut < 512.min(end) {
                continue;
            }
            assert!(
                all.starts_with(&records[..records.len().saturating_sub(1)]),
                "{name} {cut}: {records:?}"
            );
            if cut < end {
                assert_eq!(skipped.len(), 1, "{name} {cut}: {skipped:?}");
                assert!(!found.is_complete, "{name} {cut}");
                assert!(skipped[0].at == name && skipped[0].reason.len() < 120, "{name} {cut}: {skipped:?}");
            } else {
                assert_eq!(records.len(), 12, "{name} {cut}: nothing but the list was lost");
            }
        }
    }
}

#[test]
fn a_damaged_member_costs_itself_alone() {
    let good = pack("gz", b"{\"title\":\"Good\",\"body\":\"b\"}\n");
    let bad = &good[..good.len() - 12];
    for archive in [
        tar(&[("a.jsonl.gz", bad), ("b.jsonl.gz", &good)]),
        zip(&[("a.jsonl.gz", bad), ("b.jsonl.gz", &good)]),
    ] {
        let (records, skipped, found) = read("a.arc", &archive);
        assert!(records.last().unwrap().starts_with("a.arc/b.jsonl.gz"), "{records:?}");
        assert_eq!((&*skipped[0].at, skipped.len(), found.is_complete), ("a.arc/a.jsonl.gz", 1, true));
    }
}

/// Any change of a byte gives records, or reasons, and ends.
#[test]
fn changed_bytes_do_no_harm() {
    let text =
        b"A headline of it\n\nA text that is long enough to be packed at all, and then some more of it.\n";
    let sound = tar(&[("a.txt", text), ("b.txt.gz", &pack("gz", text))]);
    let archives = [
        zip(&[("a.txt", text), ("b.txt.bz2", &pack("bz2", text))]),
        sound.clone(),
        pack("xz", &sound),
        pack("bz2", &sound),
        pack("zst", &sound),
        pack("gz", &sound),
    ];
    for (number, whole) in archives.iter().enumerate() {
        for at in (0..whole.len().min(1600)).step_by(3) {
            let mut changed = whole.clone();
            changed[at] ^= 0x55 ^ (at as u8 & 0x0f);
            let outcome =
                read_stream("s", None, &*changed, &Limits::default(), &Cancel::new(), &mut |_: Found| Ok(()));
            assert!(outcome.is_ok(), "archive {number}, byte {at}");
        }
    }
}

#[test]
fn a_hundred_thousand_members_take_bounded_time_and_memory() {
    const COUNT: usize = 100_000;
    let folder = tempfile::tempdir().unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut zipped = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    {
        let mut tarred = tar::Builder::new(&mut packed);
        for number in 0..COUNT {
            let name = format!("{}/{number}.txt", number % 100);
            let text = format!("Headline {number}\n\nText of it.");
            let mut header = tar::Header::new_ustar();
            header.set_size(text.len() as u64);
            tarred.append_data(&mut header, &name, text.as_bytes()).unwrap();
            zipped.start_file(&*name, options).unwrap();
            zipped.write_all(text.as_bytes()).unwrap();
        }
        tarred.finish().unwrap();
    }
    write(folder.path(), "a.tar.gz", packed.finish().unwrap());
    write(folder.path(), "a.zip", zipped.finish().unwrap().into_inner());
    for name in ["a.tar.gz", "a.zip"] {
        let started = Instant::now();
        let shell = format!("ulimit -v 400000; exec \"$0\" inspect --json {name} | wc -l");
        let mut run = std::process::Command::new("sh");
        let program = command(folder.path(), &[]);
        let output =
            run.arg("-c").arg(shell).arg(program.get_program()).current_dir(folder.path()).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), COUNT.to_string(), "{name}: {output:?}");
        assert!(started.elapsed() < SOON, "{name}: {:?}", started.elapsed());
    }
}
