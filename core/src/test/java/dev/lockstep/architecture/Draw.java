package dev.lockstep.architecture;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Choices drawn from a seed. */
final class Draw {
    private final Random random;

    Draw(long seed) {
        random = new Random(seed);
    }

    boolean flag() {
        return random.nextBoolean();
    }

    int oneOf(int... values) {
        return values[random.nextInt(values.length)];
    }

    String oneOf(String... values) {
        return values[random.nextInt(values.length)];
    }

    /** An odd number in [from, to]. */
    int odd(int from, int to) {
        int first = from | 1;
        return first + 2 * random.nextInt((to - first) / 2 + 1);
    }

    double normal() {
        return random.nextGaussian();
    }

    /** A number of heads that no power of two divides well. */
    int heads() {
        return oneOf(5, 6, 8, 12);
    }

    int headDim() {
        return oneOf(4, 8, 16);
    }

    /** Key-value heads: 1 to 4 of them, or 1 to 4 queries to each. */
    int keyValueHeads(int heads) {
        List<Integer> legal = IntStream.rangeClosed(1, heads)
                .filter(groups -> heads % groups == 0 && (groups <= 4 || heads / groups <= 4))
                .boxed()
                .toList();
        return legal.get(random.nextInt(legal.size()));
    }
}
