package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Lanes;
import jdk.incubator.vector.FloatVector;

/** One loop per activation over whole vectors: a switch inside the loop would hinder register allocation. */
final class VectorActivations {

    private static final int LENGTH = Lanes.LENGTH;

    private VectorActivations() {}

    /**
     * z = activation(x) over n floats, n a multiple of the vector length. The loops stand in one method on purpose:
     * above 325 bytecodes the compiler does not inline it into its callers, where, among their other loops, it would
     * run out of its budget and leave vectors in memory.
     */
    static void apply(Activation activation, Object x, int xi, Object z, int zi, int n) {
        switch (activation) {
            case NONE -> {
                for (int i = 0; i < n; i += LENGTH) {
                    Lanes.store(Lanes.load(x, xi + i), z, zi + i);
                }
            }
            case RELU -> {
                for (int i = 0; i < n; i += LENGTH) {
                    Lanes.store(Lanes.load(x, xi + i).max(0f), z, zi + i);
                }
            }
            case GELU -> {
                for (int i = 0; i < n; i += LENGTH) {
                    Lanes.store(VectorMath.gelu(Lanes.load(x, xi + i)), z, zi + i);
                }
            }
            case GELU_TANH -> {
                for (int i = 0; i < n; i += LENGTH) {
                    Lanes.store(VectorMath.geluTanh(Lanes.load(x, xi + i)), z, zi + i);
                }
            }
            case SILU -> {
                for (int i = 0; i < n; i += LENGTH) {
                    FloatVector gate = VectorMath.sigmoid(Lanes.load(x, xi + i));
                    Lanes.store(Lanes.load(x, xi + i).mul(gate), z, zi + i);
                }
            }
            case TANH -> {
                for (int i = 0; i < n; i += LENGTH) {
                    Lanes.store(VectorMath.tanh(Lanes.load(x, xi + i)), z, zi + i);
                }
            }
            case SIGMOID -> {
                for (int i = 0; i < n; i += LENGTH) {
                    Lanes.store(VectorMath.sigmoid(Lanes.load(x, xi + i)), z, zi + i);
                }
            }
            case QUICK_GELU -> {
                for (int i = 0; i < n; i += LENGTH) {
                    Lanes.store(VectorMath.quickGelu(Lanes.load(x, xi + i)), z, zi + i);
                }
            }
            case RELU_SQUARED -> {
                for (int i = 0; i < n; i += LENGTH) {
                    FloatVector positive = Lanes.load(x, xi + i).max(0f);
                    Lanes.store(positive.mul(positive), z, zi + i);
                }
            }
        }
    }
}
