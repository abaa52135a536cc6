//! Solidity sources.

use crate::error::limit;
use crate::key::{Form, KEY, address};
use crate::reusable::IDS;
use crate::word::{self, Bytes32};
use crate::{CODE_LIMIT, Error, Reusable, Verifier};
use ff::{Field, PrimeField};
use halo2curves::bn256::Fr;
use std::fmt::Write;
use zkml_verifier::{Instruction, Memory, Program, Word};

const BODY: &str = include_str!("../templates/body.sol");
const RUN: &str = include_str!("../templates/run.sol");
const REUSABLE: &str = include_str!("../templates/reusable.sol");
const CONTRACT: &str = include_str!("../templates/contract.sol");
const KEY_CONTRACT: &str = include_str!("../templates/key.sol");
const GUARD: &str = include_str!("../templates/guard.sol");

/// A selector as hex digits.
fn selector(signature: &str) -> String {
    hex::encode(word::selector(signature))
}

impl Reusable {
    /// Its source.
    pub fn source(self) -> String {
        let names = self.fields();
        let mut fields = String::new();
        for (i, name) in names.iter().enumerate() {
            let _ = writeln!(fields, "    uint256 private constant {name} = {:#x};", address(i));
        }
        let mut body = body(
            RUN,
            "            run(PROGRAM, PROGRAM_MIDDLE)\n",
            "            run(PROGRAM_MIDDLE, PROGRAM_END)\n",
        );
        for name in &names {
            body = replace_word(&body, name, &format!("mload({name})"));
        }
        // The first byte of the code is none of a field.
        let statement = 1 + 32 * IDS;
        with_memory(&self.choose(REUSABLE))
            .replace("<FIELDS>\n", &fields)
            .replace("<BODY>\n", &self.choose(&body))
            .replace("<NO_COMMITMENT>", &selector("NoCommitment(address)"))
            .replace("<STATEMENT_OFFSET>", &format!("{statement:#x}"))
            .replace("<NAME>", self.name())
    }

    /// A template with the parts that a form has: those between lines of its tag.
    fn choose(self, template: &str) -> String {
        let (kept, left_out) = match self {
            Self::Plain => ("PLAIN", "LINK"),
            Self::Linked => ("LINK", "PLAIN"),
        };
        let mut out = String::with_capacity(template.len());
        let mut inside = false;
        for line in template.split_inclusive('\n') {
            let tag = line.trim_end().trim_start_matches('<').trim_end_matches('>');
            match tag.strip_prefix('/').unwrap_or(tag) {
                name if name == left_out => inside = !tag.starts_with('/'),
                name if name == kept => {}
                _ if inside => {}
                _ => out.push_str(line),
            }
        }
        out
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
        let mut fields = String::new();
        for (name, value) in key.fields.iter().filter(|f| !f.0.starts_with("PROGRAM")) {
            let _ = writeln!(
                fields,
                "    uint256 private constant {name} = {};",
                literal(value)
            );
        }
        let steps = self
            .arithmetic
            .programs
            .each_ref()
            .map(|p| self.statements(p, &key.memory));
        let body = body("", &steps[0], &steps[1]);
        let mut load = String::new();
        for (i, word) in key.words.iter().enumerate() {
            let _ = writeln!(load, "            mstore({:#06x}, {})", address(i), literal(word));
        }
        let form = self.reusable();
        Ok(with_memory(&form.choose(CONTRACT))
            .replace("<FIELDS>\n", &fields)
            .replace("<BODY>\n", &form.choose(&body))
            .replace("<MANIFEST>", &literal(&self.manifest().unwrap_or_default()))
            .replace("<KEY>\n", &load)
            .replace("<SRS>", &self.srs)
            .replace("<PROOF_BYTES>", &self.proof_len().to_string())
            .replace("<PUBLIC_VALUES>", &self.public_values().to_string())
            .replace("<NAME>", name))
    }

    /// Source of the contract whose code is this circuit's key, for the reusable verifier.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where the contract could not be deployed.
    pub fn key_source(&self, name: &str) -> Result<String, Error> {
        let code = self.key_code()?;
        let lines: Vec<String> = code
            .chunks(32)
            .map(|chunk| format!("            hex\"{}\"", hex::encode(chunk)))
            .collect();
        let template = self.reusable().choose(KEY_CONTRACT);
        Ok(template
            .replace("<DATA>", &lines.join("\n"))
            .replace("<SRS>", &self.srs)
            .replace(
                "<CODE_HASH>",
                &format!("0x{}", hex::encode(self.key_code_hash()?)),
            )
            .replace("<NAME>", name))
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
        text.push_str("            }\n");
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

fn body(run: &str, first: &str, second: &str) -> String {
    BODY.replace("<MALFORMED>", &selector("MalformedCalldata()"))
        .replace("<TOO_LITTLE_GAS>", &selector("TooLittleGas()"))
        .replace("<NO_PRECOMPILE>", &selector("NoPrecompile()"))
        .replace("<KEY_AT>", &format!("{KEY:#x}"))
        .replace("<RUN>\n", run)
        .replace("<FIRST>\n", first)
        .replace("<SECOND>\n", second)
}

/// A template with the start of its memory, and the check that the compiler left it alone.
fn with_memory(template: &str) -> String {
    template
        .replace("<GUARD>\n", GUARD)
        .replace("<KEY_AT>", &format!("{KEY:#x}"))
        .replace("<MEMORY_TAKEN>", &selector("MemoryTaken()"))
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
