package dev.lockstep.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Backend;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.program.CpuBackend;
import dev.lockstep.backend.reference.ReferenceBackend;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.checkpoint.DType;
import dev.lockstep.checkpoint.SafetensorsWriter;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Weight;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The invariant on graphs that nobody would draw: any choice of classes without conflict, on any number of ranks, gives
 * what the reference gives on one, and every element of every weight is on some rank.
 */
class RandomGraphTest {
    private static final int GRAPHS_PER_BATCH = 25;
    private static final int CHOICES = 3;
    private static final Backend REFERENCE = new ReferenceBackend();
    private static final Backend CPU = new CpuBackend(1, true);
    private static final int[][] SEQUENCES = {{3, 1, 4, 1, 5, 9}, {2}, {6, 5, 3, 5}};

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1000, 2000, 3000, 4000, 5000})
    void anyChoiceOnAnyRanksEqualsOneRank(long batch) throws Exception {
        for (long seed = batch; seed < batch + GRAPHS_PER_BATCH; seed++) {
            Model model = RandomGraphs.draw(seed);
            Path written = write(model, seed);
            try (Checkpoint checkpoint = Checkpoints.open(written)) {
                compare(model, checkpoint, seed);
            }
        }
    }

    private Path write(Model model, long seed) {
        SafetensorsWriter writer = new SafetensorsWriter();
        Random random = new Random(seed);
        for (Weight weight : model.graph().weights()) {
            writer.random(weight.name(), DType.F32, weight.shape(), random.nextLong(), 0.3f);
        }
        return writer.checkpoint(folder.resolve("graph" + seed), Map.of("model_type", "random"));
    }

    private void compare(Model model, Checkpoint checkpoint, long seed) throws Exception {
        Partitioner partitioner = new Partitioner(Machine.CPU);
        List<AxisClass> classes = Partitioner.classes(model.graph());
        Partition one = partitioner.partition(model.graph(), 1, List.of(), classes);
        Map<String, StepOutput.Rows> expected =
                RankedRun.run(REFERENCE, model, one, checkpoint, SEQUENCES).outputs();
        Random random = new Random(seed);
        for (int choice = 0; choice < CHOICES; choice++) {
            int ranks = 2 + random.nextInt(4);
            List<AxisClass> chosen = conflictFree(classes, random);
            Partition split = partitioner.partition(model.graph(), ranks, chosen, classes);
            RankedRun.Result found = RankedRun.run(CPU, model, split, checkpoint, SEQUENCES);
            for (String name : expected.keySet()) {
                assertClose(
                        found.outputs().get(name).values(),
                        expected.get(name).values(),
                        "graph " + seed + ", " + ranks + " ranks, split " + chosen + ", output " + name);
            }
            assertBytes(model, split, found.bytes(), "graph " + seed + ", split " + chosen);
        }
    }

    private static List<AxisClass> conflictFree(List<AxisClass> classes, Random random) {
        List<AxisClass> legal =
                new ArrayList<>(classes.stream().filter(AxisClass::legal).toList());
        Collections.shuffle(legal, random);
        List<AxisClass> chosen = new ArrayList<>();
        for (AxisClass candidate : legal) {
            if (chosen.stream().noneMatch(other -> other.conflicts().contains(candidate))) {
                chosen.add(candidate);
            }
        }
        return chosen;
    }

    private static void assertClose(float[] found, float[] expected, String where) {
        float largest = 1;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(found).as(where).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(Math.abs(found[i] - expected[i]) / largest).as(where).isLessThan(1e-4f);
        }
    }

    /** Sum over ranks = checkpoint + declared replication. */
    private static void assertBytes(Model model, Partition partition, Map<String, Long> bytes, String where) {
        Holdings holdings = new Holdings(model.graph(), partition.split());
        for (Weight weight : model.graph().weights()) {
            long declared = 0;
            for (int rank = 0; rank < partition.ranks(); rank++) {
                declared += holdings.elements(weight, rank) * Float.BYTES;
            }
            assertThat(bytes.getOrDefault(weight.name(), 0L))
                    .as(where + ", " + weight.name())
                    .isEqualTo(declared);
            assertThat(declared).isGreaterThanOrEqualTo(weight.elements() * Float.BYTES);
        }
    }
}
