//! Texts of strangers, before a terminal shows them.

use std::borrow::Cow;

/// Serialises a type as the text that it is shown as.
macro_rules! serde_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use serde_as_text;

/// Whether a text is one line that shows as what it is: no control characters, no line or paragraph
/// separators, nothing that is invisible or changes the direction of writing.
pub fn is_plain(text: &str) -> bool {
    !text.chars().any(hidden)
}

/// A text as one line that shows as what it is: characters that [`is_plain`] does not take become escapes
/// (`\n`, `\u{202e}`).
pub fn plain(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match hidden(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_show_is_escaped_and_the_rest_stays() {
        for text in ["zero", "Größe 3 × 4", "日本語", "שלום", "❤️"] {
            assert!(is_plain(text), "{text:?}");
            assert!(matches!(plain(text), Cow::Borrowed(same) if same == text));
        }
        for (text, shown) in [
            ("a\nb", r"a\nb"),
            ("\u{1b}[2J", r"\u{1b}[2J"),
            ("cat\u{202e}gpj", r"cat\u{202e}gpj"),
            ("\u{2066}x\u{2069}", r"\u{2066}x\u{2069}"),
            ("ze\u{200b}ro", r"ze\u{200b}ro"),
            ("\u{feff}\u{3164}\u{e0101}", r"\u{feff}\u{3164}\u{e0101}"),
            ("\u{2028}", r"\u{2028}"),
        ] {
            assert!(!is_plain(text), "{text:?}");
            assert_eq!(plain(text), shown);
            assert!(is_plain(&plain(text)));
        }
    }
}
