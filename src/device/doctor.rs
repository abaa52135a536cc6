//! What this machine has to prove with, and what is used for what.

use super::crossover::Crossover;
#[cfg(not(feature = "_gpu"))]
use super::open::WITHOUT_CUDA;
#[cfg(feature = "_gpu")]
use super::open::open_gpu;
use crate::{Device, Error};
use serde::Serialize;
use zkml_kernels::{Backend, Isa};

/// The CPU.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cpu {
    /// As a backend is named: `cpu (AVX-512 IFMA, 2 threads)`.
    pub name: String,
    /// Instruction sets with kernels that this CPU has, slowest first.
    pub instruction_sets: Vec<String>,
    /// Those that it lacks.
    pub missing: Vec<String>,
    /// Threads of a proof.
    pub threads: usize,
    /// Bytes of memory, where the system tells (Linux).
    pub memory: Option<u64>,
    /// Bytes of memory that are free.
    pub available: Option<u64>,
}

/// A GPU.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gpu {
    /// Its number, for `cuda:N`.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Compute capability.
    pub capability: String,
    /// Multiprocessors.
    pub multiprocessors: u32,
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of memory that could be allocated; none if it cannot be used.
    pub available: Option<u64>,
}

/// CUDA.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cuda {
    /// Whether this program was built for it.
    pub built: bool,
    /// The newest CUDA that the driver knows.
    pub driver: Option<String>,
    /// The CUDA runtime in this program.
    pub runtime: Option<String>,
    /// The toolkit on this machine, which only builds need.
    pub toolkit: Option<String>,
    /// The GPUs.
    pub gpus: Vec<Gpu>,
    /// Why there is no GPU to use.
    pub problem: Option<String>,
    /// What a calibration of the CPU and the first GPU found.
    pub crossover: Option<Crossover>,
}

/// A report on this machine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Doctor {
    /// The CPU.
    pub cpu: Cpu,
    /// CUDA and GPUs.
    pub cuda: Cuda,
    /// What is done where: operation, and device.
    pub operations: Vec<(String, String)>,
}

/// Looks at this machine, and tells what it does where with this device. Nothing is measured.
pub fn doctor(device: Device) -> Doctor {
    let cpu = look_at_cpu();
    let cuda = look_at_cuda(&cpu);
    Doctor {
        operations: operations(device, &cpu, &cuda),
        cpu,
        cuda,
    }
}

/// Measures from which size on a GPU is faster than the CPU, and keeps that for [`Device::Auto`]. [`Device::Auto`] is the
/// first GPU.
///
/// # Errors
/// [`Error::NoGpu`], in a program that was built without CUDA among others; [`Error::Kernel`] if a device fails;
/// [`Error::Io`].
pub fn calibrate(device: Device) -> Result<Crossover, Error> {
    let index = match device {
        Device::Cuda(index) => index,
        Device::Auto => 0,
        Device::Cpu => {
            return Err(Error::NoGpu {
                reason: "expected a GPU to compare the CPU with, found the CPU".into(),
            });
        }
    };
    measure(index)
}

#[cfg(feature = "_gpu")]
fn measure(gpu: usize) -> Result<Crossover, Error> {
    let found = super::calibration::measure(&zkml_kernels::Cpu::new(), &open_gpu(gpu)?)?;
    found.store(&Crossover::path()?)?;
    Ok(found)
}

#[cfg(not(feature = "_gpu"))]
fn measure(_: usize) -> Result<Crossover, Error> {
    Err(Error::NoGpu {
        reason: WITHOUT_CUDA.into(),
    })
}

fn look_at_cpu() -> Cpu {
    let names = |available: bool| {
        let sets = Isa::ALL.into_iter().filter(|isa| isa.is_available() == available);
        sets.map(|isa| isa.to_string()).collect()
    };
    Cpu {
        name: zkml_kernels::Cpu::new().name(),
        instruction_sets: names(true),
        missing: names(false),
        threads: rayon::current_num_threads(),
        memory: memory("MemTotal:"),
        available: memory("MemAvailable:"),
    }
}

/// A line of `/proc/meminfo`, in bytes.
fn memory(line: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let value = text.lines().find_map(|l| l.strip_prefix(line))?;
    let kibibytes: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(not(feature = "_gpu"))]
fn look_at_cuda(_: &Cpu) -> Cuda {
    Cuda {
        toolkit: toolkit(),
        problem: Some(WITHOUT_CUDA.into()),
        ..Cuda::default()
    }
}

#[cfg(feature = "_gpu")]
fn look_at_cuda(cpu: &Cpu) -> Cuda {
    let version = |number: u32| (number > 0).then(|| format!("{}.{}", number / 1000, number % 1000 / 10));
    let versions = zkml_kernels::Cuda::versions().ok();
    let mut cuda = Cuda {
        built: true,
        driver: versions.and_then(|v| version(v.driver)),
        runtime: versions.and_then(|v| version(v.runtime)),
        toolkit: toolkit(),
        ..Cuda::default()
    };
    let count = zkml_kernels::Cuda::count().unwrap_or(0);
    for index in 0..count.max(1) {
        match zkml_kernels::Cuda::new(index) {
            Ok(gpu) => {
                let about = gpu.description();
                cuda.gpus.push(Gpu {
                    index,
                    name: about.name.clone(),
                    capability: format!("{}.{}", about.capability.0, about.capability.1),
                    multiprocessors: about.multiprocessors,
                    memory: about.memory as u64,
                    available: gpu.available().ok().map(|bytes| bytes as u64),
                });
                if index == 0 {
                    let path = Crossover::path().ok();
                    cuda.crossover = path.and_then(|path| Crossover::load(&path, &cpu.name, &gpu.name()));
                }
            }
            Err(error) => cuda.problem = Some(error.to_string()),
        }
    }
    cuda
}

/// The version of the toolkit that builds would use.
fn toolkit() -> Option<String> {
    let output = std::process::Command::new("/usr/local/cuda/bin/nvcc")
        .arg("--version")
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (_, rest) = text.split_once("release ")?;
    Some(rest.split(',').next().unwrap_or(rest).trim().to_owned())
}

/// What is done where with a device.
fn operations(device: Device, cpu: &Cpu, cuda: &Cuda) -> Vec<(String, String)> {
    let on_cpu = cpu.name.clone();
    let name = |gpu: &Gpu| format!("cuda:{} ({})", gpu.index, gpu.name);
    let crossover = cuda.crossover.as_ref().map(Crossover::k);
    let proofs = match (device, cuda.gpus.first(), crossover) {
        (Device::Cuda(index), ..) => cuda
            .gpus
            .iter()
            .find(|gpu| gpu.index == index)
            .map_or_else(|| format!("nowhere: there is no GPU {index}"), name),
        (Device::Auto, Some(gpu), None) => format!(
            "{} from the size on that the first proof measures; `zkml doctor --calibrate` does it now",
            name(gpu)
        ),
        (Device::Auto, Some(gpu), Some(Some(k))) => format!("{} from k = {k} on, {on_cpu} below", name(gpu)),
        (Device::Auto, None, _) | (Device::Auto, _, Some(None)) | (Device::Cpu, ..) => on_cpu.clone(),
    };
    let row = |operation: &str, device: &str| (operation.to_owned(), device.to_owned());
    vec![
        row("keys: commitments, transforms", &proofs),
        row("proofs: commitments", &proofs),
        row("proofs: transforms", &proofs),
        row("proofs: quotient", &proofs),
        row("proofs: running products, evaluations, opening", &proofs),
        row("witness: running the model, filling the circuit", &on_cpu),
        row("lookups of halo2's own kind: sorting", &on_cpu),
        row("SRS: making, checking, Lagrange basis", &on_cpu),
        row("verification", &on_cpu),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_device() {
        let report = doctor(Device::Auto);
        assert!(report.operations.iter().all(|(_, device)| !device.is_empty()));
        assert!(report.cpu.instruction_sets.contains(&"portable".to_owned()));
        assert_eq!(report.cuda.gpus.is_empty(), report.cuda.problem.is_some());
        assert!(serde_json::to_string(&report).unwrap().contains("operations"));
    }

    #[test]
    fn proofs_go_where_they_were_measured_to_be_faster() {
        let report = doctor(Device::Cpu);
        assert_eq!(report.operations[1].1, report.cpu.name);
        let gpu = Gpu {
            index: 0,
            name: "X".into(),
            capability: "9.0".into(),
            multiprocessors: 1,
            memory: 1,
            available: None,
        };
        let crossover = |timings| Crossover {
            cpu: String::new(),
            gpu: String::new(),
            timings,
        };
        let timing = |gpu| super::super::Timing { k: 14, cpu: 1.0, gpu };
        let proofs = |crossover| {
            let cuda = Cuda {
                gpus: vec![gpu.clone()],
                crossover,
                ..Cuda::default()
            };
            operations(Device::Auto, &report.cpu, &cuda)[1].1.clone()
        };
        assert!(proofs(None).contains("--calibrate"));
        assert!(proofs(Some(crossover(vec![timing(0.5)]))).contains("from k = 14"));
        assert_eq!(proofs(Some(crossover(vec![timing(2.0)]))), report.cpu.name);
    }
}
