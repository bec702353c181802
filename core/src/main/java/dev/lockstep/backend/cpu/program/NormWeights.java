package dev.lockstep.backend.cpu.program;

/** A norm's scale and shift of the local features; null where the norm has none. */
record NormWeights(float[] scale, float[] shift) {}
