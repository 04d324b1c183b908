//! Articles in many languages in one index: each is found by its words, inflected, quoted and near to each other, and what
//! matched is marked.

use std::path::PathBuf;

use dateline::Index;
use dateline::search::{FacetField, Hit, SearchRequest};

use crate::support::{ids, index_paths, options, search, write};

/// Name and text of files. What they tell are facts of public reports.
const ARTICLES: [(&str, &str); 11] = [
    (
        "en.txt",
        "Amazon cuts jobs\n\nAmazon said in January 2023 that it would cut more than 18,000 jobs. The layoffs were the \
         largest that the company had announced until then, and most of them hit its stores.",
    ),
    (
        "de.txt",
        "SAP baut Stellen um\n\nDer Softwarekonzern SAP hat im Januar 2024 angekündigt, rund 8000 Stellen umzubauen. Viele \
         Beschäftigte sollen freiwillig gehen; betriebsbedingte Entlassungen will der Konzern nicht ausschließen. Die \
         Häuser in Walldorf bleiben.",
    ),
    (
        "fr.txt",
        "Carrefour supprime des postes\n\nLe groupe a annoncé des suppressions de postes dans ses sièges européens. Les mesures \
         annoncées touchent l'organisation des achats et ne prévoient pas de licenciements secs en France.",
    ),
    (
        "es.txt",
        "Telefónica acuerda las salidas\n\nLa compañía y los sindicatos han acordado en enero de 2024 un expediente que \
         afecta a 3.421 trabajadores de sus filiales en España. Los despidos serán voluntarios en su mayor parte.",
    ),
    (
        "it.txt",
        "Stellantis, intesa sulle uscite\n\nL'azienda e i sindacati hanno firmato un accordo per le uscite volontarie negli \
         stabilimenti italiani. Nessun licenziamento è previsto nel piano dell'impresa per quest'anno.",
    ),
    (
        "pt.txt",
        "Montadora negocia demissões\n\nA empresa negocia com o sindicato as demissões na fábrica de São José dos Campos. A \
         aquisição de novas máquinas foi adiada, segundo a direção.",
    ),
    (
        "nl.txt",
        "Philips schrapt banen\n\nHet concern heeft in januari 2023 gezegd dat het wereldwijd zesduizend banen schrapt. De \
         ontslagen volgen op de overnames van de afgelopen jaren en op problemen met apparaten.",
    ),
    (
        "zh.txt",
        "阿里巴巴公布财报\n\n阿里巴巴集团公布了季度财报。云智能业务收入增长，公司将继续投资人工智能。分析师认为结果好于预期。",
    ),
    (
        "ja.txt",
        "トヨタ自動車が決算を発表\n\nトヨタ自動車は決算を発表し、通期の見通しを引き上げた。半導体の不足は解消に向かう。アマゾンジャパンとは競合しない。",
    ),
    (
        "ko.txt",
        "삼성전자 실적 발표\n\n삼성전자는 분기 실적을 발표했다. 반도체 부문의 영업이익이 크게 늘었다고 회사는 밝혔다.",
    ),
    (
        "pl.txt",
        "Spółka zwalnia pracowników\n\nSpółka poinformowała, że w przyszłym roku zwolni około stu pracowników w zakładzie, \
         ponieważ zamówienia spadły. Związki zawodowe zapowiedziały protest przed siedzibą firmy.",
    ),
];

fn articles() -> Index {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in ARTICLES {
        write(folder.path(), name, text);
    }
    let index = Index::in_memory();
    let (report, _) = index_paths(&index, &[PathBuf::from(folder.path())]);
    assert_eq!(report.docs_total, ARTICLES.len() as u64, "{report:?}");
    index
}

fn found(index: &Index, query: &str) -> String {
    let names: Vec<String> = ids(index, query)
        .into_iter()
        .map(|id| id.rsplit('/').next().unwrap_or_default().trim_end_matches(".txt").to_owned())
        .collect();
    names.join(" ")
}

fn marked(hit: &Hit) -> Vec<&str> {
    let snippets = hit.snippets.iter();
    snippets
        .flat_map(|snippet| snippet.highlights.iter().map(|[from, to]| &snippet.text[*from..*to]))
        .collect()
}

#[test]
fn every_article_is_found_by_its_words() {
    let index = articles();
    for (query, expected) in [
        // Inflected.
        ("layoff", "en"),
        ("Entlassung", "de"),
        ("Haus", "de"),
        ("suppression annoncé", "fr"),
        ("annoncée", "fr"),
        ("licenciement", "fr"),
        ("despido", "es"),
        ("trabajador", "es"),
        ("licenziamenti", "it"),
        ("azienda", "it"),
        ("impresa", "it"),
        ("demissão", "pt"),
        ("aquisições", "pt"),
        ("ontslagen", "nl"),
        ("overname", "nl"),
        // As typed, without accents.
        ("compania", "es"),
        ("aquisicao", "pt"),
        ("europeens", "fr"),
        ("zakladzie", "pl"),
        // Quoted: no inflection.
        ("\"betriebsbedingte Entlassungen\"", "de"),
        ("\"betriebsbedingte Entlassung\"", ""),
        ("\"uscite volontarie\"", "it"),
        ("\"3.421 trabajadores\"", "es"),
        ("=pracowników", "pl"),
        // Near to each other.
        ("Stelle NEAR/3 umbauen", ""),
        ("Stellen NEAR/3 umzubauen", "de"),
        ("suppression PRE/2 poste", "fr"),
        ("sindicato SENT empresa", "pt"),
        // Chinese, Japanese and Korean.
        ("人工智能", "zh"),
        ("\"季度财报\"", "zh"),
        ("财报 投资", "zh"),
        ("集公", ""),
        ("見通し", "ja"),
        ("アマゾン", "ja"),
        ("ｱﾏｿﾞﾝ", "ja"),
        ("自動車 NEAR/6 決算", "ja"),
        ("삼성전자", "ko"),
        ("반도체", "ko"),
        ("영업*", "ko"),
        ("半导体 OR 半導体", "ja"),
        // By language.
        ("lang:de Entlassung", "de"),
        ("lang:fr Entlassung", ""),
        ("lang:(zh OR ja OR ko)", "ja ko zh"),
    ] {
        assert_eq!(found(&index, query), expected, "{query}");
    }
}

#[test]
fn stems_of_one_language_find_nothing_in_another() {
    let index = articles();
    // French "postes" and English "post" have one stem, and so have "organisation" and "organ".
    assert_eq!(found(&index, "posting"), "");
    assert_eq!(found(&index, "organ"), "");
    assert_eq!(found(&index, "organisations"), "fr");
}

#[test]
fn what_matched_is_marked_in_every_language() {
    let index = articles();
    for (query, expected) in [
        ("Entlassung", vec!["Entlassungen"]),
        ("annoncée postes", vec!["annoncé", "postes", "annoncées"]),
        ("人工智能", vec!["人工智能"]),
        ("아니 OR 삼성전자", vec!["삼성전자"]),
        ("アマゾン", vec!["アマゾン"]),
        ("\"分析师认为\"", vec!["分析师认为"]),
    ] {
        let results = search(&index, query);
        assert_eq!(marked(&results.hits[0]), expected, "{query}");
    }
}

#[test]
fn languages_are_counted() {
    let index = articles();
    let request =
        SearchRequest::new("*".parse().unwrap()).facet(FacetField::Lang, 20).now(options().now.unwrap());
    let results = index.searcher().unwrap().search(&request).unwrap();
    let mut counted: Vec<(String, u64)> = results.facets["lang"]
        .iter()
        .map(|value| (value.path.clone().unwrap_or_default(), value.count))
        .collect();
    counted.sort();
    let expected =
        ["de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "zh"].map(|lang| (lang.to_owned(), 1));
    assert_eq!(counted, expected);
}

#[test]
fn a_wrong_language_hides_no_word() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Der Konzern plant Entlassungen";
    write(
        folder.path(),
        "a.jsonl",
        format!("{{\"id\": \"a\", \"title\": \"{text}\", \"language\": \"en-US\"}}\n"),
    );
    let index = Index::in_memory();
    index_paths(&index, &[PathBuf::from(folder.path())]);
    for word in text.split(' ') {
        assert_eq!(ids(&index, word), ["a"], "{word}");
    }
}
