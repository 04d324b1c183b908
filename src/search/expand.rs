//! Pseudo-relevance feedback: further words for a query, taken from the articles that it finds first, and scores that agree
//! between articles that say the same.
//!
//! The words are those of a relevance model (Lavrenko and Croft, "Relevance-Based Language Models", SIGIR 2001) mixed
//! with the query's own as in RM3 (Abdul-Jaleel et al., TREC 2004). The second step is Diaz's regularisation of scores
//! ("Regularizing Ad Hoc Retrieval Scores", CIKM 2005) over the nearest neighbours among the first articles: an article
//! beside others that score well is likelier to be relevant than one that stands alone.

use std::collections::HashMap;

use super::rank::rounded;
use crate::article::Article;
use crate::index::analyzer::stem_term;
use crate::index::document::TitleInBody;
use crate::text::function_words::is_function_word;
use crate::text::stem::Stemmer;
use crate::text::token::Words;

/// Articles that the words are taken from.
pub(super) const FEEDBACK_ARTICLES: usize = 10;

/// Words that are added.
const FEEDBACK_TERMS: usize = 30;

/// Part of the added words in the whole query.
const FEEDBACK_SHARE: f32 = 0.4;

/// How much more the better articles say: their scores are raised to it.
const SHARPNESS: i32 = 4;

/// Articles whose scores are made to agree.
pub(super) const SMOOTHED_ARTICLES: usize = 100;

/// Of fewer articles each would be a neighbour of all others, and the order would be lost.
pub(super) const FEWEST_SMOOTHED: usize = 2 * NEIGHBOURS;

/// Neighbours that an article is compared with.
const NEIGHBOURS: usize = 10;

/// Part of the neighbours in a score.
const NEIGHBOUR_SHARE: f32 = 0.5;

/// A word has two letters at most: what is added has more.
const SHORTEST: usize = 3;

/// Gives each content word of an article as the term of its stem and as it is written, once for each place.
pub(super) fn each_content_word(article: &Article, mut take: impl FnMut(String, &str)) {
    let lang = article.lang.as_deref();
    let stemmer = Stemmer::of(lang);
    let mut read = |text: &str| {
        let mut words = Words::new(text);
        while let Some(word) = words.next() {
            // Of characters the pairs are words, but for endings and particles in Hiragana.
            let form = if word.is_cjk { word.signed } else { word.plain };
            if form.len() < SHORTEST || is_function_word(lang, form) {
                continue;
            }
            take(stem_term(&stemmer, form, &word), &text[word.unit]);
        }
    };
    if TitleInBody::of(article).is_none() {
        read(&article.title);
    }
    read(&article.body);
}

/// How often each content word of an article occurs, by the term of its stem.
pub(super) fn content_terms(article: &Article) -> HashMap<String, u32> {
    let mut counts = HashMap::new();
    each_content_word(article, |term, _| *counts.entry(term).or_insert(0) += 1);
    counts
}

/// The words of a relevance model with their weights beside those of the query, which are 1 for each of its `words`. Each
/// article comes with its score. `is_too_frequent` tells words that half of the articles have.
pub(super) fn feedback(
    articles: &[(HashMap<String, u32>, f32)],
    words: f32,
    mut is_too_frequent: impl FnMut(&str) -> tantivy::Result<bool>,
) -> tantivy::Result<Vec<(String, f32)>> {
    let best = articles.iter().map(|(_, score)| *score).fold(0.0, f32::max);
    let weight = |score: f32| (score / best).powi(SHARPNESS);
    let total: f32 = articles.iter().map(|(_, score)| weight(*score)).sum();
    let mut model: HashMap<&str, f32> = HashMap::new();
    for (terms, score) in articles {
        let length: u32 = terms.values().sum();
        for (term, count) in terms {
            let share = *count as f32 / length as f32;
            *model.entry(term).or_default() += weight(*score) / total * share;
        }
    }
    let mut ranked: Vec<(&str, f32)> = model.into_iter().collect();
    // The term decides between equal ones, so that nothing depends on the order of a map.
    ranked.sort_by(|left, right| right.1.total_cmp(&left.1).then_with(|| left.0.cmp(right.0)));
    let mut chosen = Vec::new();
    for (term, weight) in ranked {
        if chosen.len() == FEEDBACK_TERMS {
            break;
        }
        if !is_too_frequent(term)? {
            chosen.push((term.to_owned(), weight));
        }
    }
    let sum: f32 = chosen.iter().map(|(_, weight)| weight).sum();
    let scale = FEEDBACK_SHARE / (1.0 - FEEDBACK_SHARE) * words / sum;
    for (_, weight) in &mut chosen {
        *weight *= scale;
    }
    Ok(chosen)
}

/// What became of a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Smoothed {
    /// It was mixed with the mean of its neighbours' scores, nearer ones counting more.
    Mixed { own: f32, neighbours: f32 },
    /// It belongs to an article behind those, and was scaled so that it stays there.
    Behind { own: f32, factor: f32 },
}

impl Smoothed {
    pub(super) fn score(self) -> f32 {
        match self {
            Self::Mixed { own, neighbours } => (1.0 - NEIGHBOUR_SHARE) * own + NEIGHBOUR_SHARE * neighbours,
            Self::Behind { own, factor } => own * factor,
        }
    }

    /// Parts that add up to the score, or one factor.
    pub(super) fn parts(self) -> (&'static str, Vec<(&'static str, f32)>) {
        match self {
            Self::Mixed { own, neighbours } => (
                "own score and mean score of the most similar articles, sum of",
                vec![
                    ("half of its own", (1.0 - NEIGHBOUR_SHARE) * own),
                    ("half of the mean of the most similar", NEIGHBOUR_SHARE * neighbours),
                ],
            ),
            Self::Behind { own, factor } => {
                ("scaled to stay behind the smoothed ones, product of", vec![("own", own), ("scale", factor)])
            }
        }
    }
}

/// Smooths the scores of articles, which come best first with their words. `idf` gives how rare a term is, 0 for one that says
/// nothing. The second value is the factor that keeps the scores of further articles below.
pub(super) fn smooth(
    scores: &[f32],
    articles: &[HashMap<String, u32>],
    mut idf: impl FnMut(&str) -> tantivy::Result<f32>,
) -> tantivy::Result<(Vec<Smoothed>, f32)> {
    let similar = similarities(articles, &mut idf)?;
    let mut smoothed = Vec::with_capacity(scores.len());
    for (number, own) in scores.iter().enumerate() {
        let row = &similar[number];
        let mut nearest: Vec<usize> = (0..row.len()).filter(|other| row[*other] > 0.0).collect();
        nearest.sort_by(|left, right| row[*right].total_cmp(&row[*left]).then(left.cmp(right)));
        nearest.truncate(NEIGHBOURS);
        let total: f32 = nearest.iter().map(|other| row[*other]).sum();
        let neighbours = if total > 0.0 {
            nearest.iter().map(|other| row[*other] / total * scores[*other]).sum()
        } else {
            0.0
        };
        smoothed.push(Smoothed::Mixed { own: *own, neighbours });
    }
    let lowest = smoothed.iter().map(|one| rounded(one.score())).fold(f32::INFINITY, f32::min);
    let last = scores.last().copied().unwrap_or(0.0);
    let factor = if last > 0.0 { (lowest / last).min(1.0) } else { 1.0 };
    // The last digits depend on the order of additions; a lower factor keeps what it has to.
    Ok((smoothed, f32::from_bits(factor.to_bits() & !0x3FF)))
}

/// Cosines between articles, of vectors of saturated frequency × idf; 0 of an article with itself.
fn similarities(
    articles: &[HashMap<String, u32>],
    idf: &mut impl FnMut(&str) -> tantivy::Result<f32>,
) -> tantivy::Result<Vec<Vec<f32>>> {
    let lengths: Vec<f32> = articles.iter().map(|terms| terms.values().sum::<u32>() as f32).collect();
    let average = (lengths.iter().sum::<f32>() / articles.len().max(1) as f32).max(1.0);
    let mut postings: std::collections::BTreeMap<&str, Vec<(usize, f32)>> = std::collections::BTreeMap::new();
    for (number, terms) in articles.iter().enumerate() {
        for (term, count) in terms {
            let count = *count as f32;
            let weight = count / (count + 1.5 * (0.3 + 0.7 * lengths[number] / average));
            postings.entry(term).or_default().push((number, weight));
        }
    }
    let mut products = vec![vec![0.0_f32; articles.len()]; articles.len()];
    for (term, list) in &postings {
        let rarity = idf(term)?.powi(2);
        for (left, left_weight) in list {
            for (right, right_weight) in list {
                products[*left][*right] += left_weight * right_weight * rarity;
            }
        }
    }
    let norms: Vec<f32> =
        (0..articles.len()).map(|number| products[number][number].sqrt().max(1e-9)).collect();
    for (left, row) in products.iter_mut().enumerate() {
        for (right, product) in row.iter_mut().enumerate() {
            *product = if left == right { 0.0 } else { *product / (norms[left] * norms[right]) };
        }
    }
    Ok(products)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::analyzer::shown;

    fn terms(text: &str) -> HashMap<String, u32> {
        content_terms(&Article { body: text.to_owned(), ..Article::default() })
    }

    #[test]
    fn the_model_is_the_weighted_share_of_each_word() {
        let articles = [(terms("bank bank crash of the fund"), 2.0), (terms("bank rally"), 1.0)];
        let chosen = feedback(&articles, 3.0, |_| Ok(false)).unwrap();
        // Weights of the articles are 1 and 1/16 of 17/16.
        let expected = [
            ("bank", (16.0 * 0.5 + 0.5) / 17.0),
            ("crash", 16.0 * 0.25 / 17.0),
            ("fund", 16.0 * 0.25 / 17.0),
            ("ralli", 0.5 / 17.0),
        ];
        let scale = 0.4 / 0.6 * 3.0;
        assert_eq!(chosen.len(), expected.len());
        for ((term, weight), (word, share)) in chosen.iter().zip(expected) {
            assert_eq!(shown(term), word);
            assert!((weight - share * scale).abs() < 1e-5, "{word}: {weight} is not {}", share * scale);
        }
        let rare = feedback(&articles, 3.0, |term| Ok(term.ends_with("bank"))).unwrap();
        assert!(rare.iter().all(|(term, _)| !term.ends_with("bank")));
    }

    #[test]
    fn a_score_moves_to_those_of_similar_articles() {
        let articles = [terms("bank crash fund"), terms("bank crash loan"), terms("river boat trip")];
        let (smoothed, factor) = smooth(&[4.0, 2.0, 3.0], &articles, |_| Ok(1.0)).unwrap();
        assert_eq!(smoothed[0], Smoothed::Mixed { own: 4.0, neighbours: 2.0 });
        assert_eq!(smoothed[1], Smoothed::Mixed { own: 2.0, neighbours: 4.0 });
        // Nothing is similar to the third one.
        assert_eq!(smoothed[2], Smoothed::Mixed { own: 3.0, neighbours: 0.0 });
        let behind = Smoothed::Behind { own: 1.0, factor };
        assert!((behind.score() - 0.5).abs() < 1e-3 && behind.score() <= smoothed[2].score());
    }
}
