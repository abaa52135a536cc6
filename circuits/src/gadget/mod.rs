//! Gadgets: the groups of neighbouring lane cells that hold one element of an operation.
//!
//! A gadget says which cells it has, which linear forms over them are the operands of the
//! operation and its result, and which row-local constraints tie them together. Operands are
//! bound to the tensors they come from by linear constraints ([`crate::linear_constraint`]).
//!
//! Every lane cell lies in `[0, 2^b)` with `b = lane_bits`, enforced by the range lookup on
//! every active row ([`crate::config`]): each file states the bounds that follow from this.
//!
//! A new gadget is a type that implements [`GadgetSpec`], and its name in the list of [`Gadget`]. Where an operation of
//! [`zkml_core::ops`] says everything that its cells depend on, its type is the gadget's.

mod arg_max;
mod clamp;
mod clip;
mod div;
mod div_const;
mod layout;
mod lut;
mod max;
mod mul;
mod plain;
mod rescale;
mod rounding;
mod writer;

pub(crate) use arg_max::ArgMaxElement;
pub(crate) use div_const::DivByConstant;
pub(crate) use layout::GadgetLayout;
pub(crate) use lut::PlacedLut;
pub(crate) use max::{MAX_FAN_IN, MaxOfSet};
pub(crate) use plain::Plain;
pub(crate) use rescale::RescaleTo;

use crate::Error;
use writer::CellWriter;
use zkml_core::ops::{Clip, Div, Mul};

/// What a gadget computes, with everything that its cells depend on.
pub(crate) trait GadgetSpec {
    /// Name for failure messages, and of the gate in a verifying key.
    fn name(&self) -> &'static str;

    /// Layout for lanes of `b` bits.
    fn layout(&self, b: u32) -> GadgetLayout;

    /// Writes the cells for these arguments.
    ///
    /// # Errors
    /// [`Error::Witness`] for arguments that the gadget cannot hold.
    fn fill(&self, w: &mut CellWriter<'_>, args: &[i64]) -> Result<(), Error>;

    /// The width of the first output: what a copy of it takes.
    fn result(&self) -> Plain;

    /// Bits that the widest form needs: a value next to its remainder, or a scaled value.
    fn form_bits(&self, b: u32) -> u32;

    /// Arguments for slots of a row that hold no element.
    fn idle_args(&self) -> Vec<i64>;
}

/// One variant for each type of gadget.
macro_rules! gadgets {
    ($($variant:ident($spec:ty),)*) => {
        /// A gadget of any type.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Gadget {
            $($variant($spec),)*
        }

        /// The types of gadgets.
        #[cfg(any(test, feature = "assurance"))]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum GadgetType {
            $($variant,)*
        }

        #[cfg(any(test, feature = "assurance"))]
        impl GadgetType {
            /// All types, for checks that go through them.
            pub const ALL: &'static [GadgetType] = &[$(GadgetType::$variant),*];
        }

        impl Gadget {
            /// The type.
            #[cfg(test)]
            pub fn gadget_type(&self) -> GadgetType {
                match self {
                    $(Gadget::$variant(_) => GadgetType::$variant,)*
                }
            }

            fn spec(&self) -> &dyn GadgetSpec {
                match self {
                    $(Gadget::$variant(spec) => spec,)*
                }
            }
        }

        $(impl From<$spec> for Gadget {
            fn from(spec: $spec) -> Self {
                Gadget::$variant(spec)
            }
        })*
    };
}

gadgets![
    Plain(Plain),
    Rescale(RescaleTo),
    Max(MaxOfSet),
    Clip(Clip),
    Mul(Mul),
    DivConst(DivByConstant),
    Div(Div),
    Lut(PlacedLut),
    ArgMax(ArgMaxElement),
];

impl Gadget {
    /// As [`GadgetSpec::name`].
    pub fn name(&self) -> &'static str {
        self.spec().name()
    }

    /// As [`GadgetSpec::layout`].
    pub fn layout(&self, b: u32) -> GadgetLayout {
        self.spec().layout(b)
    }

    /// As [`GadgetSpec::result`].
    pub fn result(&self) -> Plain {
        self.spec().result()
    }

    /// As [`GadgetSpec::form_bits`].
    pub fn form_bits(&self, b: u32) -> u32 {
        self.spec().form_bits(b)
    }

    /// As [`GadgetSpec::idle_args`].
    pub fn idle_args(&self) -> Vec<i64> {
        self.spec().idle_args()
    }

    /// Writes the cells of a gadget with these arguments.
    ///
    /// # Errors
    /// [`Error::Witness`] for arguments that the gadget cannot hold.
    pub fn fill(&self, b: u32, args: &[i64], cells: &mut [u32]) -> Result<(), Error> {
        self.spec()
            .fill(&mut CellWriter::new(self.name(), b, cells), args)
    }
}

/// Bits of whole limbs.
fn bits(limbs: u8, b: u32) -> u32 {
    u32::from(limbs) * b
}
