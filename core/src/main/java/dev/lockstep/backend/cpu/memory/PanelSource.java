package dev.lockstep.backend.cpu.memory;

import java.nio.FloatBuffer;

/** Where packed weights and tables get their values from, a few rows at a time, so that none is ever whole in fp32. */
@FunctionalInterface
public interface PanelSource {

    /**
     * Writes the rows {@code [from, to)}, row-major in fp32, into the target from its position on; the target has room
     * for just these. Called by one thread at a time, with ascending and disjoint ranges.
     */
    void fill(int from, int to, FloatBuffer target);
}
