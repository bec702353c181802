package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.gemm.PackedWeight;
import java.util.List;

/** The experts of one mixture that a rank holds, with the rank's part of each. */
final class ExpertMatrices implements AutoCloseable {

    /**
     * One expert.
     *
     * @param gateUp [2 * inner, hidden]: the gate's rows, then up's, each with its bias
     * @param down [hidden, inner], with the bias where this rank adds it
     */
    record Expert(PackedWeight gateUp, LinearWeights down) {}

    private final int[] held;
    private final List<Expert> experts;

    /** @param held the experts' numbers in the model, ascending */
    ExpertMatrices(int[] held, List<Expert> experts) {
        this.held = held.clone();
        this.experts = List.copyOf(experts);
    }

    /** The numbers of the experts held, ascending. The array is shared: do not write to it. */
    int[] held() {
        return held;
    }

    Expert expert(int i) {
        return experts.get(i);
    }

    /** A key shared by mixtures whose products take the same memory; null for a mixture without experts. */
    Object memoryKey() {
        return experts.isEmpty()
                ? null
                : List.of(held.length, experts.get(0).down().memoryKey());
    }

    long bytes() {
        long sum = 0;
        for (Expert expert : experts) {
            sum += expert.gateUp().bytes() + expert.down().bytes();
        }
        return sum;
    }

    @Override
    public void close() {
        for (Expert expert : experts) {
            expert.gateUp().close();
            expert.down().close();
        }
    }
}
