package dev.lockstep.cli;

/** The first rows of another reader, for a warm-up. */
final class FirstRows implements RowReader {
    private final RowReader reader;
    private int left;

    FirstRows(RowReader reader, int count) {
        this.reader = reader;
        this.left = count;
    }

    @Override
    public InputRow next() {
        return left-- > 0 ? reader.next() : null;
    }

    @Override
    public void close() {
        reader.close();
    }
}
