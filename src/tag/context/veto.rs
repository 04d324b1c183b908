//! Words near a weak name that show that something else is meant.

use super::Context;
use crate::tag::lexicon::VETO;
use crate::tag::matcher::Found;
use crate::tag::view::{Gap, LOWER, Word};

/// Words beside a name that are no company's, by name.
#[rustfmt::skip]
const NAME_VETOES: &[(&str, &str)] = &[
    ("amazon", "warriors women watershed fires parrot rain region fund peru brazilian"),
    ("apple", "tree trees sauce growers picking crop pies big varieties blossom farm farms"),
    ("target", "market price date audience practice range rate inflation prices zone group moving"),
    ("gap", "pay gender wage wealth age generation year funding output"),
    ("shell", "company companies corporation corporations game firm firms script shock structure"),
    ("visa", "application program programs programme holder restrictions requirement requirements work \
        student tourist interview interviews backlog free waiver waivers fee fees ban bans \
        category appointment appointments policy processing schengen b h entry sponsorship \
        services"),
    ("oracle", "delphi omaha"),
    ("delta", "strain wave infections cases plus outbreak surge mekong mississippi niger nile ganges \
        region farmers omicron smelt force"),
    ("orange", "county trees groves crop growers peel juices revolution agent order"),
    ("block", "city road building trade voting"),
    ("meta", "analysis data analyses"),
    ("prime", "minister rate suspect time number example contractor mover"),
    ("fox", "red arctic fur hunting news"),
    ("dow", "jones industrial industrials"),
    ("tesla", "nikola coil coils inventor laboratory"),
    ("corona", "virus"),
    ("luna", "moon lander probe spacecraft"),
    ("sprint", "finish race"),
    ("signal", "traffic"),
    ("dollar", "us canadian australian hong bills index strong weak billion million"),
    ("discovery", "legal process scientific"),
    ("chase", "high car police"),
    ("zoom", "call calls meeting meetings interview lens"),
    ("intel", "us defense committee community chair dump officials"),
    ("ford", "gerald harrison betty henry rob doug blasey pardon presidential"),
];

/// Words anywhere in an article that show what a name means in it when nothing proves the company.
#[rustfmt::skip]
const ARTICLE_VETOES: &[(&str, &str)] = &[
    ("amazon", "rainforest rainforests deforestation tributary tributaries indigenous basin jungle"),
    ("apple", "orchard orchards cider growers fruit"),
    ("delta", "variant coronavirus vaccinated vaccine vaccines omicron estuary salinity mekong"),
    ("ice", "immigration immigrants deportation deportations detention detainees"),
    ("ford", "nixon pardon pardoned congressman presidency vice"),
    ("luna", "lunar moon cosmonaut spacecraft"),
    ("orange", "juice citrus groves"),
    ("oracle", "delphi prophecy"),
    ("shell", "offshore artillery"),
    ("tesla", "inventor edison wardenclyffe"),
    ("visa", "embassy consulate consulates consular visas"),
];

/// The words of [`ARTICLE_VETOES`], for the lexicon.
pub(in crate::tag) fn vocabulary() -> impl Iterator<Item = &'static str> {
    ARTICLE_VETOES.iter().flat_map(|(_, words)| words.split(' '))
}

/// The words of an article that would show that a name does not mean the company.
pub(in crate::tag) fn article_vetoes(name: &[u8]) -> impl Iterator<Item = &'static str> {
    ARTICLE_VETOES
        .iter()
        .find(|(of, _)| of.as_bytes() == name)
        .into_iter()
        .flat_map(|(_, words)| words.split(' '))
}

impl<'t> Context<'_, 't> {
    /// The word beside a weak name that shows something else is meant.
    pub(in crate::tag) fn veto(&self, found: Found, own: &[String]) -> Option<&'t str> {
        let first = self.first(found)?;
        let name = self.view.folded_word(first);
        let by_name =
            NAME_VETOES.iter().find(|(of, _)| of.as_bytes() == name).map_or("", |(_, words)| *words);
        let hit = |word: &Word| {
            let folded = self.view.folded_word(word);
            self.classes(word) & VETO != 0
                || by_name.split(' ').any(|veto| veto.as_bytes() == folded)
                || own.iter().any(|veto| same_word(veto, folded))
        };
        if let Some(next) = self.after(found, 1)
            && matches!(next.gap, Gap::Plain | Gap::Hyphen | Gap::Slash)
            && hit(next)
        {
            return Some(self.view.word_text(next));
        }
        if let Some(before) = self.before(found, 1)
            && matches!(first.gap, Gap::Plain | Gap::Hyphen)
            && hit(before)
        {
            return Some(self.view.word_text(before));
        }
        // "Vice President", "Prime Minister".
        if let Some(next) = self.after(found, 1)
            && next.gap == Gap::Plain
            && next.shape & LOWER == 0
            && matches!(
                self.view.folded_word(next),
                b"president"
                    | b"presidents"
                    | b"minister"
                    | b"ministers"
                    | b"secretary"
                    | b"governor"
                    | b"judge"
                    | b"lady"
                    | b"lord"
                    | b"chancellor"
                    | b"admiral"
            )
        {
            return Some(self.view.word_text(next));
        }
        // "Oracle of Omaha", "Amazon and its tributaries".
        if let (Some(next), Some(second)) = (self.after(found, 1), self.after(found, 2))
            && next.gap == Gap::Plain
            && matches!(self.view.folded_word(next), b"of" | b"s" | b"rain")
            && hit(second)
        {
            return Some(self.view.word_text(second));
        }
        None
    }
}

/// Whether a word of a list, as somebody wrote it, is this folded word.
pub(in crate::tag) fn same_word(listed: &str, folded: &[u8]) -> bool {
    listed.as_bytes().eq_ignore_ascii_case(folded)
        || !listed.is_ascii() && crate::text::fold::fold(listed).as_bytes() == folded
}
