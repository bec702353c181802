package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.graph.KeySpans;
import java.util.Arrays;

/** One worker's part of {@link SetAttention}: its buffers, and the queries it attends for one after the other. */
final class SetQueries {
    private final SetAttentionSpec spec;
    private final int[][] headsOfKv;
    private final RowDots dots = RowDots.best();
    private final TileMath math = TileMath.best();
    private final KeySpans[] spans;
    private final float[][] keys;
    private final float[][] values;
    private final ContentTables content;
    private final float[] query;
    private final float[] sum;
    private float[] weights = new float[256];
    private SetAttentionRows step;
    private int packed;
    private long scores;

    SetQueries(SetAttentionSpec spec) {
        this.spec = spec;
        this.headsOfKv = headsOfKv(spec);
        this.spans = new KeySpans[spec.sets().size()];
        Arrays.setAll(spans, any -> new KeySpans());
        this.keys = new float[spans.length][0];
        this.values = new float[spans.length][0];
        this.content = new ContentTables(spec);
        this.query = new float[spec.queryWidth()];
        this.sum = new float[spec.valueWidth()];
    }

    private static int[][] headsOfKv(SetAttentionSpec spec) {
        int[][] heads = new int[spec.kvHeads()][0];
        for (int head = 0; head < spec.heads(); head++) {
            int kv = spec.kvHeadOf()[head];
            heads[kv] = Arrays.copyOf(heads[kv], heads[kv].length + 1);
            heads[kv][heads[kv].length - 1] = head;
        }
        return heads;
    }

    void begin(SetAttentionRows next) {
        step = next;
        packed = -1;
    }

    long scores() {
        return scores;
    }

    /** The query rows from one to another of a sequence, for the heads that share a key-value head. */
    void attend(int sequence, int kv, int from, int to) {
        int whole = sequence * spec.kvHeads() + kv;
        if (whole != packed) {
            pack(sequence, kv);
            packed = whole;
        }
        for (int head : headsOfKv[kv]) {
            content.takeHead(step, sequence, head);
            for (int row = from; row < to; row++) {
                attendRow(sequence, head, row);
            }
        }
    }

    private void pack(int sequence, int kv) {
        for (int set = 0; set < keys.length; set++) {
            SetAttentionRows.Keys from = step.sets[set];
            int count = from.offsets[sequence + 1] - from.offsets[sequence];
            keys[set] = packed(from.keys, from.offsets[sequence], count, kv, spec.queryWidth(), keys[set]);
            values[set] = packed(from.values, from.offsets[sequence], count, kv, spec.valueWidth(), values[set]);
        }
        content.takeKeyHead(step, sequence, kv);
    }

    /** Rows of one head, one after the other; in the array that is given where they fit. */
    static float[] packed(Matrix from, int first, int count, int head, int width, float[] into) {
        float[] target = into.length < count * width ? new float[count * width] : into;
        for (int row = 0; row < count; row++) {
            from.slab().get(from.at(first + row, head * width), target, row * width, width);
        }
        return target;
    }

    private void attendRow(int sequence, int head, int row) {
        int width = spec.queryWidth();
        int at = step.offsets[sequence] + row;
        step.queries.slab().get(step.queries.at(at, head * width), query, 0, width);
        int count = 0;
        for (int set = 0; set < spans.length; set++) {
            count = score(set, sequence, head, row, count);
        }
        scores += count;
        weigh(head, count);
        Matrix out = step.out;
        math.store(sum, 0, 1f, out.slab(), out.at(at, head * spec.valueWidth()), spec.valueWidth());
    }

    /** Appends the scores of a set's keys that the query sees; returns how many there are then. */
    private int score(int set, int sequence, int head, int row, int before) {
        SetAttentionSpec.Set rule = spec.sets().get(set);
        int[] offsets = step.sets[set].offsets;
        int all = offsets[sequence + 1] - offsets[sequence];
        KeySpans seen = spans[set];
        seen.clear();
        if (all == 0) {
            return before;
        }
        int position = step.position.of(set, sequence, row);
        rule.seen().spans(position, all, seen);
        if (weights.length < before + seen.keys()) {
            weights = Arrays.copyOf(weights, Math.max(2 * weights.length, before + seen.keys()));
        }
        int width = spec.queryWidth();
        int at = before;
        for (int span = 0; span < seen.count(); span++) {
            int stride = seen.step(span) * width;
            int count = seen.keys(span);
            dots.dots(query, 0, keys[set], seen.from(span) * width, stride, count, width, weights, at);
            at += count;
        }
        content.add(set, sequence, row, position, seen, weights, before);
        scale(before, at);
        addTerms(rule, head, position, seen, before);
        return at;
    }

    private void scale(int from, int to) {
        for (int i = from; i < to; i++) {
            weights[i] *= spec.scale();
        }
        if (spec.softCap() != 0) {
            math.softCap(weights, from, to, spec.softCap());
        }
    }

    private void addTerms(SetAttentionSpec.Set rule, int head, int position, KeySpans seen, int from) {
        int at = from;
        for (int span = 0; span < seen.count(); span++) {
            int count = seen.keys(span);
            int by = seen.step(span);
            int first = seen.from(span);
            if (rule.bias() != null && by == 1) {
                rule.bias().add(math, head, position, weights, at - first, first, first + count);
            }
            for (int i = 0; i < count && (by != 1 || !rule.terms().isEmpty()); i++) {
                int key = first + i * by;
                if (rule.bias() != null && by != 1) {
                    rule.bias().add(math, head, position, weights, at + i - key, key, key + 1);
                }
                for (int term = 0; term < rule.terms().size(); term++) {
                    weights[at + i] += rule.terms().get(term).of(head, position, key);
                }
            }
            at += count;
        }
    }

    /** The softmax of the scores, and the values weighted by it. */
    private void weigh(int head, int count) {
        Arrays.fill(sum, 0);
        float sink = spec.sinks() == null ? Float.NEGATIVE_INFINITY : spec.sinks()[head];
        if (count == 0) {
            return;
        }
        float most = Math.max(math.max(weights, 0, count), sink);
        float mass = math.expSum(weights, 0, count, most);
        mass += spec.sinks() == null ? 0 : (float) Math.exp(sink - most);
        int width = spec.valueWidth();
        int at = 0;
        for (int set = 0; set < spans.length; set++) {
            KeySpans seen = spans[set];
            for (int span = 0; span < seen.count(); span++) {
                int keysOfSpan = seen.keys(span);
                int first = seen.from(span) * width;
                int stride = seen.step(span) * width;
                math.accumulate(weights, at, 0, 1, keysOfSpan, values[set], first, stride, width, sum, 0, width);
                at += keysOfSpan;
            }
        }
        for (int i = 0; i < width; i++) {
            sum[i] /= mass;
        }
    }
}
