//! Solidity sources.

use crate::error::limit;
use crate::key::{Form, address};
use crate::reusable::IDS;
use crate::word::{self, Bytes32};
use crate::{CODE_LIMIT, Error, Reusable, Verifier};
use askama::Template;
use ff::{Field, PrimeField};
use halo2curves::bn256::Fr;
use std::fmt::Write;
use zkml_verifier::{Instruction, Memory, Program, Word};

/// Where the code of a key has its first word after the identities, of what links are about. The first byte of the code is
/// none of a word.
pub(crate) const STATEMENT_OFFSET: usize = 1 + 32 * IDS;

/// What both forms of verifier have in common: the functions `_run` and `_outputs`.
#[derive(Template)]
#[template(path = "body.sol", escape = "none")]
struct Body {
    linked: bool,
    /// Whether the arithmetic is data, and run by an interpreter.
    data: bool,
    /// The arithmetic before the inversion, and after it.
    steps: [String; 2],
}

/// The verifier for all keys.
#[derive(Template)]
#[template(path = "reusable.sol", escape = "none")]
struct ReusableContract {
    name: &'static str,
    linked: bool,
    fields: Vec<(&'static str, String)>,
    body: String,
}

/// The verifier for one key.
#[derive(Template)]
#[template(path = "contract.sol", escape = "none")]
struct OwnContract<'a> {
    name: &'a str,
    srs: &'a str,
    linked: bool,
    proof_bytes: usize,
    public_values: usize,
    manifest: String,
    fields: Vec<(&'static str, String)>,
    body: String,
    /// Addresses in memory, and words.
    key: Vec<(String, String)>,
}

/// A key contract.
#[derive(Template)]
#[template(path = "key.sol", escape = "none")]
struct KeySource<'a> {
    name: &'a str,
    srs: &'a str,
    linked: bool,
    code_hash: String,
    /// Code as hex digits.
    code: Vec<String>,
}

/// The text of a template, without the end of its last line. Writing to a string does not fail.
fn text(template: impl Template) -> String {
    template.render().unwrap_or_default()
}

/// The text of a template that is a whole file.
fn file(template: impl Template) -> String {
    text(template) + "\n"
}

/// A selector as hex digits.
pub(crate) fn selector(signature: &str) -> String {
    hex::encode(word::selector(signature))
}

/// A number in hexadecimal digits.
pub(crate) fn hex(number: usize) -> String {
    format!("{number:#x}")
}

impl Reusable {
    fn linked(self) -> bool {
        self == Self::Linked
    }

    /// Its source.
    pub fn source(self) -> String {
        let names = self.fields();
        let steps = ["PROGRAM, PROGRAM_MIDDLE", "PROGRAM_MIDDLE, PROGRAM_END"];
        let mut body = text(Body {
            linked: self.linked(),
            data: true,
            steps: steps.map(|range| format!("            run({range})")),
        });
        // The fields are words of the key, and the constants their addresses.
        for name in &names {
            body = replace_word(&body, name, &format!("mload({name})"));
        }
        let addresses = (0..).map(|i| hex(address(i)));
        file(ReusableContract {
            name: self.name(),
            linked: self.linked(),
            fields: names.into_iter().zip(addresses).collect(),
            body,
        })
    }
}

impl Verifier {
    /// Source of one contract that verifies this circuit's proofs.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where the contract could not be deployed.
    pub fn contract_source(&self, name: &str) -> Result<String, Error> {
        let key = self.key(Form::Code)?;
        let code_words = 37 * key.words.len();
        limit(
            "code of one contract",
            CODE_LIMIT,
            code_words,
            ", or use the reusable verifier",
        )?;
        let linked = self.reusable().linked();
        let programs = self.arithmetic.programs.each_ref();
        let fields = key.fields.iter().filter(|f| !f.0.starts_with("PROGRAM"));
        let words = key.words.iter().enumerate();
        Ok(file(OwnContract {
            name,
            srs: &self.srs,
            linked,
            proof_bytes: self.proof_len(),
            public_values: self.public_values(),
            manifest: literal(&self.manifest().unwrap_or_default()),
            fields: fields.map(|(name, value)| (*name, literal(value))).collect(),
            body: text(Body {
                linked,
                data: false,
                steps: programs.map(|program| self.statements(program, &key.memory)),
            }),
            key: words
                .map(|(i, word)| (format!("{:#06x}", address(i)), literal(word)))
                .collect(),
        }))
    }

    /// Source of the contract whose code is this circuit's key, for the reusable verifier.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where the contract could not be deployed.
    pub fn key_source(&self, name: &str) -> Result<String, Error> {
        Ok(file(KeySource {
            name,
            srs: &self.srs,
            linked: self.reusable().linked(),
            code_hash: format!("0x{}", hex::encode(self.key_code_hash()?)),
            code: self.key_code()?.chunks(32).map(hex::encode).collect(),
        }))
    }

    /// Arithmetic as statements. A result that only the next statement reads stays on the stack, as `t`.
    fn statements(&self, program: &Program, memory: &Memory) -> String {
        let list = &program.instructions;
        let mut text = String::from("            {\n                let t\n");
        let mut on_stack = None;
        for (i, instruction) in list.iter().enumerate() {
            let value = self.value(instruction, memory, on_stack);
            on_stack = stays_on_stack(list, i).then_some(instruction.to);
            let _ = match on_stack {
                Some(_) => writeln!(text, "                t := {value}"),
                None => writeln!(
                    text,
                    "                mstore({:#06x}, {value})",
                    address(memory.index(instruction.to))
                ),
            };
        }
        text.push_str("            }");
        text
    }

    fn value(&self, i: &Instruction, memory: &Memory, on_stack: Option<Word>) -> String {
        let constant = |w| match w {
            Word::Constant(c) => Some(self.arithmetic.constants[c]),
            _ => None,
        };
        let operand = |w: Word| match constant(w).map(|c| c.to_repr()) {
            Some(repr) if repr.as_ref()[2..].iter().all(|b| *b == 0) => {
                format!("{:#x}", u16::from_le_bytes([repr.as_ref()[0], repr.as_ref()[1]]))
            }
            _ if on_stack == Some(w) => "t".to_owned(),
            _ => format!("mload({:#06x})", address(memory.index(w))),
        };
        let [a, b, c] = [i.a, i.b, i.c].map(operand);
        let is = |w, value| constant(w) == Some(value);
        let product = match (is(i.a, Fr::ONE), is(i.b, Fr::ONE)) {
            (true, _) => b,
            (_, true) => a,
            _ => format!("mulmod({a}, {b}, r)"),
        };
        if is(i.c, Fr::ZERO) {
            product
        } else {
            format!("addmod({product}, {c}, r)")
        }
    }
}

/// Whether the result of instruction `i` is an intermediate one that only the next instruction reads.
fn stays_on_stack(list: &[Instruction], i: usize) -> bool {
    let to = list[i].to;
    let reads = |i: &Instruction| [i.a, i.b, i.c].contains(&to);
    let Word::Temporary(_) = to else { return false };
    let mut rest = list[i + 1..].iter();
    let Some(next) = rest.next() else { return false };
    if !reads(next) {
        return false;
    }
    // Until the word is written again, nothing else reads it.
    next.to == to || rest.find(|i| reads(i) || i.to == to).is_none_or(|i| !reads(i))
}

/// The shortest hexadecimal number.
fn literal(word: &Bytes32) -> String {
    let digits = hex::encode(word);
    match digits.trim_start_matches('0') {
        "" => "0x0".to_owned(),
        // Forty digits would be taken for an address.
        digits if digits.len() > 16 => format!("0x{}", hex::encode(word)),
        digits => format!("0x{digits}"),
    }
}

/// Replaces an identifier where it stands alone.
fn replace_word(text: &str, word: &str, with: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let end = at + word.len();
        let alone = !rest[..at].ends_with(part) && !rest[end..].starts_with(part);
        out.push_str(&rest[..at]);
        out.push_str(if alone { with } else { word });
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}
