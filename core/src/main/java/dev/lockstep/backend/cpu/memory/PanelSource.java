package dev.lockstep.backend.cpu.memory;

import java.nio.FloatBuffer;
import java.util.List;

/** Where packed weights and tables get their values from, a few rows at a time, so that none is ever whole in fp32. */
@FunctionalInterface
public interface PanelSource {

    /**
     * Writes the rows {@code [from, to)}, row-major in fp32, into the target from its position on; the target has room
     * for just these. Called by one thread at a time, with ascending and disjoint ranges.
     */
    void fill(int from, int to, FloatBuffer target);

    /**
     * The rows of several sources below each other.
     *
     * @param ends rows of the sources so far, each included
     */
    static PanelSource stacked(List<PanelSource> sources, int[] ends) {
        return (from, to, target) -> {
            for (int i = 0; i < ends.length; i++) {
                int start = i == 0 ? 0 : ends[i - 1];
                int first = Math.max(from, start);
                int last = Math.min(to, ends[i]);
                if (first < last) {
                    sources.get(i).fill(first - start, last - start, target);
                }
            }
        };
    }
}
