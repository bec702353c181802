package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import java.nio.ByteBuffer;

/** Bytes as plain rows, multiplied in Java: slow, for machines without a faster way, and the reference in tests. */
final class JavaIntegerWeight implements IntegerWeight {
    private final int inputs;
    private final int[] starts;
    private final Slab[] panels;

    JavaIntegerWeight(Memory memory, int inputs, int[] starts) {
        this.inputs = inputs;
        this.starts = starts;
        this.panels = new Slab[starts.length - 1];
        for (int i = 0; i < panels.length; i++) {
            panels[i] = memory.allocate((long) width(i) * inputs, "8-bit weight");
        }
    }

    private int width(int panel) {
        return starts[panel + 1] - starts[panel];
    }

    @Override
    public void fill(int panel, Slab rows) {
        panels[panel].bytes().put(0, rows.bytes(), 0, width(panel) * inputs);
    }

    @Override
    public void prepare(int rows) {
        // any number will do
    }

    @Override
    public void multiply(int worker, int panel, Slab activations, long from, int rows, Slab products) {
        ByteBuffer x = activations.bytes();
        ByteBuffer w = panels[panel].bytes();
        int width = width(panel);
        for (int row = 0; row < rows; row++) {
            int at = Math.toIntExact(from + (long) row * inputs);
            for (int output = 0; output < width; output++) {
                int sum = 0;
                for (int i = 0; i < inputs; i++) {
                    sum += (x.get(at + i) & 0xFF) * w.get(output * inputs + i);
                }
                products.setInt(row * width + output, sum);
            }
        }
    }

    @Override
    public byte get(int panel, int input, int output) {
        return panels[panel].bytes().get(output * inputs + input);
    }

    @Override
    public long bytes() {
        return (long) starts[starts.length - 1] * inputs;
    }

    @Override
    public void close() {
        for (Slab slab : panels) {
            slab.close();
        }
    }
}
