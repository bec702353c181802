package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Lanes;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/** One loop per activation over whole vectors, {@link OutOfLine}. */
final class VectorActivations {

    private static final int LENGTH = Lanes.LENGTH;
    private static final MethodHandle[] LOOPS = new MethodHandle[Activation.values().length];

    static {
        LOOPS[Activation.NONE.ordinal()] = find("none");
        LOOPS[Activation.RELU.ordinal()] = find("relu");
        LOOPS[Activation.GELU.ordinal()] = find("gelu");
        LOOPS[Activation.GELU_TANH.ordinal()] = find("geluTanh");
        LOOPS[Activation.SILU.ordinal()] = find("silu");
        LOOPS[Activation.TANH.ordinal()] = find("tanh");
        LOOPS[Activation.SIGMOID.ordinal()] = find("sigmoid");
        LOOPS[Activation.QUICK_GELU.ordinal()] = find("quickGelu");
        LOOPS[Activation.RELU_SQUARED.ordinal()] = find("reluSquared");
    }

    private VectorActivations() {}

    /** z = activation(x) over n floats, n a multiple of the vector length. */
    static void apply(Activation activation, Object x, int xi, Object z, int zi, int n) {
        try {
            LOOPS[activation.ordinal()].invokeExact(x, xi, z, zi, n);
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
    }

    private static MethodHandle find(String name) {
        return OutOfLine.find(
                MethodHandles.lookup(), name, Object.class, int.class, Object.class, int.class, int.class);
    }

    private static void none(Object x, int xi, Object z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.store(Lanes.load(x, xi + i), z, zi + i);
        }
    }

    private static void relu(Object x, int xi, Object z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.store(Lanes.load(x, xi + i).max(0f), z, zi + i);
        }
    }

    private static void gelu(Object x, int xi, Object z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.store(VectorMath.gelu(Lanes.load(x, xi + i)), z, zi + i);
        }
    }

    private static void geluTanh(Object x, int xi, Object z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.store(VectorMath.geluTanh(Lanes.load(x, xi + i)), z, zi + i);
        }
    }

    private static void silu(Object x, int xi, Object z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.store(VectorMath.silu(Lanes.load(x, xi + i)), z, zi + i);
        }
    }

    private static void tanh(Object x, int xi, Object z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.store(VectorMath.tanh(Lanes.load(x, xi + i)), z, zi + i);
        }
    }

    private static void sigmoid(Object x, int xi, Object z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.store(VectorMath.sigmoid(Lanes.load(x, xi + i)), z, zi + i);
        }
    }

    private static void quickGelu(Object x, int xi, Object z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.store(VectorMath.quickGelu(Lanes.load(x, xi + i)), z, zi + i);
        }
    }

    private static void reluSquared(Object x, int xi, Object z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            FloatVector positive = Lanes.load(x, xi + i).max(0f);
            Lanes.store(positive.mul(positive), z, zi + i);
        }
    }
}
