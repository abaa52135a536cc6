//! Sizes, times, shapes, tables.

use std::path::Path;
use std::time::Duration;

/// A number of bytes in the unit that suits it.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1024 {
        return format!("{count} bytes");
    }
    let mut value = count as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// A duration in milliseconds or seconds.
pub fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 0.1 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{seconds:.2} s")
    }
}

/// A shape, as in `1 x 28 x 28`.
pub fn shape(axes: &[impl ToString]) -> String {
    if axes.is_empty() {
        return "scalar".to_owned();
    }
    axes.iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" x ")
}

/// Rows of a name and a text, aligned and indented.
pub fn table(rows: &[(&str, String)]) -> String {
    let width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    rows.iter()
        .map(|(name, text)| format!("  {name:width$}  {text}\n"))
        .collect()
}

/// The line that says what to run next; paths with unusual characters are quoted.
pub fn next_step(words: &[&str], paths: &[&Path]) -> String {
    let mut line = format!("next: zkml {}", words.join(" "));
    for path in paths {
        let text = path.display().to_string();
        let plain = |c: char| c.is_alphanumeric() || "/._-\\:+".contains(c);
        line.push(' ');
        line.push_str(&if text.chars().all(plain) {
            text
        } else {
            format!("'{text}'")
        });
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes(1023), "1023 bytes");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(3 << 30), "3.0 GiB");
        assert_eq!(time(Duration::from_micros(1500)), "1.5 ms");
        assert_eq!(time(Duration::from_millis(1500)), "1.50 s");
        assert_eq!(shape(&[1, 28]), "1 x 28");
        assert_eq!(shape(&[] as &[usize]), "scalar");
    }

    #[test]
    fn paths_are_quoted_where_needed() {
        assert_eq!(
            next_step(&["setup"], &[Path::new("a/b.zkml")]),
            "next: zkml setup a/b.zkml"
        );
        assert_eq!(
            next_step(&["setup"], &[Path::new("a b")]),
            "next: zkml setup 'a b'"
        );
    }
}
