package dev.lockstep.engine;

import dev.lockstep.backend.Backend;
import dev.lockstep.backend.BackendOptions;
import dev.lockstep.backend.Device;
import dev.lockstep.backend.MemoryLedger;
import dev.lockstep.backend.Precision;
import dev.lockstep.graph.CacheGroups;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import dev.lockstep.partition.Partition;
import dev.lockstep.partition.RankGraph;
import dev.lockstep.runtime.BlockBudget;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Plans memory from a model alone, without its weights, with the arithmetic by which ranks are opened: a rank that is
 * opened with a plan's budget, tokens and sequences can hold the plan's rows at once.
 */
public final class MemoryPlanner {
    /** A thread's buffers are small beside a reserve; a plan should not depend on the machine it is made on. */
    private static final int THREADS = 1;
    /** What memory is planned for where no engine's options say. */
    private static final Device DEVICE = Devices.named(Devices.AUTO);

    private final Model model;
    private final Partition partition;
    private final Precision precision;
    private final List<Reach> groups;
    private final int furtherAxes;
    private final Backend backend = DEVICE.backend(new BackendOptions(THREADS, "auto", false));

    /** @param precision of weights and caches; {@link Precision#FP16} for a device that holds all in two bytes */
    public MemoryPlanner(Model model, Partition partition, Precision precision) {
        this.model = model;
        this.partition = partition;
        this.precision = precision;
        this.groups = CacheGroups.of(model.graph()).reaches();
        this.furtherAxes = model.graph().furtherAxes();
    }

    /** Tokens of the largest step where nothing else is asked for. */
    public static int defaultTokens() {
        return StepSizes.DEFAULT_TOKENS;
    }

    /** Positions of a cache block. */
    public static int blockSize() {
        return DEVICE.blockSize();
    }

    /** Bytes that an engine leaves alone on a rank. */
    public static long engineReserve() {
        return StepSizes.RESERVE;
    }

    /**
     * The tokens in a row's cache at its greatest length. The last token of a text is never run, so it is not cached.
     *
     * @param target tokens of the decoder
     * @param source tokens of the encoder; 0 where there is none
     */
    public record RowLength(int target, int source) {}

    /** The lengths of a row of this prompt and so many new tokens. */
    public RowLength row(int prompt, int newTokens) {
        // A decoder with an encoder starts from one token.
        return model.task() == Model.Task.SEQ2SEQ_LM
                ? new RowLength(newTokens, prompt)
                : new RowLength(prompt + newTokens - 1, 0);
    }

    /** Blocks of the decoder's tokens of a row. */
    public long targetBlocks(RowLength row) {
        long blocks = 0;
        for (Reach reach : groups) {
            blocks += reach.heldBlocks(row.target(), 1, DEVICE.blockSize());
        }
        return blocks;
    }

    /** Blocks of the encoder's tokens of a row. */
    public long sourceBlocks(RowLength row) {
        return Reach.blocks(row.source(), DEVICE.blockSize());
    }

    /**
     * The most rows of one length that are in the cache at once.
     *
     * @param rows how many, on the rank that holds least
     * @param rank the rank that holds least
     * @param tokens tokens of the largest step
     * @param budget that rank's arithmetic with so many sequences
     */
    public record Batch(long rows, int rank, int tokens, BlockBudget budget) {}

    /**
     * The largest batch whose rows all fit at their longest. Its sequences are those of the largest step, too.
     *
     * @param budget bytes of a rank
     * @param reserve bytes of it left alone
     * @param tokens tokens of the largest step; more where a step must hold a source or a token of each sequence
     */
    public Batch largest(RowLength row, long budget, long reserve, int tokens) {
        long least = 0;
        long tooMany = 1 + rows(row, budget, reserve, tokens, 1).rows();
        while (tooMany - least > 1) {
            long middle = least + (tooMany - least) / 2;
            if (rows(row, budget, reserve, tokens, middle).rows() >= middle) {
                least = middle;
            } else {
                tooMany = middle;
            }
        }
        Batch batch = rows(row, budget, reserve, tokens, Math.max(1, least));
        return new Batch(least, batch.rank(), batch.tokens(), batch.budget());
    }

    /** The rows that fit when steps may have so many sequences. */
    private Batch rows(RowLength row, long budget, long reserve, int tokens, long sequences) {
        int most = Math.toIntExact(Math.max(Math.max(tokens, row.source()), sequences));
        int count = Math.toIntExact(sequences);
        StepSizes sizes =
                new StepSizes(most, count, count, row.target(), true, DEVICE.blockSize(), groups, furtherAxes);
        long blocks = Math.max(1, targetBlocks(row) + sourceBlocks(row));
        Batch least = null;
        for (int rank = 0; rank < partition.ranks(); rank++) {
            RankGraph graph = new RankGraph(model, partition, rank);
            BlockBudget own = plan(backend, graph, sizes, precision, budget, reserve);
            // A rank without heads stores nothing: others decide.
            long rows = own.free() < 0 ? 0 : own.free() / Math.max(1, blocks * own.blockBytes());
            if (least == null || rows < least.rows()) {
                least = new Batch(rows, rank, most, own);
            }
        }
        return least;
    }

    /**
     * Checks that every rank of an engine fits the memory budget of its options.
     *
     * @throws IllegalStateException when one does not, with the arithmetic and the settings to change
     */
    static void require(Model model, Partition partition, EngineOptions options) {
        int least = StepSizes.of(options, model, false).leastBlocks();
        List<BlockBudget> plans = plan(model, partition, options, options.memoryBudget());
        for (int rank = 0; rank < plans.size(); rank++) {
            plans.get(rank).require(least, rank);
        }
    }

    /** The arithmetic of every rank of an engine, each with the same budget in bytes. */
    static List<BlockBudget> plan(Model model, Partition partition, EngineOptions options, long budget) {
        StepSizes sizes = StepSizes.of(options, model, false);
        Backend backend = Devices.named(options.device())
                .backend(new BackendOptions(Math.max(THREADS, options.threads()), options.cacheDtype(), false));
        Precision precision = Precision.named(options.dtype());
        return IntStream.range(0, partition.ranks())
                .mapToObj(rank -> new RankGraph(model, partition, rank))
                .map(graph -> plan(backend, graph, sizes, precision, budget, StepSizes.RESERVE))
                .toList();
    }

    /** A rank's arithmetic, from estimates with a cache of one block. */
    static BlockBudget plan(
            Backend backend, RankGraph graph, StepSizes sizes, Precision precision, long budget, long reserve) {
        MemoryLedger held = backend.estimate(graph, sizes.limits(1), precision);
        return new BlockBudget(
                budget, held.weights(), held.arena(), held.work(), reserve, held.cache(), sizes.wantedBlocks());
    }
}
