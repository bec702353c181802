package dev.lockstep.graph;

import java.util.Locale;

/**
 * How far back a query sees.
 *
 * @param keys of a window, the query's own position included; of a chunk, its length
 */
public record Reach(Kind kind, int keys) {

    /** The shape of what is seen. */
    public enum Kind {
        /** All keys that the pattern allows. */
        ALL,
        /** The last {@code keys} positions, up to the query's own (and as many after it, where the pattern allows). */
        WINDOW,
        /** Positions of the query's own chunk: sequences are cut into chunks of {@code keys} from their start. */
        CHUNK
    }

    public static final Reach ALL = new Reach(Kind.ALL, Integer.MAX_VALUE);

    public Reach {
        if (keys < 1) {
            throw new GraphException("attention that sees " + keys + " keys, expected at least 1");
        }
    }

    public static Reach window(int keys) {
        return new Reach(Kind.WINDOW, keys);
    }

    public static Reach chunk(int keys) {
        return new Reach(Kind.CHUNK, keys);
    }

    public boolean limited() {
        return kind != Kind.ALL;
    }

    /** The first key that a query at this position, or at a later one, may ever see: all before can be forgotten. */
    public int firstKey(int position) {
        return switch (kind) {
            case ALL -> 0;
            case WINDOW -> Math.max(0, position - keys + 1);
            case CHUNK -> position / keys * keys;
        };
    }

    /**
     * The first position whose cache entry is kept once all before {@code next} are computed. The last one computed
     * always is: what keeps only a sequence's last row finds it by that block.
     */
    public int firstHeld(int next) {
        return Math.min(firstKey(next), Math.max(0, next - 1));
    }

    /**
     * The blocks that the cache of a sequence ever holds at once: those before {@link #firstHeld} are given back.
     *
     * @param length tokens of the sequence
     * @param count tokens of it that one step runs at most
     * @param blockSize positions of a block
     */
    public int heldBlocks(int length, int count, int blockSize) {
        int all = blocks(length, blockSize);
        if (kind == Kind.ALL) {
            return all;
        }
        // The worst start: what is held begins at a block's last position.
        long span = blockSize - 1L + Math.max(keys - 1, 1) + count;
        return (int) Math.min(all, (span + blockSize - 1) / blockSize);
    }

    /** Blocks of this many positions. */
    public static int blocks(int positions, int blockSize) {
        return (int) (((long) positions + blockSize - 1) / blockSize);
    }

    /** For reports: {@code window of 4096}. */
    public String described() {
        return limited() ? kind.name().toLowerCase(Locale.ROOT) + " of " + keys : "all";
    }
}
