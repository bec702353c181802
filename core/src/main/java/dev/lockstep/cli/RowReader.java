package dev.lockstep.cli;

/** Rows in their order, one at a time. */
interface RowReader extends AutoCloseable {

    /**
     * The next row, or null after the last. A line that is not a row is returned as a row with an error.
     *
     * @throws java.io.UncheckedIOException when the file cannot be read
     */
    InputRow next();

    @Override
    void close();
}
