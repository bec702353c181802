package dev.lockstep.backend;

/**
 * How a rank's backend works.
 *
 * @param threads worker threads of the rank, where the device has any
 * @param cacheDtype how keys and values are cached: a name that {@link CacheType#named} knows
 * @param deterministic whether the bits of a row's results follow from its own tokens alone: not from what is in the step
 *     beside it, nor from how its tokens were cut into steps
 */
public record BackendOptions(int threads, String cacheDtype, boolean deterministic) {}
