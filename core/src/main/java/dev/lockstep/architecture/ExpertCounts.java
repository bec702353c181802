package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.Routing;
import java.util.Optional;

/**
 * How many experts a mixture has and how many of them a row goes through, checked.
 *
 * @param experts all of them
 * @param chosen of a row
 */
record ExpertCounts(int experts, int chosen) {
    private static final String CHOSEN = "num_experts_per_tok";
    /** Far more than any published model: a larger number is a mistake that would cost memory before it is found. */
    private static final int MOST = 1 << 16;

    /**
     * From the published keys.
     *
     * @param absentExperts what a config without the key means
     * @param absentChosen the same of {@code num_experts_per_tok}
     * @param keys spellings of the number of experts, the family's own first
     */
    static ExpertCounts of(Config c, int absentExperts, int absentChosen, String... keys) {
        int chosen = c.sizeOr(absentChosen, CHOSEN, "experts_per_token");
        return checked(c, c.sizeOr(absentExperts, keys), chosen, CHOSEN, keys);
    }

    /** As above, of a family that spells the number of experts of a row in its own way. */
    static ExpertCounts checked(Config c, int experts, int chosen, String chosenKey, String... keys) {
        if (experts > MOST) {
            throw c.wrong(experts, "at most " + MOST, keys);
        }
        if (chosen < 1 || chosen > experts) {
            throw c.wrong(chosen, chosen < 1 ? "1 or more" : "at most " + keys[0] + " = " + experts, chosenKey);
        }
        return new ExpertCounts(experts, chosen);
    }

    /**
     * A first choice among groups, from {@code n_group} and {@code topk_group}; empty for a single group.
     *
     * @param absentGroups what a config without {@code n_group} means
     * @param absentKept the same of {@code topk_group}
     */
    Optional<Routing.Groups> groups(Config c, int absentGroups, int absentKept, Routing.Groups.Score score) {
        int count = published(c, absentGroups, "n_group");
        int kept = published(c, absentKept, "topk_group");
        if (experts % count != 0) {
            throw c.wrong(count, "a divisor of the number of experts " + experts, "n_group");
        }
        if (kept > count) {
            throw c.wrong(kept, "at most n_group = " + count, "topk_group");
        }
        if (chosen > experts / count * kept) {
            throw c.wrong(
                    chosen,
                    "at most " + experts / count * kept + ", the experts of topk_group = " + kept + " groups of "
                            + experts / count,
                    CHOSEN);
        }
        return count == 1 ? Optional.empty() : Optional.of(new Routing.Groups(count, kept, score));
    }

    /** Null means a single group. */
    private static int published(Config c, int absent, String key) {
        return c.sizeOr(c.json().has(key) ? 1 : absent, key);
    }
}
