package dev.lockstep.backend.cpu.program;

/** A norm's scale and shift for the local features; null if the norm has none. */
record NormWeights(float[] scale, float[] shift) {}
