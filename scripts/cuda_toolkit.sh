#!/usr/bin/env bash
# Makes this machine able to build the feature `cuda`: a CUDA toolkit at /usr/local/cuda, and a libclang.
#
#     eval "$(scripts/cuda_toolkit.sh)"
#     cargo build --release -p zkml-cli --features cuda
#
# Whatever is there already stays as it is. What is missing comes from PyPI, with its checksums in
# cuda_toolkit.txt and cuda_libclang.txt, and goes to a folder of the user: $ZKML_CUDA_HOME, by default
# ~/.cache/zkml/cuda-13.0. The one change outside of it is the link /usr/local/cuda, which the build script
# of the crate icicle-cuda-runtime expects; it is made only where there is nothing of that name.
#
# Prints the shell lines that a build needs (none, if the system has a libclang); all else goes to stderr.
# No GPU and no driver are needed to build.
set -euo pipefail
cd "$(dirname "$0")"

link=${ZKML_CUDA_LINK:-/usr/local/cuda}
folder=${ZKML_CUDA_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/zkml/cuda-13.0}

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }

has_toolkit() { [[ -x $1/bin/nvcc && -f $1/include/cuda_runtime_api.h && -f $1/lib64/libcudart_static.a ]]; }

# Installs pinned packages into a folder; the folder appears whole or not at all.
install() {
    local list=$1 target=$2
    command -v python3 >/dev/null || fail "python3 was not found; install it (Debian: apt-get install python3 python3-pip)"
    python3 -m pip --version >/dev/null 2>&1 || fail "python3 has no pip; install it (Debian: apt-get install python3-pip)"
    [[ $(uname -sm) == "Linux x86_64" ]] || fail "expected Linux on x86-64, found $(uname -sm); install NVIDIA's toolkit (13.0) and libclang by hand"
    mkdir -p "$(dirname "$target")"
    rm -rf "$target.part"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --only-binary=:all: --require-hashes \
        --target "$target.part" --requirement "$list" >&2 || fail "pip could not install what $list names"
    rm -rf "$target"
    mv "$target.part" "$target"
}

command -v g++ >/dev/null || fail "g++ was not found; nvcc compiles host code with it (Debian: apt-get install g++)"

if has_toolkit "$link"; then
    say "CUDA toolkit: $link, $("$link/bin/nvcc" --version | sed -n 's/.*release \([^,]*\),.*/\1/p')"
else
    toolkit=$folder/toolkit/nvidia/cu13
    [[ $(readlink "$link") == "$toolkit" || ( ! -e $link && ! -L $link ) ]] || fail "$link is there but lacks bin/nvcc, include/cuda_runtime_api.h or lib64/libcudart_static.a; \
complete that toolkit, or move it away and run this again"
    if ! has_toolkit "$toolkit"; then
        say "installing the CUDA toolkit into $folder (about 300 MB)"
        install cuda_toolkit.txt "$folder/toolkit"
        # The packages have one folder of libraries, and toolkits are expected to call it lib64.
        ln -s lib "$toolkit/lib64"
        has_toolkit "$toolkit" || fail "the packages do not hold the toolkit that they are expected to hold: see $toolkit"
    fi
    [[ -L $link ]] || ln -s "$toolkit" "$link" 2>/dev/null || fail "$link cannot be made; run once: sudo ln -s $toolkit $link"
    say "CUDA toolkit: $toolkit, linked from $link"
fi

# bindgen looks for libclang itself; this only asks whether it will find one. libclang-cpp, which comes with LLVM's
# own libraries, is another library, and bindgen passes it over.
has_libclang() {
    [[ -n ${LIBCLANG_PATH:-} ]] && return
    local folders=(/usr/lib/llvm-*/lib)
    command -v llvm-config >/dev/null && folders+=("$(llvm-config --libdir)")
    { ls "${folders[@]}" 2>/dev/null; (ldconfig -p 2>/dev/null || true) | awk '{ print $1 }'; } | grep -Ex 'libclang(-[0-9.]+)?\.so(\.[0-9.]+)?' >/dev/null
}

if has_libclang; then
    say "libclang: the system's"
else
    clang=$folder/libclang
    if [[ ! -f $clang/clang/native/libclang.so ]]; then
        say "installing libclang into $folder (about 80 MB)"
        install cuda_libclang.txt "$clang"
    fi
    say "libclang: $clang"
    printf 'export LIBCLANG_PATH=%q\n' "$clang/clang/native"
    # That package has no headers of the compiler: gcc's serve.
    printf 'export BINDGEN_EXTRA_CLANG_ARGS=%q\n' "-I$(g++ -print-file-name=include)"
fi
