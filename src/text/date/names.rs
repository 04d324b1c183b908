//! Words of dates in the languages that are read: months, days of the week, and what stands beside them.

/// The month of a name in lower case, whole or shortened, without its point.
pub fn month_named(word: &str) -> Option<i8> {
    Some(match word {
        "january" | "jan" | "januar" | "jänner" | "jän" | "janvier" | "janv" | "enero" | "ene"
        | "gennaio" | "gen" | "genn" | "janeiro" | "januari" => 1,
        "february" | "feb" | "febr" | "februar" | "feber" | "février" | "févr" | "fév" | "fevrier"
        | "febrero" | "febbraio" | "febb" | "fevereiro" | "fev" | "februari" => 2,
        "march" | "mar" | "märz" | "mär" | "mrz" | "maerz" | "mars" | "marzo" | "março" | "marco"
        | "maart" | "mrt" => 3,
        "april" | "apr" | "avril" | "avr" | "abril" | "abr" | "aprile" => 4,
        "may" | "mai" | "mayo" | "maggio" | "mag" | "magg" | "maio" | "mei" => 5,
        "june" | "jun" | "juni" | "juin" | "junio" | "giugno" | "giu" | "junho" => 6,
        "july" | "jul" | "juli" | "juillet" | "juil" | "julio" | "luglio" | "lug" | "julho" => 7,
        "august" | "aug" | "août" | "aout" | "agosto" | "ago" | "augustus" => 8,
        "september" | "sep" | "sept" | "septembre" | "septiembre" | "setiembre" | "settembre" | "sett"
        | "set" | "setembro" => 9,
        "october" | "oct" | "oktober" | "okt" | "octobre" | "octubre" | "ottobre" | "ott" | "outubro"
        | "out" => 10,
        "november" | "nov" | "novembre" | "noviembre" | "novembro" => 11,
        "december" | "dec" | "dezember" | "dez" | "décembre" | "déc" | "decembre" | "diciembre" | "dic"
        | "dicembre" | "dezembro" => 12,
        _ => return None,
    })
}

/// The day of the week of a name in lower case, whole or shortened, without its point; Monday is 1. `mar`, which is Tuesday
/// in three languages and March in five, is a month.
pub(super) fn weekday_named(word: &str) -> Option<i8> {
    Some(match word {
        "monday" | "mon" | "montag" | "mo" | "lundi" | "lun" | "lunes" | "lunedì" | "lunedi"
        | "segunda-feira" | "segunda" | "seg" | "maandag" | "ma" => 1,
        "tuesday" | "tue" | "tues" | "dienstag" | "di" | "mardi" | "martes" | "martedì" | "martedi"
        | "terça-feira" | "terça" | "ter" | "dinsdag" => 2,
        "wednesday" | "wed" | "weds" | "mittwoch" | "mi" | "mercredi" | "mer" | "miércoles" | "mié"
        | "miercoles" | "mercoledì" | "mercoledi" | "quarta-feira" | "quarta" | "qua" | "woensdag" | "wo" => {
            3
        }
        "thursday" | "thu" | "thur" | "thurs" | "donnerstag" | "jeudi" | "jeu" | "jueves" | "jue"
        | "giovedì" | "giovedi" | "gio" | "quinta-feira" | "quinta" | "qui" | "donderdag" | "do" => 4,
        "friday" | "fri" | "freitag" | "fr" | "vendredi" | "ven" | "viernes" | "vie" | "venerdì"
        | "venerdi" | "sexta-feira" | "sexta" | "sex" | "vrijdag" | "vr" => 5,
        "saturday" | "sat" | "samstag" | "sonnabend" | "samedi" | "sam" | "sábado" | "sabado" | "sáb"
        | "sabato" | "sab" | "zaterdag" | "za" | "sa" => 6,
        "sunday" | "sun" | "sonntag" | "so" | "dimanche" | "dim" | "domingo" | "dom" | "domenica"
        | "zondag" | "zo" => 7,
        _ => return None,
    })
}

/// Words that stand in dates and say nothing.
pub(super) fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "-" | "--"
            | "–"
            | "—"
            | "/"
            | "@"
            | "at"
            | "on"
            | "of"
            | "the"
            | "and"
            | "de"
            | "del"
            | "le"
            | "el"
            | "den"
            | "der"
            | "am"
            | "um"
            | "uhr"
            | "à"
            | "a"
            | "il"
            | "lo"
            | "la"
            | "alle"
            | "ore"
            | "às"
            | "as"
            | "las"
            | "los"
            | "em"
            | "op"
            | "om"
            | "uur"
            | "kl"
            | "klokken"
            | "h"
            | "hrs"
            | "hs"
            | "time"
            | "local"
            | "date"
            | "datum"
            | "data"
            | "fecha"
            | "día"
            | "dia"
            | "published"
            | "posted"
            | "created"
            | "released"
            | "first"
            | "last"
            | "live"
            | "online"
            | "veröffentlicht"
            | "erstellt"
            | "stand"
            | "zuletzt"
            | "vom"
            | "publié"
            | "publie"
            | "publiée"
            | "posté"
            | "écrit"
            | "publicado"
            | "publicada"
            | "publicación"
            | "fechado"
            | "pubblicato"
            | "pubblicata"
            | "postato"
            | "gepubliceerd"
            | "geplaatst"
            | "laatst"
    ) || is_update(word)
}

/// Words that say that a text was changed: a date behind them is not that of publication where another one stands before.
pub(super) fn is_update(word: &str) -> bool {
    matches!(
        word,
        "updated"
            | "update"
            | "modified"
            | "revised"
            | "aktualisiert"
            | "geändert"
            | "bearbeitet"
            | "mis"
            | "maj"
            | "jour"
            | "modifié"
            | "actualisé"
            | "actualizado"
            | "actualizada"
            | "modificado"
            | "aggiornato"
            | "aggiornata"
            | "aggiornamento"
            | "modificato"
            | "atualizado"
            | "atualizada"
            | "bijgewerkt"
            | "gewijzigd"
            | "geüpdatet"
    )
}

/// Words of times that are told from the moment of reading: `2 hours ago`, `gestern`.
pub(super) fn is_relative(word: &str) -> bool {
    matches!(
        word,
        "ago"
            | "yesterday"
            | "today"
            | "tomorrow"
            | "now"
            | "vor"
            | "gestern"
            | "heute"
            | "morgen"
            | "eben"
            | "vorgestern"
            | "hier"
            | "aujourd'hui"
            | "aujourd’hui"
            | "avant-hier"
            | "instant"
            | "hace"
            | "ayer"
            | "hoy"
            | "anteayer"
            | "fa"
            | "ieri"
            | "oggi"
            | "poco"
            | "há"
            | "ontem"
            | "hoje"
            | "anteontem"
            | "atrás"
            | "geleden"
            | "gisteren"
            | "vandaag"
            | "zojuist"
            | "минут"
            | "вчера"
            | "сегодня"
    ) || word.contains("前")
        || word.contains("昨日")
        || word.contains("今日")
        || word.contains("昨天")
        || word.contains("今天")
        || word.ends_with('전')
        || word == "어제"
        || word == "오늘"
}
