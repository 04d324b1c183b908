//! Grades a ranking against judgments, with the definitions of `trec_eval` 9 so that the figures can be compared.
//!
//! An article without a judgment counts as not relevant; one is relevant from a grade of 1 on, and the grade is its gain
//! in nDCG. Equal scores are ordered by id, the greater one first, whatever order the run has. A judged topic that finds
//! nothing counts as 0 in every mean (`trec_eval -c`), and so does one without a relevant article. All figures are
//! between 0 and 1.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// A question whose answers were judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Unique name, as in the judgments.
    pub id: String,
    /// The text of the question.
    pub text: String,
}

/// Judged articles by topic, each with its grade.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgments(BTreeMap<String, HashMap<String, i64>>);

/// What a search gave for a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Id of the topic.
    pub topic: String,
    /// Ids of articles with their scores.
    pub articles: Vec<(String, f32)>,
}

/// The measures of one topic, or their means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RankingScore {
    /// Discounted cumulative gain of the first ten, as a part of the best possible one (Järvelin and Kekäläinen, 2002; gain is
    /// the grade, the discount log₂(rank + 1)). `trec_eval`'s `ndcg_cut_10`.
    pub ndcg_10: f64,
    /// Mean of the precisions at the ranks of the relevant articles; over topics, MAP. `trec_eval`'s `map`.
    pub average_precision: f64,
    /// 1 / rank of the first relevant article; over topics, MRR. `trec_eval`'s `recip_rank`.
    pub reciprocal_rank: f64,
    /// Part of the relevant articles among the first hundred. `trec_eval`'s `recall_100`.
    pub recall_100: f64,
}

/// One topic graded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopicScore {
    /// Its id.
    pub id: String,
    /// Articles that were found.
    pub found: usize,
    /// Relevant articles in the judgments.
    pub relevant: usize,
    /// Relevant articles that were found.
    pub relevant_found: usize,
    /// The measures.
    #[serde(flatten)]
    pub score: RankingScore,
}

/// A run graded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankingReport {
    /// Means over the judged topics.
    pub mean: RankingScore,
    /// Judged topics in the order of the run.
    pub topics: Vec<TopicScore>,
    /// Topics without a judgment, which are not graded.
    pub unjudged: Vec<String>,
    /// Topics of the judgments that were not asked, which are not graded.
    pub unasked: Vec<String>,
}

/// Reads topics: `id<TAB>text`, one a line. `name` is the file's name for errors.
pub fn read_topics(text: &str, name: &str) -> Result<Vec<Topic>> {
    let mut topics: Vec<Topic> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let refuse = |reason: &str| {
            Error::new(ErrorKind::Argument, format!("{name}:{}: {reason}", number + 1))
                .with_hint("write a query a line: its id, a tab, its text")
        };
        let (id, text) = line.split_once('\t').ok_or_else(|| refuse("there is no tab"))?;
        let (id, text) = (id.trim(), text.trim());
        if id.is_empty() || text.is_empty() {
            return Err(refuse("the id or the text is missing"));
        }
        if !known.insert(id) {
            return Err(refuse(&format!("the id {id} stands twice")));
        }
        topics.push(Topic { id: id.to_owned(), text: text.to_owned() });
    }
    Ok(topics)
}

/// Reads judgments in TREC's form: topic, an ignored column, article, grade. `name` is the file's name for errors.
pub fn read_judgments(text: &str, name: &str) -> Result<Judgments> {
    let mut judgments = Judgments::default();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let refuse = |reason: &str| {
            Error::new(ErrorKind::Argument, format!("{name}:{}: {reason}", number + 1))
                .with_hint("write a judgment a line: topic, 0, id of the article, grade")
        };
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [topic, _, article, grade] = columns[..] else {
            return Err(refuse(&format!("there are {} columns and not 4", columns.len())));
        };
        let grade = grade.parse().map_err(|_| refuse(&format!("the grade {grade} is no whole number")))?;
        judgments.0.entry(topic.to_owned()).or_default().insert(article.to_owned(), grade);
    }
    Ok(judgments)
}

/// Grades what a search gave.
pub fn grade_ranking(run: &[Ranked], judgments: &Judgments) -> RankingReport {
    let mut report = RankingReport {
        mean: RankingScore::default(),
        topics: Vec::new(),
        unjudged: Vec::new(),
        unasked: judgments
            .0
            .keys()
            .filter(|topic| run.iter().all(|ranked| ranked.topic != **topic))
            .cloned()
            .collect(),
    };
    for ranked in run {
        match judgments.0.get(&ranked.topic) {
            Some(grades) => report.topics.push(grade_topic(ranked, grades)),
            None => report.unjudged.push(ranked.topic.clone()),
        }
    }
    let count = report.topics.len().max(1) as f64;
    let mean = |of: fn(&RankingScore) -> f64| {
        report.topics.iter().map(|topic| of(&topic.score)).sum::<f64>() / count
    };
    report.mean = RankingScore {
        ndcg_10: mean(|score| score.ndcg_10),
        average_precision: mean(|score| score.average_precision),
        reciprocal_rank: mean(|score| score.reciprocal_rank),
        recall_100: mean(|score| score.recall_100),
    };
    report
}

fn grade_topic(ranked: &Ranked, grades: &HashMap<String, i64>) -> TopicScore {
    let mut articles: Vec<&(String, f32)> = ranked.articles.iter().collect();
    articles.sort_by(|left, right| right.1.total_cmp(&left.1).then_with(|| right.0.cmp(&left.0)));
    let relevant = grades.values().filter(|grade| **grade > 0).count();
    let discounted = |rank: usize, grade: i64| grade.max(0) as f64 / (rank as f64 + 1.0).log2();

    let mut best: Vec<i64> = grades.values().copied().collect();
    best.sort_unstable_by(|left, right| right.cmp(left));
    let ideal: f64 = best.iter().take(10).zip(1..).map(|(grade, rank)| discounted(rank, *grade)).sum();

    let mut score = RankingScore::default();
    let mut relevant_found = 0;
    for ((id, _), rank) in articles.iter().zip(1..) {
        let grade = grades.get(id).copied().unwrap_or(0);
        if grade <= 0 {
            continue;
        }
        relevant_found += 1;
        score.average_precision += f64::from(relevant_found) / rank as f64;
        if relevant_found == 1 {
            score.reciprocal_rank = 1.0 / rank as f64;
        }
        if rank <= 10 {
            score.ndcg_10 += discounted(rank, grade);
        }
        if rank <= 100 {
            score.recall_100 += 1.0;
        }
    }
    if relevant > 0 {
        score.average_precision /= relevant as f64;
        score.recall_100 /= relevant as f64;
        score.ndcg_10 /= ideal;
    }
    TopicScore {
        id: ranked.topic.clone(),
        found: articles.len(),
        relevant,
        relevant_found: relevant_found as usize,
        score,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JUDGMENTS: &str =
        "1 0 a 2\n1 0 b 1\n1 0 c 0\n1 0 d 3\n1 0 gone 1\n2 0 a 1\n3 0 a 0\n4 0 b 1\n5 0 x 1\n";

    /// nDCG@10, average precision, reciprocal rank and recall@100 of the topics 1 to 4.
    const TREC_EVAL: [[f64; 4]; 4] = [
        [0.609_816_636, 0.441_666_667, 0.5, 0.75],
        [0.5, 0.333_333_333, 0.333_333_333, 1.0],
        [0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0],
    ];

    fn ranked(topic: &str, articles: &[(&str, f32)]) -> Ranked {
        let articles = articles.iter().map(|(id, score)| ((*id).to_owned(), *score)).collect();
        Ranked { topic: topic.to_owned(), articles }
    }

    /// The figures are `trec_eval`'s for the same run, by way of `pytrec_eval` 0.5.
    #[test]
    fn the_figures_are_those_of_trec_eval() {
        let run = [
            // Equal scores: d, then b; the order in the run does not count.
            ranked("1", &[("c", 9.0), ("b", 5.0), ("d", 5.0), ("unjudged", 4.0), ("a", 3.0)]),
            ranked("2", &[("b", 2.0), ("c", 2.0), ("a", 2.0)]),
            ranked("3", &[("a", 1.0)]),
            ranked("4", &[]),
            ranked("nobody judged", &[("a", 1.0)]),
        ];
        let judgments = read_judgments(JUDGMENTS, "qrels").unwrap();
        let report = grade_ranking(&run, &judgments);
        let figures: Vec<[f64; 4]> = report
            .topics
            .iter()
            .map(|topic| topic.score)
            .map(|it| [it.ndcg_10, it.average_precision, it.reciprocal_rank, it.recall_100])
            .collect();
        for (figures, expected) in figures.iter().zip(TREC_EVAL) {
            for (figure, expected) in figures.iter().zip(expected) {
                assert!((figure - expected).abs() < 1e-6, "{figures:?} is not {expected:?}");
            }
        }
        assert_eq!(report.unjudged, ["nobody judged"]);
        assert_eq!(report.unasked, ["5"]);
        let mean = TREC_EVAL.iter().map(|topic| topic[1]).sum::<f64>() / 4.0;
        assert!((report.mean.average_precision - mean).abs() < 1e-6);
        let counts: Vec<_> =
            report.topics.iter().map(|topic| (topic.found, topic.relevant, topic.relevant_found)).collect();
        assert_eq!(counts, [(5, 4, 3), (3, 1, 1), (1, 0, 0), (0, 1, 0)]);
    }

    #[test]
    fn deep_ranks_count_as_far_as_they_should() {
        let ids: Vec<String> = (0..150).map(|number| format!("{number:03}")).collect();
        let articles =
            ids.iter().zip(0_u8..).map(|(id, rank)| (id.clone(), 200.0 - f32::from(rank))).collect();
        let run = [Ranked { topic: "1".to_owned(), articles }];
        let judgments = read_judgments("1 0 099 1\n1 0 100 1\n1 0 010 1", "qrels").unwrap();
        let score = grade_ranking(&run, &judgments).mean;
        assert!((score.recall_100 - 2.0 / 3.0).abs() < 1e-12);
        assert!(score.ndcg_10.abs() < 1e-12, "rank 11 is behind the tenth");
        let precision = (1.0 / 11.0 + 2.0 / 100.0 + 3.0 / 101.0) / 3.0;
        assert!((score.average_precision - precision).abs() < 1e-12);
        assert!((score.reciprocal_rank - 1.0 / 11.0).abs() < 1e-12);
    }

    #[test]
    fn what_can_not_be_read_is_refused_with_its_place() {
        for (text, reason) in [
            ("1 what", "topics:1: there is no tab"),
            ("1\ta\n\n1\tb", "topics:3: the id 1 stands twice"),
            ("1\t ", "topics:1: the id or the text is missing"),
        ] {
            assert_eq!(read_topics(text, "topics").unwrap_err().message(), reason);
        }
        for (text, reason) in [
            ("1 0 a", "qrels:1: there are 3 columns and not 4"),
            ("1 0 a 1\n1 0 b yes", "qrels:2: the grade yes is no whole number"),
        ] {
            assert_eq!(read_judgments(text, "qrels").unwrap_err().message(), reason);
        }
    }
}
