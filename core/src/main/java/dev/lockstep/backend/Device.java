package dev.lockstep.backend;

import dev.lockstep.partition.Machine;
import java.util.Optional;
import java.util.Set;

/** A kind of device that ranks run on, and what it supports. */
public interface Device {

    /** The device's name in settings, such as {@code cpu}. */
    String name();

    /** Why the device cannot be used on this machine; empty if it can. */
    Optional<String> unavailable();

    /** The precisions in which it can hold weights. */
    Set<Precision> precisions();

    /** The types in which it can cache keys and values. */
    Set<CacheType> cacheTypes();

    /** Positions per cache block. */
    int blockSize();

    /**
     * The machine parameters for the cost model of a split, for weights of this precision: one that the device runs, or
     * one that can only be planned for.
     */
    Machine machine(Precision precision);

    /** A backend for one rank. */
    Backend backend(BackendOptions options);
}
