package dev.lockstep.graph;

import java.util.Optional;

/**
 * How a router's logits select and weigh experts. Ties go to the expert with the lower number.
 *
 * @param experts number of all experts
 * @param chosen experts chosen per row
 * @param scores how the weights are computed
 * @param groups a first choice among groups of experts, or empty
 * @param corrected whether a learned correction is added to the scores for the choice only
 * @param renormalised whether the chosen weights are divided by their sum
 * @param factor a final factor on the weights
 */
public record Routing(
        int experts,
        int chosen,
        Scores scores,
        Optional<Groups> groups,
        boolean corrected,
        boolean renormalised,
        double factor) {

    /** How a weight is computed. */
    public sealed interface Scores {}

    /** Softmax over all experts. */
    public record Softmax() implements Scores {}

    /** Softmax over the chosen experts only. */
    public record SoftmaxOfChosen() implements Scores {}

    /** Sigmoid of each logit. */
    public record Sigmoid() implements Scores {}

    /**
     * The sparse mixer of Phi-3.5-MoE. Experts are chosen one after another, always the best of those left. The weight
     * of each is its share in a softmax over those experts left whose logit is within {@code 2 * jitter} of the best,
     * relative to the larger of the two magnitudes.
     */
    public record SparseMixer(double jitter) implements Scores {}

    /**
     * Experts in consecutive groups of equal size; only those in the best {@code kept} groups can be chosen.
     *
     * @param score how groups are ranked
     */
    public record Groups(int count, int kept, Score score) {

        /** The score of a group. */
        public enum Score {
            /** The score of its best expert. */
            BEST,
            /** The sum of the scores of its two best experts. */
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

    /**
     * The usual routing: softmax over all experts, the best are chosen, and their weights are divided by their sum if
     * requested.
     */
    public static Routing softmax(int experts, int chosen, boolean renormalised) {
        return new Routing(experts, chosen, new Softmax(), Optional.empty(), false, renormalised, 1);
    }

    /** Softmax over the chosen: the same as a renormalised softmax over all. */
    public static Routing softmaxOfChosen(int experts, int chosen) {
        return new Routing(experts, chosen, new SoftmaxOfChosen(), Optional.empty(), false, false, 1);
    }
}
