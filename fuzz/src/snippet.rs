//! Highlights: in bounds, in order, on the boundaries of characters, the same counted in bytes and characters, and the text
//! of a passage is that of the article.

use dateline::article::Article;
use dateline::query::Query;
use dateline::search::{Hit, SearchRequest};
use dateline::{Cancel, Index};

use crate::sample::indexer;
use crate::{NOW, text};

pub fn check(bytes: &[u8]) {
    let mut parts = bytes.splitn(3, |byte| *byte == 0xFF).map(text);
    let query = parts.next().unwrap_or_default();
    let title = parts.next().unwrap_or_default();
    let body = parts.next().unwrap_or_default();
    if title.is_empty() && body.is_empty() {
        return;
    }
    let asked = query.parse::<Query>().unwrap_or_else(|_| Query::any_of_words(&query));
    let index = Index::in_memory();
    let article = Article { id: "a".to_owned(), title, body, path: "a.txt".to_owned(), ..Article::default() };
    indexer(&index).run_articles([article.clone()], &Cancel::new(), &mut |_| ()).unwrap();
    let searcher = index.searcher().unwrap();
    for (chars, passages) in [(240, 3), (20, 10), (1, 1), (0, 1)] {
        let request = SearchRequest { snippet_chars: chars, ..SearchRequest::new(asked.clone()) };
        let Ok(found) = searcher.search(&request.passages(passages).articles(true).now(NOW)) else {
            continue;
        };
        for hit in &found.hits {
            hit_holds(hit);
            let stored = &hit.article.as_ref().expect("it was asked for").article;
            assert_eq!(stored, &article, "stored as it was given");
            body_holds(hit, &stored.body);
            assert!(hit.snippets.len() <= passages);
        }
    }
}

/// What can be told without the body.
pub fn hit_holds(hit: &Hit) {
    ranges_hold(&hit.title, &hit.title_highlights);
    for snippet in &hit.snippets {
        ranges_hold(&snippet.text, &snippet.highlights);
        assert!(!snippet.text.contains(['\n', '\r', '\t']), "{snippet:?}");
        chars_hold(&snippet.text, &snippet.highlights, &snippet.highlights_chars);
    }
}

fn body_holds(hit: &Hit, body: &str) {
    ranges_hold(body, &hit.matches);
    chars_hold(body, &hit.matches, &hit.matches_chars);
    let mut end = 0;
    for snippet in &hit.snippets {
        assert!(snippet.start_byte >= end, "passages lie one behind the other");
        end = snippet.start_byte + snippet.text.len();
        let own = body[snippet.start_byte..end].replace(['\n', '\r', '\t'], " ");
        assert_eq!(snippet.text, own);
        assert_eq!(snippet.start_char, body[..snippet.start_byte].chars().count());
    }
}

fn ranges_hold(text: &str, ranges: &[[usize; 2]]) {
    let mut last = 0;
    for [from, to] in ranges {
        assert!(last <= *from && from < to && *to <= text.len(), "{ranges:?} in {} bytes", text.len());
        assert!(text.is_char_boundary(*from) && text.is_char_boundary(*to), "{ranges:?} cut a character");
        last = *to;
    }
}

fn chars_hold(text: &str, bytes: &[[usize; 2]], chars: &[[usize; 2]]) {
    let counted: Vec<[usize; 2]> =
        bytes.iter().map(|range| range.map(|at| text[..at].chars().count())).collect();
    assert_eq!(counted, chars);
}
