package dev.lockstep.graph;

/**
 * How the rows of a sequence are grouped into consecutive blocks. Blocks depend only on the sequence's length.
 *
 * @param size rows of a block
 * @param firstApart whether the first row is a block by itself
 * @param lastLeftOut whether the last row belongs to no block
 * @param rest how trailing rows that do not fill a block are treated
 * @param wholeUpTo sequences of at most this many rows are not shortened: each row is a block
 */
public record RowBlocks(int size, boolean firstApart, boolean lastLeftOut, Rest rest, int wholeUpTo) {

    /** How trailing rows that do not fill a block are treated. */
    public enum Rest {
        /** They form a block of their own. */
        OWN,
        /** They join the preceding block; if there is none, they belong to no block. */
        JOINED
    }

    public RowBlocks {
        if (size < 1 || wholeUpTo < 0) {
            throw new GraphException("blocks of " + size + " rows, sequences of at most " + wholeUpTo
                    + " whole: expected at least 1 and 0");
        }
    }

    /** Blocks of this many rows, starting at the first row. */
    public static RowBlocks of(int size, Rest rest) {
        return new RowBlocks(size, false, false, rest, 0);
    }

    private int before() {
        return firstApart ? 1 : 0;
    }

    /** The number of blocks in a sequence of this many rows. */
    public int count(int rows) {
        if (rows <= wholeUpTo || rows == 0) {
            return rows;
        }
        int inside = Math.max(0, rows - before() - (lastLeftOut ? 1 : 0));
        return before() + (rest == Rest.OWN ? (inside + size - 1) / size : inside / size);
    }

    /** The first row of a block. */
    public int first(int block, int rows) {
        return rows <= wholeUpTo || block < before() ? block : before() + (block - before()) * size;
    }

    /** One past the last row of a block. */
    public int end(int block, int rows) {
        int whole = rows - (lastLeftOut && rows > wholeUpTo ? 1 : 0);
        if (rows <= wholeUpTo || block < before()) {
            return block + 1;
        }
        boolean last = block == count(rows) - 1;
        int end = before() + (block - before() + 1) * size;
        return last && rest == Rest.JOINED ? whole : Math.min(end, whole);
    }

    /** The block of a row; -1 for none. */
    public int blockOf(int row, int rows) {
        if (rows <= wholeUpTo || row < before()) {
            return row;
        }
        int count = count(rows);
        int block = before() + (row - before()) / size;
        if (rest == Rest.JOINED && count > before()) {
            block = Math.min(block, count - 1);
        }
        return block < count && row < end(block, rows) ? block : -1;
    }
}
