package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EmbeddingWindowTest {
    private final EmbeddingWindow window = new EmbeddingWindow();
    private final List<EmbeddingWindow.Item> step = new ArrayList<>();

    private List<Integer> take(int maxTokens, int maxSequences) {
        window.take(maxTokens, maxSequences, step);
        return step.stream().map(item -> item.tokens().length).toList();
    }

    @Test
    void aStepTakesTheLongestAndThenWhatFits() {
        for (int length : new int[] {3, 9, 4, 2, 6, 1}) {
            window.add(new EmbeddingWindow.Item(length, new int[length]));
        }

        assertThat(take(10, 8)).containsExactly(9, 1);
        window.add(new EmbeddingWindow.Item(7, new int[7]));
        assertThat(take(10, 8)).containsExactly(7, 3);
        assertThat(take(10, 8)).containsExactly(6, 4);
        assertThat(take(10, 8)).containsExactly(2);
        assertThat(window.size()).isZero();
        assertThat(take(10, 8)).isEmpty();
    }

    @Test
    void aStepThatFailedWaitsAgain() {
        for (int length : new int[] {3, 9, 4, 2}) {
            window.add(new EmbeddingWindow.Item(length, new int[length]));
        }
        assertThat(take(16, 8)).containsExactly(9, 4, 3);

        window.putBack(step);

        assertThat(take(8, 8)).as("a row that is too long goes alone").containsExactly(9);
        assertThat(take(8, 8)).containsExactly(4, 3);
        assertThat(take(8, 8)).containsExactly(2);
    }

    @Test
    void aStepHoldsNoMoreSequencesThanAllowed() {
        for (int row = 0; row < 5; row++) {
            window.add(new EmbeddingWindow.Item(row, new int[2]));
        }

        assertThat(take(100, 3)).hasSize(3);
        assertThat(take(100, 3)).hasSize(2);
    }
}
