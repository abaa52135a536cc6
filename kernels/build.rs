//! Compiles the CUDA kernels under `cuda/`, where a feature asks for them.
//!
//! - `cuda`: nvcc, for the architectures of [`ARCHITECTURES`] and PTX for newer ones. CUDA's runtime is linked
//!   statically, so that the program starts where there is only a driver, or none.
//! - `cuda-host`: g++, with an emulation of CUDA's execution model that comes with the kernels.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Kernels and what they include.
const SOURCES: &str = "cuda";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let cuda = env::var_os("CARGO_FEATURE_CUDA").is_some();
    let host = env::var_os("CARGO_FEATURE_CUDA_HOST").is_some();
    if !cuda && !host {
        return;
    }
    println!("cargo:rerun-if-changed={SOURCES}");
    let built = if cuda { device::build() } else { host::build() };
    if let Err(error) = built {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

/// The files of a folder with an extension, in order.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    let unreadable = |error| format!("{}: expected the kernels' sources: {error}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(format!(
            "{}: expected files *.{extension}, found none",
            folder.display()
        ));
    }
    Ok(found)
}

/// The folder that Cargo lends to this script.
fn out_dir() -> Result<PathBuf, String> {
    env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| "expected OUT_DIR from Cargo".into())
}

/// For GPUs.
mod device {
    use super::{SOURCES, files, out_dir};
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::{env, fs, thread};

    /// Where a toolkit is expected; the build script of icicle-cuda-runtime knows no other place.
    const TOOLKIT: &str = "/usr/local/cuda";

    /// Machine code for A100 and H100, and PTX that the driver compiles for newer GPUs.
    const ARCHITECTURES: [&str; 3] = [
        "arch=compute_80,code=sm_80",
        "arch=compute_90,code=sm_90",
        "arch=compute_90,code=compute_90",
    ];

    /// How to get a toolkit.
    const ADVICE: &str = "run `eval \"$(scripts/cuda_toolkit.sh)\"`, which installs one without a change to the system, \
                          or install NVIDIA's CUDA toolkit (12 or later)";

    pub fn build() -> Result<(), String> {
        println!("cargo:rerun-if-env-changed=NVCC");
        let out = out_dir()?;
        let nvcc = nvcc()?;
        let sources = files(Path::new(SOURCES), "cu")?;
        let objects = compile(&nvcc, &sources, &out)?;
        let archive = out.join("libzkml_cuda.a");
        // An archive that is there would keep its members.
        if archive.exists() {
            fs::remove_file(&archive).map_err(|e| format!("{}: {e}", archive.display()))?;
        }
        run(Command::new(&nvcc)
            .arg("--lib")
            .arg("-o")
            .arg(&archive)
            .args(&objects))?;
        println!("cargo:rustc-link-search=native={}", out.display());
        println!("cargo:rustc-link-lib=static=zkml_cuda");
        link_runtime(&out)
    }

    fn nvcc() -> Result<PathBuf, String> {
        let nvcc = env::var_os("NVCC").map_or_else(|| Path::new(TOOLKIT).join("bin/nvcc"), PathBuf::from);
        match Command::new(&nvcc).arg("--version").output() {
            Ok(output) if output.status.success() => Ok(nvcc),
            _ => Err(format!(
                "the feature `cuda` expects CUDA's compiler, found none at {}: {ADVICE}",
                nvcc.display()
            )),
        }
    }

    /// Compiles each source to an object, as many at a time as Cargo allows.
    fn compile(nvcc: &Path, sources: &[PathBuf], out: &Path) -> Result<Vec<PathBuf>, String> {
        let jobs = env::var("NUM_JOBS")
            .ok()
            .and_then(|jobs| jobs.parse().ok())
            .unwrap_or(1)
            .max(1);
        let mut objects = Vec::new();
        for batch in sources.chunks(jobs) {
            let compiled: Vec<Result<PathBuf, String>> = thread::scope(|scope| {
                let running: Vec<_> = batch
                    .iter()
                    .map(|source| scope.spawn(move || compile_one(nvcc, source, out)))
                    .collect();
                let joined = running.into_iter().map(|thread| thread.join());
                joined
                    .map(|r| r.unwrap_or_else(|_| Err("a compiling thread panicked".into())))
                    .collect()
            });
            for object in compiled {
                objects.push(object?);
            }
        }
        Ok(objects)
    }

    fn compile_one(nvcc: &Path, source: &Path, out: &Path) -> Result<PathBuf, String> {
        let name = source.file_stem().unwrap_or_default();
        let object = out.join(name).with_extension("o");
        let mut command = Command::new(nvcc);
        // The kernels' host code does without C++'s library, so that the program needs none. Its only local statics are
        // those of what nvcc generates to register kernels, before the program has threads.
        command.args(["-c", "-O3", "-std=c++17", "-lineinfo"]);
        command.args([
            "-Xcompiler",
            "-fPIC,-fno-exceptions,-fno-rtti,-fno-threadsafe-statics",
        ]);
        for architecture in ARCHITECTURES {
            command.args(["-gencode", architecture]);
        }
        run(command.arg("-I").arg(SOURCES).arg("-o").arg(&object).arg(source))?;
        Ok(object)
    }

    /// Has the linker take the static CUDA runtime for `-lcudart`, which icicle-cuda-runtime asks for: this
    /// script's folder is searched before the toolkit's.
    fn link_runtime(out: &Path) -> Result<(), String> {
        let runtime = ["lib64", "lib"]
            .map(|folder| Path::new(TOOLKIT).join(folder).join("libcudart_static.a"))
            .into_iter()
            .find(|path| path.is_file())
            .ok_or_else(|| format!("expected {TOOLKIT}/lib64/libcudart_static.a, found none: {ADVICE}"))?;
        fs::copy(&runtime, out.join("libcudart.a")).map_err(|e| format!("{}: {e}", runtime.display()))?;
        println!("cargo:rerun-if-changed={}", runtime.display());
        // What the runtime needs itself; part of libc where that is glibc 2.34 or later.
        for library in ["dl", "rt", "pthread"] {
            println!("cargo:rustc-link-lib={library}");
        }
        Ok(())
    }

    fn run(command: &mut Command) -> Result<(), String> {
        let status = command.status().map_err(|e| format!("{command:?}: {e}"))?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("{command:?}: {status}"))
        }
    }
}

/// For the CPU, in tests.
mod host {
    use super::{SOURCES, files};
    use std::path::Path;
    #[cfg(feature = "cuda-host")]
    use std::path::PathBuf;

    /// The emulation itself.
    #[cfg(feature = "cuda-host")]
    const EMULATION: &str = "cuda/host";

    /// Kernels with mistakes, for tests.
    #[cfg(feature = "cuda-host")]
    const PROBES: &str = "races.cpp";

    #[cfg(feature = "cuda-host")]
    pub fn build() -> Result<(), String> {
        let (probes, emulation): (Vec<PathBuf>, Vec<PathBuf>) = files(Path::new(EMULATION), "cpp")?
            .into_iter()
            .partition(|file| file.ends_with(PROBES));
        // Each access of a kernel calls the emulation: see accesses.cpp. The kernels need it, so they are linked first.
        let mut kernels = build_of([files(Path::new(SOURCES), "cu")?, probes].concat());
        kernels.flag("-fsanitize=thread");
        compile(&kernels, "zkml_cuda_kernels")?;
        compile(&build_of(emulation), "zkml_cuda_host")
    }

    #[cfg(feature = "cuda-host")]
    fn build_of(sources: Vec<PathBuf>) -> cc::Build {
        let mut build = cc::Build::new();
        build
            .cpp(true)
            .std("c++17")
            // Without optimisation the emulation would take hours.
            .opt_level(2)
            .warnings(true)
            .include(SOURCES)
            .define("ZKML_HOST", "1")
            .flag("-xc++")
            .files(sources);
        build
    }

    #[cfg(feature = "cuda-host")]
    fn compile(build: &cc::Build, name: &str) -> Result<(), String> {
        build.try_compile(name).map_err(|e| {
            format!("{e}; the feature `cuda-host` needs a C++17 compiler (Debian: apt-get install g++)")
        })
    }

    #[cfg(not(feature = "cuda-host"))]
    pub fn build() -> Result<(), String> {
        files(Path::new(SOURCES), "cu").map(drop)
    }
}
