package dev.lockstep.backend.lowering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.RowAxis;
import java.util.List;
import org.junit.jupiter.api.Test;

class LifetimesTest {
    private static final Buffer X = new Buffer(RowAxis.TARGET, 4);
    private static final Buffer Y = new Buffer(RowAxis.TARGET, 4);
    private static final Buffer Z = new Buffer(RowAxis.TARGET, 4);
    private static final Buffer UNUSED = new Buffer(RowAxis.TARGET, 4);

    @Test
    void buffersLiveFromTheirFirstStepToTheirLastAndOutputsToTheEnd() {
        List<NamedStep> steps = List.of(step(X, Y), step(Y, Z), step(Z, X));
        ModelOutput output = new ModelOutput("y", RowAxis.TARGET, 4, View.all(Y), null);

        Lifetimes lifetimes = Lifetimes.of(new LoweredEntry(
                EntryPoint.DECODE, List.of(RowAxis.TARGET), steps, List.of(X, Y, Z, UNUSED), List.of(output)));

        assertThat(lifetimes.of(X)).isEqualTo(new Lifetimes.Lifetime(0, 2));
        assertThat(lifetimes.of(Y)).isEqualTo(new Lifetimes.Lifetime(0, 3));
        assertThat(lifetimes.of(Z)).isEqualTo(new Lifetimes.Lifetime(1, 2));
        assertThat(lifetimes.of(UNUSED)).isNull();
    }

    private static NamedStep step(Buffer from, Buffer to) {
        return new NamedStep(new Step.Copy(View.all(from), View.all(to)), "copy");
    }
}
