package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import java.nio.ByteBuffer;

/**
 * Writes rows of keys and values to a cache; for integer formats, quantises each with its own scale. For one thread.
 */
public final class KvWriter {

    private static final int GROUP = TileMath.GROUP;

    private final KvCache cache;
    private final Form form;
    private final int keyWidth;
    private final int valueWidth;
    private final Integers integers = Integers.best();
    /** A head's vector as integers. */
    private final int[] vector;

    KvWriter(KvCache cache) {
        this.cache = cache;
        this.form = cache.form();
        this.keyWidth = cache.keyWidth();
        this.valueWidth = cache.valueWidth();
        this.vector = new int[Math.max(keyWidth, valueWidth)];
    }

    /**
     * Writes one position per row.
     *
     * @param keys {@code [rows, kvHeads * keyWidth]} of any column layout
     * @param values {@code [rows, kvHeads * valueWidth]} of any column layout
     * @param slots {@code block * blockSize + offset} of each row; a negative slot writes nothing
     * @param first the slot of row 0
     * @param from the first row to write
     * @param to one past the last
     */
    public void write(Matrix keys, Matrix values, int[] slots, int first, int from, int to) {
        int blockSize = cache.blockSize();
        for (int row = from; row < to; row++) {
            int slot = slots[first + row];
            if (slot < 0) {
                continue;
            }
            int block = slot / blockSize;
            int position = slot % blockSize;
            for (int head = 0; head < cache.kvHeads(); head++) {
                writeKey(keys, row, head, block, position);
            }
            for (int head = 0; valueWidth > 0 && head < cache.kvHeads(); head++) {
                writeValue(values, row, head, block, position);
            }
        }
    }

    private void writeKey(Matrix keys, int row, int head, int block, int position) {
        Slab target = cache.keySlab(block);
        int to = cache.keyOffset(block, head, position / GROUP) + position % GROUP;
        int stride = cache.keyStride(head);
        if (cache.isScaled()) {
            float scale = quantise(keys, row, head * keyWidth);
            target.set(cache.keyScales(block, head, position / GROUP) + position % GROUP, scale);
            store(target, to, stride);
        } else {
            copy(keys, row, head * keyWidth, keyWidth, target, to, stride);
        }
    }

    private void writeValue(Matrix values, int row, int head, int block, int position) {
        Slab target = cache.valueSlab(block);
        int to = cache.valueOffset(block, head) + position * valueWidth;
        if (!cache.isScaled()) {
            copy(values, row, head * valueWidth, valueWidth, target, to, 1);
            return;
        }
        float largest = largest(values, row, head * valueWidth, valueWidth);
        target.set(cache.valueScales(block, head) + position, scale(largest));
        float inverse = inverse(largest);
        for (int d = 0; d < valueWidth; ) {
            int run = Math.min(valueWidth - d, values.run(head * valueWidth + d));
            int from = values.at(row, head * valueWidth + d);
            integers.narrow(values.slab(), from, inverse, target, form, to + d, run);
            d += run;
        }
    }

    /** Quantises a head's key into {@link #vector}; returns the scale. */
    private float quantise(Matrix keys, int row, int first) {
        float largest = largest(keys, row, first, keyWidth);
        float inverse = inverse(largest);
        for (int d = 0; d < keyWidth; ) {
            int run = Math.min(keyWidth - d, keys.run(first + d));
            integers.round(keys.slab(), keys.at(row, first + d), inverse, vector, d, run);
            d += run;
        }
        return scale(largest);
    }

    private float largest(Matrix source, int row, int first, int width) {
        float largest = 0;
        for (int d = 0; d < width; ) {
            int run = Math.min(width - d, source.run(first + d));
            largest = Math.max(largest, integers.largest(source.slab(), source.at(row, first + d), run));
            d += run;
        }
        return largest;
    }

    private int most() {
        return form == Form.INT8 ? Byte.MAX_VALUE : Short.MAX_VALUE;
    }

    private float scale(float largest) {
        float scale = largest / most();
        return scale < Float.MIN_NORMAL ? 0 : scale;
    }

    private float inverse(float largest) {
        return largest / most() < Float.MIN_NORMAL ? 0 : most() / largest;
    }

    private void store(Slab target, int to, int stride) {
        if (form == Form.INT8) {
            ByteBuffer bytes = target.bytes();
            for (int d = 0; d < keyWidth; d++) {
                bytes.put(to + d * stride, (byte) vector[d]);
            }
        } else {
            for (int d = 0; d < keyWidth; d++) {
                target.setShort(to + d * stride, (short) vector[d]);
            }
        }
    }

    /** Writes a head's vector, elements {@code stride} apart. */
    private static void copy(Matrix source, int row, int first, int width, Slab target, int to, int stride) {
        for (int d = 0; d < width; ) {
            int from = source.at(row, first + d);
            int run = Math.min(width - d, source.run(first + d));
            for (int i = 0; i < run; i++) {
                target.set(to + (d + i) * stride, source.slab().get(from + i));
            }
            d += run;
        }
    }
}
