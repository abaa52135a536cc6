//! Materialising operations: regions of gadgets, bound to their operands.

mod arg_max;
mod div_const;
mod elementwise;
mod lut;
mod max;
mod rescale;
mod shifts;
