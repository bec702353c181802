package dev.lockstep.explain;

import dev.lockstep.backend.Precision;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import dev.lockstep.partition.Partition;
import java.util.Locale;

/** How many rows of given lengths fit a rank at once: budget minus weights and reserve, over a row's cache blocks. */
final class BatchReport {
    static final int BLOCK = 16;
    /** Of a budget, what is left for activations, natives and the driver of the device. */
    private static final double USABLE = 31.0 / 32.0;

    private BatchReport() {}

    static String of(
            Model model, Partition partition, Precision precision, long budget, int promptLength, int newTokens) {
        Table table = new Table();
        long weights = new WeightReport(model.graph(), partition.split(), precision.bytes()).largest();
        CacheReport cache = new CacheReport(model.graph(), partition.split(), precision);
        boolean encodes = model.task() == Model.Task.SEQ2SEQ_LM;
        long text = encodes ? 1L + newTokens : (long) promptLength + newTokens;
        long source = encodes ? promptLength : 0;
        long blocks = cache.blocks(text, BLOCK) + Reach.blocks(Math.toIntExact(source), BLOCK);
        long row = blocks * BLOCK * cache.mostOfBlock();
        long usable = (long) (budget * USABLE);
        long batch = Math.max(0, (usable - weights) / Math.max(1, row));
        table.title(String.format(Locale.ROOT, "largest batch of %d + %d tokens", promptLength, newTokens));
        table.row("budget of a rank", "", Table.bytes(budget) + ", usable " + Table.bytes(usable));
        table.row("weights of the largest rank", "", Table.bytes(weights));
        table.row("cache of a row", "", Table.bytes(row) + " in blocks of " + BLOCK + " tokens");
        table.row(
                "rows at once",
                "",
                String.format(Locale.ROOT, "(%,d - %,d) / %,d = %,d", usable, weights, row, batch)
                        + (batch == 0 ? ": raise --memory-budget or --tp" : ""));
        return table.toString();
    }
}
