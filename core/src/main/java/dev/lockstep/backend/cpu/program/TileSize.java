package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.gemm.PackedWeight;

/**
 * How the rows of a step are divided into tiles.
 *
 * @param workers threads of the rank
 * @param rows the most rows of a tile
 */
record TileSize(int workers, int rows) {
    /** Below this many rows per worker, each instruction is split over the workers instead. */
    private static final int LEAST_ROWS = 64;
    /** Tile heights are multiples of this if there is room: products are made once per height and kept. */
    private static final int HEIGHT_UNIT = 8;

    /**
     * The default size: the most that kernels take, or the value of the system property {@code lockstep.cpu.tileRows},
     * which lets tests have tiles in small steps.
     *
     * @throws IllegalArgumentException when the property is not a number of rows that kernels take
     */
    static TileSize of(int workers) {
        int rows = Integer.getInteger("lockstep.cpu.tileRows", PackedWeight.TILE_ROWS);
        if (rows < 1 || rows > PackedWeight.TILE_ROWS) {
            throw new IllegalArgumentException("a tile has 1 to " + PackedWeight.TILE_ROWS + " rows, found " + rows
                    + ": set or remove the system property lockstep.cpu.tileRows");
        }
        return new TileSize(workers, rows);
    }

    /** Whether a step of this many rows is divided into tiles: it must give each worker a tile of sufficient size. */
    boolean cuts(int count) {
        return count >= workers * Math.min(rows, LEAST_ROWS);
    }

    /**
     * Rows of a tile, chosen so that all workers have the same number of tiles, except that the last tile may be
     * smaller.
     */
    int height(int count) {
        int rounds = divideUp(count, workers * rows);
        int even = divideUp(count, rounds * workers);
        return Math.min(rows, divideUp(even, HEIGHT_UNIT) * HEIGHT_UNIT);
    }

    /**
     * Rows of the tile that starts at this row. The last tile is rounded up too, into meaningless rows, so that few
     * different heights occur.
     *
     * @param capacity rows for which there is memory
     */
    int rows(int from, int count, int height, int capacity) {
        int left = Math.min(divideUp(count - from, HEIGHT_UNIT) * HEIGHT_UNIT, capacity - from);
        return Math.min(height, left);
    }

    private static int divideUp(int number, int divisor) {
        return (number + divisor - 1) / divisor;
    }
}
