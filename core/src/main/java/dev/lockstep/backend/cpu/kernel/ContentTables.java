package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.graph.KeySpans;

/**
 * One worker's content terms of attention scores. If a table is small, the rows of a head are multiplied by all of it
 * once. Otherwise each pair of a query and a key is multiplied separately.
 */
final class ContentTables {
    private final SetAttentionSpec spec;
    private final RowDots dots = RowDots.best();
    /** By term: the head's table, its rows and, for a small table, their products with all of it. */
    private final float[][] tables;

    private final float[][] rows;
    private final float[][] products;
    private final float[] one = new float[1];
    private SetAttentionRows step;

    ContentTables(SetAttentionSpec spec) {
        this.spec = spec;
        int count = spec.sets().stream().mapToInt(set -> set.content().size()).sum();
        this.tables = new float[count][0];
        this.rows = new float[count][0];
        this.products = new float[count][0];
    }

    /** Loads the terms whose rows are queries, for one head. */
    void takeHead(SetAttentionRows next, int sequence, int head) {
        take(next, sequence, head, true);
    }

    /** Loads the terms whose rows are keys, for one head. */
    void takeKeyHead(SetAttentionRows next, int sequence, int kv) {
        take(next, sequence, kv, false);
    }

    private void take(SetAttentionRows next, int sequence, int head, boolean ofQuery) {
        step = next;
        int width = spec.queryWidth();
        int term = 0;
        for (int set = 0; set < spec.sets().size(); set++) {
            for (int i = 0; i < spec.sets().get(set).content().size(); i++, term++) {
                SetAttentionSpec.Content rule = spec.sets().get(set).content().get(i);
                if (rule.ofQuery() != ofQuery) {
                    continue;
                }
                SetAttentionRows.Content from = step.content[term];
                int first = from.offsets[sequence];
                int count = from.offsets[sequence + 1] - first;
                tables[term] = SetQueries.packed(from.table, 0, from.tableRows, head, width, tables[term]);
                rows[term] = SetQueries.packed(from.rows, first, count, head, width, rows[term]);
                if (rule.small()) {
                    multiply(term, count, from.tableRows, width);
                }
            }
        }
    }

    private void multiply(int term, int count, int tableRows, int width) {
        if (products[term].length < count * tableRows) {
            products[term] = new float[count * tableRows];
        }
        for (int row = 0; row < count; row++) {
            dots.dots(
                    rows[term], row * width, tables[term], 0, width, tableRows, width, products[term], row * tableRows);
        }
    }

    /** Adds the terms of a query and the keys it sees, whose scores begin at {@code from}. */
    void add(int set, int sequence, int query, int position, KeySpans seen, float[] scores, int from) {
        int term = 0;
        for (int before = 0; before < set; before++) {
            term += spec.sets().get(before).content().size();
        }
        for (int i = 0; i < spec.sets().get(set).content().size(); i++, term++) {
            SetAttentionSpec.Content rule = spec.sets().get(set).content().get(i);
            int at = from;
            for (int span = 0; span < seen.count(); span++) {
                for (int key = seen.from(span); key < seen.end(span); key += seen.step(span), at++) {
                    if (!rule.firstApart() || query > 0 && key > 0) {
                        scores[at] += of(term, rule, sequence, query, position, key);
                    }
                }
            }
        }
    }

    private float of(int term, SetAttentionSpec.Content rule, int sequence, int query, int position, int key) {
        SetAttentionRows.Content from = step.content[term];
        int entry = from.row.of(sequence, query, position, key);
        int row = rule.ofQuery() ? query : key;
        if (rule.small()) {
            return products[term][row * from.tableRows + entry];
        }
        int width = spec.queryWidth();
        dots.dots(rows[term], row * width, tables[term], entry * width, width, 1, width, one, 0);
        return one[0];
    }
}
