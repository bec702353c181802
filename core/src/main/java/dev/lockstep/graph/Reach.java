package dev.lockstep.graph;

import java.util.List;

/** Which keys of its sequence a query sees. With a causal pattern those after the query are left out. */
public sealed interface Reach {

    /** All. */
    record All() implements Reach {
        @Override
        public void spans(int position, int keys, KeySpans out) {
            out.add(0, keys, 1);
        }

        @Override
        public String described() {
            return "all";
        }
    }

    /**
     * The keys around the query.
     *
     * @param keys on either side, the query's own position included
     * @param step only every so many-th key, counted from the query
     */
    record Window(int keys, int step) implements Reach {
        public Window {
            atLeastOne(keys);
            atLeastOne(step);
        }

        @Override
        public void spans(int position, int length, KeySpans out) {
            long reach = (keys - 1L) * step;
            long first = position - reach;
            if (first < 0) {
                first = Math.floorMod(position, step);
            }
            out.add((int) first, (int) Math.min(length, position + reach + 1), step);
        }

        @Override
        public int firstKey(int position) {
            return (int) Math.max(0, position - (keys - 1L) * step);
        }

        @Override
        public String described() {
            return "window of " + keys + (step == 1 ? "" : ", every " + step + "th key");
        }
    }

    /**
     * The keys of the query's chunk and of some beside it: sequences are cut into chunks from their start.
     *
     * @param keys of a chunk
     * @param before how many chunks before it
     * @param after how many chunks after it
     * @param wraps whether the last chunk stands before the first one
     */
    record Chunk(int keys, int before, int after, boolean wraps) implements Reach {
        public Chunk {
            atLeastOne(keys);
        }

        @Override
        public void spans(int position, int length, KeySpans out) {
            int chunk = position / keys;
            int chunks = (length + keys - 1) / keys;
            for (int i = chunk - before; i <= chunk + after; i++) {
                int seen = wraps ? Math.floorMod(i, chunks) : i;
                if (seen >= 0 && seen < chunks) {
                    out.add(seen * keys, Math.min(length, (seen + 1) * keys), 1);
                }
            }
        }

        @Override
        public int firstKey(int position) {
            return wraps ? 0 : Math.max(0, position / keys - before) * keys;
        }

        @Override
        public String described() {
            return "chunk of " + keys + (before + after == 0 ? "" : ", " + before + " before and " + after + " after");
        }
    }

    /**
     * A list of blocks: those around the query's own and some that all queries see. Sequences are cut into blocks from their
     * start.
     *
     * @param size keys of a block
     * @param before how many blocks before the query's own
     * @param after how many blocks after it
     * @param always blocks that all queries see and whose own queries see all; negative ones count from the last, -1
     * @param again blocks that queries of other blocks see once more: their keys count that often
     */
    record Blocks(int size, int before, int after, List<Integer> always, List<Integer> again) implements Reach {
        public Blocks {
            atLeastOne(size);
            always = List.copyOf(always);
            again = List.copyOf(again);
        }

        @Override
        public void spans(int position, int length, KeySpans out) {
            int own = position / size;
            int blocks = (length + size - 1) / size;
            for (int block : always) {
                if (Math.floorMod(block, blocks) == own) {
                    out.add(0, length, 1);
                    return;
                }
            }
            int first = Math.max(0, own - before);
            int last = Math.min(blocks - 1, own + after);
            out.add(first * size, Math.min(length, (last + 1) * size), 1);
            for (int i = 0; i < always.size(); i++) {
                int block = Math.floorMod(always.get(i), blocks);
                boolean seen = block >= first && block <= last;
                for (int j = 0; j < i && !seen; j++) {
                    seen = Math.floorMod(always.get(j), blocks) == block;
                }
                if (!seen) {
                    add(block, length, out);
                }
            }
            for (int block : again) {
                add(Math.floorMod(block, blocks), length, out);
            }
        }

        private void add(int block, int length, KeySpans out) {
            out.add(block * size, Math.min(length, (block + 1) * size), 1);
        }

        @Override
        public String described() {
            return "blocks of " + size;
        }
    }

    Reach ALL = new All();

    static Reach window(int keys) {
        return new Window(keys, 1);
    }

    static Reach chunk(int keys) {
        return new Chunk(keys, 0, 0, false);
    }

    private static void atLeastOne(int keys) {
        if (keys < 1) {
            throw new GraphException("attention that sees " + keys + " keys, expected at least 1");
        }
    }

    /**
     * Adds the keys that a query sees.
     *
     * @param position of the query
     * @param keys of the sequence
     */
    void spans(int position, int keys, KeySpans out);

    /** For reports: {@code window of 4096}. */
    String described();

    default boolean limited() {
        return !(this instanceof All);
    }

    /** Whether what any query sees is one run of keys without gaps: what cached keys need. */
    default boolean isRange() {
        return this instanceof All
                || this instanceof Window window && window.step() == 1
                || this instanceof Chunk chunk && chunk.before() + chunk.after() == 0;
    }

    /** How many of the keys up to its own position a query sees at most, where they are a range. */
    default int mostKeys() {
        if (!isRange()) {
            return Integer.MAX_VALUE;
        }
        return this instanceof Window window
                ? window.keys()
                : this instanceof Chunk chunk ? chunk.keys() : Integer.MAX_VALUE;
    }

    /** The first key that a query at this position, or at a later one, may ever see: all before can be forgotten. */
    default int firstKey(int position) {
        return 0;
    }

    /**
     * The first position whose cache entry is kept once all before {@code next} are computed. The last one computed
     * always is: what keeps only a sequence's last row finds it by that block.
     */
    default int firstHeld(int next) {
        return Math.min(firstKey(next), Math.max(0, next - 1));
    }

    /**
     * The blocks that the cache of a sequence ever holds at once: those before {@link #firstHeld} are given back.
     *
     * @param length tokens of the sequence
     * @param count tokens of it that one step runs at most
     * @param blockSize positions of a block
     */
    default int heldBlocks(int length, int count, int blockSize) {
        int all = blocks(length, blockSize);
        if (mostKeys() == Integer.MAX_VALUE) {
            return all;
        }
        // The worst start: what is held begins at a block's last position.
        long span = blockSize - 1L + Math.max(mostKeys() - 1, 1) + count;
        return (int) Math.min(all, (span + blockSize - 1) / blockSize);
    }

    /** Blocks of this many positions. */
    static int blocks(int positions, int blockSize) {
        return (int) (((long) positions + blockSize - 1) / blockSize);
    }
}
