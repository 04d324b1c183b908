//! Times of the day: `10:05:00.123Z`, `7:15 p.m.`, `9h30`, `9.30`, `101455`.

use super::Refused;
use super::zone::{Zone, zone};

/// A time with what stands at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clock {
    /// Seconds since midnight.
    pub(super) seconds: i32,
    pub(super) zone: Option<Zone>,
    /// Whether it counts to twelve.
    pub(super) is_halved: bool,
}

/// Half of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Am,
    Pm,
}

/// `am`, `p.m.`
pub(super) fn half(word: &str) -> Option<Half> {
    match word.to_lowercase().replace('.', "").as_str() {
        "am" => Some(Half::Am),
        "pm" => Some(Half::Pm),
        _ => None,
    }
}

/// Whether a word in lower case is a time for its shape alone: with colons, or `7pm`, `14h30`.
pub(super) fn is_clock(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let after = &word[digits..];
    (1..=2).contains(&digits)
        && (after.starts_with(':')
            || half(after).is_some()
            || after
                .strip_prefix('h')
                .is_some_and(|rest| rest.trim_end_matches("min").bytes().all(|byte| byte.is_ascii_digit())))
}

/// Reads a time with colons, points or an `h` between its fields; `half` stood behind it.
pub(super) fn read(word: &str, half_behind: Option<Half>) -> Result<Clock, Refused> {
    let lower = word.to_lowercase();
    let text = lower.trim_end_matches(['.', ',']);
    let end = text
        .find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, ':' | '.' | ',' | 'h')))
        .unwrap_or(text.len());
    let (clock, after) = text.split_at(end);
    let mut half_of_day = half_behind;
    let mut zone_behind = None;
    if let Some(own) = half(after) {
        half_of_day = Some(own);
    } else if !after.is_empty() && after != "min" {
        // Before it stand characters of one byte, the same in both cases; behind it letters may have other lengths.
        let named = word.get(end..).ok_or(Refused::NotADate)?.trim_end_matches(['.', ',']);
        zone_behind = Some(zone(named).ok_or(Refused::NotADate)?);
    }
    let fields = fields(clock.trim_end_matches(['h', ':', '.']))?;
    Ok(Clock { seconds: seconds(fields, half_of_day)?, zone: zone_behind, is_halved: half_of_day.is_some() })
}

/// Hours, minutes and seconds; a fraction of a second is left out.
fn fields(clock: &str) -> Result<[i32; 3], Refused> {
    let mut fields = [0; 3];
    let has_colons = clock.contains([':', 'h']);
    let is_between = |letter: char| if has_colons { matches!(letter, ':' | 'h') } else { letter == '.' };
    let mut count = 0;
    for (at, field) in clock.split(is_between).enumerate() {
        // Tenths belong to seconds alone.
        let whole = if at == 2 { field.split(['.', ',']).next().unwrap_or(field) } else { field };
        if at > 2 || whole.is_empty() || whole.len() > 2 {
            return Err(Refused::NotADate);
        }
        fields[at] = whole.parse().map_err(|_| Refused::NotADate)?;
        count += 1;
    }
    if count == 0 { Err(Refused::NotADate) } else { Ok(fields) }
}

/// The time of `20031231T101455Z` and `T1014`, if digits make one; with what follows.
pub(super) fn compact(text: &str) -> Result<Option<(i32, &str)>, Refused> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (clock, rest) = text.split_at(digits);
    let field = |at: usize| clock[at..at + 2].parse::<i32>().map_err(|_| Refused::NotADate);
    let fields = match digits {
        4 => [field(0)?, field(2)?, 0],
        6 => [field(0)?, field(2)?, field(4)?],
        _ => return Ok(None),
    };
    // `T101455.25Z`
    let fraction = rest
        .strip_prefix(['.', ','])
        .filter(|_| digits == 6)
        .map_or(rest, |rest| rest.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    Ok(Some((seconds(fields, None)?, fraction)))
}

/// A leap second counts as the one before it; 24:00 is the end of the day.
pub(super) fn seconds([mut hours, minutes, seconds]: [i32; 3], half: Option<Half>) -> Result<i32, Refused> {
    if hours > 24 || minutes > 59 || seconds > 60 {
        return Err(Refused::Impossible);
    }
    match half {
        // `17:19 PM`
        Some(Half::Pm) if (13..24).contains(&hours) => {}
        Some(_) if !(1..=12).contains(&hours) => return Err(Refused::Impossible),
        Some(Half::Pm) if hours < 12 => hours += 12,
        Some(Half::Am) if hours == 12 => hours = 0,
        _ => {}
    }
    let total = hours * 3600 + minutes * 60 + seconds.min(59);
    if total > 86_400 { Err(Refused::Impossible) } else { Ok(total) }
}
