package dev.lockstep.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A comparison of several numbers of ranks, a line for each: weights of the largest rank, and rows at once. */
final class DegreeTable {
    private final Table table = new Table();
    private final List<Explain.Rows> lengths;

    DegreeTable(String title, List<Explain.Rows> lengths) {
        this.lengths = lengths;
        table.title(title + ": weights of the largest rank, and rows of prompt + new tokens at once");
    }

    /** @param rows rows at once, for each length */
    void add(int ranks, WeightReport weights, List<Long> rows) {
        List<String> batches = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            batches.add(String.format(
                    Locale.ROOT,
                    "%,d of %d + %d",
                    rows.get(i),
                    lengths.get(i).promptLength(),
                    lengths.get(i).newTokens()));
        }
        double even = (double) weights.total() / ranks;
        table.row(
                "tp " + ranks,
                String.format(Locale.ROOT, "%.2f GiB", weights.largest() / (double) (1 << 30)),
                String.format(Locale.ROOT, "an even share + %.2f%%; ", 100 * (weights.largest() / even - 1))
                        + String.join(", ", batches));
    }

    @Override
    public String toString() {
        return table.toString();
    }
}
