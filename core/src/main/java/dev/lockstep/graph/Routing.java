package dev.lockstep.graph;

import java.util.Optional;

/**
 * How a router's logits choose experts and weigh them. Ties go to the lower number.
 *
 * @param experts all experts
 * @param chosen experts of a row
 * @param scores what weights are made of
 * @param groups a first choice among groups of experts, or empty
 * @param corrected whether a learned correction is added to the scores for the choice alone
 * @param renormalised whether the chosen weights are divided by their sum
 * @param factor what the weights are multiplied by at last
 */
public record Routing(
        int experts,
        int chosen,
        Scores scores,
        Optional<Groups> groups,
        boolean corrected,
        boolean renormalised,
        double factor) {

    /** What a weight is. */
    public sealed interface Scores {}

    /** Softmax over all experts. */
    public record Softmax() implements Scores {}

    /** Softmax over the chosen experts alone. */
    public record SoftmaxOfChosen() implements Scores {}

    /** Sigmoid of each logit. */
    public record Sigmoid() implements Scores {}

    /**
     * One expert after the other, the best of those left; its weight is its share in a softmax over the experts left whose
     * logit is within {@code 2 * jitter}, relative to the larger of the two magnitudes, of the best: the sparse mixer of
     * Phi-3.5-MoE.
     */
    public record SparseMixer(double jitter) implements Scores {}

    /**
     * Experts in consecutive groups of equal size; only those of the best {@code kept} groups can be chosen.
     *
     * @param score how good a group is
     */
    public record Groups(int count, int kept, Score score) {

        /** A group's worth. */
        public enum Score {
            /** Its best expert's score. */
            BEST,
            /** The sum of its two best. */
            BEST_TWO
        }
    }

    public Routing {
        if (experts < 1 || chosen < 1 || chosen > experts) {
            throw new GraphException(chosen + " of " + experts + " experts are chosen, expected 1 to all of them");
        }
        if (groups.isPresent()) {
            Groups g = groups.get();
            if (g.count() < 1 || experts % g.count() != 0 || g.kept() < 1 || g.kept() > g.count()) {
                throw new GraphException(experts + " experts in " + g.count() + " groups of which " + g.kept()
                        + " are kept: expected equal groups, 1 to all of them kept");
            }
            if (chosen > experts / g.count() * g.kept()) {
                throw new GraphException(chosen + " experts are chosen from " + g.kept() + " groups of "
                        + experts / g.count() + ", which hold fewer");
            }
        }
    }

    /** The usual: softmax over all, the best are chosen, divided by their sum where asked. */
    public static Routing softmax(int experts, int chosen, boolean renormalised) {
        return new Routing(experts, chosen, new Softmax(), Optional.empty(), false, renormalised, 1);
    }

    /** Softmax over the chosen: the same as a renormalised softmax over all. */
    public static Routing softmaxOfChosen(int experts, int chosen) {
        return new Routing(experts, chosen, new SoftmaxOfChosen(), Optional.empty(), false, false, 1);
    }
}
