package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Lanes;
import jdk.incubator.vector.FloatVector;

/** One loop per activation over whole vectors: a switch inside the loop would hinder register allocation. */
final class VectorActivations {

    private static final int LENGTH = Lanes.LENGTH;

    private VectorActivations() {}

    /** z = activation(x) over n floats, n a multiple of the vector length. */
    static void apply(Activation activation, Object x, int xi, Object z, int zi, int n) {
        switch (activation) {
            case NONE -> copy(x, xi, z, zi, n);
            case RELU -> relu(x, xi, z, zi, n);
            case GELU -> gelu(x, xi, z, zi, n);
            case GELU_TANH -> geluTanh(x, xi, z, zi, n);
            case SILU -> silu(x, xi, z, zi, n);
            case TANH -> tanh(x, xi, z, zi, n);
            case SIGMOID -> sigmoid(x, xi, z, zi, n);
            case QUICK_GELU -> quickGelu(x, xi, z, zi, n);
            case RELU_SQUARED -> reluSquared(x, xi, z, zi, n);
        }
    }

    private static void copy(Object x, int xi, Object z, int zi, int n) {
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
