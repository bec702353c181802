package dev.lockstep.checkpoint;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Reads boxes of tensors: the largest pieces that fit a window and have no wide gaps are read with one request,
 * converted, and written to their targets. Axes are walked from the widest stride to the narrowest, so that files are
 * read forwards. Not thread-safe; the window's buffers are kept.
 */
final class WindowReader {
    private final ReadPolicy policy;
    /** Grown to what has been asked for, the policy's window at most. */
    private ByteBuffer raw = ByteBuffer.allocateDirect(0);

    private final Elements elements = new Elements();
    private float[] window = new float[0];
    private final WindowScatter scatter = new WindowScatter();
    private long readBytes;

    private StoredTensor tensor;
    private Axis[] axes;
    /** The box's first element, in elements from the tensor's start. */
    private long first;
    /** What the axes' targets are counted from. */
    private int position;
    /** Elements from the first to the last one of the axes from a level on. */
    private long[] spans;
    /** Whether one request can read the axes from a level on. */
    private boolean[] fits;

    private double scale;
    private double shift;
    private FloatBuffer target;

    WindowReader(ReadPolicy policy) {
        this.policy = policy;
    }

    /** Bytes read from the files so far. */
    long readBytes() {
        return readBytes;
    }

    /**
     * Writes {@code scale * tensor[box] + shift} to {@code target}, at the box's targets counted from {@code origin}.
     */
    void read(StoredTensor from, Box box, double scale, double shift, FloatBuffer target, int origin) {
        tensor = from;
        this.scale = scale;
        this.shift = shift;
        this.target = target;
        first = 0;
        position = origin + box.base();
        axes = ordered(box, from.strides());
        measure();
        read(0, first, position);
    }

    /**
     * The axes in units of elements of the file, counted from the box's first element, widest stride first; those that
     * are dense within another are merged, those of one entry are dropped.
     */
    private Axis[] ordered(Box box, long[] strides) {
        Integer[] order = new Integer[strides.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingLong((Integer i) -> strides[i]).reversed());
        Axis[] axes = new Axis[order.length];
        int count = 0;
        for (int i : order) {
            Axis stored = box.axes()[i].sourced(strides[i], 0);
            first += stored.source(0);
            if (stored.count() == 1) {
                position += stored.target(0);
                continue;
            }
            Axis axis = stored.sourced(1, -stored.source(0));
            if (count > 0 && axes[count - 1].joins(axis)) {
                axes[count - 1] = axes[count - 1].joined(axis);
            } else {
                axes[count++] = axis;
            }
        }
        return Arrays.copyOf(axes, count);
    }

    private void measure() {
        int bytes = tensor.info().dtype().bytes();
        int levels = axes.length;
        spans = new long[levels + 1];
        fits = new boolean[levels + 1];
        spans[levels] = 1;
        fits[levels] = true;
        for (int level = levels - 1; level >= 0; level--) {
            Axis axis = axes[level];
            spans[level] = axis.reach() + spans[level + 1];
            fits[level] = fits[level + 1]
                    && spans[level] <= policy.windowBytes() / bytes
                    && gapIsNarrow(axis.widestStep(), level);
        }
    }

    private boolean gapIsNarrow(long step, int level) {
        return (step - spans[level + 1]) * tensor.info().dtype().bytes() < policy.gapBytes();
    }

    private void read(int level, long source, int at) {
        if (level == axes.length) {
            load(source, 1);
            target.put(at, window[0]);
            return;
        }
        Axis axis = axes[level];
        for (int from = 0; from < axis.count(); ) {
            if (fits[level + 1]) {
                int to = fits[level] ? axis.count() : chunkEnd(level, from);
                long start = axis.source(from);
                load(source + start, (int) (axis.source(to - 1) - start + spans[level + 1]));
                scatter.put(window, axes, level, from, to, target, at);
                from = to;
            } else {
                read(level + 1, source + axis.source(from), at + axis.target(from));
                from++;
            }
        }
    }

    /** The end of the longest run of entries from {@code from} on that one request can read. */
    private int chunkEnd(int level, int from) {
        Axis axis = axes[level];
        long most = policy.windowBytes() / tensor.info().dtype().bytes() - spans[level + 1];
        if (axis.isEven()) {
            if (axis.sourceStep() > most || !gapIsNarrow(axis.sourceStep(), level)) {
                return from + 1;
            }
            long more = axis.sourceStep() == 0 ? axis.count() : most / axis.sourceStep();
            return (int) Math.min(axis.count(), from + more + 1);
        }
        int to = from + 1;
        while (to < axis.count()
                && axis.source(to) - axis.source(from) <= most
                && gapIsNarrow(axis.source(to) - axis.source(to - 1), level)) {
            to++;
        }
        return to;
    }

    private void reserve(int bytes, int count) {
        if (raw.capacity() < bytes) {
            raw = ByteBuffer.allocateDirect(grown(bytes));
        }
        if (window.length < count) {
            window = new float[grown(count)];
        }
    }

    /** Powers of two, so that a few sizes serve tensors of all sizes. */
    private int grown(int needed) {
        int power = needed <= 1 ? 1 : Integer.highestOneBit(needed - 1) << 1;
        return Math.min(policy.windowBytes(), Math.max(4096, power));
    }

    private void load(long source, int count) {
        DType dtype = tensor.info().dtype();
        int bytes = count * dtype.bytes();
        reserve(bytes, count);
        raw.clear().limit(bytes).order(tensor.order());
        tensor.file().readFully(tensor.offset() + source * dtype.bytes(), raw);
        readBytes += bytes;
        elements.convert(raw.flip(), dtype, count, window);
        if (scale != 1 || shift != 0) {
            for (int i = 0; i < count; i++) {
                window[i] = (float) (scale * window[i] + shift);
            }
        }
    }
}
