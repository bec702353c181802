package dev.lockstep.engine;

/**
 * The options that distinguish one engine from another.
 *
 * @param model a checkpoint's folder
 * @param tp ranks, at least 1
 * @param dtype {@code fp32}, {@code bf16} or {@code int8}: the data type of weights
 * @param split {@code cost} or {@code max}: what the partitioner optimises
 * @param threads worker threads of each rank; 0 for its share of the cores
 * @param memoryBudget bytes one rank may hold outside the Java heap; 0 for what is free
 * @param maxBatchTokens tokens of one step at most; 0 for the default
 * @param maxSequences sequences of one step at most; 0 for the default
 * @param cacheDtype {@code auto}, {@code fp32}, {@code int16} or {@code int8}: the data type of the KV cache; {@code
 *     auto} follows the weights
 * @param prefixSharing whether rows with a common prefix compute it once, in models that allow it
 * @param deterministic whether a row's values are bit-identical whatever else is in the batch; costs speed
 * @param device {@code auto} or a name that {@link Devices} knows: what ranks run on
 */
public record EngineOptions(
        String model,
        int tp,
        String dtype,
        String split,
        int threads,
        long memoryBudget,
        int maxBatchTokens,
        int maxSequences,
        String cacheDtype,
        boolean prefixSharing,
        boolean deterministic,
        String device) {

    public EngineOptions {
        require(tp >= 1, "tp", tp, "at least 1");
        Devices.require(Devices.named(device), dtype, cacheDtype);
        require(split.equals("cost") || split.equals("max"), "split", split, "cost or max");
        require(threads >= 0, "threads", threads, "0 (automatic) or more");
        require(memoryBudget >= 0, "memory budget", memoryBudget, "0 (automatic) or a number of bytes");
        require(maxBatchTokens >= 0, "max_batch_tokens", maxBatchTokens, "0 (automatic) or more");
        require(maxSequences >= 0, "max_sequences", maxSequences, "0 (automatic) or more");
    }

    /** As most run: prefixes shared, sums in whatever order is fastest. */
    public EngineOptions(
            String model,
            int tp,
            String dtype,
            String split,
            int threads,
            long memoryBudget,
            int maxBatchTokens,
            int maxSequences) {
        this(
                model,
                tp,
                dtype,
                split,
                threads,
                memoryBudget,
                maxBatchTokens,
                maxSequences,
                "auto",
                true,
                false,
                Devices.AUTO);
    }

    private static void require(boolean holds, String name, Object found, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + found + ", expected " + expected);
        }
    }

    public static EngineOptions of(String model, int tp) {
        return new EngineOptions(model, tp, "fp32", "cost", 0, 0, 0, 0);
    }

    public EngineOptions withThreads(int count) {
        Builder builder = new Builder(this);
        builder.threads = count;
        return builder.build();
    }

    /** @param bytes 0 for what is free */
    public EngineOptions withMemoryBudget(long bytes) {
        Builder builder = new Builder(this);
        builder.memoryBudget = bytes;
        return builder.build();
    }

    public EngineOptions withCacheDtype(String type) {
        Builder builder = new Builder(this);
        builder.cacheDtype = type;
        return builder.build();
    }

    public EngineOptions withPrefixSharing(boolean shared) {
        Builder builder = new Builder(this);
        builder.prefixSharing = shared;
        return builder.build();
    }

    public EngineOptions withDeterministic(boolean same) {
        Builder builder = new Builder(this);
        builder.deterministic = same;
        return builder.build();
    }

    public EngineOptions withDevice(String name) {
        Builder builder = new Builder(this);
        builder.device = name;
        return builder.build();
    }

    /** What the copies above change. */
    private static final class Builder {
        private final EngineOptions from;
        private int threads;
        private long memoryBudget;
        private String cacheDtype;
        private boolean prefixSharing;
        private boolean deterministic;
        private String device;

        Builder(EngineOptions from) {
            this.from = from;
            this.threads = from.threads;
            this.memoryBudget = from.memoryBudget;
            this.cacheDtype = from.cacheDtype;
            this.prefixSharing = from.prefixSharing;
            this.deterministic = from.deterministic;
            this.device = from.device;
        }

        EngineOptions build() {
            return new EngineOptions(
                    from.model,
                    from.tp,
                    from.dtype,
                    from.split,
                    threads,
                    memoryBudget,
                    from.maxBatchTokens,
                    from.maxSequences,
                    cacheDtype,
                    prefixSharing,
                    deterministic,
                    device);
        }
    }
}
