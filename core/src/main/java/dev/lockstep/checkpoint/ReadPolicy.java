package dev.lockstep.checkpoint;

/**
 * How reads are grouped on a storage.
 *
 * @param gapBytes two wanted ranges closer than this are read as one: reading the gap costs less than another request
 * @param windowBytes the most one request reads
 */
public record ReadPolicy(int gapBytes, int windowBytes) {

    /** A local disk: a request costs microseconds, and a window that stays in the processor's cache is best. */
    public static final ReadPolicy LOCAL = new ReadPolicy(64 << 10, 2 << 20);

    /** Object stores and remote file systems: a request costs milliseconds. */
    public static final ReadPolicy REMOTE = new ReadPolicy(1 << 20, 16 << 20);

    public ReadPolicy {
        if (gapBytes < 0 || windowBytes < 64) {
            throw new IllegalArgumentException(
                    "gapBytes=" + gapBytes + " and windowBytes=" + windowBytes + ": expected at least 0 and 64");
        }
    }
}
