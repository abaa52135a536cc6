#!/usr/bin/env bash
# `just accept cuda` on a machine with a GPU but without Rust: programs are built on one machine and run on another.
#
#     benches/cuda.sh build target/cuda-kit      # needs Rust and scripts/cuda_toolkit.sh; no GPU
#     benches/cuda.sh run target/cuda-kit        # needs a GPU and its driver; where they are, nsys and compute-sanitizer
#
# `build` writes everything that `run` needs into the folder, which may be copied, on x86-64 Linux with a glibc at least
# as new. `run` prints one line per item and keeps the log, with GPU, driver and toolkit named, under benches/results/
# of that folder. Further arguments of `run` go to zkml-accept. ZKML_MODELS and ZKML_MLPS name folders of models.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)

# Links the peer's program where there is no driver: it takes CUDA's shared libraries, of which PyPI's toolkit has
# no link without a version and no stub of the driver. The program looks for both by their versions when it starts.
peer_libraries() {
    local folder=$1 runtime
    mkdir -p "$folder"
    for runtime in /usr/local/cuda/lib64/libcudart.so.*; do
        cp -L "$runtime" "$folder/"
        ln -sf "$(basename "$runtime")" "$folder/libcudart.so"
    done
    sed -n 's/^CUresult CUDAAPI \(cu[A-Za-z0-9_]*\)(.*/void \1(void) {}/p' /usr/local/cuda/include/cuda.h | sort -u |
        gcc -shared -fPIC -Wl,-soname,libcuda.so.1 -x c - -o "$folder/libcuda.so"
}

build() {
    local kit=$1 target
    eval "$("$here/scripts/cuda_toolkit.sh")"
    cd "$here"
    target=${CARGO_TARGET_DIR:-$here/target}
    mkdir -p "$kit/benches/results"
    cargo build --locked --release -p zkml-cli -p zkml-accept --features zkml-cli/cuda,zkml-accept/cuda
    cp "$target/release/zkml" "$target/release/zkml-accept" "$kit/"
    # The test program that compute-sanitizer runs.
    local conformance
    conformance=$(cargo test --locked --release -p zkml-kernels --features cuda --test conformance --no-run --message-format=json |
        sed -n 's/.*"name":"conformance".*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
    cp "$conformance" "$kit/conformance"
    # Code for the GPUs of A100 and H100: without this the crate asks nvidia-smi, which is not here.
    peer_libraries "$target/cuda-peer/lib"
    if (cd benches/cuda-peer && PATH="/usr/local/cuda/bin:$PATH" CUDA_ARCH=${CUDA_ARCH:-90} CUDA_LIB_DIR="$target/cuda-peer/lib" \
        cargo build --release --target-dir "$target/cuda-peer"); then
        mkdir -p "$kit/lib"
        cp "$target/cuda-peer/release/cuda-peer" "$kit/"
        cp "$target/cuda-peer/lib/"libcudart.so.* "$kit/lib/"
    else
        echo "halo2-axiom-gpu was not built: its items will fall short" >&2
    fi
    cp -r assets benches/cuda.sh "$kit/"
    mv "$kit/cuda.sh" "$kit/benches/"
    git rev-parse HEAD >"$kit/revision"
}

run() {
    local kit
    kit=$(cd "$1" && pwd)
    shift
    command -v nvidia-smi >/dev/null || { echo "error: nvidia-smi was not found: this machine has no NVIDIA driver" >&2; exit 1; }
    local gpu log
    gpu=$(nvidia-smi --query-gpu=name --format=csv,noheader | head -n 1)
    mkdir -p "$kit/benches/results"
    log=$kit/benches/results/cuda-$(tr ' /' '__' <<<"$gpu")-$(date +%Y-%m-%d).txt
    local peer=()
    [[ ! -x $kit/cuda-peer ]] || peer=(--peer "$kit/cuda-peer")
    {
        echo "command: benches/cuda.sh run $*"
        echo "revision: $(cat "$kit/revision")"
        echo "GPU: $(nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv,noheader)"
        echo "CPU: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores"
        nvcc --version 2>/dev/null | tail -n 2 || echo "toolkit: none here"
        "$kit/zkml" doctor
    } | tee "$log"
    LD_LIBRARY_PATH=$kit/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} ZKML_ROOT=$kit ZKML_CONFORMANCE=$kit/conformance ZKML_REQUIRE_BACKENDS=cuda \
        "$kit/zkml-accept" cuda --zkml "$kit/zkml" "${peer[@]}" "$@" 2>&1 | tee -a "$log"
}

case ${1:-} in
build | run)
    [[ $# -ge 2 ]] || { echo "error: expected a folder" >&2; exit 2; }
    "$@"
    ;;
*)
    sed -n '2,11s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
