/**
 * A backend that is slow and plain: it interprets lowered programs row by row and number by number, in Java arrays, with
 * loops that read like the definitions. Others are compared with it. Holds all weights and caches in fp32, uses no vectors,
 * threads or memory outside the heap of its own. May use {@code backend.lowering}; nothing but the registry of devices
 * knows its classes.
 */
package dev.lockstep.backend.reference;
