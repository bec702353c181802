package dev.lockstep.generate;

import dev.lockstep.graph.Reach;
import java.util.Arrays;
import java.util.List;

/** Finds how much of a text the pool holds already. */
final class PrefixSearch {
    private final PrefixIndex prefixes;
    private final List<Reach> groups;
    private final int blockSize;
    /** How many blocks up to the current one each group holds without a gap. */
    private final int[] unbroken;

    /** @param groups what each group of caches keeps */
    PrefixSearch(PrefixIndex prefixes, List<Reach> groups, int blockSize) {
        this.prefixes = prefixes;
        this.groups = groups;
        this.blockSize = blockSize;
        this.unbroken = new int[groups.size()];
    }

    /**
     * The longest prefix of a text after which it can be computed: every group of caches holds all blocks of it that
     * later tokens attend to. The last token is never part of it, since its output is needed.
     *
     * @param length tokens of the text
     */
    Prefix longest(int[] tokens, int length) {
        Arrays.fill(unbroken, 0);
        Prefix best = prefixes.empty();
        Prefix next = best;
        for (int end = blockSize; end < length; end += blockSize) {
            next = prefixes.find(next, tokens, end - blockSize);
            if (next == null) {
                return best;
            }
            if (suffices(next)) {
                best = next;
            }
        }
        return best;
    }

    private boolean suffices(Prefix prefix) {
        boolean all = true;
        for (int group = 0; group < unbroken.length; group++) {
            unbroken[group] = prefix.isHeld(group) ? unbroken[group] + 1 : 0;
            int first = SequenceCache.firstHeld(groups.get(group), prefix.depth(), blockSize);
            all &= unbroken[group] >= prefix.depth() - first;
        }
        return all;
    }
}
