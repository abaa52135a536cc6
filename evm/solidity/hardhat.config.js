module.exports = {
  solidity: {
    version: "0.8.28",
    settings: { evmVersion: "shanghai", optimizer: { enabled: true, runs: 1000000 } },
  },
  paths: { sources: "./src" },
};
