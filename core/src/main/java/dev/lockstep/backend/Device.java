package dev.lockstep.backend;

import dev.lockstep.partition.Machine;
import java.util.Optional;
import java.util.Set;

/** A kind of device that ranks run on, and what it supports. */
public interface Device {

    /** What settings call it, such as {@code cpu}. */
    String name();

    /** Why it cannot be used on this machine; empty when it can. */
    Optional<String> unavailable();

    /** How weights can be held. */
    Set<Precision> precisions();

    /** How keys and values can be cached. */
    Set<CacheType> cacheTypes();

    /** Positions of a cache block. */
    int blockSize();

    /** What the cost of a split is reckoned with, for weights of this precision, one it runs or one that is planned for. */
    Machine machine(Precision precision);

    /** A backend for one rank. */
    Backend backend(BackendOptions options);
}
