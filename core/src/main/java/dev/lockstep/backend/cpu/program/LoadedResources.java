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
import dev.lockstep.backend.cpu.kernel.Table;
import dev.lockstep.backend.cpu.kernel.Xielu;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Meeting;
import dev.lockstep.partition.RankGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The weights, tables, caches and counters of one rank, loaded as lowering asks for them. */
final class LoadedResources implements Resources, AutoCloseable {
    private final RankGraph graph;
    private final WeightSlices slices;
    private final Precision precision;
    private final AttentionKernels attentions;
    /** Null where attention is computed in fp32. */
    private final MatrixScratch scratch;

    private final CacheStore caches;
    private final LastRowStore lastRows;
    private final GemmEngine engine;
    private final LinearLoader linears;
    private final ExpertLoader experts;
    private final Map<Weight, Table> tables = new HashMap<>();
    private final Map<RotaryTable, Angles> angles = new HashMap<>();
    private final Map<Node, MeetingCounter> counters = new IdentityHashMap<>();
    private final boolean checksReplicas;
    private long vectorBytes;

    LoadedResources(
            RankGraph graph,
            WeightReader reader,
            Limits limits,
            Precision precision,
            CacheType cacheType,
            Workers workers,
            boolean checksReplicas,
            boolean fixedRows) {
        this.graph = graph;
        this.checksReplicas = checksReplicas;
        this.slices = new WeightSlices(reader, graph.split(), graph.rank());
        this.precision = precision;
        this.caches = new CacheStore(graph, limits, cacheType);
        this.lastRows = new LastRowStore(graph, limits);
        this.engine = GemmEngines.open(fixedRows);
        Graph model = graph.model().graph();
        this.linears = new LinearLoader(
                slices, engine, lookedUp(model), new WeightPrecisions(model, precision), workers, limits);
        Bf16Products products = precision == Precision.FP32 ? null : engine.bf16Products(workers.threads());
        this.scratch = products == null ? null : new MatrixScratch(products);
        this.attentions = new AttentionKernels(workers, slices, scratch, linears::isCoarse);
        this.experts = new ExpertLoader(slices, engine, precision, workers, limits);
        for (Meeting meeting : Meeting.of(graph.model().graph(), graph.plan())) {
            counters.put(meeting.node(), new MeetingCounter(meeting));
        }
    }

    @Override
    public RowTable table(Node lookup) {
        Weight weight = lookup.weights().get(0);
        Node user = sharesTables(precision) ? linearUser(weight) : null;
        if (user != null) {
            // A tied table is stored once, in the form the linear map needs.
            LinearWeights packed = linear(user, true);
            if (packed.isSingle()) {
                return packed.rows();
            }
        }
        return tables.computeIfAbsent(weight, this::loadTable);
    }

    /** The weights of which rows are looked up. */
    static Set<Weight> lookedUp(Graph model) {
        Set<Weight> tables = new HashSet<>();
        for (Node node : model.nodes()) {
            if (node.op() instanceof Op.Lookup) {
                tables.add(node.weights().get(0));
            }
        }
        return tables;
    }

    /** The weights that linear maps multiply by. */
    static Set<Weight> multiplied(Graph model) {
        Set<Weight> matrices = new HashSet<>();
        for (Node node : model.nodes()) {
            if (node.op() instanceof Op.Linear) {
                matrices.add(node.weights().get(0));
            }
        }
        return matrices;
    }

    /** Whether a tied table is held once; in 8 bits its rows would be too coarse to look up. */
    static boolean sharesTables(Precision precision) {
        return precision == precision.ofTables();
    }

    private Node linearUser(Weight weight) {
        for (Node node : graph.model().graph().nodes()) {
            if (node.op() instanceof Op.Linear && node.weights().get(0) == weight) {
                return node;
            }
        }
        return null;
    }

    private Table loadTable(Weight weight) {
        int[] rows = slices.local(weight, 0);
        int width = slices.local(weight, 1).length;
        return new Table(rows.length, width, slices.panels(weight, rows, false), precision.ofTables());
    }

    @Override
    public LinearWeights linear(Node linear, boolean withBias) {
        return linears.load(linear, withBias);
    }

    @Override
    public LinearWeights linears(List<Node> group) {
        return linears.load(group);
    }

    @Override
    public HeadMatrices headMatrices(Node headLinear) {
        return linears.loadHeads(headLinear);
    }

    @Override
    public float[] correction(Node route) {
        return vector(route.weights().get(0));
    }

    @Override
    public Xielu xielu(Node activation) {
        return Xielu.of(vector(activation.weights().get(0)));
    }

    @Override
    public ExpertMatrices experts(Node mixture, boolean withBias) {
        return experts.load(mixture, withBias);
    }

    @Override
    public LastRows lastRows(Node previous) {
        return lastRows.of(previous);
    }

    @Override
    public NormWeights norm(Node node) {
        Op.Norm norm = (Op.Norm) node.op();
        int next = 0;
        float[] scale = norm.weight() ? vector(node.weights().get(next++)) : null;
        float[] shift = norm.bias() ? vector(node.weights().get(next)) : null;
        return new NormWeights(scale, shift);
    }

    private float[] vector(Weight weight) {
        float[] values = slices.vector(weight);
        vectorBytes += (long) values.length * Float.BYTES;
        return values;
    }

    @Override
    public Angles angles(RotaryTable table) {
        return angles.computeIfAbsent(table, Angles::new);
    }

    @Override
    public PagedAttention paged(Node attention, HeadLayout layout) {
        return attentions.paged(attention, layout);
    }

    @Override
    public RowAttention overRows(Node attention, HeadLayout layout) {
        return attentions.overRows(attention, layout);
    }

    @Override
    public KvCache cache(Node attention) {
        return caches.of(attention);
    }

    @Override
    public boolean checksReplicas() {
        return checksReplicas;
    }

    @Override
    public MeetingCounter meeting(Node node) {
        return counters.get(node);
    }

    List<MeetingCounter> meetings() {
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

    /** Bytes of weights that are held in the Java heap, of those of {@link #weightBytes}. */
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
