//! Dates in Chinese, Japanese and Korean: `2026年1月14日（水）9時30分`, `2026년 1월 14일 오전 9:30`.

use unicode_normalization::UnicodeNormalization;

/// The same date as others write it: `2026-1-14 9:30`. `None` where it is none.
pub(super) fn written_as_others(text: &str) -> Option<String> {
    // Full-width digits and colons become usual ones.
    let text: String = text.nfkc().collect();
    let year = text.find(['年', '년'])?;
    let mut rest = &text[year..];
    let mut out = digits_before(&text[..year]).filter(|digits| digits.len() == 4)?.to_owned();
    rest = &rest[rest.chars().next()?.len_utf8()..];
    let (month, behind) = number_before(rest, &['月', '월'])?;
    out.push('-');
    out.push_str(month);
    rest = behind;
    if let Some((day, behind)) = number_before(rest, &['日', '일', '号']) {
        out.push('-');
        out.push_str(day);
        rest = behind;
    } else if !rest.trim().is_empty() {
        return None;
    }
    let mut half = "";
    let mut clock = String::new();
    let mut words = String::new();
    for letter in rest.chars() {
        match letter {
            '時' | '点' | '시' | '时' | '分' | '분' => clock.push(':'),
            '0'..='9' | ':' => clock.push(letter),
            '+' | '-' | 'A'..='Z' | 'a'..='z' => words.push(letter),
            letter if letter.is_whitespace() || is_mark(letter) => {
                if !words.is_empty() {
                    words.push(' ');
                }
            }
            _ => return None,
        }
        if rest.contains("午後") || rest.contains("下午") || rest.contains("오후") {
            half = " pm";
        } else if rest.contains("午前") || rest.contains("上午") || rest.contains("오전") {
            half = " am";
        }
    }
    let clock = clock.trim_end_matches(':');
    if !clock.is_empty() {
        out.push(' ');
        out.push_str(clock);
        if !clock.contains(':') {
            out.push_str(":00");
        }
        // 14時 of the afternoon and 0時 of the morning are hours of the whole day already.
        let hour: u8 = clock.split(':').next()?.parse().ok()?;
        if (1..=12).contains(&hour) {
            out.push_str(half);
        }
    }
    out.push(' ');
    out.push_str(&words);
    Some(out)
}

/// Days of the week, halves of the day, what is written around them, and the words for minute and second.
fn is_mark(letter: char) -> bool {
    matches!(
        letter,
        '月' | '火'
            | '水'
            | '木'
            | '金'
            | '土'
            | '日'
            | '曜'
            | '星'
            | '期'
            | '周'
            | '一'
            | '二'
            | '三'
            | '四'
            | '五'
            | '六'
            | '天'
            | '월'
            | '화'
            | '수'
            | '목'
            | '금'
            | '토'
            | '일'
            | '요'
            | '午'
            | '前'
            | '後'
            | '上'
            | '下'
            | '오'
            | '전'
            | '후'
            | '秒'
            | '초'
            | '('
            | ')'
            | '配'
            | '信'
            | '更'
            | '新'
            | '公'
            | '開'
            | '発'
            | '布'
            | '·'
            | ','
            | '、'
    )
}

/// The digits that a text ends with.
fn digits_before(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let start = text
        .rfind(|letter: char| !letter.is_ascii_digit())
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let before = text[..start].trim();
    // 更新日時: 2026年…; a text with a number more is another thing.
    (start < text.len() && !before.contains(|letter: char| letter.is_ascii_digit())).then(|| &text[start..])
}

/// The number that a text begins with, where one of the signs follows; and what is behind it.
fn number_before<'t>(text: &'t str, signs: &[char]) -> Option<(&'t str, &'t str)> {
    let text = text.trim_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let behind = text[digits..].trim_start().strip_prefix(signs)?;
    (1..=2).contains(&digits).then(|| (&text[..digits], behind))
}
