package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Backend;
import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.MemoryAccount;
import dev.lockstep.backend.MemoryLedger;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.Program;
import dev.lockstep.backend.cpu.kernel.Remainders;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.backend.lowering.LoweredProgram;
import dev.lockstep.backend.lowering.WeightPrecisions;
import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.collective.Mesh;
import dev.lockstep.graph.Dim;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Holdings;
import dev.lockstep.partition.RankGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The backend for CPU cores, the embedded default. */
public final class CpuBackend implements Backend {
    private final int threads;
    private final String cacheType;
    private final boolean checksReplicas;
    private final boolean deterministic;

    /** @param threads worker threads of a rank, the caller's included */
    public CpuBackend(int threads) {
        this(threads, "auto");
    }

    /** @param cacheType how keys and values are cached: a name that {@link CacheType#named} knows */
    public CpuBackend(int threads, String cacheType) {
        this(threads, cacheType, Boolean.getBoolean("lockstep.checkReplicas"), false);
    }

    /**
     * @param checksReplicas whether ranks compare, bit for bit, every value that they all hold: slow, for finding
     *     defects
     */
    public CpuBackend(int threads, boolean checksReplicas) {
        this(threads, "auto", checksReplicas, false);
    }

    private CpuBackend(int threads, String cacheType, boolean checksReplicas, boolean deterministic) {
        this.threads = threads;
        this.cacheType = cacheType;
        this.checksReplicas = checksReplicas;
        this.deterministic = deterministic;
    }

    /**
     * The same backend with or without determinism. If {@code same}, the results of a row depend, bit for bit, on its
     * own tokens alone: neither on the other rows of the step nor on how its tokens were divided into steps.
     */
    public CpuBackend deterministic(boolean same) {
        return new CpuBackend(threads, cacheType, checksReplicas, same);
    }

    @Override
    public MemoryLedger estimate(RankGraph graph, Limits limits, Precision precision) {
        LoweredProgram program = LoweredProgram.of(graph, precision, false);
        long arena = Arena.bytes(Tiling.of(program, TileSize.of(threads)), limits);
        long cache = CacheStore.bytes(program.caches(), limits, CacheType.named(cacheType, precision))
                + LastRowStore.bytes(program.caches(), limits);
        return new MemoryLedger(
                weights(program, precision), arena, WorkBuffers.bytes(program, limits, precision, threads), cache);
    }

    private static long weights(LoweredProgram program, Precision precision) {
        RankGraph graph = program.graph();
        Graph model = graph.model().graph();
        Holdings holdings = new Holdings(model, graph.split());
        WeightPrecisions precisions = program.precisions();
        Set<Weight> lookedUp = program.tables();
        Set<Weight> multiplied = program.matrices();
        long bytes = 0;
        for (Weight weight : model.weights()) {
            long elements = holdings.elements(weight, graph.rank());
            boolean table = lookedUp.contains(weight);
            if (table && !(multiplied.contains(weight) && LoadedResources.sharesTables(precision))) {
                bytes += elements * precision.ofTables().bytes();
            }
            if (!table || multiplied.contains(weight)) {
                bytes += elements * precisions.of(weight).bytes();
                bytes += precisions.of(weight) == Precision.INT8 ? scales(weight, elements) : 0;
            }
            if (table && precision != Precision.FP32 && precision != Precision.FP16) {
                bytes += remainders(graph, weight);
            }
        }
        return bytes;
    }

    /** Bytes of the scale, sum and bias of every output of a matrix in 8 bits. */
    private static long scales(Weight weight, long elements) {
        List<Dim> dims = weight.dims();
        return elements / Math.max(1, dims.get(dims.size() - 1).size()) * 3 * Float.BYTES;
    }

    /**
     * Bytes that a table may need beside bf16. Whether the file's values have more bits is known only once they are
     * read.
     */
    private static long remainders(RankGraph graph, Weight table) {
        int rows = graph.split().local(table.dims().get(0), graph.rank()).length;
        int width = graph.split().local(table.dims().get(1), graph.rank()).length;
        return Remainders.bytes(rows, width);
    }

    @Override
    public Program compile(
            RankGraph graph,
            WeightReader reader,
            Limits limits,
            Precision precision,
            Mesh mesh,
            MemoryAccount account) {
        if (precision == Precision.FP16) {
            throw new IllegalArgumentException("processors hold weights in fp32, bf16 or int8, found fp16:"
                    + " memory can be planned for it, use dtype bf16 to run");
        }
        LoweredProgram program = LoweredProgram.of(graph, precision, checksReplicas);
        List<Reach> groups = program.caches().groups();
        if (!groups.equals(limits.groups())) {
            throw new IllegalArgumentException(
                    "limits are for caches that keep " + limits.groups() + ", those of the model keep " + groups);
        }
        Workers workers =
                new Workers(threads, "lockstep-rank-" + program.graph().rank());
        Memory memory = new Memory(account);
        LoadedResources resources = null;
        try {
            CacheType caches = CacheType.named(cacheType, precision);
            resources = new LoadedResources(program, reader, limits, precision, caches, workers, memory, deterministic);
            TileSize size = TileSize.of(threads);
            List<TiledEntry> tiled = Tiling.of(program, size);
            List<BoundEntry> entries = new ArrayList<>();
            for (int i = 0; i < tiled.size(); i++) {
                entries.add(BoundEntry.of(program.entries().get(i), tiled.get(i), resources, size));
            }
            return new CpuProgram(program, entries, limits, resources, workers, mesh, account, memory);
        } catch (RuntimeException | Error failed) {
            if (resources != null) {
                resources.close();
            }
            workers.close();
            throw failed;
        }
    }
}
