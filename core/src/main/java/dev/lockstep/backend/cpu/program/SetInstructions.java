package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.SetAttention;
import dev.lockstep.backend.cpu.kernel.SetAttentionRows;
import dev.lockstep.backend.lowering.Step;
import dev.lockstep.backend.lowering.StepAxes;
import dev.lockstep.backend.lowering.View;
import dev.lockstep.graph.KeySet;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.ScoreTerm;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Attention over sets of keys, using the step's axes for the indices of queries and keys. */
final class SetInstructions implements Instruction {
    private final SetAttention kernel;
    private final Step.AttendRows layer;
    private final SetAttentionRows.Keys[] sets;
    private final SetAttentionRows.Content[] content;
    private final SetAttentionRows rows;
    /** The axes of the current step. */
    private StepAxes axes;

    private SetInstructions(SetAttention kernel, Step.AttendRows layer, Function<View, Operand> operands) {
        this.kernel = kernel;
        this.layer = layer;
        this.sets = layer.sets().stream()
                .map(set -> new SetAttentionRows.Keys(
                        operands.apply(set.key()).matrix(),
                        operands.apply(set.value()).matrix()))
                .toArray(SetAttentionRows.Keys[]::new);
        this.content = content(operands);
        this.rows = new SetAttentionRows(
                operands.apply(layer.query()).matrix(),
                sets,
                content,
                this::position,
                operands.apply(layer.out()).matrix());
    }

    static Instruction attend(SetAttention kernel, Step.AttendRows layer, Function<View, Operand> operands) {
        // Layers with the same attention share a kernel and its buffers.
        return new SetInstructions(kernel, layer, operands).of(kernel);
    }

    private SetAttentionRows.Content[] content(Function<View, Operand> operands) {
        List<SetAttentionRows.Content> found = new ArrayList<>();
        List<KeySet> rules = layer.layer().op().keys();
        for (int set = 0; set < rules.size(); set++) {
            for (ScoreTerm.Content term : rules.get(set).terms(ScoreTerm.Content.class)) {
                Step.ContentRows read = layer.content().get(found.size());
                found.add(new SetAttentionRows.Content(
                        operands.apply(read.rows()).matrix(),
                        operands.apply(read.table()).matrix(),
                        tableRow(term.index(), layer.sets().get(set).key().rows())));
            }
        }
        return found.toArray(SetAttentionRows.Content[]::new);
    }

    private SetAttentionRows.TableRow tableRow(ScoreTerm.TableIndex index, RowAxis keys) {
        if (index instanceof ScoreTerm.ByDistance distance) {
            return (sequence, query, position, key) -> axes.distanceRow(distance.unit() * (position - key));
        }
        if (index instanceof ScoreTerm.ByBucket bucket) {
            return (sequence, query, position, key) -> bucket.row(position - key);
        }
        int any = ((ScoreTerm.BySameType) index).any();
        RowAxis queries = layer.query().rows();
        return (sequence, query, position, key) -> {
            int one = axes.tokenType(queries, sequence, query);
            int other = axes.tokenType(keys, sequence, key);
            return one == other || one == any || other == any ? 1 : 0;
        };
    }

    private int position(int set, int sequence, int query) {
        RowAxis keys = layer.sets().get(set).key().rows();
        boolean matters = layer.layer().op().keys().get(set).dependsOnPosition();
        return matters ? axes.indexOn(layer.query().rows(), keys, sequence, query) : 0;
    }

    @Override
    public void run(StepState step) {
        axes = step.axes();
        rows.offsets(axes.offsets(layer.query().rows()));
        for (int set = 0; set < sets.length; set++) {
            sets[set].offsets(axes.offsets(layer.sets().get(set).key().rows()));
        }
        for (int term = 0; term < content.length; term++) {
            Step.ContentRows read = layer.content().get(term);
            content[term].offsets(
                    axes.offsets(read.rows().rows()), axes.count(read.table().rows()));
        }
        kernel.run(rows, step.input().sequences);
    }
}
