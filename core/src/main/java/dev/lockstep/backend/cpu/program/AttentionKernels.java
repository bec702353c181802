package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.AttentionSpec;
import dev.lockstep.backend.cpu.kernel.MatrixScratch;
import dev.lockstep.backend.cpu.kernel.PagedAttention;
import dev.lockstep.backend.cpu.kernel.RelativeBias;
import dev.lockstep.backend.cpu.kernel.RoundedAlibiTerm;
import dev.lockstep.backend.cpu.kernel.RowAttention;
import dev.lockstep.backend.cpu.kernel.SetAttention;
import dev.lockstep.backend.cpu.kernel.SetAttentionSpec;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.backend.lowering.AttentionLayer;
import dev.lockstep.backend.lowering.DistanceBuckets;
import dev.lockstep.backend.lowering.HeadLayout;
import dev.lockstep.backend.lowering.Step;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.KeySet;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.ScoreTerm;
import dev.lockstep.graph.Weight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Attention kernels of a rank. Layers with the same attention share one kernel and its work buffers: a kernel runs one
 * layer at a time.
 */
final class AttentionKernels {

    /** The properties that distinguish kernels. */
    private record Key(
            List<Integer> keyValueHeadOf,
            List<Integer> heads,
            Op.Attention op,
            int queryWidth,
            int valueWidth,
            Object weights,
            boolean coarse) {}

    private final Workers workers;
    private final WeightSlices slices;
    private final MatrixScratch scratch;
    private final Predicate<Weight> coarse;
    private final Map<Key, PagedAttention> paged = new HashMap<>();
    private final Map<Key, RowAttention> overRows = new HashMap<>();
    private final Map<Key, SetAttention> overSets = new HashMap<>();
    private final Map<Object, float[]> tables = new HashMap<>();

    /**
     * @param scratch for products in bf16; null for none
     * @param coarse whether the inputs of a linear map's matrix are rounded to 8 bits; its outputs may then be rounded
     *     too
     */
    AttentionKernels(Workers workers, WeightSlices slices, MatrixScratch scratch, Predicate<Weight> coarse) {
        this.workers = workers;
        this.slices = slices;
        this.scratch = scratch;
        this.coarse = coarse;
    }

    PagedAttention paged(AttentionLayer layer) {
        return paged.computeIfAbsent(
                key(layer),
                key -> new PagedAttention(
                        workers, spec(layer), layer.heads().keyValueHeads(), key.coarse() ? scratch : null));
    }

    RowAttention overRows(AttentionLayer layer) {
        return overRows.computeIfAbsent(
                key(layer),
                key -> new RowAttention(
                        workers, spec(layer), layer.heads().keyValueHeads(), key.coarse() ? scratch : null));
    }

    /** Whether queries and keys tolerate rounding to 8 bits; those with large scores do not. */
    private boolean isCoarse(AttentionLayer layer) {
        Weight query = layer.queryMap();
        Weight key = layer.keyMap();
        return query != null && key != null && coarse.test(query) && coarse.test(key);
    }

    private Key key(AttentionLayer layer) {
        HeadLayout layout = layer.heads();
        List<Integer> of = Arrays.stream(layout.keyValueHeadOf()).boxed().toList();
        List<Integer> heads = Arrays.stream(layout.headIndices()).boxed().toList();
        List<WeightExpression> weights = new ArrayList<>();
        layer.relativeTables().forEach(table -> weights.add(table.expression()));
        weights.add(layer.sinks() == null ? null : layer.sinks().expression());
        return new Key(of, heads, layer.op(), layout.queryWidth(), layout.valueWidth(), weights, isCoarse(layer));
    }

    private AttentionSpec spec(AttentionLayer layer) {
        HeadLayout layout = layer.heads();
        Op.Attention op = layer.op();
        float scale = (float) op.scale();
        AttentionSpec spec = op.pattern() == Op.Pattern.CAUSAL
                ? AttentionSpec.causal(layout.keyValueHeadOf(), layout.queryWidth(), layout.valueWidth(), scale)
                : AttentionSpec.allKeys(layout.keyValueHeadOf(), layout.queryWidth(), layout.valueWidth(), scale);
        if (op.reach() instanceof Reach.Window window) {
            int before = window.keys() - 1;
            spec = spec.window(before, op.pattern() == Op.Pattern.CAUSAL ? 0 : before);
        }
        if (op.reach() instanceof Reach.Chunk chunk) {
            spec = spec.chunked(chunk.keys());
        }
        if (op.valuesInKeys()) {
            spec = spec.withValuesInKeys();
        }
        if (op.sinks()) {
            spec = spec.sinks(slices.vector(layer.sinks()));
        }
        if (op.softCap().isPresent()) {
            spec = spec.softCap((float) op.softCap().getAsDouble());
        }
        for (ScoreTerm term : op.terms()) {
            if (term instanceof ScoreTerm.Alibi alibi) {
                spec = spec.alibi(slopes(alibi.slopes(), layout));
            } else if (term instanceof ScoreTerm.RoundedAlibi alibi) {
                spec = spec.extra(new RoundedAlibiTerm(slopes(alibi.slopes(), layout), (float) alibi.factor()));
            } else if (term instanceof ScoreTerm.RelativeBuckets relative) {
                spec = spec.bias(relativeBias(layer.relativeTables().get(0), relative, layout));
            }
        }
        return spec;
    }

    /**
     * Whether all keys are on the queries' own axis, in one range, with at most one term of each kind and no content
     * term.
     */
    static boolean isPlain(Step.AttendRows step) {
        Op.Attention op = step.layer().op();
        long kinds = op.terms().stream().map(ScoreTerm::getClass).distinct().count();
        return step.sets().size() == 1
                && step.content().isEmpty()
                && kinds == op.terms().size()
                && !(op.reach() instanceof Reach.Chunk)
                && op.reach().isRange()
                && step.sets().get(0).key().rows().equals(step.query().rows());
    }

    SetAttention overSets(AttentionLayer layer) {
        return overSets.computeIfAbsent(key(layer), key -> new SetAttention(workers, setSpec(layer)));
    }

    private SetAttentionSpec setSpec(AttentionLayer layer) {
        HeadLayout layout = layer.heads();
        Op.Attention op = layer.op();
        List<SetAttentionSpec.Set> sets = new ArrayList<>();
        int table = 0;
        for (KeySet keys : op.keys()) {
            RelativeBias bias = null;
            List<SetAttentionSpec.Term> terms = new ArrayList<>();
            for (ScoreTerm term : keys.terms()) {
                if (term instanceof ScoreTerm.RelativeBuckets relative) {
                    RelativeBias next = relativeBias(layer.relativeTables().get(table++), relative, layout);
                    if (bias == null) {
                        bias = next;
                    } else {
                        terms.add(next::of);
                    }
                } else if (!(term instanceof ScoreTerm.Content)) {
                    terms.add(byPosition(term, layout));
                }
            }
            List<SetAttentionSpec.Content> content = keys.terms(ScoreTerm.Content.class).stream()
                    .map(term -> new SetAttentionSpec.Content(
                            term.side() == ScoreTerm.Side.QUERY,
                            term.firstApart(),
                            !(term.index() instanceof ScoreTerm.ByDistance)))
                    .toList();
            sets.add(new SetAttentionSpec.Set(keys.reach()::spans, bias, terms, content));
        }
        return new SetAttentionSpec(
                layout.keyValueHeadOf(),
                layout.keyValueHeads(),
                layout.queryWidth(),
                layout.valueWidth(),
                (float) op.scale(),
                (float) op.softCap().orElse(0),
                op.sinks() ? slices.vector(layer.sinks()) : null,
                sets);
    }

    private static SetAttentionSpec.Term byPosition(ScoreTerm term, HeadLayout layout) {
        if (term instanceof ScoreTerm.Alibi alibi) {
            float[] slopes = slopes(alibi.slopes(), layout);
            return (head, position, key) -> -slopes[head] * Math.abs(position - key);
        }
        ScoreTerm.RoundedAlibi alibi = (ScoreTerm.RoundedAlibi) term;
        return new RoundedAlibiTerm(slopes(alibi.slopes(), layout), (float) alibi.factor())::of;
    }

    private static float[] slopes(List<Double> all, HeadLayout layout) {
        float[] slopes = new float[layout.heads()];
        for (int head = 0; head < slopes.length; head++) {
            slopes[head] = all.get(layout.headIndices()[head]).floatValue();
        }
        return slopes;
    }

    private RelativeBias relativeBias(Weight weight, ScoreTerm.RelativeBuckets relative, HeadLayout layout) {
        float[] table = tables.computeIfAbsent(weight.expression(), expression -> slices.matrix(weight));
        // Beyond the largest distance, all keys on one side share a bucket.
        int reach = relative.maxDistance() + 1;
        int[] buckets = new int[2 * reach + 1];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = DistanceBuckets.of(i - reach, relative);
        }
        return new RelativeBias(table, layout.heads(), buckets, reach);
    }

    /** Bytes of relative tables as loaded. */
    long bytes() {
        long sum = 0;
        for (float[] table : tables.values()) {
            sum += (long) table.length * Float.BYTES;
        }
        return sum;
    }
}
