//! Requests and cursors from outside: an answer within their limits, or an error of the caller.

use dateline::ErrorKind;
use dateline::search::{Cursor, SearchRequest};

use crate::query_string::SEARCHER;
use crate::{NOW, text, within};

pub fn check(bytes: &[u8]) {
    let text = text(bytes);
    if let Ok(cursor) = text.parse::<Cursor>() {
        assert_eq!(cursor.to_string(), text, "a cursor has one form");
    }
    let plain = SearchRequest::new("amazon OR layoffs OR steel".parse().unwrap()).now(NOW);
    let mut merged = serde_json::to_value(&plain).unwrap();
    if let (Ok(serde_json::Value::Object(given)), Some(merged)) =
        (serde_json::from_str(&text), merged.as_object_mut())
    {
        merged.extend(given);
    }
    let Ok(request) = serde_json::from_value::<SearchRequest>(merged) else { return };
    std::sync::LazyLock::force(&SEARCHER);
    let answer = within(0.2, "a search", || SEARCHER.search(&request));
    match answer {
        Ok(found) => {
            assert!(found.hits.len() <= request.limit.min(1000));
            assert!(
                request.offset + request.limit <= 10_000 || request.limit == 0 || request.after.is_some()
            );
            for hit in &found.hits {
                crate::snippet::hit_holds(hit);
                assert!(hit.snippets.len() <= request.passages);
                let most = request.snippet_chars;
                assert!(
                    hit.snippets.iter().all(|snippet| snippet.text.chars().count() <= most.max(1) + 1),
                    "{hit:?}"
                );
            }
            for values in found.facets.values() {
                assert!(values.len() <= 1001);
            }
            // Its own cursor leads on, and gives nothing twice.
            if let Some(next) = found.next {
                let further = SearchRequest { after: Some(next), offset: 0, ..request };
                let further = SEARCHER.search(&further).unwrap();
                assert!(further.hits.iter().all(|hit| found.hits.iter().all(|before| before.id != hit.id)));
            }
        }
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::Query | ErrorKind::Argument), "{request:?}: {error:?}");
        }
    }
}
