//! What a contract knows of a circuit: fields, constants, points, tables and arithmetic, laid out for
//! its memory.

use crate::memory::{KEY, Memory, Sizes};
use crate::protocol::After;
use crate::schedule::Program;
use crate::transcript::{coordinates, word};
use crate::{Error, OutputTensor, Verifier};
use ff::Field;

/// A word of 32 bytes, the most significant first.
pub(crate) type Bytes32 = [u8; 32];

/// Which contract a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Arithmetic as data, in a contract of its own.
    Data,
    /// Arithmetic as code.
    Code,
}

/// A key for one form of contract.
pub(crate) struct Key {
    /// Names and values; in the data form they are the first words.
    pub fields: Vec<(&'static str, Bytes32)>,
    /// All words, and how many of them are fields.
    pub words: Vec<Bytes32>,
    pub memory: Memory,
}

/// A number as a word.
pub(crate) fn number(value: usize) -> Bytes32 {
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&(value as u64).to_be_bytes());
    bytes
}

impl Verifier {
    /// Lays out the key for a form of contract.
    pub(crate) fn key(&self, form: Form) -> Result<Key, Error> {
        let p = &self.protocol;
        let constants = self.arithmetic.dag.constants();
        let order = self.order_table();
        let outputs = self.output_table();
        let lines = |program: &Program| program.instructions.len().div_ceil(4);
        let code = match form {
            Form::Data => self.programs.iter().map(lines).sum(),
            Form::Code => 0,
        };
        let names = self.reusable().fields();
        let field_words = match form {
            Form::Data => names.len(),
            Form::Code => 0,
        };
        let statement = p.link.as_ref().map(|link| link.model.statement());
        let statement = statement.unwrap_or_default();
        let points = 2 * p.key_points.len();
        let sizes = Sizes {
            key: field_words
                + constants.len()
                + statement.len()
                + points
                + order.len()
                + outputs.len()
                + code,
            constants: field_words,
            challenges: p.challenges(),
            evaluations: p.evaluations,
            sums: self.public.columns,
            scalars: self.arithmetic.scalars,
            temporaries: self.programs.iter().map(|p| p.temporaries).max().unwrap_or(0),
            denominators: self.arithmetic.denominators,
        };
        let memory = Memory::new(sizes);
        limit("memory for a key", 1 << 16, memory.end, "")?;

        let mut words: Vec<Bytes32> = vec![];
        let mut at = KEY + 32 * field_words;
        let mut section = |content: Vec<Bytes32>| {
            let start = at;
            at += 32 * content.len();
            words.extend(content);
            start
        };
        section(constants.iter().map(word).collect());
        // It ends with the published points, which are summed up with the key's.
        let statement = section(statement);
        let points = section(p.key_points.iter().filter_map(coordinates).flatten().collect());
        let no_order = order.is_empty();
        let order = section(order);
        let outputs = section(outputs);
        let programs = match form {
            Form::Data => [0, 1].map(|i| section(self.instructions(i, &memory))),
            Form::Code => [0; 2],
        };
        let end = at;

        let mut fields = vec![
            self.key_id,
            self.transcript,
            self.s_g2[0],
            self.s_g2[1],
            self.s_g2[2],
            self.s_g2[3],
            number(p.proof_len()),
            number(64 * p.points),
            number(32 * p.evaluations),
            number(self.public_values()),
            number(self.public.values),
            number(self.public.integers),
            number(self.public.columns),
            number(32 * self.public.stride),
            word(&p.omega.pow_vartime([self.public.stride as u64])),
            self.rounds()?,
            number(memory.challenges),
            number(memory.challenges + 32 * p.after(After::X)),
            number(memory.evaluations),
            number(memory.sums),
            number(memory.power),
            number(memory.scalars),
            number(memory.denominators),
            number(memory.end),
            number(points - 64 * p.published()),
            number(points + 64 * p.key_points.len()),
            number(if no_order { 0 } else { order }),
            number(outputs),
            number(outputs + 32 * self.public.outputs.len()),
            number(programs[0]),
            number(programs[1]),
            number(end),
        ];
        if p.link.is_some() {
            fields.splice(IDS..IDS, [statement, points].map(number));
        }
        if form == Form::Data {
            words.splice(0..0, fields.iter().copied());
        }
        Ok(Key {
            fields: names.iter().copied().zip(fields).collect(),
            words,
            memory,
        })
    }

    /// Four bytes for each round, the bytes and the number of challenges. What a link is about is no part of them: it is
    /// absorbed in the round without bytes.
    fn rounds(&self) -> Result<Bytes32, Error> {
        let rounds = &self.protocol.rounds;
        limit("rounds", 8, rounds.len(), "")?;
        let mut bytes = [0; 32];
        for (four, round) in bytes.chunks_exact_mut(4).zip(rounds) {
            limit("a round of the proof", (1 << 24) - 1, round.bytes(), "")?;
            limit("challenges of a round", 255, round.challenges, "")?;
            four.copy_from_slice(&((round.bytes() as u32) << 8 | round.challenges as u32).to_be_bytes());
        }
        Ok(bytes)
    }

    /// Public value of each position, two bytes each.
    fn order_table(&self) -> Vec<Bytes32> {
        let Some(order) = &self.public.order else {
            return vec![];
        };
        if order.iter().enumerate().all(|(i, o)| i == *o as usize) {
            return vec![];
        }
        let entries: Vec<u8> = order.iter().flat_map(|o| (*o as u16).to_be_bytes()).collect();
        padded(&entries)
    }

    fn output_table(&self) -> Vec<Bytes32> {
        let entry = |o: &OutputTensor| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&(o.first as u64).to_be_bytes());
            bytes[8..16].copy_from_slice(&(o.len as u64).to_be_bytes());
            bytes[16..].copy_from_slice(&i128::from(o.scale).to_be_bytes());
            bytes
        };
        self.public.outputs.iter().map(entry).collect()
    }

    /// Four instructions to a word; the last word is filled with instructions that change nothing.
    fn instructions(&self, program: usize, memory: &Memory) -> Vec<Bytes32> {
        let bytes = |word| (memory.address(word) as u16).to_be_bytes();
        let mut code: Vec<u8> = vec![];
        for i in &self.programs[program].instructions {
            code.extend([i.to, i.a, i.b, i.c].map(bytes).concat());
        }
        while !code.len().is_multiple_of(32) {
            // The scratch space at 0 becomes 0 times 0 plus 0: the zero word of Solidity's memory.
            code.extend([0, 0, 0, 0x60, 0, 0x60, 0, 0x60]);
        }
        padded(&code)
    }
}

/// The fields of a key by the names that the sources have for them, in the order of their words.
pub(crate) const FIELD_NAMES: [&str; 32] = [
    "KEY_ID",
    "TRANSCRIPT",
    "S_G2_X1",
    "S_G2_X0",
    "S_G2_Y1",
    "S_G2_Y0",
    "PROOF_BYTES",
    "POINT_BYTES",
    "EVALUATION_BYTES",
    "PUBLIC_VALUES",
    "CLAIMED_VALUES",
    "INTEGERS",
    "INSTANCE_COLUMNS",
    "STRIDE",
    "ROOT_STEP",
    "ROUNDS",
    "CHALLENGES",
    "X",
    "EVALUATIONS",
    "SUMS",
    "POWER",
    "SCALARS",
    "DENOMINATORS",
    "MEMORY_END",
    "KEY_POINTS",
    "KEY_POINTS_END",
    "ORDER",
    "OUTPUTS",
    "OUTPUTS_END",
    "PROGRAM",
    "PROGRAM_MIDDLE",
    "PROGRAM_END",
];

/// How many of them come before the further fields of a key with a model commitment: the digest, which stands first in
/// every key. The plain verifier, which absorbs nothing of what links are about, takes a coordinate of such a key for the
/// length of a proof, and no call has that.
pub(crate) const IDS: usize = 1;

/// Further fields of a key with a model commitment: where what a link is about begins and ends.
pub(crate) const LINK_FIELD_NAMES: [&str; 2] = ["STATEMENT", "STATEMENT_END"];

/// Bytes as words, filled up with zeros.
fn padded(bytes: &[u8]) -> Vec<Bytes32> {
    let word = |chunk: &[u8]| {
        let mut word = [0; 32];
        word[..chunk.len()].copy_from_slice(chunk);
        word
    };
    bytes.chunks(32).map(word).collect()
}

pub(crate) fn limit(what: &'static str, limit: usize, found: usize, hint: &'static str) -> Result<(), Error> {
    if found <= limit {
        return Ok(());
    }
    Err(Error::TooLarge {
        what,
        limit,
        found,
        hint,
    })
}
