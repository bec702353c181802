package dev.lockstep.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.program.CpuBackend;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.checkpoint.DType;
import dev.lockstep.checkpoint.SafetensorsWriter;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.ExpertWeights;
import dev.lockstep.graph.Gating;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Routing;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import dev.lockstep.graph.Weight;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A mixture whose experts are split, or whose inner features are: on 2 to 7 ranks what one rank computes. */
class MixtureSplitTest {
    private static final int[][] SEQUENCES = {{3, 1, 4, 1, 5, 9, 2, 6}, {2}, {6, 5, 3, 5}};
    private static final int HIDDEN = 12;

    @TempDir
    private Path folder;

    private static Model model(int experts, int chosen, int inner, boolean bias, boolean weighsInput, Gating gating) {
        GraphBuilder g = new GraphBuilder();
        Scope s = g.root().in("m");
        Value x = s.embed("tokens", 17, HIDDEN, RowAxis.SOURCE);
        Value weights = s.route(s.linear("router", x, experts, false), Routing.softmax(experts, chosen, true), null);
        ExpertWeights from = new ExpertWeights(
                tensor(s, "gate"),
                tensor(s, "up"),
                tensor(s, "down"),
                bias ? tensor(s, "gate_bias") : null,
                bias ? tensor(s, "up_bias") : null,
                bias ? tensor(s, "down_bias") : null);
        Op.Experts op = new Op.Experts(gating, bias, weighsInput, chosen);
        g.output("y", x.plus(s.experts(x, weights, x, inner, op, from)));
        return new Model(Model.Task.ENCODER, g.finish(), TensorNames.EXACT, OptionalInt.empty(), 17);
    }

    private static WeightExpression tensor(Scope s, String name) {
        return WeightExpression.tensor(s.name(name));
    }

    private static AxisClass named(List<AxisClass> classes, String name) {
        return classes.stream()
                .filter(axisClass -> axisClass.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "m.experts,    4, 2, 10, false, false",
        "m.experts,    3, 1, 7,  true,  false",
        "m.experts,    7, 3, 5,  true,  true",
        "m.experts,    2, 2, 9,  false, true",
        "m.expert ffn, 4, 2, 10, false, false",
        "m.expert ffn, 3, 1, 7,  true,  false",
        "m.expert ffn, 5, 3, 3,  true,  true",
        "m.expert ffn, 2, 2, 9,  false, true",
    })
    void eitherAxisOnAnyRanksEqualsOneRank(
            String split, int experts, int chosen, int inner, boolean bias, boolean weighsInput) throws Exception {
        Gating gating = inner % 2 == 0 ? new Gating.Plain(ActivationFunction.SILU) : new Gating.Clamped(0.9, 1.7);
        Model model = model(experts, chosen, inner, bias, weighsInput, gating);
        Partitioner partitioner = new Partitioner(Machine.CPU);
        List<AxisClass> classes = Partitioner.classes(model.graph());
        try (Checkpoint checkpoint = Checkpoints.open(write(model))) {
            float[] expected = run(model, partitioner.partition(model.graph(), 1, List.of(), classes), checkpoint);
            for (int ranks = 2; ranks <= 7; ranks++) {
                Partition partition =
                        partitioner.partition(model.graph(), ranks, List.of(named(classes, split)), classes);
                assertThat(partition.plan().exchanges()).hasSize(1);
                assertThat(run(model, partition, checkpoint))
                        .as(split + " on " + ranks + " ranks")
                        .usingComparatorWithPrecision(1e-5f)
                        .containsExactly(expected);
            }
        }
    }

    private Path write(Model model) {
        SafetensorsWriter writer = new SafetensorsWriter();
        long seed = 5;
        for (Weight weight : model.graph().weights()) {
            writer.random(weight.name(), DType.F32, weight.shape(), seed++, 0.5f);
        }
        return writer.checkpoint(folder, Map.of("model_type", "random"));
    }

    /** Runs the partition, and asserts that its ranks read what it declares and no more. */
    private static float[] run(Model model, Partition partition, Checkpoint checkpoint) throws Exception {
        RankedRun.Result result = RankedRun.run(new CpuBackend(1, true), model, partition, checkpoint, SEQUENCES);
        Holdings holdings = new Holdings(model.graph(), partition.split());
        for (Weight weight : model.graph().weights()) {
            long declared = 0;
            for (int rank = 0; rank < partition.ranks(); rank++) {
                declared += holdings.elements(weight, rank) * Float.BYTES;
            }
            assertThat(result.bytes()).containsEntry(weight.name(), declared);
        }
        StepOutput.Rows rows = result.outputs().get("y");
        return rows.values();
    }

    @Test
    void thePlanIsRefusedWhereExpertsWouldBeIncomplete() {
        Model model = model(4, 2, 8, true, false, new Gating.Plain(ActivationFunction.SILU));
        List<AxisClass> classes = Partitioner.classes(model.graph());
        Partitioner partitioner = new Partitioner(Machine.CPU);
        List<AxisClass> both = List.of(named(classes, "m.experts"), named(classes, "m.expert ffn"));
        assertThatThrownBy(() -> partitioner.partition(model.graph(), 2, both, classes))
                .isInstanceOf(PlanException.class)
                .hasMessageContaining("has elements on no rank");

        Partition sound = partitioner.partition(model.graph(), 2, List.of(named(classes, "m.experts")), classes);
        List<Plan.Step> computations = sound.plan().steps().stream()
                .filter(Plan.Compute.class::isInstance)
                .toList();
        Plan unsummed =
                new Plan(computations, sound.plan().partial(), sound.plan().reduced());
        assertThatThrownBy(() -> PlanChecker.check(
                        model.graph(), new Partition(sound.split(), unsummed, sound.chosen(), classes)))
                .isInstanceOf(PlanException.class)
                .hasMessageContaining("is an output that no rank has whole");
    }

    /** The router's rows stay whole: a choice among a share of the experts would be another one. */
    @Test
    void theRoutersAxisIsNeverSplit() {
        Model model = model(4, 2, 8, false, false, new Gating.Plain(ActivationFunction.SILU));
        List<AxisClass> classes = Partitioner.classes(model.graph());
        AxisClass router = named(classes, "m.router rows");
        assertThat(router.legal()).isFalse();
        assertThat(router.obstacle()).isEqualTo("experts are chosen among all");
        assertThatThrownBy(() -> new Partitioner(Machine.CPU).partition(model.graph(), 2, List.of(router), classes))
                .isInstanceOf(PlanException.class)
                .hasMessageContaining("experts are chosen among all");
    }

    @Test
    void theAxisIsThatWhichLeavesTheSlowestRankLess() {
        assertThat(chosen(3, 24, 2)).contains("m.expert ffn");
        assertThat(chosen(7, 24, 7)).contains("m.experts");
        assertThat(chosen(4, 7, 4)).contains("m.experts");
    }

    private static List<String> chosen(int experts, int inner, int ranks) {
        Model model = model(experts, 1, inner, false, false, new Gating.Plain(ActivationFunction.SILU));
        return new Partitioner(Machine.CPU)
                .partition(model.graph(), ranks, Objective.MAX).chosen().stream()
                        .map(AxisClass::name)
                        .toList();
    }

    /** A row goes through its chosen experts alone, however many there are. */
    @Test
    void workIsThatOfTheChosenExperts() {
        Model few = model(4, 2, 8, false, false, new Gating.Plain(ActivationFunction.SILU));
        Model many = model(8, 2, 8, false, false, new Gating.Plain(ActivationFunction.SILU));
        double router = 2.0 * Machine.CPU.rows() * HIDDEN;
        double expected = 2.0 * Machine.CPU.rows() * 2 * 3 * 8 * HIDDEN;
        assertThat(flops(few) - 4 * router).isEqualTo(expected);
        assertThat(flops(many) - 8 * router).isEqualTo(expected);
    }

    private static double flops(Model model) {
        return new Cost(model.graph(), Split.none(1), Machine.CPU).flops(0);
    }
}
