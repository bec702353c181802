package dev.lockstep.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Frequencies by hand, for a head of four features and the base 10000: 1 and 0.01 when nothing stretches them. */
class RotaryScalingTest {
    private static final double BASE = 10000;

    @Test
    void aGrownBase() {
        double[] inverse = new RotaryScaling.Grown(9).inverseFrequencies(4, BASE, 0);
        // The base times 9^(4 / 2) is 810000, and its root is 900.
        assertThat(inverse).containsExactly(new double[] {1, 1 / 900.0}, within(1e-12));
    }

    @Test
    void thePromptsPowersOfTwo() {
        RotaryScaling ntk = new RotaryScaling.PromptNtk(12);
        assertThat(ntk.keepsPromptLength()).isTrue();
        assertThat(ntk.inverseFrequencies(4, BASE, 12)[1]).isEqualTo(0.01, within(1e-12));
        // From 13 to 24 tokens the base grows by 3^2, from 25 to 48 by 7^2.
        assertThat(ntk.inverseFrequencies(4, BASE, 13)[1]).isEqualTo(0.01 / 3, within(1e-12));
        assertThat(ntk.inverseFrequencies(4, BASE, 24)[1]).isEqualTo(0.01 / 3, within(1e-12));
        assertThat(ntk.inverseFrequencies(4, BASE, 25)[1]).isEqualTo(0.01 / 7, within(1e-12));
    }

    @Test
    void aListForShortAndOneForLong() {
        RotaryScaling rope = new RotaryScaling.LongRope(List.of(1.0, 2.0), List.of(4.0, 5.0), 16, 1.1, 1.3);
        assertThat(rope.inverseFrequencies(4, BASE, 16)).containsExactly(new double[] {1, 0.005}, within(1e-12));
        assertThat(rope.inverseFrequencies(4, BASE, 17)).containsExactly(new double[] {0.25, 0.002}, within(1e-12));
        assertThat(rope.amplitude(16)).isEqualTo(1.1);
        assertThat(rope.amplitude(17)).isEqualTo(1.3);
    }

    @Test
    void positionsTellFactors() {
        assertThat(new PositionFactor.Temperature(4, 0.3).at(2)).isEqualTo(1);
        assertThat(new PositionFactor.Temperature(4, 0.3).at(3)).isEqualTo(0.3 * Math.log(2) + 1);
        assertThat(new PositionFactor.TrainedMultiples(0.5, 8).at(7)).isEqualTo(1);
        assertThat(new PositionFactor.TrainedMultiples(0.5, 8).at(16)).isEqualTo(1 + 0.5 * Math.log(3));
        assertThat(new PositionFactor.LogLength(16).at(15)).isEqualTo(1);
        assertThat(new PositionFactor.LogLength(16).at(255)).isEqualTo(2, within(1e-12));
    }

    @Test
    void reaches() {
        assertThat(Reach.ALL.firstKey(70)).isZero();
        assertThat(Reach.window(6).firstKey(3)).isZero();
        assertThat(Reach.window(6).firstKey(10)).isEqualTo(5);
        assertThat(Reach.chunk(8).firstKey(7)).isZero();
        assertThat(Reach.chunk(8).firstKey(17)).isEqualTo(16);
    }
}
