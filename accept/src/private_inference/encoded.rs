//! Bytes that are written as text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Shorter runs of letters and digits are words.
const SHORTEST: usize = 24;
/// Text in text: a dump writes in hex what a message holds in base64.
const DEPTH: usize = 3;

/// The bytes, followed by what every run of hex or base64 digits in them stands for, and so on within
/// these.
pub fn unfold(bytes: Vec<u8>) -> Vec<u8> {
    let mut all = bytes;
    let mut start = 0;
    for _ in 0..DEPTH {
        let end = all.len();
        let inner = decode(&all[start..end]);
        all.extend(inner);
        start = end;
    }
    all
}

fn decode(bytes: &[u8]) -> Vec<u8> {
    let hex = runs(bytes, |b| b.is_ascii_hexdigit()).filter_map(|run| {
        let whole = run.len() / 2 * 2;
        hex::decode(&run[..whole]).ok()
    });
    let base64 = runs(bytes, |b| b.is_ascii_alphanumeric() || *b == b'+' || *b == b'/').filter_map(|run| {
        let whole = run.len() / 4 * 4;
        STANDARD_NO_PAD.decode(&run[..whole]).ok()
    });
    hex.chain(base64).flatten().collect()
}

/// The longest runs of bytes of a kind.
fn runs(bytes: &[u8], kind: impl Fn(&u8) -> bool) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(move |byte| !kind(byte))
        .filter(|run| run.len() >= SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    const SECRET: &[u8] = b"a secret that is long enough to be looked for";

    fn holds(text: &str) -> bool {
        let all = unfold(text.as_bytes().to_vec());
        all.windows(SECRET.len()).any(|window| window == SECRET)
    }

    #[test]
    fn text_in_text_is_found() {
        let base64 = STANDARD.encode(SECRET);
        assert!(holds(&format!("{{\"ciphertext\":\"{base64}\"}}")));
        let hex = hex::encode(format!("{{\"ciphertext\":\"{base64}\"}}"));
        assert!(holds(&format!("1\t\\\\x{hex}\tqueued")));
        assert!(!holds(&base64[1..]));
    }
}
