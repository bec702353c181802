package dev.lockstep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.lockstep.checkpoint.WeightExpression.Affine;
import dev.lockstep.checkpoint.WeightExpression.Permuted;
import dev.lockstep.checkpoint.WeightExpression.Picked;
import dev.lockstep.checkpoint.WeightExpression.Reshaped;
import dev.lockstep.checkpoint.WeightExpression.RowNormalised;
import dev.lockstep.checkpoint.WeightExpression.Stacked;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SliceReaderTest {
    @TempDir
    private static Path folder;

    private Checkpoint checkpoint;
    private WeightReader reader;

    @BeforeEach
    void open() {
        new SafetensorsWriter()
                .add("w", DType.BF16, new int[] {2, 3}, 1, 2, 3, 4, 5, 6)
                .add("v", DType.F32, new int[] {2, 3}, -1, -2, -3, -4, -5, -6)
                .add("model.layers.0.norm.weight", DType.F32, new int[] {2}, 3, 4)
                .random("tall", DType.F32, new int[] {4096, 64}, 1, 1)
                .random("wide", DType.F32, new int[] {8, 65536}, 1, 1)
                .checkpoint(folder, Map.of());
        checkpoint = Checkpoints.open(folder);
        reader = checkpoint.reader(TensorNames.prefixes("model.", ""));
    }

    @AfterEach
    void close() {
        reader.close();
        checkpoint.close();
    }

    @Test
    void gemmaAddsOne() {
        assertThat(read(new Affine(WeightExpression.tensor("layers.0.norm.weight"), 1, 1), 2))
                .containsExactly(4, 5);
    }

    @Test
    void rowsAreDividedByTheNormOfTheWholeRow() {
        WeightExpression normalised = new RowNormalised(
                new Reshaped(WeightExpression.tensor("layers.0.norm.weight"), List.of(2), List.of(1, 2)), 1e-12);
        assertThat(Reads.slice(reader, normalised, new int[] {1, 2}, new int[][] {null, {1}}))
                .containsExactly(0.8f);
        assertThat(reader.usefulBytes()).containsExactly(Map.entry("model.layers.0.norm.weight", 4L));
        assertThat(reader.readBytes()).isEqualTo(8);
    }

    @Test
    void stackedAndPickedOperandsComeFromTheirTensors() {
        WeightExpression stacked = new Stacked(List.of(WeightExpression.tensor("w"), WeightExpression.tensor("v")));
        assertThat(Reads.slice(reader, stacked, new int[] {2, 2, 3}, new int[][] {{1}, null, {0, 2}}))
                .containsExactly(-1, -3, -4, -6);
        assertThat(read(new Picked(stacked, List.of(2)), 2, 2)).containsExactly(3, 6, -3, -6);
    }

    @Test
    void theSameSliceIsHeldOnceAndAnotherAddsUp() {
        WeightExpression weight = WeightExpression.tensor("w");
        for (int time = 0; time < 2; time++) {
            Reads.slice(reader, weight, new int[] {2, 3}, new int[][] {{0}, null});
        }
        assertThat(reader.usefulBytes()).containsExactly(Map.entry("w", 6L));
        Reads.slice(reader, weight, new int[] {2, 3}, new int[][] {{1}, {0, 1}});
        assertThat(reader.usefulBytes()).containsExactly(Map.entry("w", 10L));
        assertThat(reader.readBytes()).isEqualTo(6 + 6 + 4);
    }

    /** What a reader works with beside the target is about a window, however much it reads. */
    @Test
    void wholeRowsAreReadWithBuffersOfAWindow() {
        int[] shape = {8, 65536};
        FloatBuffer target = FloatBuffer.allocate(shape[0] * shape[1]);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(self);
        reader.read(WeightExpression.tensor("wide"), shape, new int[shape.length][], target);
        long allocated = threads.getThreadAllocatedBytes(self) - before;
        assertThat(target.position()).isEqualTo(shape[0] * shape[1]);
        assertThat(allocated).isLessThan(2L * ReadPolicy.LOCAL.windowBytes());
    }

    @Test
    void narrowGapsAreBridgedAndWideOnesAreNot() {
        // Columns of a narrow matrix: what lies between is read along, and counted.
        Reads.slice(reader, WeightExpression.tensor("tall"), new int[] {4096, 64}, new int[][] {null, {0}});
        assertThat(reader.usefulBytes()).containsEntry("tall", 4L * 4096);
        assertThat(reader.readBytes()).isEqualTo((4095 * 64 + 1) * 4);
        try (WeightReader fresh = checkpoint.reader(TensorNames.EXACT)) {
            // 256 KiB from row to row: only what is wanted is read.
            Reads.slice(fresh, WeightExpression.tensor("wide"), new int[] {8, 65536}, new int[][] {null, {0, 9}});
            assertThat(fresh.readBytes()).isEqualTo(8 * 40);
        }
    }

    @Test
    void anEmptySliceReadsNothing() {
        assertThat(Reads.slice(reader, WeightExpression.tensor("w"), new int[] {2, 3}, new int[][] {new int[0], null}))
                .isEmpty();
        assertThat(reader.readBytes()).isZero();
        assertThat(reader.usefulBytes()).isEmpty();
    }

    @Test
    void anotherShapeIsAnErrorThatNamesBoth() {
        assertThatThrownBy(() -> read(WeightExpression.tensor("w"), 3, 2))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("model.safetensors: tensor w has shape [2, 3], expected [3, 2]");
        assertThatThrownBy(() -> read(new Permuted(WeightExpression.tensor("w"), List.of(1, 0)), 2, 3))
                .hasMessageContaining("tensor w has shape [2, 3], which gives [3, 2], expected [2, 3]");
        assertThatThrownBy(() -> read(new Reshaped(WeightExpression.tensor("w"), List.of(7), List.of(7)), 7))
                .hasMessageContaining("tensor w has shape [2, 3], expected [7]");
        assertThatThrownBy(() -> read(
                        new Stacked(
                                List.of(WeightExpression.tensor("w"), WeightExpression.tensor("layers.0.norm.weight"))),
                        2,
                        2,
                        3))
                .hasMessageContainingAll("tensor model.layers.0.norm.weight has shape [2], expected [2, 3]");
        assertThatThrownBy(() -> read(new Picked(WeightExpression.tensor("w"), List.of(3)), 2))
                .hasMessageContaining("tensor w has shape [2, 3], expected more than 3 on axis 1");
    }

    @Test
    void aMissingTensorIsAnErrorThatNamesTheNearest() {
        assertThatThrownBy(() -> read(WeightExpression.tensor("model.layers.0.nrm.weight"), 2))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(
                        "no tensor model.layers.0.nrm.weight",
                        "expected one of shape [2]",
                        "looked for [model.layers.0.nrm.weight, layers.0.nrm.weight, ",
                        "nearest of its 5 names are [model.layers.0.norm.weight,");
    }

    @Test
    void callersAreToldOfTheirMistakes() {
        FloatBuffer small = FloatBuffer.allocate(5);
        assertThatThrownBy(() -> reader.read(WeightExpression.tensor("w"), new int[] {2, 3}, new int[2][], small))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("6 elements, but the target has room for 5");
        for (int[] wrong : new int[][] {{1, 0}, {0, 0}, {2}, {-1}}) {
            assertThatThrownBy(() -> Reads.slice(
                            reader, WeightExpression.tensor("w"), new int[] {2, 3}, new int[][] {wrong, null}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ascending");
        }
    }

    private float[] read(WeightExpression weight, int... shape) {
        return Reads.slice(reader, weight, shape, new int[shape.length][]);
    }
}
