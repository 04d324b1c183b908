//! Fits the weights of a topic to judged articles.
//!
//! `cargo test --lib topic::fit -- --ignored --nocapture < GOLD` prints the weights of acquisition and earnings that
//! suit a gold file best, to be taken over into `phrases.txt` by hand; at least ten articles must know a phrase. The
//! test of the public sets writes such a file, `reuters-topics.jsonl`, where `DATELINE_KEEP_GOLD` names a folder.
//!
//! A topic's points less those that it needs, through a logistic curve, are taken as its likelihood; the weights climb
//! along the gradient of the log-likelihood. A missed article counts half as much again as a wrong one, since F1 is
//! what is looked at, and each weight is drawn to the one in the table, the more so the fewer articles know its phrase.
//! No weight changes its sign. Whether that helps is told by the other half: fitted on the even articles, graded on the
//! odd ones, and the other way round.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Topics, Zone, needed, vocabulary};
use crate::tag::lexicon::Lexicon;
use crate::tag::resolve::BODY;
use crate::tag::view::View;

/// What a missing article counts against an extra one.
const MISSED: f64 = 1.5;
/// How strongly a weight is drawn to the one in the table.
const PULL: f64 = 0.006;
/// Points over which the likelihood goes from a half to three quarters, roughly.
const SLOPE: f64 = 6.0;
/// Rounds over the articles.
const ROUNDS: usize = 40;
/// Largest weight.
const LARGEST: f64 = 17.0;

struct Judged {
    /// Phrases with what a weight of one counts for each.
    phrases: BTreeMap<usize, f64>,
    needed: f64,
    is_right: bool,
}

fn judged(topics: &Topics, lexicon: &Lexicon, topic: usize, gold: &str) -> Vec<Judged> {
    let name = topics.table.topics[topic];
    gold.lines()
        .map(|line| {
            let passage: Value = serde_json::from_str(line).unwrap();
            let text = |field: &str| passage[field].as_str().unwrap_or_default();
            let views = [View::read(text("title"), lexicon), View::read(text("text"), lexicon)];
            let mut phrases = BTreeMap::new();
            let mut is_announced = false;
            for hit in topics.hits(&views) {
                let phrase = &topics.table.phrases[hit.phrase];
                if phrase.topic == topic {
                    *phrases.entry(hit.phrase).or_default() += f64::from(hit.zone.factor()) / 10.0;
                    is_announced |= hit.zone != Zone::Rest && phrase.weight > 0;
                }
            }
            Judged {
                phrases,
                needed: f64::from(needed(is_announced, views[BODY].words.len())) / 10.0,
                is_right: passage["topics"]
                    .as_array()
                    .is_some_and(|judged| judged.iter().any(|it| it == name)),
            }
        })
        .collect()
}

fn points(article: &Judged, weights: &[f64]) -> f64 {
    article.phrases.iter().map(|(&phrase, count)| weights[phrase] * count).sum()
}

fn fitted(articles: &[&Judged], topics: &Topics) -> Vec<f64> {
    let start: Vec<f64> = topics.table.phrases.iter().map(|phrase| f64::from(phrase.weight)).collect();
    let mut weights = start.clone();
    let mut squares = vec![1e-3_f64; weights.len()];
    for _ in 0..ROUNDS {
        for article in articles {
            let over = (points(article, &weights) - article.needed) / SLOPE;
            let likelihood = 1.0 / (1.0 + (-over.clamp(-30.0, 30.0)).exp());
            let error = if article.is_right { (likelihood - 1.0) * MISSED } else { likelihood };
            for (&phrase, count) in &article.phrases {
                if topics.table.phrases[phrase].by_hand {
                    continue;
                }
                let slope = error * count / SLOPE + PULL * (weights[phrase] - start[phrase]);
                squares[phrase] += slope * slope;
                weights[phrase] -= 0.5 * slope / squares[phrase].sqrt();
                weights[phrase] = if start[phrase] > 0.0 {
                    weights[phrase].clamp(0.0, LARGEST)
                } else {
                    weights[phrase].clamp(-LARGEST, 0.0)
                };
            }
        }
    }
    weights.iter().map(|weight| weight.round()).collect()
}

/// F1 of the articles that reach what they need.
fn score(articles: &[&Judged], weights: &[f64]) -> f64 {
    let (mut right, mut wrong) = (0_u32, 0_u32);
    for article in articles {
        match (article.is_right, points(article, weights) >= article.needed) {
            (true, true) => right += 1,
            (true, false) | (false, true) => wrong += 1,
            (false, false) => {}
        }
    }
    f64::from(2 * right) / f64::from(2 * right + wrong)
}

#[test]
#[ignore = "a tool for work on the table"]
fn weights_that_suit_a_gold_file() {
    let gold = std::io::read_to_string(std::io::stdin()).unwrap();
    let lexicon = Lexicon::new(vocabulary());
    let topics = Topics::new(&lexicon);
    let table: Vec<f64> = topics.table.phrases.iter().map(|phrase| f64::from(phrase.weight)).collect();
    for name in ["acquisition", "earnings"] {
        let topic = topics.table.topics.iter().position(|topic| *topic == name).unwrap();
        let articles = judged(&topics, &lexicon, topic, &gold);
        let all: Vec<&Judged> = articles.iter().collect();
        let half = |odd: usize| all.iter().copied().skip(odd).step_by(2).collect::<Vec<_>>();
        for (learned, graded) in [(0, 1), (1, 0)] {
            let before = score(&half(graded), &table);
            let after = score(&half(graded), &fitted(&half(learned), &topics));
            println!("{name}: F1 of the table {before:.3}, fitted on the other half {after:.3}");
            assert!(after >= 0.84, "{name}: the phrases do not tell it apart");
        }
        let weights = fitted(&all, &topics);
        println!("{name}: fitted on both {:.3}", score(&all, &weights));
        for (number, phrase) in topics.table.phrases.iter().enumerate() {
            let count = articles.iter().filter(|article| article.phrases.contains_key(&number)).count();
            if phrase.topic == topic && count >= 10 && (weights[number] - table[number]).abs() >= 1.0 {
                println!("{:>4} -> {:<4} {count:>5}  {}", phrase.weight, weights[number], phrase.text);
            }
        }
    }
}
