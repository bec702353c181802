package dev.lockstep.checkpoint;

/** A view of a storage: element counts, not bytes. */
record TorchTensor(TorchStorage storage, long offset, long[] shape, long[] strides) {}
