// Compiles Solidity sources: `node compile.js [--via-ir] [--warnings] RUNS FILE...` prints one JSON object,
// {"NAME": {"abi": [...], "init": "HEX", "runtime": "HEX"}, ...}. Warnings and errors go to stderr; exit code 1
// for errors, and without `--warnings` for warnings.
const fs = require("fs");
const path = require("path");
const solc = require(process.env.ZKML_SOLC || "solc");

const words = process.argv.slice(2);
const options = words.filter((word) => word.startsWith("--"));
const [runs, ...files] = words.filter((word) => !word.startsWith("--"));
const sources = {};
for (const file of files) {
  // Named by folder and file, so that relative imports find each other.
  const name = path.basename(path.dirname(path.resolve(file))) + "/" + path.basename(file);
  sources[name] = { content: fs.readFileSync(file, "utf8") };
}
const input = {
  language: "Solidity",
  sources,
  settings: {
    evmVersion: "shanghai",
    viaIR: options.includes("--via-ir"),
    optimizer: { enabled: true, runs: Number(runs) },
    metadata: { appendCBOR: false, bytecodeHash: "none" },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
const messages = output.errors || [];
for (const message of messages) {
  process.stderr.write(message.formattedMessage);
}
const tolerated = options.includes("--warnings") ? ["info", "warning"] : ["info"];
if (messages.some((message) => !tolerated.includes(message.severity))) {
  process.exit(1);
}
const contracts = {};
for (const file of Object.values(output.contracts)) {
  for (const [name, contract] of Object.entries(file)) {
    contracts[name] = {
      abi: contract.abi,
      init: contract.evm.bytecode.object,
      runtime: contract.evm.deployedBytecode.object,
    };
  }
}
process.stdout.write(JSON.stringify(contracts, null, 1) + "\n");
