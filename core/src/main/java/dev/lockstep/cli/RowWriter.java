package dev.lockstep.cli;

import dev.lockstep.generate.Completion;

/** Takes finished rows in their order. */
interface RowWriter extends AutoCloseable {

    /** Drops all rows. */
    static RowWriter dropping() {
        return new RowWriter() {
            @Override
            public void write(InputRow row, Completion completion) {}

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    /**
     * @param completion null where the row had nothing to run
     * @throws java.io.UncheckedIOException when it cannot be written
     */
    void write(InputRow row, Completion completion);

    /** Brings all rows so far to where they go. */
    void flush();

    @Override
    void close();
}
