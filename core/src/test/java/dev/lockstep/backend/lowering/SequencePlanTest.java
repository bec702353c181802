package dev.lockstep.backend.lowering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.graph.GraphException;
import dev.lockstep.graph.SequenceBody;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SequencePlanTest {
    private static final SequenceBody BODY = new SequenceBody(List.of(
            new SequenceBody.Input(0, 3),
            new SequenceBody.Product(0, 0, true),
            new SequenceBody.Softmax(1, 1),
            new SequenceBody.Product(2, 0, false)));

    /** The scores' place is free again when the result is written. */
    @Test
    void matricesThatLiveAtDifferentTimesShareMemory() {
        SequencePlan plan = new SequencePlan(BODY);
        plan.fit(4);
        assertThat(List.of(plan.offset(0), plan.offset(1), plan.offset(2), plan.offset(3)))
                .containsExactly(0, 12, 28, 12);
        assertThat(plan.floats()).isEqualTo(44);
        plan.fit(1);
        assertThat(plan.floats()).isEqualTo(3 + 1 + 1 + 3);
        assertThat(plan.rows(1)).isEqualTo(1);
        assertThat(plan.columns(3)).isEqualTo(3);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() ->
                        new SequenceBody(List.of(new SequenceBody.Input(0, 3), new SequenceBody.Product(0, 0, false))))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("meet in one extent");
        assertThatThrownBy(() -> new SequenceBody(List.of(new SequenceBody.Softmax(0, 1))))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("uses value 0");
        assertThatThrownBy(() -> new SequenceBody(List.of(new SequenceBody.Fourier(false, 4))))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("a row for each");
    }
}
