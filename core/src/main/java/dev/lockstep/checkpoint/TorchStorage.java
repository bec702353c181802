package dev.lockstep.checkpoint;

/** One storage of a torch archive: {@code elements} values under {@code data/<key>}. */
record TorchStorage(String key, DType dtype, long elements) {}
