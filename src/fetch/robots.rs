//! `robots.txt` as RFC 9309 has it, with the pause that many files ask for.
//!
//! The readers that exist bring a parser framework and a second version of several libraries for some hundred lines.

use std::time::Duration;

/// How much of a file is read, in bytes: what the standard asks for at least.
pub(super) const MAX_BYTES: usize = 500 << 10;

/// Most rules that are kept, and the longest of them, in bytes. The rest of a longer one stands for all that follows.
const MAX_RULES: usize = 2000;
const MAX_RULE: usize = 1 << 10;

/// Longest pause that is respected; a site that asks for more is asked this seldom.
const MAX_PAUSE: Duration = Duration::from_mins(1);

/// What a site allows one of its visitors.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rules {
    /// Whether it is allowed, and the pattern.
    rules: Vec<(bool, Vec<u8>)>,
    /// The pause between two requests that it asks for.
    pub(super) pause: Option<Duration>,
}

impl Rules {
    /// Reads a file for the visitor `agent`: the groups that name it, else those for all.
    pub(super) fn read(text: &[u8], agent: &str) -> Self {
        let text = String::from_utf8_lossy(&text[..text.len().min(MAX_BYTES)]);
        let (mut own, mut general) = (Self::default(), Self::default());
        let mut has_own = false;
        let (mut is_own, mut is_general, mut is_head) = (false, false, false);
        for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            let key = key.trim().to_ascii_lowercase();
            if key == "user-agent" {
                // Several lines one after the other begin one group.
                if !is_head {
                    (is_own, is_general, is_head) = (false, false, true);
                }
                let name: String = value
                    .chars()
                    .take_while(|letter| letter.is_ascii_alphabetic() || "-_".contains(*letter))
                    .collect();
                is_own |= name.eq_ignore_ascii_case(agent);
                is_general |= value.starts_with('*');
                has_own |= is_own;
                continue;
            }
            let add = |rules: &mut Self| match key.as_str() {
                "allow" => rules.add(true, value),
                "disallow" => rules.add(false, value),
                "crawl-delay" => {
                    let seconds = value.parse::<f32>().ok().filter(|seconds| (0.0..1e6).contains(seconds));
                    rules.pause = seconds
                        .map(Duration::from_secs_f32)
                        .map(|pause| pause.min(MAX_PAUSE))
                        .or(rules.pause);
                }
                _ => {}
            };
            if matches!(key.as_str(), "allow" | "disallow" | "crawl-delay") {
                is_head = false;
                if is_own {
                    add(&mut own);
                }
                if is_general {
                    add(&mut general);
                }
            }
        }
        if has_own { own } else { general }
    }

    fn add(&mut self, is_allowed: bool, pattern: &str) {
        // An empty rule forbids nothing and allows nothing.
        if !pattern.is_empty() && self.rules.len() < MAX_RULES {
            let mut pattern = normal(pattern);
            pattern.dedup_by(|next, before| *next == b'*' && *before == b'*');
            pattern.truncate(MAX_RULE);
            self.rules.push((is_allowed, pattern));
        }
    }

    /// Whether a path with its query is allowed: the longest rule that fits decides, of two as long the one that allows.
    pub(super) fn allow(&self, path: &str) -> bool {
        let path = normal(path);
        self.rules
            .iter()
            .filter(|(_, pattern)| fits(pattern, &path))
            .max_by_key(|(is_allowed, pattern)| (pattern.len(), *is_allowed))
            .is_none_or(|(is_allowed, _)| *is_allowed)
    }
}

/// A path in one spelling: what needs no escape has none, what needs one has it in capitals.
fn normal(path: &str) -> Vec<u8> {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.filter(|_| *byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        at += if escaped.is_some() { 3 } else { 1 };
        match escaped {
            Some(plain) if plain.is_ascii_alphanumeric() || b"-._~".contains(&plain) => out.push(plain),
            Some(other) => out.extend_from_slice(format!("%{other:02X}").as_bytes()),
            None if byte.is_ascii() => out.push(*byte),
            None => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    out
}

/// Whether a path begins as a pattern says, in which `*` stands for anything and `$` at its end for the end.
fn fits(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, is_whole) = match pattern.strip_suffix(b"$") {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let (mut at, mut in_path) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if at == pattern.len() && (!is_whole || in_path == path.len()) {
            return true;
        }
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, in_path));
            at += 1;
        } else if at < pattern.len() && pattern.get(at) == path.get(in_path) {
            at += 1;
            in_path += 1;
        } else {
            match &mut star {
                Some((star_at, from)) if *from < path.len() => {
                    *from += 1;
                    (at, in_path) = (*star_at + 1, *from);
                }
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rules;
    use std::time::Duration;

    #[test]
    fn the_longest_rule_decides() {
        let text = "\u{feff}User-agent: *\nDisallow: /\n\nUser-Agent: Other\nuser-agent: dateline/1.0 # us\nDisallow: /private\n\
                    Allow: /private/open\nDisallow: /*.pdf$\nDisallow: /caf%c3%a9\nDisallow:\nAllow: /same\nDisallow: /same\n\
                    Sitemap: https://a.example/s.xml\nCrawl-delay: 7.5\nDisallow: /a*b*c\n";
        let rules = Rules::read(text.as_bytes(), "dateline");
        assert_eq!(rules.pause, Some(Duration::from_millis(7500)));
        for (path, expected) in [
            ("/", true),
            ("/news?x=/private", true),
            ("/private/x", false),
            ("/%70rivate/x", false),
            ("/private/open/x", true),
            ("/a/b.pdf", false),
            ("/a/b.pdf?x", true),
            ("/café", false),
            ("/CAF%C3%A9", true),
            ("/same", true),
            ("/axxbxxbyc", false),
            ("/axxcxxb", true),
        ] {
            assert_eq!(rules.allow(path), expected, "{path}");
        }
        let others = Rules::read(text.as_bytes(), "unnamed");
        assert!(!others.allow("/news") && others.pause.is_none());
        assert!(Rules::read(b"no rules <html>", "dateline").allow("/"));
    }

    #[test]
    fn groups_of_one_visitor_are_one() {
        let text = "User-agent: dateline\nDisallow: /a\nUser-agent: x\nDisallow: /c\nUser-agent: DATELINE\nDisallow: /b\n";
        let rules = Rules::read(text.as_bytes(), "dateline");
        assert_eq!(["/a", "/b", "/c"].map(|path| rules.allow(path)), [false, false, true]);
        let many = format!("User-agent: *\nDisallow: {}x\n", "/*a".repeat(300)).repeat(50);
        let started = std::time::Instant::now();
        assert!(Rules::read(many.as_bytes(), "dateline").allow(&"/a".repeat(1000)));
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}
