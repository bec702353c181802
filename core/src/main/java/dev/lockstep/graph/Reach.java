package dev.lockstep.graph;

import java.util.List;

/** The keys of its sequence that a query sees. With a causal pattern, keys after the query are excluded as well. */
public sealed interface Reach {

    /** All keys. */
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
     * @param keys on either side, including the query's own position
     * @param step only every {@code step}-th key, counted from the query
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
     * The keys of the query's chunk and of neighbouring chunks. Sequences are divided into chunks from their start.
     *
     * @param keys per chunk
     * @param before number of chunks before the query's own
     * @param after number of chunks after it
     * @param wraps whether chunks are cyclic: the last chunk comes before the first
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
     * Block-sparse attention: the blocks around the query's own, and some that all queries see. Sequences are divided
     * into blocks from their start.
     *
     * @param size keys per block
     * @param before number of blocks before the query's own
     * @param after number of blocks after it
     * @param always blocks that all queries see and whose own queries see all keys; negative ones count from the end,
     *     the last being -1
     * @param again blocks that queries of other blocks see once more; their keys count once more for each entry
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
     * Adds the keys that a query sees to {@code out}.
     *
     * @param position of the query
     * @param keys number of keys of the sequence
     */
    void spans(int position, int keys, KeySpans out);

    /** The reach in words for reports: {@code window of 4096}. */
    String described();

    default boolean limited() {
        return !(this instanceof All);
    }

    /** Whether every query sees one contiguous range of keys. Cached keys require this. */
    default boolean isRange() {
        return this instanceof All
                || this instanceof Window window && window.step() == 1
                || this instanceof Chunk chunk && chunk.before() + chunk.after() == 0;
    }

    /** The most keys, up to its own position, that a query sees, if they are a range. */
    default int mostKeys() {
        if (!isRange()) {
            return Integer.MAX_VALUE;
        }
        return this instanceof Window window
                ? window.keys()
                : this instanceof Chunk chunk ? chunk.keys() : Integer.MAX_VALUE;
    }

    /** The first key that a query at this or a later position may see. Earlier keys can be dropped. */
    default int firstKey(int position) {
        return 0;
    }

    /**
     * The first position whose cache entry is kept once all positions before {@code next} are computed. The last
     * computed position is always kept: a cache of a sequence's last row is found by that position's block.
     */
    default int firstHeld(int next) {
        return Math.min(firstKey(next), Math.max(0, next - 1));
    }

    /**
     * The most cache blocks that a sequence holds at once, given that blocks before {@link #firstHeld} are given back.
     *
     * @param length tokens of the sequence
     * @param count the most tokens of it in one step
     * @param blockSize positions per block
     */
    default int heldBlocks(int length, int count, int blockSize) {
        int all = blocks(length, blockSize);
        if (mostKeys() == Integer.MAX_VALUE) {
            return all;
        }
        // The worst case: the held positions start at a block's last position.
        long span = blockSize - 1L + Math.max(mostKeys() - 1, 1) + count;
        return (int) Math.min(all, (span + blockSize - 1) / blockSize);
    }

    /** The number of blocks that hold this many positions. */
    static int blocks(int positions, int blockSize) {
        return (int) (((long) positions + blockSize - 1) / blockSize);
    }
}
