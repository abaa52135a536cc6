//! The pinned Solidity compiler: files for npm and node.

/// Its version.
pub const SOLC_VERSION: &str = "0.8.37";

/// How often code is expected to run: gas counts, not size.
pub const OPTIMIZER_RUNS: u32 = 1_000_000;

/// Files of a folder in which `npm ci` installs the compiler and `node compile.js RUNS FILE...` runs it.
pub const SOLC_FILES: [(&str, &str); 3] = [
    ("package.json", include_str!("../solc/package.json")),
    ("package-lock.json", include_str!("../solc/package-lock.json")),
    ("compile.js", include_str!("../solc/compile.js")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_pins_this_version_and_names_no_registry() {
        let [(_, package), (_, lock), _] = SOLC_FILES;
        assert!(package.contains(&format!("\"solc\": \"{SOLC_VERSION}\"")));
        assert!(lock.contains(&format!("\"solc\": \"{SOLC_VERSION}\"")));
        assert!(!lock.contains("\"resolved\""));
    }
}
