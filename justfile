# Recipes for people; `.ci/run` does without `just`.

# List the recipes
default:
    @just --list --unsorted

# All checks, cheapest first
check:
    .ci/run

# The tests
test *ARGS="--workspace":
    cargo test {{ARGS}}

# Prove and verify a handwritten digit
demo *ARGS:
    cargo run --release -p zkml-cli -- demo {{ARGS}}

# Follow the guide "Adding an operation" in a copy of the sources, and leave one step out at a time: some twenty builds
guide *ARGS:
    python3 scripts/guide.py {{ARGS}}

# Criterion benches of compile, setup, prove and verify
bench *ARGS:
    cargo bench --bench mnist {{ARGS}}

# Measure what a part of the project must show: `just accept foundation`, `just accept foundation --skip-ezkl`
accept PART *ARGS:
    cargo build --release -p zkml-cli -p zkml-accept {{ if PART == "cuda" { "--features zkml-cli/cuda,zkml-accept/cuda" } else { "" } }}
    "${CARGO_TARGET_DIR:-target}/release/zkml-accept" {{PART}} {{ARGS}}

# What builds with the feature `cuda` need: prints shell lines to eval
cuda-toolkit:
    scripts/cuda_toolkit.sh

# Prove for all widths that gadgets have one assignment for each operand, and the right result: a minute or two
prove-gadgets *ARGS:
    python3 -m venv target/solver-venv
    target/solver-venv/bin/pip install --quiet z3-solver==5.4.1 cvc5==1.4.2
    cargo run --release -p zkml-circuits --features assurance --example assurance -- formulas target/gadgets
    target/solver-venv/bin/python scripts/prove_gadgets.py target/gadgets {{ARGS}}

# Lints of the code that only the feature `cuda` compiles; needs a CUDA toolkit
cuda-lints:
    eval "$(scripts/cuda_toolkit.sh)" && cargo clippy --locked --workspace --features zkml-cli/cuda,zkml-accept/cuda --lib --bins --test conformance -- -D warnings

# Compile the committed contracts again; needs node
contracts:
    ZKML_UPDATE=1 cargo test -p zkml-evm --features run --test contracts committed

# EZKL and zkml side by side: several minutes, 12 GB of memory
ezkl *ARGS:
    cargo build --release -p zkml-cli
    python3 benches/beside_ezkl.py --zkml "${CARGO_TARGET_DIR:-target}/release/zkml" {{ARGS}}

# Fuzz a parser (see fuzz/fuzz_targets); needs a nightly compiler and cargo-fuzz
fuzz TARGET SECONDS="60":
    cargo +nightly fuzz run {{TARGET}} -- -max_total_time={{SECONDS}}

# The verifier in Python: its tests, and the known answers
spec:
    python3 -m unittest discover -s spec
    PYTHONPATH=spec python3 -m zkml_spec vectors tests/fixtures/vectors

# Check licences and advisories of the dependencies; needs cargo-deny
deny:
    cargo deny check

# Write the small ONNX models under tests/models again
models:
    python3 -m venv target/models-venv
    target/models-venv/bin/pip install --quiet onnx numpy onnxruntime
    target/models-venv/bin/python scripts/make_op_models.py

# Make the .ptau files under tests/fixtures again; needs node
ptau:
    scripts/make_ptau.sh
