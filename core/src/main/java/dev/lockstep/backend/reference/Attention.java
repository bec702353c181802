package dev.lockstep.backend.reference;

import dev.lockstep.backend.lowering.AttentionLayer;
import dev.lockstep.backend.lowering.DistanceBuckets;
import dev.lockstep.graph.KeySet;
import dev.lockstep.graph.KeySpans;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.ScoreTerm;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Softmax attention of one query row, following the definition. */
final class Attention {

    /** The content terms of a head's query and a key: added to their product before it is scaled. */
    @FunctionalInterface
    interface Content {
        double of(int head, int key);
    }

    /**
     * The keys of one set.
     *
     * @param position of the query among them
     * @param first the first key that the query may see
     * @param count number of keys of the sequence
     * @param entries key and value by position
     */
    record Keys(int position, int first, int count, IntFunction<Caches.Entry> entries, Content content) {}

    private final AttentionLayer layer;
    private final Op.Attention op;
    private final List<float[]> relativeTables = new ArrayList<>();
    private final float[] sinks;

    Attention(AttentionLayer layer, Weights weights) {
        this.layer = layer;
        this.op = layer.op();
        layer.relativeTables().forEach(table -> relativeTables.add(weights.of(table)));
        this.sinks = weights.orNull(layer.sinks());
    }

    /**
     * The weighted sums of values, with heads side by side.
     *
     * @param query the row's heads, side by side
     * @param sets as many as the op has
     */
    float[] row(float[] query, List<Keys> sets) {
        int valueWidth = layer.heads().valueWidth();
        float[] out = new float[layer.heads().heads() * valueWidth];
        for (int head = 0; head < layer.heads().heads(); head++) {
            double[] weighted = head(head, query, sets);
            for (int i = 0; i < valueWidth; i++) {
                out[head * valueWidth + i] = (float) weighted[i];
            }
        }
        return out;
    }

    private double[] head(int head, float[] query, List<Keys> sets) {
        int kv = layer.heads().keyValueHeadOf()[head];
        List<Caches.Entry> seen = new ArrayList<>();
        List<Double> scores = new ArrayList<>();
        int table = 0;
        for (int set = 0; set < sets.size(); set++) {
            Keys keys = sets.get(set);
            KeySet rule = op.keys().get(set);
            List<float[]> tables = relativeTables.subList(table, relativeTables.size());
            table += rule.terms(ScoreTerm.RelativeBuckets.class).size();
            for (int key : visible(rule, keys)) {
                Caches.Entry entry = keys.entries().apply(key);
                double product =
                        product(head, kv, query, entry.key()) + keys.content().of(head, key);
                seen.add(entry);
                scores.add(capped(product * op.scale()) + added(rule, tables, head, keys.position(), key));
            }
        }
        double most = sinks == null ? Double.NEGATIVE_INFINITY : sinks[head];
        for (double score : scores) {
            most = Math.max(most, score);
        }
        double mass = sinks == null ? 0 : Math.exp(sinks[head] - most);
        double[] sum = new double[layer.heads().valueWidth()];
        for (int i = 0; i < seen.size(); i++) {
            double weight = Math.exp(scores.get(i) - most);
            mass += weight;
            addValue(sum, weight, seen.get(i), kv);
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] = mass == 0 ? 0 : sum[i] / mass;
        }
        return sum;
    }

    private List<Integer> visible(KeySet rule, Keys keys) {
        List<Integer> visible = new ArrayList<>();
        if (keys.count() == 0) {
            return visible;
        }
        KeySpans spans = new KeySpans();
        rule.reach().spans(keys.position(), keys.count(), spans);
        for (int span = 0; span < spans.count(); span++) {
            for (int key = spans.from(span); key < spans.end(span); key += spans.step(span)) {
                boolean later = op.pattern() == Op.Pattern.CAUSAL && key > keys.position();
                if (key >= keys.first() && !later) {
                    visible.add(key);
                }
            }
        }
        return visible;
    }

    private double product(int head, int kv, float[] query, float[] key) {
        int width = layer.heads().queryWidth();
        double product = 0;
        for (int i = 0; i < width; i++) {
            product += (double) query[head * width + i] * key[kv * width + i];
        }
        return product;
    }

    private double capped(double score) {
        return op.softCap().isPresent()
                ? op.softCap().getAsDouble() * Math.tanh(score / op.softCap().getAsDouble())
                : score;
    }

    private void addValue(double[] sum, double weight, Caches.Entry entry, int kv) {
        float[] from = op.valuesInKeys() ? entry.key() : entry.value();
        int stride =
                op.valuesInKeys() ? layer.heads().queryWidth() : layer.heads().valueWidth();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += weight * from[kv * stride + i];
        }
    }

    private double added(KeySet rule, List<float[]> tables, int head, int position, int key) {
        int global = layer.heads().headIndices()[head];
        int table = 0;
        double sum = 0;
        for (ScoreTerm term : rule.terms()) {
            if (term instanceof ScoreTerm.Alibi alibi) {
                sum += alibi.slopes().get(global) * -Math.abs(position - key);
            } else if (term instanceof ScoreTerm.RoundedAlibi alibi) {
                float slope = bf16(alibi.slopes().get(global).floatValue());
                sum += alibi.factor() * bf16(slope * key);
            } else if (term instanceof ScoreTerm.RelativeBuckets relative) {
                int bucket = DistanceBuckets.of(key - position, relative);
                sum += tables.get(table++)[bucket * layer.heads().heads() + head];
            }
        }
        return sum;
    }

    /** Rounds to the nearest bf16, ties to even. */
    private static float bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.intBitsToFloat(bits + 0x7fff + (bits >>> 16 & 1) & 0xffff0000);
    }
}
