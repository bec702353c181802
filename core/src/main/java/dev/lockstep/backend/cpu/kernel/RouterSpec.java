package dev.lockstep.backend.cpu.kernel;

/**
 * How a {@link Router} chooses and weighs.
 *
 * @param experts columns of logits and weights
 * @param chosen of a row
 * @param jitter of the sparse mixer, else without meaning
 * @param groups consecutive runs of experts, of equal size; 1 for none
 * @param keptGroups from which experts are chosen
 * @param groupsByTwo whether a group is worth the sum of its two best instead of its best
 * @param renormalised whether the chosen weights are divided by their sum
 * @param factor what the weights are multiplied by at last
 */
public record RouterSpec(
        int experts,
        int chosen,
        Scores scores,
        double jitter,
        int groups,
        int keptGroups,
        boolean groupsByTwo,
        boolean renormalised,
        float factor) {

    /** What weights are made of. */
    public enum Scores {
        SOFTMAX,
        SOFTMAX_OF_CHOSEN,
        SIGMOID,
        SPARSE_MIXER
    }

    int groupSize() {
        return experts / groups;
    }
}
