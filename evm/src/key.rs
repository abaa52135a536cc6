//! What a contract knows of a circuit: fields, constants, points, tables and arithmetic, laid out for
//! its memory.

use crate::error::limit;
use crate::reusable::IDS;
use crate::word::{Bytes32, coordinates, number, padded, word};
use crate::{CODE_LIMIT, Error, OutputTensor, Verifier};
use ff::Field;
use sha3::{Digest, Keccak256};
use zkml_verifier::{After, Memory, ModelLink, Program, Sizes};

/// Address of the key: the start of free memory in Solidity. A compiler that runs out of stack keeps variables there; contracts
/// refuse to run if it did.
pub(crate) const KEY: usize = 0x80;

/// The address of a word.
pub(crate) fn address(index: usize) -> usize {
    KEY + 32 * index
}

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

impl Verifier {
    /// Lays out the key for a form of contract.
    pub(crate) fn key(&self, form: Form) -> Result<Key, Error> {
        let p = &self.protocol;
        let (constants, programs) = (&self.arithmetic.constants, &self.arithmetic.programs);
        let order = self.order_table();
        let outputs = self.output_table();
        let lines = |program: &Program| program.instructions.len().div_ceil(4);
        let code = match form {
            Form::Data => programs.iter().map(lines).sum(),
            Form::Code => 0,
        };
        let names = self.reusable().fields();
        let field_words = match form {
            Form::Data => names.len(),
            Form::Code => 0,
        };
        let statement = p.link.as_ref().map(|link| statement(&link.model));
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
            temporaries: programs.iter().map(|p| p.temporaries).max().unwrap_or(0),
            denominators: self.arithmetic.denominators,
        };
        let memory = Memory::new(sizes);
        limit("memory for a key", 1 << 16, address(memory.end), "")?;

        let mut words: Vec<Bytes32> = vec![];
        let mut at = address(field_words);
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
            number(address(memory.challenges)),
            number(address(memory.challenges + p.after(After::X))),
            number(address(memory.evaluations)),
            number(address(memory.sums)),
            number(address(memory.power)),
            number(address(memory.scalars)),
            number(address(memory.denominators)),
            number(address(memory.end)),
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
        let bytes = |word| (address(memory.index(word)) as u16).to_be_bytes();
        let mut code: Vec<u8> = vec![];
        for i in &self.arithmetic.programs[program].instructions {
            code.extend([i.to, i.a, i.b, i.c].map(bytes).concat());
        }
        while !code.len().is_multiple_of(32) {
            // The scratch space at 0 becomes 0 times 0 plus 0: the zero word of Solidity's memory.
            code.extend([0, 0, 0, 0x60, 0, 0x60, 0, 0x60]);
        }
        padded(&code)
    }

    /// The code of a key contract: an instruction that ends a call, then the words. The instruction tells apart what
    /// the two reusable verifiers read: STOP, or INVALID with a model commitment, whose fields stand elsewhere, too.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for more than a contract's code may have.
    pub fn key_code(&self) -> Result<Vec<u8>, Error> {
        let key = self.key(Form::Data)?;
        let mut code = vec![self.reusable().first_byte()];
        key.words.iter().for_each(|w| code.extend_from_slice(w));
        limit("key data", CODE_LIMIT, code.len(), "")?;
        Ok(code)
    }

    /// Code that deploys a key contract.
    ///
    /// # Errors
    /// Those of [`Verifier::key_code`].
    pub fn key_init_code(&self) -> Result<Vec<u8>, Error> {
        let code = self.key_code()?;
        let [high, low] = (code.len() as u16).to_be_bytes();
        // PUSH2 length, DUP1, PUSH1 12, PUSH1 0, CODECOPY, PUSH1 0, RETURN: the code that follows.
        let start = [0x61, high, low, 0x80, 0x60, 12, 0x60, 0, 0x39, 0x60, 0, 0xf3];
        Ok([&start[..], &code].concat())
    }

    /// The hash of a key contract's code, which consumers of the reusable verifier pin.
    ///
    /// # Errors
    /// Those of [`Verifier::key_code`].
    pub fn key_code_hash(&self) -> Result<[u8; 32], Error> {
        Ok(Keccak256::digest(self.key_code()?).into())
    }
}

/// What a transcript absorbs before a link's challenge, as a contract has it.
fn statement(link: &ModelLink) -> Vec<Bytes32> {
    let points = link.published.iter().filter_map(coordinates).flatten();
    link.head().iter().map(word).chain(points).collect()
}
