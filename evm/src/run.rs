//! An Ethereum chain in memory.

use crate::precompile::Precompiles;
use crate::word::number;
use crate::{Error, KeyContract, Precompile, Reusable, Verifier};
use revm::context::TxEnv;
use revm::context::result::{ExecutionResult, HaltReason};
use revm::database::{CacheDB, EmptyDB};
use revm::handler::instructions::EthInstructions;
use revm::handler::{EthFrame, MainnetContext};
use revm::interpreter::interpreter::EthInterpreter;
use revm::primitives::hardfork::SpecId;
use revm::primitives::{Address, Bytes, TxKind, U256};
use revm::state::AccountInfo;
use revm::{Context, ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext};

type State = MainnetContext<CacheDB<EmptyDB>>;
type Evm = revm::context::Evm<
    State,
    (),
    EthInstructions<EthInterpreter, State>,
    Precompiles,
    EthFrame<EthInterpreter>,
>;

/// The fork whose rules and prices apply.
const FORK: SpecId = SpecId::OSAKA;

/// Gas limit of all transactions: the largest that Osaka allows.
const GAS_LIMIT: u64 = 1 << 24;

impl Reusable {
    /// Code that deploys it, as the pinned compiler makes it.
    pub fn init_code(self) -> Vec<u8> {
        let artefact = match self {
            Self::Plain => include_str!("../artifacts/ZkmlVerifier.json"),
            Self::Linked => include_str!("../artifacts/ZkmlLinkedVerifier.json"),
        };
        let json: serde_json::Value = serde_json::from_str(artefact).unwrap_or_default();
        // A test compares the artefact with what the compiler makes of the source.
        hex::decode(json["init"].as_str().unwrap_or_default()).unwrap_or_default()
    }
}

/// What a transaction did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it ended without a revert or a fault.
    pub success: bool,
    /// What it returned, or why it reverted.
    pub output: Vec<u8>,
    /// Gas of the whole transaction: base cost, calldata, execution.
    pub gas: u64,
    /// Topics and data of its events.
    pub events: Vec<(Vec<[u8; 32]>, Vec<u8>)>,
}

impl Outcome {
    /// Whether the first word that it returned is `true`.
    pub fn is_true(&self) -> bool {
        self.success && self.output.get(..32) == Some(&number(1))
    }
}

/// A chain with the rules of the fork Osaka, and accounts that have what they need.
pub struct Chain {
    evm: Evm,
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

impl Chain {
    /// Name of the fork whose rules and prices apply.
    pub const FORK: &'static str = "Osaka";

    /// Chain id, unless [`Chain::set_id`] changes it: that of Ethereum's main network.
    pub const ID: u64 = 1;

    /// A chain without contracts.
    pub fn new() -> Self {
        let evm = Context::mainnet()
            .with_db(CacheDB::new(EmptyDB::default()))
            .modify_cfg_chained(|cfg| {
                cfg.set_spec_and_mainnet_gas_params(FORK);
                cfg.disable_nonce_check = true;
                cfg.chain_id = Self::ID;
            })
            .build_mainnet()
            .with_precompiles(Precompiles::new(FORK));
        Chain { evm }
    }

    /// The account with this number.
    pub fn account(index: u8) -> [u8; 20] {
        let mut address = [0xac; 20];
        address[19] = index;
        address
    }

    /// Gives an account wei.
    pub fn fund(&mut self, account: [u8; 20], wei: u128) {
        let info = AccountInfo::from_balance(U256::from(wei));
        self.evm
            .ctx
            .journaled_state
            .database
            .insert_account_info(Address::from(account), info);
    }

    /// Wei of an account.
    pub fn balance(&self, account: [u8; 20]) -> u128 {
        let accounts = &self.evm.ctx.journaled_state.database.cache.accounts;
        let info = accounts.get(&Address::from(account)).map(|a| &a.info);
        info.map_or(0, |info| info.balance.saturating_to())
    }

    /// The code of a contract; none of another account.
    pub fn code(&self, account: [u8; 20]) -> Vec<u8> {
        let cache = &self.evm.ctx.journaled_state.database.cache;
        let account = cache.accounts.get(&Address::from(account));
        let code = account.and_then(|account| cache.contracts.get(&account.info.code_hash));
        code.map_or_else(Vec::new, |code| code.original_bytes().to_vec())
    }

    /// Changes the chain id, as a fork of the chain does: contracts stay where they are.
    pub fn set_id(&mut self, id: u64) {
        self.evm.ctx.cfg.chain_id = id;
    }

    /// Puts something else at the address of a precompiled contract.
    pub fn set_precompile(&mut self, address: u8, precompile: Precompile) {
        self.evm.precompiles.replace(address, precompile);
    }

    /// Seconds since the epoch in the blocks to come.
    pub fn set_time(&mut self, seconds: u64) {
        self.evm.ctx.block.timestamp = U256::from(seconds);
    }

    /// Creates a contract from code and encoded arguments of its constructor.
    ///
    /// # Errors
    /// [`Error::Evm`] if the constructor reverts or the code is larger than allowed.
    pub fn deploy(&mut self, code: &[u8], arguments: &[u8]) -> Result<([u8; 20], u64), Error> {
        let data = [code, arguments].concat();
        let result = self.run(Self::account(0), TxKind::Create, 0, data, GAS_LIMIT, true)?;
        match &result {
            ExecutionResult::Success { output, gas, .. } => match output.address() {
                Some(address) => Ok((address.into_array(), gas.tx_gas_used())),
                None => Err(fault("a deployment", "no contract")),
            },
            other => Err(fault("a deployment", format!("{other:?}"))),
        }
    }

    /// Deploys the key contract of a circuit, and gives what names it in calls of the reusable verifier.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for a key that no contract holds, [`Error::Evm`] as [`Chain::deploy`].
    pub fn deploy_key(&mut self, verifier: &Verifier) -> Result<KeyContract, Error> {
        let (address, _) = self.deploy(&verifier.key_init_code()?, &[])?;
        Ok(KeyContract {
            address,
            code_hash: verifier.key_code_hash()?,
        })
    }

    /// A transaction.
    ///
    /// # Errors
    /// [`Error::Evm`] if it is not valid at all.
    pub fn transact(
        &mut self,
        from: [u8; 20],
        to: [u8; 20],
        wei: u128,
        data: Vec<u8>,
    ) -> Result<Outcome, Error> {
        self.run(from, TxKind::Call(Address::from(to)), wei, data, GAS_LIMIT, true)
            .map(outcome)
    }

    /// A transaction that leaves no trace.
    ///
    /// # Errors
    /// [`Error::Evm`] if it is not valid at all.
    pub fn call(&mut self, to: [u8; 20], data: Vec<u8>) -> Result<Outcome, Error> {
        self.call_with_gas(to, data, GAS_LIMIT)
    }

    /// A transaction with a gas limit of choice that leaves no trace.
    ///
    /// # Errors
    /// [`Error::Evm`] if it is not valid at all.
    pub fn call_with_gas(&mut self, to: [u8; 20], data: Vec<u8>, gas: u64) -> Result<Outcome, Error> {
        let kind = TxKind::Call(Address::from(to));
        self.run(Self::account(0), kind, 0, data, gas, false).map(outcome)
    }

    fn run(
        &mut self,
        from: [u8; 20],
        kind: TxKind,
        wei: u128,
        data: Vec<u8>,
        gas: u64,
        commit: bool,
    ) -> Result<ExecutionResult<HaltReason>, Error> {
        let tx = TxEnv::builder()
            .caller(Address::from(from))
            .kind(kind)
            .value(U256::from(wei))
            .data(Bytes::from(data))
            .gas_limit(gas)
            .chain_id(Some(self.evm.ctx.cfg.chain_id))
            .build()
            .map_err(|e| fault("a transaction", format!("{e:?}")))?;
        let result = if commit {
            self.evm.transact_commit(tx)
        } else {
            self.evm.transact(tx).map(|r| r.result)
        };
        result.map_err(|e| fault("a transaction", e))
    }
}

fn fault(what: &'static str, reason: impl ToString) -> Error {
    Error::Evm {
        what,
        reason: reason.to_string(),
    }
}

fn outcome(result: ExecutionResult<HaltReason>) -> Outcome {
    Outcome {
        success: result.is_success(),
        output: result.output().map(|o| o.to_vec()).unwrap_or_default(),
        gas: result.tx_gas_used(),
        events: result
            .logs()
            .iter()
            .map(|log| {
                let topics = log.data.topics().iter().map(|t| t.0).collect();
                (topics, log.data.data.to_vec())
            })
            .collect(),
    }
}
