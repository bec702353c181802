package dev.lockstep.backend.cpu.memory;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * The source of the values of packed weights and tables. It is read a few rows at a time, so that a weight is never
 * held whole in fp32.
 */
@FunctionalInterface
public interface PanelSource {

    /**
     * Writes the rows {@code [from, to)}, row-major in fp32, to the target from its position on. The target has room
     * for exactly these rows. Called by one thread at a time, with ascending and disjoint ranges.
     */
    void fill(int from, int to, FloatBuffer target);

    /**
     * The rows of several sources, one below the other.
     *
     * @param ends for each source, the number of rows up to its end
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
