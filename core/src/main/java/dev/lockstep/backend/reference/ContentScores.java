package dev.lockstep.backend.reference;

import dev.lockstep.backend.lowering.AttentionLayer;
import dev.lockstep.backend.lowering.Step;
import dev.lockstep.backend.lowering.StepAxes;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.ScoreTerm;
import java.util.List;

/** The content terms of an attention: {@link ScoreTerm.Content}. */
final class ContentScores {
    private final Step.AttendRows step;
    private final AttentionLayer layer;
    private final StepValues values;
    private final StepAxes axes;

    ContentScores(Step.AttendRows step, StepValues values) {
        this.step = step;
        this.layer = step.layer();
        this.values = values;
        this.axes = values.axes();
    }

    /** The terms of one query with the keys of a set. */
    Attention.Content of(int set, int sequence, int query) {
        int first = 0;
        for (int before = 0; before < set; before++) {
            first += terms(before).size();
        }
        int from = first;
        return (head, key) -> {
            double sum = 0;
            for (int i = 0; i < terms(set).size(); i++) {
                sum += term(terms(set).get(i), step.content().get(from + i), set, sequence, query, head, key);
            }
            return sum;
        };
    }

    private List<ScoreTerm.Content> terms(int set) {
        return layer.op().keys().get(set).terms(ScoreTerm.Content.class);
    }

    private double term(
            ScoreTerm.Content term, Step.ContentRows read, int set, int sequence, int query, int head, int key) {
        if (term.firstApart() && (query == 0 || key == 0)) {
            return 0;
        }
        boolean ofQuery = term.side() == ScoreTerm.Side.QUERY;
        int local = ofQuery ? head : layer.heads().keyValueHeadOf()[head];
        int width = layer.heads().queryWidth();
        int row = axes.offsets(read.rows().rows())[sequence] + (ofQuery ? query : key);
        int entry = entry(term.index(), set, sequence, query, key);
        double product = 0;
        for (int i = local * width; i < (local + 1) * width; i++) {
            product += (double) values.get(read.rows(), row, i) * values.get(read.table(), entry, i);
        }
        return product;
    }

    private int entry(ScoreTerm.TableIndex index, int set, int sequence, int query, int key) {
        RowAxis queries = step.query().rows();
        RowAxis keys = step.sets().get(set).key().rows();
        if (index instanceof ScoreTerm.BySameType types) {
            int one = axes.tokenType(queries, sequence, query);
            int other = axes.tokenType(keys, sequence, key);
            return one == other || one == types.any() || other == types.any() ? 1 : 0;
        }
        int distance = axes.indexOn(queries, keys, sequence, query) - key;
        return index instanceof ScoreTerm.ByBucket bucket
                ? bucket.row(distance)
                : axes.distanceRow(((ScoreTerm.ByDistance) index).unit() * distance);
    }
}
