//! Opening a device.

use super::Device;
use crate::Error;
use zkml_kernels::Cpu;

/// A device that is ready.
pub(crate) enum Opened {
    /// The CPU.
    Cpu(Cpu),
    /// A GPU.
    #[cfg(feature = "_gpu")]
    Cuda(zkml_kernels::Cuda),
}

/// Why there is no GPU to use.
#[cfg(not(feature = "_gpu"))]
pub(super) const WITHOUT_CUDA: &str = "this program was built without CUDA; build it with `--features cuda`";

impl Device {
    /// Checks that the device can be used, before anything is read for it. [`Device::Auto`] always can; where this build
    /// and this machine have not measured yet from which size on the GPU is faster, that is done here, once.
    ///
    /// Returns one line for people where [`Device::Auto`] does not take the GPU that this build could use, or has measured.
    ///
    /// # Errors
    /// [`Error::NoGpu`] for a GPU that cannot be used.
    pub fn check(self) -> Result<Option<String>, Error> {
        Ok(Choice::new(self)?.note)
    }

    /// The device for circuits of `2^k` rows.
    pub(crate) fn open(self, k: u32) -> Result<Opened, Error> {
        let choice = Choice::new(self)?;
        if let Some(note) = &choice.note {
            tracing::info!("{note}");
        }
        Ok(choice.opened(k))
    }
}

/// What a device comes to on this machine.
#[derive(Default)]
struct Choice {
    /// The GPU, and the size from which on it is taken.
    #[cfg(feature = "_gpu")]
    gpu: Option<(zkml_kernels::Cuda, u32)>,
    /// One line for people.
    note: Option<String>,
}

#[cfg(not(feature = "_gpu"))]
impl Choice {
    fn new(wanted: Device) -> Result<Self, Error> {
        match wanted {
            Device::Auto | Device::Cpu => Ok(Self::default()),
            Device::Cuda(_) => Err(Error::NoGpu {
                reason: WITHOUT_CUDA.into(),
            }),
        }
    }

    fn opened(self, _: u32) -> Opened {
        Opened::Cpu(Cpu::new())
    }
}

#[cfg(feature = "_gpu")]
impl Choice {
    fn new(wanted: Device) -> Result<Self, Error> {
        match wanted {
            Device::Cpu => Ok(Self::default()),
            Device::Cuda(index) => Ok(Self {
                gpu: Some((open_gpu(index)?, 0)),
                note: None,
            }),
            Device::Auto => Ok(open_gpu(0).and_then(automatic).unwrap_or_else(|error| Self {
                gpu: None,
                note: Some(format!("proving on the {}, not on a GPU: {error}", cpu_name())),
            })),
        }
    }

    fn opened(self, k: u32) -> Opened {
        match self.gpu {
            Some((gpu, from)) if k >= from => Opened::Cuda(gpu),
            _ => Opened::Cpu(Cpu::new()),
        }
    }
}

/// The GPU of that number.
#[cfg(feature = "_gpu")]
pub(super) fn open_gpu(index: usize) -> Result<zkml_kernels::Cuda, Error> {
    zkml_kernels::Cuda::new(index).map_err(|error| Error::NoGpu {
        reason: error.to_string(),
    })
}

#[cfg(feature = "_gpu")]
fn cpu_name() -> String {
    use zkml_kernels::Backend;
    Cpu::new().name()
}

/// From which size on a GPU is taken: as a calibration found that is kept, or one that is made now.
#[cfg(feature = "_gpu")]
fn automatic(gpu: zkml_kernels::Cuda) -> Result<Choice, Error> {
    use super::crossover::Crossover;
    use zkml_kernels::Backend;

    let (cpu, path) = (Cpu::new(), Crossover::path().ok());
    let known = path.as_deref();
    let known = known.and_then(|path| Crossover::load(path, &cpu.name(), &gpu.name()));
    let choice = |found: &Crossover, note| Choice {
        gpu: found.k().map(|k| (gpu.clone(), k)),
        note,
    };
    if let Some(known) = known {
        return Ok(choice(&known, None));
    }
    let found = super::calibration::measure(&cpu, &gpu)?;
    let mut note = match found.k() {
        Some(k) => format!(
            "measured once: {} proves from k = {k} on, the CPU below",
            gpu.name()
        ),
        None => format!("measured once: the {} is faster than {}", cpu.name(), gpu.name()),
    };
    if let Some(error) = path.and_then(|path| found.store(&path).err()) {
        note = format!("{note} (and will be measured again: {error})");
    }
    Ok(choice(&found, Some(note)))
}
