//! The device of this process, chosen once.

use super::Device;
use crate::Error;
use std::sync::OnceLock;
use zkml_kernels::{Backend, Cpu};

/// A device that is ready.
#[derive(Clone, Copy)]
pub(crate) enum Chosen {
    /// The CPU.
    Cpu(&'static Cpu),
    /// A GPU.
    #[cfg(feature = "_gpu")]
    Cuda(&'static zkml_kernels::Cuda),
}

impl Chosen {
    fn name(self) -> String {
        match self {
            Self::Cpu(cpu) => cpu.name(),
            #[cfg(feature = "_gpu")]
            Self::Cuda(gpu) => gpu.name(),
        }
    }
}

/// What was chosen.
struct Selection {
    wanted: Device,
    /// From which size on the GPU is taken.
    #[cfg(feature = "_gpu")]
    gpu: Option<(zkml_kernels::Cuda, u32)>,
    /// What to tell people.
    note: Option<String>,
}

/// Why there is no GPU to use.
#[cfg(not(feature = "_gpu"))]
pub(super) const WITHOUT_CUDA: &str = "this program was built without CUDA; build it with `--features cuda`";

static SELECTION: OnceLock<Selection> = OnceLock::new();

/// The CPU, which does what is not worth a GPU.
pub(crate) fn cpu() -> &'static Cpu {
    static CPU: OnceLock<Cpu> = OnceLock::new();
    CPU.get_or_init(Cpu::new)
}

/// Chooses the device on which this process makes keys and proofs. Once it is chosen, or the first key or proof is
/// made, it stays; without a choice it is what [`Device::from_environment`] says.
///
/// Returns one line for people where [`Device::Auto`] does not take the GPU that this build could use, or has measured
/// from which size on it does.
///
/// # Errors
/// [`Error::NoGpu`] for a GPU that cannot be used; [`Error::DeviceChosen`] if another device was chosen before.
pub fn select_device(device: Device) -> Result<Option<String>, Error> {
    if SELECTION.get().is_none() {
        let selection = Selection::new(device)?;
        // Another thread may have been faster.
        let _ = SELECTION.set(selection);
    }
    let selection = selection()?;
    if selection.wanted == device {
        return Ok(selection.note.clone());
    }
    Err(Error::DeviceChosen {
        chosen: selection.wanted,
        wanted: device,
    })
}

/// What computes proofs with `2^k` rows, for people: `cpu (AVX-512 IFMA, 2 threads)`.
///
/// # Errors
/// As [`select_device`], for what the environment says.
pub fn selected_device(k: u32) -> Result<String, Error> {
    Ok(device_for(k)?.name())
}

/// The device for circuits of `2^k` rows.
pub(crate) fn device_for(k: u32) -> Result<Chosen, Error> {
    Ok(selection()?.device_for(k))
}

fn selection() -> Result<&'static Selection, Error> {
    if let Some(selection) = SELECTION.get() {
        return Ok(selection);
    }
    let selection = Selection::new(Device::from_environment()?)?;
    if let Some(note) = &selection.note {
        tracing::info!("{note}");
    }
    Ok(SELECTION.get_or_init(|| selection))
}

#[cfg(not(feature = "_gpu"))]
impl Selection {
    fn new(wanted: Device) -> Result<Self, Error> {
        match wanted {
            Device::Auto | Device::Cpu => Ok(Self { wanted, note: None }),
            Device::Cuda(_) => Err(Error::NoGpu {
                reason: WITHOUT_CUDA.into(),
            }),
        }
    }

    fn device_for(&self, _: u32) -> Chosen {
        Chosen::Cpu(cpu())
    }
}

#[cfg(feature = "_gpu")]
impl Selection {
    fn new(wanted: Device) -> Result<Self, Error> {
        let open = |index| {
            zkml_kernels::Cuda::new(index).map_err(|error| Error::NoGpu {
                reason: error.to_string(),
            })
        };
        match wanted {
            Device::Cpu => Ok(Self {
                wanted,
                gpu: None,
                note: None,
            }),
            Device::Cuda(index) => Ok(Self {
                wanted,
                gpu: Some((open(index)?, 0)),
                note: None,
            }),
            Device::Auto => Ok(
                match open(0).and_then(|gpu| automatic(&gpu).map(|found| (gpu, found))) {
                    Ok((gpu, (from, note))) => Self {
                        wanted,
                        gpu: from.map(|k| (gpu, k)),
                        note,
                    },
                    Err(error) => Self {
                        wanted,
                        gpu: None,
                        note: Some(format!("proving on the {}, not on a GPU: {error}", cpu().name())),
                    },
                },
            ),
        }
    }

    fn device_for(&'static self, k: u32) -> Chosen {
        match &self.gpu {
            Some((gpu, from)) if k >= *from => Chosen::Cuda(gpu),
            _ => Chosen::Cpu(cpu()),
        }
    }
}

/// From which size on a GPU is taken: as a calibration found that is kept, or one that is made now; and what to tell
/// people.
#[cfg(feature = "_gpu")]
fn automatic(gpu: &zkml_kernels::Cuda) -> Result<(Option<u32>, Option<String>), Error> {
    use super::crossover::Crossover;

    let path = Crossover::path().ok();
    let known = path
        .as_deref()
        .and_then(|path| Crossover::load(path, &cpu().name(), &gpu.name()));
    if let Some(known) = known {
        return Ok((known.k(), None));
    }
    let found = super::calibration::measure(cpu(), gpu)?;
    let mut note = match found.k() {
        Some(k) => format!(
            "measured once: {} proves from k = {k} on, the CPU below",
            gpu.name()
        ),
        None => format!(
            "measured once: the {} is faster than {}",
            cpu().name(),
            gpu.name()
        ),
    };
    if let Some(error) = path.and_then(|path| found.store(&path).err()) {
        note = format!("{note} (and will be measured again: {error})");
    }
    Ok((found.k(), Some(note)))
}
