//! Documents made for the test; real ones are read in `tests/it`.

use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, Stream, dictionary};

use super::decode;
use crate::decode::Refusal;

/// A document of one page with content, and a title in its information.
fn document(content: Vec<u8>, title: Option<&str>) -> Document {
    let mut document = Document::with_version("1.5");
    let pages = document.new_object_id();
    let font =
        document.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier" });
    let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let content = document.add_object(Stream::new(dictionary! {}, content));
    let page =
        document.add_object(dictionary! { "Type" => "Page", "Parent" => pages, "Contents" => content });
    let tree = dictionary! {
        "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1, "Resources" => resources,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    };
    document.objects.insert(pages, Object::Dictionary(tree));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    if let Some(title) = title {
        let info = document.add_object(dictionary! { "Title" => Object::string_literal(title) });
        document.trailer.set("Info", info);
    }
    document
}

/// Lines as size and text, from the top; an empty one is a gap.
fn lines(lines: &[(i64, &str)]) -> Vec<u8> {
    let mut operations =
        vec![Operation::new("BT", vec![]), Operation::new("Td", vec![50.into(), 800.into()])];
    for (size, text) in lines {
        operations.push(Operation::new("Tf", vec!["F1".into(), (*size).into()]));
        operations.push(Operation::new("Tj", vec![Object::string_literal(*text)]));
        operations.push(Operation::new("Td", vec![0.into(), (-14).into()]));
    }
    operations.push(Operation::new("ET", vec![]));
    Content { operations }.encode().unwrap()
}

fn bytes(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn refused(bytes: &[u8]) -> Refusal {
    decode(bytes).err().unwrap()
}

#[test]
fn the_title_is_stated_or_largest() {
    let text = lines(&[
        (18, "Ford pauses work on a"),
        (18, "battery plant"),
        (10, "By Jane Doe"),
        (10, ""),
        (10, "Ford Motor said on Monday that it would pause con-"),
        (10, "struction of a plant in Michigan."),
        (10, ""),
        (10, "It gave no date."),
    ]);
    let body = "Ford Motor said on Monday that it would pause construction of a plant in Michigan.\n\nIt gave no date.";
    for (stated, title) in [
        (None, "Ford pauses work on a battery plant"),
        (Some("Microsoft Word - ford.docx"), "Ford pauses work on a battery plant"),
        (Some("Plant on hold"), "Plant on hold"),
    ] {
        let draft = decode(&bytes(document(text.clone(), stated))).unwrap();
        assert_eq!((draft.article.title.as_str(), draft.article.body.as_str()), (title, body));
        assert_eq!(draft.article.authors, ["Jane Doe"]);
        assert_eq!(draft.date, None);
    }
}

#[test]
fn what_holds_no_text_is_said() {
    assert_eq!(refused(b"%PDF-1.4\nbroken").class, "not-pdf");
    assert_eq!(refused(&bytes(document(b"0 0 100 100 re f".to_vec(), None))).class, "no-text");
}

#[test]
fn hostile_documents_are_bounded() {
    // A stream of 24 MiB in a few kilobytes.
    let mut bomb = document(vec![b' '; 24 << 20], None);
    bomb.compress();
    let bomb = bytes(bomb);
    assert!(bomb.len() < 1 << 20);
    // A page that draws itself as a form.
    let mut cycle = document(b"/X Do /X Do /X Do".to_vec(), None);
    let form = cycle.new_object_id();
    let resources = dictionary! { "XObject" => dictionary! { "X" => form } };
    let stream = Stream::new(
        dictionary! { "Subtype" => "Form", "Resources" => resources.clone() },
        b"/X Do ".repeat(200),
    );
    cycle.objects.insert(form, Object::Stream(stream));
    for object in cycle.objects.values_mut() {
        if let Ok(page) = object.as_dict_mut()
            && page.get(b"Contents").is_ok()
        {
            page.set("Resources", resources.clone());
        }
    }
    let operators = document(b"1 0 0 1 0 0 cm q ".repeat(20_000), None);
    for bytes in [
        bomb,
        bytes(cycle),
        bytes(operators),
        b"%PDF-1.7\n".repeat(20_000),
        [b"%PDF-1.7\n1 0 obj ", &b"[".repeat(1_000_000)[..]].concat(),
    ] {
        let start = std::time::Instant::now();
        assert!(decode(&bytes).is_err());
        assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    }
}
