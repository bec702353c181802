package dev.lockstep.partition;

/**
 * The machine model of the cost objective. It is deliberately simple: it ranks choices, it does not predict times.
 *
 * @param rows rows of a typical step
 * @param context keys a typical row attends over
 * @param elementBytes bytes of a weight's element
 * @param memoryBandwidth bytes per second one rank reads weights at
 * @param flops floating point operations per second of one rank
 * @param latency seconds that a collective takes regardless of its size
 * @param linkBandwidth bytes per second of an exchange
 */
public record Machine(
        int rows,
        int context,
        int elementBytes,
        double memoryBandwidth,
        double flops,
        double latency,
        double linkBandwidth) {

    /** A rank of one or two CPU cores in one process: GEMM and memory rates as measured by the benchmarks. */
    public static final Machine CPU = new Machine(64, 256, 4, 2e10, 2e11, 2e-5, 5e9);

    /** The same with weights of other elements. */
    public Machine withElementBytes(int bytes) {
        return new Machine(rows, context, bytes, memoryBandwidth, flops, latency, linkBandwidth);
    }
}
