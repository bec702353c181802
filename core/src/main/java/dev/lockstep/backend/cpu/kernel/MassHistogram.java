package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import java.nio.ByteBuffer;

/**
 * A histogram of the weights of a row's tokens, by the leading bits of their logits, largest logits first. Used to
 * find, byte by byte, the logit at which the mass of the best tokens reaches a bound. {@link NucleusScan#weight} is a
 * token's weight.
 */
public final class MassHistogram {
    /** Bins of one pass. */
    public static final int BINS = 256;

    /** Bits of a key that select a bin. */
    public static final int BITS = 8;

    private MassHistogram() {}

    /** A number whose unsigned order is the descending order of logits. */
    public static int key(float logit) {
        int bits = Float.floatToRawIntBits(logit == 0 ? 0f : logit);
        return bits < 0 ? bits : ~bits & 0x7fffffff;
    }

    /** The logit of a key. */
    public static float logit(int key) {
        return Float.intBitsToFloat(key < 0 ? key : ~key & 0x7fffffff);
    }

    /**
     * Adds up the weights of the tokens whose keys begin like {@code prefix}, by the next bits.
     *
     * @param logits plain [rows, width]
     * @param shift bits behind those that tell runs apart
     * @param prefix the bits before them; 0 where there are none
     * @param best the row's largest logit over all ranks
     * @param sums receives {@link #BINS} doubles from byte {@code at} on
     */
    public static void masses(
            Matrix logits,
            int row,
            int width,
            int shift,
            int prefix,
            float best,
            double temperature,
            ByteBuffer sums,
            int at) {
        clear(sums, at);
        int from = logits.at(row, 0);
        float last = Float.NaN;
        double weight = 0;
        for (int column = 0; column < width; column++) {
            float logit = logits.slab().get(from + column);
            int key = key(logit);
            if (shift + BITS == Integer.SIZE || key >>> shift + BITS == prefix) {
                if (logit != last) {
                    last = logit;
                    weight = NucleusScan.weight(logit, best, temperature);
                }
                add(sums, at, key >>> shift & BINS - 1, weight);
            }
        }
    }

    /** Counts the tokens of one logit whose ids begin like {@code prefix}, by the next bits; as {@link #masses}. */
    public static void counts(
            Matrix logits, int row, int width, int[] ids, int shift, int prefix, float logit, ByteBuffer sums, int at) {
        clear(sums, at);
        int from = logits.at(row, 0);
        for (int column = 0; column < width; column++) {
            boolean begins = shift + BITS == Integer.SIZE || ids[column] >>> shift + BITS == prefix;
            if (begins && logits.slab().get(from + column) == logit) {
                add(sums, at, ids[column] >>> shift & BINS - 1, 1);
            }
        }
    }

    private static void clear(ByteBuffer sums, int at) {
        for (int bin = 0; bin < BINS; bin++) {
            sums.putDouble(at + bin * Double.BYTES, 0);
        }
    }

    private static void add(ByteBuffer sums, int at, int bin, double weight) {
        int place = at + bin * Double.BYTES;
        sums.putDouble(place, sums.getDouble(place) + weight);
    }
}
