//! Precompiled contracts of a chain, some of which are not Ethereum's.

use revm::context::{Cfg, ContextTr};
use revm::handler::{EthPrecompiles, PrecompileProvider};
use revm::interpreter::{CallInputs, InstructionResult, InterpreterResult};
use revm::primitives::hardfork::SpecId;
use revm::primitives::{Address, AddressSet, Bytes};
use std::collections::HashMap;

/// What a chain has at the address of a precompiled contract, where it is not Ethereum's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precompile {
    /// An account without code: a call succeeds and returns nothing.
    Missing,
    /// A contract that reverts, and leaves the caller its gas.
    Reverting,
    /// Ethereum's, but it returns this number of bytes: the result cut off, or zeros after it.
    Returning(usize),
}

/// Ethereum's precompiled contracts, with exceptions.
#[derive(Debug)]
pub(crate) struct Precompiles {
    ethereum: EthPrecompiles,
    exceptions: HashMap<Address, Precompile>,
}

impl Precompiles {
    /// Those of a fork.
    pub(crate) fn new(fork: SpecId) -> Self {
        Self {
            ethereum: EthPrecompiles::new(fork),
            exceptions: HashMap::new(),
        }
    }

    /// Puts something else at an address.
    pub(crate) fn replace(&mut self, address: u8, with: Precompile) {
        self.exceptions.insert(Address::with_last_byte(address), with);
    }
}

impl<CTX: ContextTr<Cfg: Cfg<Spec = SpecId>>> PrecompileProvider<CTX> for Precompiles {
    type Output = InterpreterResult;

    fn set_spec(&mut self, fork: SpecId) -> bool {
        PrecompileProvider::<CTX>::set_spec(&mut self.ethereum, fork)
    }

    fn run(&mut self, context: &mut CTX, inputs: &CallInputs) -> Result<Option<InterpreterResult>, String> {
        let exception = self.exceptions.get(&inputs.bytecode_address);
        if exception == Some(&Precompile::Missing) {
            return Ok(None);
        }
        let mut output = self.ethereum.run(context, inputs)?;
        if let Some(output) = &mut output {
            match exception {
                Some(Precompile::Reverting) => {
                    output.result = InstructionResult::Revert;
                    output.output = Bytes::new();
                }
                Some(Precompile::Returning(len)) => {
                    let mut bytes = output.output.to_vec();
                    bytes.resize(*len, 0);
                    output.output = bytes.into();
                }
                Some(Precompile::Missing) | None => {}
            }
        }
        Ok(output)
    }

    fn warm_addresses(&self) -> &AddressSet {
        self.ethereum.warm_addresses()
    }
}
