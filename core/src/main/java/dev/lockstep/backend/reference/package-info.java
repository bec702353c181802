/**
 * A slow and simple backend: it interprets lowered programs row by row and number by number, in Java arrays, with loops
 * that follow the definitions. Other backends are compared with it. Holds all weights and caches in fp32; uses no
 * vectors, no threads and no memory outside the heap. May use {@code backend.lowering}; only the registry of devices
 * knows its classes.
 */
package dev.lockstep.backend.reference;
