package dev.lockstep.backend;

/**
 * Options of a rank's backend.
 *
 * @param threads worker threads of the rank, on devices that have any
 * @param cacheDtype how keys and values are cached: a name that {@link CacheType#named} knows
 * @param deterministic whether the results of a row depend, bit for bit, on its own tokens alone: neither on the other
 *     rows of the step nor on how its tokens were divided into steps
 */
public record BackendOptions(int threads, String cacheDtype, boolean deterministic) {}
