//! Help texts, usage errors and messages, as a person sees them. `TRYCMD=overwrite cargo test -p
//! zkml-cli --test cmd` writes them anew.

#[test]
fn messages() {
    // Texts wrap at the terminal's width; the files hold one.
    trycmd::TestCases::new()
        .env("COLUMNS", "100")
        .env("ZKML_SRS_DIR", "srs")
        .case("tests/cmd/*.trycmd");
}
