package dev.lockstep.backend.reference;

import dev.lockstep.backend.lowering.AttentionLayer;
import dev.lockstep.backend.lowering.DistanceBuckets;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.function.IntFunction;

/** Softmax attention of one query row, as the definition has it. */
final class Attention {
    private final AttentionLayer layer;
    private final Op.Attention op;
    private final float[] relativeTable;
    private final float[] sinks;

    Attention(AttentionLayer layer, Weights weights) {
        this.layer = layer;
        this.op = layer.op();
        this.relativeTable = weights.orNull(layer.relativeTable());
        this.sinks = weights.orNull(layer.sinks());
    }

    /**
     * The heads' weighted values, side by side.
     *
     * @param query the row's heads, side by side
     * @param position of the query in its sequence
     * @param firstKey the first key it may see
     * @param keys how many keys the sequence has
     * @param entries key and value by position
     */
    float[] row(float[] query, int position, int firstKey, int keys, IntFunction<Caches.Entry> entries) {
        int valueWidth = layer.heads().valueWidth();
        float[] out = new float[layer.heads().heads() * valueWidth];
        for (int head = 0; head < layer.heads().heads(); head++) {
            double[] weighted = head(head, query, position, firstKey, keys, entries);
            for (int i = 0; i < valueWidth; i++) {
                out[head * valueWidth + i] = (float) weighted[i];
            }
        }
        return out;
    }

    private double[] head(
            int head, float[] query, int position, int firstKey, int keys, IntFunction<Caches.Entry> entries) {
        int kv = layer.heads().keyValueHeadOf()[head];
        double[] scores = new double[keys];
        double most = sinks == null ? Double.NEGATIVE_INFINITY : sinks[head];
        for (int key = firstKey; key < keys; key++) {
            if (sees(position, key)) {
                scores[key] = score(head, query, entries.apply(key).key(), kv, position, key);
                most = Math.max(most, scores[key]);
            }
        }
        double[] sum = new double[layer.heads().valueWidth()];
        double mass = sinks == null ? 0 : Math.exp(sinks[head] - most);
        for (int key = firstKey; key < keys; key++) {
            if (sees(position, key)) {
                double weight = Math.exp(scores[key] - most);
                mass += weight;
                addValue(sum, weight, entries.apply(key), kv);
            }
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] = mass == 0 ? 0 : sum[i] / mass;
        }
        return sum;
    }

    private void addValue(double[] sum, double weight, Caches.Entry entry, int kv) {
        float[] from = op.valuesInKeys() ? entry.key() : entry.value();
        int stride =
                op.valuesInKeys() ? layer.heads().queryWidth() : layer.heads().valueWidth();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += weight * from[kv * stride + i];
        }
    }

    private boolean sees(int position, int key) {
        if (op.pattern() == Op.Pattern.CAUSAL && key > position) {
            return false;
        }
        Reach reach = op.reach();
        return switch (reach.kind()) {
            case ALL -> true;
            case WINDOW -> Math.abs(position - key) < reach.keys();
            case CHUNK -> key >= position / reach.keys() * reach.keys();
        };
    }

    private double score(int head, float[] query, float[] key, int kv, int position, int keyPosition) {
        int width = layer.heads().queryWidth();
        double product = 0;
        for (int i = 0; i < width; i++) {
            product += (double) query[head * width + i] * key[kv * width + i];
        }
        double score = product * op.scale();
        if (op.softCap().isPresent()) {
            double cap = op.softCap().getAsDouble();
            score = cap * Math.tanh(score / cap);
        }
        return score + bias(head, position, keyPosition);
    }

    private double bias(int head, int position, int key) {
        int global = layer.heads().headIndices()[head];
        if (op.bias() instanceof Op.Alibi alibi) {
            return alibi.slopes().get(global) * -Math.abs(position - key);
        }
        if (op.bias() instanceof Op.RoundedAlibi alibi) {
            float slope = bf16(alibi.slopes().get(global).floatValue());
            return alibi.factor() * bf16(slope * key);
        }
        if (op.bias() instanceof Op.RelativeBuckets relative) {
            int bucket = DistanceBuckets.of(key - position, relative);
            return relativeTable[bucket * layer.heads().heads() + head];
        }
        return 0;
    }

    /** Rounded to the nearest bf16, ties to even. */
    private static float bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.intBitsToFloat(bits + 0x7fff + (bits >>> 16 & 1) & 0xffff0000);
    }
}
