package dev.lockstep.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.checkpoint.DType;
import dev.lockstep.checkpoint.SafetensorsWriter;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.graph.ExpertWeights;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Scope;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every layout of the same experts yields the same weights, and a slice reads no more than its elements. */
class ExpertTensorsTest {
    private static final int EXPERTS = 3;
    private static final int INNER = 5;
    private static final int HIDDEN = 4;
    private static final Mlp.GatedNames NAMES = new Mlp.GatedNames("w1", "w3", "w2");

    @TempDir
    private Path folder;

    /** A number that tells map, expert, inner feature and hidden feature. */
    private static float number(int map, int expert, int inner, int hidden) {
        return 1000 * map + 100 * expert + 10 * inner + hidden;
    }

    private interface Cell {
        float at(int expert, int row, int column);
    }

    private static float[] tensor(int rows, int columns, Cell cell) {
        float[] values = new float[EXPERTS * rows * columns];
        int at = 0;
        for (int expert = 0; expert < EXPERTS; expert++) {
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    values[at++] = cell.at(expert, row, column);
                }
            }
        }
        return values;
    }

    private static void add(SafetensorsWriter writer, String name, int rows, int columns, Cell cell) {
        writer.add(name, DType.F32, new int[] {EXPERTS, rows, columns}, tensor(rows, columns, cell));
    }

    private Checkpoint written() {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (int expert = 0; expert < EXPERTS; expert++) {
            int own = expert;
            String[] names = {"w1", "w3"};
            for (int map = 0; map < 2; map++) {
                int which = map;
                float[] all = tensor(INNER, HIDDEN, (e, i, h) -> number(which, own, i, h));
                float[] values = java.util.Arrays.copyOf(all, INNER * HIDDEN);
                writer.add("apart.experts." + expert + "." + names[map] + ".weight", DType.F32, shape(), values);
            }
            float[] down = tensor(HIDDEN, INNER, (e, h, i) -> number(2, own, i, h));
            writer.add(
                    "apart.experts." + expert + ".w2.weight",
                    DType.F32,
                    new int[] {HIDDEN, INNER},
                    java.util.Arrays.copyOf(down, INNER * HIDDEN));
        }
        add(writer, "fused.experts.gate_up_proj", 2 * INNER, HIDDEN, (e, r, h) -> number(r / INNER, e, r % INNER, h));
        add(writer, "fused.experts.down_proj", HIDDEN, INNER, (e, h, i) -> number(2, e, i, h));
        add(writer, "columns.experts.gate_up_proj", HIDDEN, 2 * INNER, (e, h, c) -> number(c / INNER, e, c % INNER, h));
        add(writer, "columns.experts.down_proj", INNER, HIDDEN, (e, i, h) -> number(2, e, i, h));
        add(writer, "turns.experts.gate_up_proj", HIDDEN, 2 * INNER, (e, h, c) -> number(c % 2, e, c / 2, h));
        add(writer, "turns.experts.down_proj", INNER, HIDDEN, (e, i, h) -> number(2, e, i, h));
        return Checkpoints.open(writer.checkpoint(folder, Map.of("model_type", "test")));
    }

    private static int[] shape() {
        return new int[] {INNER, HIDDEN};
    }

    @Test
    void everyLayoutYieldsTheSameExperts() {
        try (Checkpoint checkpoint = written();
                WeightReader reader = checkpoint.reader(TensorNames.EXACT)) {
            check(reader, ExpertTensors.separate(NAMES), "apart");
            check(reader, ExpertTensors.fused("experts.gate_up_proj", "experts.down_proj"), "fused");
            check(reader, ExpertTensors.columns(), "columns");
            check(reader, ExpertTensors.columnsInTurns(), "turns");
        }
    }

    private static void check(WeightReader reader, ExpertTensors layout, String place) {
        ExpertWeights weights = layout.of(scope(place), EXPERTS, INNER, HIDDEN);
        int[] inner = {1, 2, 4};
        int[] outer = {EXPERTS, INNER, HIDDEN};
        assertThat(read(reader, weights.gate(), outer, new int[][] {{2}, inner, null}))
                .containsExactly(expected(0, inner));
        assertThat(read(reader, weights.up(), outer, new int[][] {{2}, inner, null}))
                .containsExactly(expected(1, inner));
        float[] down = read(reader, weights.down(), new int[] {EXPERTS, HIDDEN, INNER}, new int[][] {{1}, {3}, inner});
        assertThat(down).containsExactly(number(2, 1, 1, 3), number(2, 1, 2, 3), number(2, 1, 4, 3));
        long useful = reader.usefulBytes().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(place))
                .mapToLong(Map.Entry::getValue)
                .sum();
        assertThat(useful).as(place).isEqualTo((2L * inner.length * HIDDEN + inner.length) * Float.BYTES);
    }

    private static float[] expected(int map, int[] inner) {
        float[] values = new float[inner.length * HIDDEN];
        for (int n = 0; n < values.length; n++) {
            values[n] = number(map, 2, inner[n / HIDDEN], n % HIDDEN);
        }
        return values;
    }

    private static float[] read(WeightReader reader, WeightExpression weight, int[] shape, int[][] indices) {
        int count = 1;
        for (int axis = 0; axis < shape.length; axis++) {
            count *= indices[axis] == null ? shape[axis] : indices[axis].length;
        }
        FloatBuffer target = FloatBuffer.allocate(count);
        reader.read(weight, shape, indices, target);
        return target.array();
    }

    private static Scope scope(String place) {
        return new GraphBuilder().root().in(place);
    }

    @Test
    void theFilesTellWhetherExpertsAreFused() {
        StoredTensors fused = StoredTensors.of(Set.of("layers.0.mlp.experts.gate_up_proj"));
        Scope place = scope("model").in("layers.0").in("mlp");
        assertThat(ExpertTensors.stored(fused, NAMES)
                        .of(place, EXPERTS, INNER, HIDDEN)
                        .down()
                        .tensorNames())
                .containsExactly("model.layers.0.mlp.experts.down_proj");
        assertThat(ExpertTensors.stored(StoredTensors.UNKNOWN, NAMES)
                        .of(place, EXPERTS, INNER, HIDDEN)
                        .down()
                        .tensorNames())
                .startsWith("model.layers.0.mlp.experts.0.w2.weight");
    }
}
