package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.lowering.NamedStep;
import dev.lockstep.backend.lowering.Step;
import dev.lockstep.backend.lowering.View;
import dev.lockstep.graph.RowAxis;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * A lowered step with the scratch buffers that the CPU backend adds.
 *
 * @param scratch scratch of a mixture; null for other steps
 */
record CpuStep(Step step, String name, ExpertScratch scratch) {

    /** Steps whose instructions are {@link RowByRow}. */
    private static final Set<Class<? extends Step>> IN_TILES = Set.of(
            Step.Linear.class,
            Step.Add.class,
            Step.Multiply.class,
            Step.ScaleRows.class,
            Step.Scale.class,
            Step.Clamp.class,
            Step.SoftCap.class,
            Step.Activate.class,
            Step.Xielu.class,
            Step.Affine.class,
            Step.Copy.class,
            Step.GatherColumns.class,
            Step.ScatterColumns.class,
            Step.Norm.class,
            Step.Rotary.class,
            Step.WriteCache.class);

    /** @param inner inner features of the rank's experts, where the step is a mixture */
    static CpuStep of(NamedStep named, ToIntFunction<Step.Experts> inner) {
        ExpertScratch scratch = named.step() instanceof Step.Experts experts
                ? ExpertScratch.of(experts, inner.applyAsInt(experts))
                : null;
        return new CpuStep(named.step(), named.name(), scratch);
    }

    /** All views that it reads or writes. */
    List<View> touched() {
        if (scratch == null) {
            return step.views();
        }
        List<View> all = new ArrayList<>(step.views());
        all.addAll(scratch.views());
        return all;
    }

    /** Elements of the weights that every tile reads. */
    long weights() {
        return step instanceof Step.Linear linear
                ? (long) linear.in().width() * linear.out().width()
                : 0;
    }

    /** The row axis, if the step works on its rows one by one and on nothing else; else null. */
    RowAxis rowByRow() {
        if (!IN_TILES.contains(step.getClass())) {
            return null;
        }
        RowAxis rows = step.views().get(0).rows();
        boolean alike = step.views().stream().allMatch(view -> view.rows().equals(rows));
        // Tiles may run past the step's rows as far as a carried axis has memory.
        boolean whole = rows.kind() == RowAxis.Kind.CARRIED || rows.kind() == RowAxis.Kind.BLOCKS;
        return alike && whole ? rows : null;
    }
}
