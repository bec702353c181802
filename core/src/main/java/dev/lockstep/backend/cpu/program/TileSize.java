package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.gemm.PackedWeight;

/**
 * How steps are cut into tiles of rows.
 *
 * @param workers threads of the rank
 * @param rows of a tile at most
 */
record TileSize(int workers, int rows) {
    /** Rows for each worker below which instructions are split over workers one by one. */
    private static final int LEAST_ROWS = 64;
    /** Heights of tiles are multiples where there is room: a product of each height is made once, and kept. */
    private static final int HEIGHT_UNIT = 8;

    /**
     * The size in use: as large as kernels take, or what the system property {@code lockstep.cpu.tileRows} says, by
     * which tests have tiles in small steps.
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

    /** Whether a step of so many rows is cut into tiles: there is one for each worker that is worth its while. */
    boolean cuts(int count) {
        return count >= workers * Math.min(rows, LEAST_ROWS);
    }

    /** Rows of a tile, so that all workers have as many tiles, but for the last one's few rows. */
    int height(int count) {
        int rounds = divideUp(count, workers * rows);
        int even = divideUp(count, rounds * workers);
        return Math.min(rows, divideUp(even, HEIGHT_UNIT) * HEIGHT_UNIT);
    }

    /**
     * Rows of the tile that begins at a row. The last one's are rounded up too, into rows that mean nothing, so that few
     * heights are met.
     *
     * @param capacity rows that there is memory for
     */
    int rows(int from, int count, int height, int capacity) {
        int left = Math.min(divideUp(count - from, HEIGHT_UNIT) * HEIGHT_UNIT, capacity - from);
        return Math.min(height, left);
    }

    private static int divideUp(int number, int divisor) {
        return (number + divisor - 1) / divisor;
    }
}
