package dev.lockstep.explain;

import dev.lockstep.backend.Precision;
import dev.lockstep.engine.MemoryPlanner;
import dev.lockstep.graph.Model;
import dev.lockstep.partition.Partition;
import dev.lockstep.runtime.BlockBudget;
import java.util.Locale;

/**
 * How many rows of given lengths fit a rank at once: the budget minus weights, activations and reserve, divided by a
 * row's cache.
 */
final class BatchReport {
    private final MemoryPlanner planner;
    private final CacheReport cache;
    private final long budget;
    private final long reserve;
    private final int tokens;

    /**
     * @param budget bytes of a rank
     * @param reserve bytes of it left alone
     * @param tokens tokens of the largest step
     */
    BatchReport(Model model, Partition partition, Precision precision, long budget, long reserve, int tokens) {
        this.planner = new MemoryPlanner(model, partition, precision);
        this.cache = new CacheReport(model.graph(), partition.split(), precision);
        this.budget = budget;
        this.reserve = reserve;
        this.tokens = tokens;
    }

    /** The most rows of these lengths at once. */
    MemoryPlanner.Batch largest(Explain.Rows rows) {
        return planner.largest(row(rows), budget, reserve, tokens);
    }

    /** The calculation for a batch of rows of these lengths. */
    String of(Explain.Rows rows, MemoryPlanner.Batch batch) {
        Table table = new Table();
        table.title(format("largest batch of %d + %d tokens", rows.promptLength(), rows.newTokens()));
        ledger(table, batch);
        caches(table, row(rows), batch);
        return table.toString();
    }

    private MemoryPlanner.RowLength row(Explain.Rows rows) {
        return planner.row(rows.promptLength(), rows.newTokens());
    }

    private void ledger(Table table, MemoryPlanner.Batch batch) {
        BlockBudget plan = batch.budget();
        table.row("budget of a rank", "", Table.bytes(budget));
        table.row("reserve", "", Table.bytes(reserve) + ", usable " + Table.bytes(budget - reserve));
        table.row("weights of rank " + batch.rank(), "", Table.bytes(plan.weights()));
        table.row(
                "activations of the largest step",
                "",
                Table.bytes(plan.activations())
                        + format(
                                " in fp32, of %,d tokens and %,d sequences",
                                batch.tokens(), Math.max(1, batch.rows())));
        if (plan.work() > 0) {
            table.row("work buffers of kernels", "", Table.bytes(plan.work()));
        }
        table.row("left for the cache", "", Table.bytes(Math.max(0, plan.free())));
    }

    private void caches(Table table, MemoryPlanner.RowLength row, MemoryPlanner.Batch batch) {
        long blockBytes = batch.budget().blockBytes();
        long target = planner.targetBlocks(row);
        long source = planner.sourceBlocks(row);
        long rowBytes = (target + source) * blockBytes;
        table.row("cache of a block", "", Table.bytes(blockBytes) + " for " + MemoryPlanner.blockSize() + " tokens");
        table.row(
                "blocks of a row",
                "",
                source == 0
                        ? format("%,d for %,d tokens", target, row.target())
                        : format("%,d for %,d tokens of the target", target, row.target())
                                + format(" + %,d for %,d of the source", source, row.source()));
        table.row("cache of a row", "", Table.bytes(rowBytes));
        table.row(
                "rows at once",
                "",
                format("%,d / %,d = %,d", Math.max(0, batch.budget().free()), rowBytes, batch.rows())
                        + (batch.rows() == 0 ? ": raise --memory-budget or --tp" : ""));
        table.row("remaining", "", Table.bytes(Math.max(0, batch.budget().free() - batch.rows() * rowBytes)));
        long live = batch.rows() * cache.live(row.target(), row.source());
        table.row(
                "live tokens at full length",
                "",
                Table.bytes(live)
                        + format(
                                ", %s of the budget, %s of the cache",
                                Table.percent((double) live / budget),
                                Table.percent((double) live / Math.max(1, batch.rows() * rowBytes))));
    }

    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
