package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Lanes;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * The loops of {@link HeadMath#accumulate}, for all heads of a block in one call: a call per head would take as long as
 * the work itself. There is one loop per format and run of columns, {@link OutOfLine}.
 */
final class HeadValues {

    private static final int LENGTH = Lanes.LENGTH;
    /** Vectors of columns that are accumulated together. */
    private static final int VECTORS = 4;

    private static final MethodHandle[] WIDE = {find("fp32"), find("int16"), find("int8")};
    private static final MethodHandle[] NARROW = {find("fp32Rest"), find("int16Rest"), find("int8Rest")};

    private HeadValues() {}

    private static MethodHandle find(String name) {
        return OutOfLine.find(
                MethodHandles.lookup(),
                name,
                float[][].class,
                int.class,
                int.class,
                int.class,
                Object.class,
                int.class,
                int.class,
                int.class,
                int.class,
                float[][].class);
    }

    /** The loop over runs of {@link #VECTORS} vectors of columns, from a column on as long as they are whole. */
    static MethodHandle wide(Form form) {
        return WIDE[number(form)];
    }

    /** The loop over vectors of columns, from a column on. */
    static MethodHandle narrow(Form form) {
        return NARROW[number(form)];
    }

    /** Columns that {@link #wide} leaves to {@link #narrow}. */
    static int rest(int width) {
        return width % (VECTORS * LENGTH);
    }

    private static int number(Form form) {
        return switch (form) {
            case FP32 -> 0;
            case INT16 -> 1;
            default -> 2;
        };
    }

    private static void fp32(
            float[][] p,
            int heads,
            int pi,
            int positions,
            Object values,
            int vi,
            int headStride,
            int width,
            int column,
            float[][] acc) {
        for (int head = 0; head < heads; head++) {
            float[] weights = p[head];
            float[] sums = acc[head];
            for (int c = column; c + VECTORS * LENGTH <= width; c += VECTORS * LENGTH) {
                FloatVector c0 = load(sums, c);
                FloatVector c1 = load(sums, c + LENGTH);
                FloatVector c2 = load(sums, c + 2 * LENGTH);
                FloatVector c3 = load(sums, c + 3 * LENGTH);
                int at = vi + head * headStride + c;
                for (int j = 0; j < positions; j++) {
                    FloatVector weight = broadcast(weights[pi + j]);
                    c0 = weight.fma(Lanes.load(values, at), c0);
                    c1 = weight.fma(Lanes.load(values, at + LENGTH), c1);
                    c2 = weight.fma(Lanes.load(values, at + 2 * LENGTH), c2);
                    c3 = weight.fma(Lanes.load(values, at + 3 * LENGTH), c3);
                    at += width;
                }
                c0.intoArray(sums, c);
                c1.intoArray(sums, c + LENGTH);
                c2.intoArray(sums, c + 2 * LENGTH);
                c3.intoArray(sums, c + 3 * LENGTH);
            }
        }
    }

    private static void fp32Rest(
            float[][] p,
            int heads,
            int pi,
            int positions,
            Object values,
            int vi,
            int headStride,
            int width,
            int column,
            float[][] acc) {
        for (int head = 0; head < heads; head++) {
            float[] weights = p[head];
            float[] sums = acc[head];
            for (int c = column; c < width; c += LENGTH) {
                FloatVector sum = load(sums, c);
                int at = vi + head * headStride + c;
                for (int j = 0; j < positions; j++) {
                    sum = broadcast(weights[pi + j]).fma(Lanes.load(values, at), sum);
                    at += width;
                }
                sum.intoArray(sums, c);
            }
        }
    }

    private static void int16(
            float[][] p,
            int heads,
            int pi,
            int positions,
            Object values,
            int vi,
            int headStride,
            int width,
            int column,
            float[][] acc) {
        for (int head = 0; head < heads; head++) {
            float[] weights = p[head];
            float[] sums = acc[head];
            for (int c = column; c + VECTORS * LENGTH <= width; c += VECTORS * LENGTH) {
                FloatVector c0 = load(sums, c);
                FloatVector c1 = load(sums, c + LENGTH);
                FloatVector c2 = load(sums, c + 2 * LENGTH);
                FloatVector c3 = load(sums, c + 3 * LENGTH);
                int at = vi + head * headStride + c;
                for (int j = 0; j < positions; j++) {
                    FloatVector weight = broadcast(weights[pi + j]);
                    c0 = weight.fma(Lanes.loadInt16(values, at), c0);
                    c1 = weight.fma(Lanes.loadInt16(values, at + LENGTH), c1);
                    c2 = weight.fma(Lanes.loadInt16(values, at + 2 * LENGTH), c2);
                    c3 = weight.fma(Lanes.loadInt16(values, at + 3 * LENGTH), c3);
                    at += width;
                }
                c0.intoArray(sums, c);
                c1.intoArray(sums, c + LENGTH);
                c2.intoArray(sums, c + 2 * LENGTH);
                c3.intoArray(sums, c + 3 * LENGTH);
            }
        }
    }

    private static void int16Rest(
            float[][] p,
            int heads,
            int pi,
            int positions,
            Object values,
            int vi,
            int headStride,
            int width,
            int column,
            float[][] acc) {
        for (int head = 0; head < heads; head++) {
            float[] weights = p[head];
            float[] sums = acc[head];
            for (int c = column; c < width; c += LENGTH) {
                FloatVector sum = load(sums, c);
                int at = vi + head * headStride + c;
                for (int j = 0; j < positions; j++) {
                    sum = broadcast(weights[pi + j]).fma(Lanes.loadInt16(values, at), sum);
                    at += width;
                }
                sum.intoArray(sums, c);
            }
        }
    }

    private static void int8(
            float[][] p,
            int heads,
            int pi,
            int positions,
            Object values,
            int vi,
            int headStride,
            int width,
            int column,
            float[][] acc) {
        for (int head = 0; head < heads; head++) {
            float[] weights = p[head];
            float[] sums = acc[head];
            for (int c = column; c + VECTORS * LENGTH <= width; c += VECTORS * LENGTH) {
                FloatVector c0 = load(sums, c);
                FloatVector c1 = load(sums, c + LENGTH);
                FloatVector c2 = load(sums, c + 2 * LENGTH);
                FloatVector c3 = load(sums, c + 3 * LENGTH);
                int at = vi + head * headStride + c;
                for (int j = 0; j < positions; j++) {
                    FloatVector weight = broadcast(weights[pi + j]);
                    c0 = weight.fma(Lanes.loadInt8(values, at), c0);
                    c1 = weight.fma(Lanes.loadInt8(values, at + LENGTH), c1);
                    c2 = weight.fma(Lanes.loadInt8(values, at + 2 * LENGTH), c2);
                    c3 = weight.fma(Lanes.loadInt8(values, at + 3 * LENGTH), c3);
                    at += width;
                }
                c0.intoArray(sums, c);
                c1.intoArray(sums, c + LENGTH);
                c2.intoArray(sums, c + 2 * LENGTH);
                c3.intoArray(sums, c + 3 * LENGTH);
            }
        }
    }

    private static void int8Rest(
            float[][] p,
            int heads,
            int pi,
            int positions,
            Object values,
            int vi,
            int headStride,
            int width,
            int column,
            float[][] acc) {
        for (int head = 0; head < heads; head++) {
            float[] weights = p[head];
            float[] sums = acc[head];
            for (int c = column; c < width; c += LENGTH) {
                FloatVector sum = load(sums, c);
                int at = vi + head * headStride + c;
                for (int j = 0; j < positions; j++) {
                    sum = broadcast(weights[pi + j]).fma(Lanes.loadInt8(values, at), sum);
                    at += width;
                }
                sum.intoArray(sums, c);
            }
        }
    }

    private static FloatVector load(float[] from, int at) {
        return FloatVector.fromArray(Lanes.FLOATS, from, at);
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }
}
