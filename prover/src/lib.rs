//! A proving engine for halo2 circuits (KZG, BN254) on the kernels of `gpu-msm`.
