package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.gemm.GemmEngine;
import dev.lockstep.backend.cpu.gemm.GemmEngines;
import dev.lockstep.backend.cpu.kernel.Bf16Products;
import dev.lockstep.backend.cpu.kernel.KvCache;
import dev.lockstep.backend.cpu.kernel.LastRows;
import dev.lockstep.backend.cpu.kernel.MatrixScratch;
import dev.lockstep.backend.cpu.kernel.PagedAttention;
import dev.lockstep.backend.cpu.kernel.RowAttention;
import dev.lockstep.backend.cpu.kernel.RowTable;
import dev.lockstep.backend.cpu.kernel.SetAttention;
import dev.lockstep.backend.cpu.kernel.Table;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.backend.lowering.Angles;
import dev.lockstep.backend.lowering.AttentionLayer;
import dev.lockstep.backend.lowering.ExpertMaps;
import dev.lockstep.backend.lowering.LinearMap;
import dev.lockstep.backend.lowering.LoweredProgram;
import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Collective;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The weights, tables, caches and counters of one rank, loaded on the binder's request. */
final class LoadedResources implements AutoCloseable {
    private final LoweredProgram program;
    private final Memory memory;
    private final Workers workers;
    private final WeightSlices slices;
    private final Precision precision;
    private final AttentionKernels attentions;
    /** Null if attention is computed in fp32. */
    private final MatrixScratch scratch;

    private final CacheStore caches;
    private final LastRowStore lastRows;
    private final GemmEngine engine;
    private final LinearLoader linears;
    private final ExpertLoader experts;
    private final Map<Weight, Table> tables = new HashMap<>();
    private final Map<RotaryTable, Angles> angles = new HashMap<>();
    private final Map<Collective, CollectiveCounter> counters = new IdentityHashMap<>();
    private long vectorBytes;

    LoadedResources(
            LoweredProgram program,
            WeightReader reader,
            Limits limits,
            Precision precision,
            CacheType cacheType,
            Workers workers,
            Memory memory,
            boolean fixedRows) {
        this.memory = memory;
        this.workers = workers;
        this.program = program;
        this.slices = new WeightSlices(
                reader, program.graph().split(), program.graph().rank());
        this.precision = precision;
        int maxRows = program.mostRows(limits);
        this.caches = new CacheStore(program.caches(), limits, cacheType, memory);
        this.lastRows = new LastRowStore(program.caches(), limits, memory);
        this.engine = GemmEngines.open(memory, fixedRows);
        this.linears =
                new LinearLoader(slices, engine, program.tables(), program.precisions(), workers, maxRows, memory);
        Bf16Products products = precision == Precision.FP32 ? null : engine.bf16Products(workers.threads());
        this.scratch = products == null ? null : new MatrixScratch(products, memory);
        this.attentions = new AttentionKernels(workers, slices, scratch, linears::isCoarse);
        this.experts = new ExpertLoader(slices, engine, precision, workers, maxRows);
        for (Collective collective : program.collectives()) {
            counters.put(collective, new CollectiveCounter(collective));
        }
    }

    /** The rows of a looked-up table that the rank holds. */
    RowTable table(Weight weight) {
        Optional<LinearMap> tied = sharesTables(precision) ? program.tiedMap(weight) : Optional.empty();
        if (tied.isPresent()) {
            // A tied table is stored once, in the form the linear map needs.
            LinearWeights packed = linears.load(tied.get());
            if (packed.isSingle()) {
                return packed.rows();
            }
        }
        return tables.computeIfAbsent(weight, this::loadTable);
    }

    /** Whether a tied table is stored once. In 8 bits its rows would be too coarse for look-ups. */
    static boolean sharesTables(Precision precision) {
        return precision == precision.ofTables();
    }

    private Table loadTable(Weight weight) {
        int[] rows = slices.local(weight, 0);
        int width = slices.local(weight, 1).length;
        return new Table(rows.length, width, slices.panels(weight, rows, false), precision.ofTables(), memory);
    }

    /** One linear map, or several of one input: the rows of their matrices one below the other. */
    LinearWeights linears(List<LinearMap> maps) {
        return maps.size() == 1 ? linears.load(maps.get(0)) : linears.load(maps);
    }

    HeadMatrices headMatrices(Weight matrices) {
        return linears.loadHeads(matrices);
    }

    ExpertMatrices experts(ExpertMaps maps) {
        return experts.load(maps);
    }

    /** The kept rows of sequences, by the store's number in the layout of caches. */
    LastRows lastRows(int store) {
        return lastRows.of(store);
    }

    /**
     * @param scale null for none
     * @param shift null for none
     */
    NormWeights norm(Weight scale, Weight shift) {
        return new NormWeights(scale == null ? null : vector(scale), shift == null ? null : vector(shift));
    }

    /** The rank's elements of a vector. */
    float[] vector(Weight weight) {
        float[] values = slices.vector(weight);
        vectorBytes += (long) values.length * Float.BYTES;
        return values;
    }

    Angles angles(RotaryTable table) {
        return angles.computeIfAbsent(table, Angles::new);
    }

    PagedAttention paged(AttentionLayer layer) {
        return attentions.paged(layer);
    }

    /** The rank's threads. */
    Workers workers() {
        return workers;
    }

    SetAttention overSets(AttentionLayer layer) {
        return attentions.overSets(layer);
    }

    RowAttention overRows(AttentionLayer layer) {
        return attentions.overRows(layer);
    }

    /** Keys and values: by the pool's number in the layout of caches. */
    KvCache cache(int pool) {
        return caches.of(pool);
    }

    /** The counter of a collective. */
    CollectiveCounter collective(Collective place) {
        return counters.get(place);
    }

    List<CollectiveCounter> collectives() {
        return new ArrayList<>(counters.values());
    }

    void copyBlock(int from, int to) {
        caches.copyBlock(from, to);
        lastRows.copyBlock(from, to);
    }

    void resizeCaches(int blocks) {
        caches.resize(blocks);
        lastRows.resize(blocks);
    }

    /** The bytes among {@link #weightBytes} that are held in the Java heap. */
    long heapBytes() {
        return vectorBytes + attentions.bytes();
    }

    long weightBytes() {
        long sum = vectorBytes + linears.bytes() + experts.bytes() + attentions.bytes();
        for (Table table : tables.values()) {
            sum += table.bytes();
        }
        return sum;
    }

    long cacheBytes() {
        return caches.bytes() + lastRows.bytes();
    }

    @Override
    public void close() {
        try (caches;
                lastRows;
                engine;
                linears;
                experts;
                scratch) {
            tables.values().forEach(Table::close);
        }
    }
}
