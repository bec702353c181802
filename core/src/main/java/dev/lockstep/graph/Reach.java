package dev.lockstep.graph;

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
}
