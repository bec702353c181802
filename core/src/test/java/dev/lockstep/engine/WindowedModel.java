package dev.lockstep.engine;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.Program;
import dev.lockstep.backend.cpu.program.CpuBackend;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.checkpoint.DType;
import dev.lockstep.checkpoint.SafetensorsWriter;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.collective.Mesh;
import dev.lockstep.collective.ThreadMesh;
import dev.lockstep.generate.StepRunner;
import dev.lockstep.graph.CacheGroups;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Machine;
import dev.lockstep.partition.Objective;
import dev.lockstep.partition.Partition;
import dev.lockstep.partition.Partitioner;
import dev.lockstep.partition.RankGraph;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;

/** A small decoder whose layers see as far back as a test says, on one rank and a pool of any size. */
final class WindowedModel implements AutoCloseable {
    static final int VOCABULARY = 67;
    private static final int HEADS = 4;
    private static final int WIDTH = 8;

    private final Mesh mesh;
    private final Program program;
    private final StepRunner runner;

    private WindowedModel(Mesh mesh, Program program, StepRunner runner) {
        this.mesh = mesh;
        this.program = program;
        this.runner = runner;
    }

    /** Writes the weights of such a model; the same for the same reaches. */
    static Path write(Path folder, List<Reach> reaches) {
        SafetensorsWriter writer = new SafetensorsWriter();
        Random random = new Random(7);
        for (Weight weight : model(reaches).graph().weights()) {
            writer.random(weight.name(), DType.F32, weight.shape(), random.nextLong(), 0.25f);
        }
        return writer.checkpoint(folder, Map.of("model_type", "windows"));
    }

    static WindowedModel open(Path folder, List<Reach> reaches, int maxTokens, int blocks, int blockSize) {
        Model model = model(reaches);
        Partition partition = new Partitioner(Machine.CPU).partition(model.graph(), 1, Objective.MAX);
        Mesh mesh = ThreadMesh.group(1, Duration.ofMinutes(10)).get(0);
        Limits limits = limits(reaches, maxTokens, blocks, blockSize);
        try (Checkpoint checkpoint = Checkpoints.open(folder);
                WeightReader reader = checkpoint.reader(model.names())) {
            Program program = new CpuBackend(2, true)
                    .compile(new RankGraph(model, partition, 0), reader, limits, Precision.FP32, mesh);
            return new WindowedModel(mesh, program, new GroupRunner(mesh, program, limits));
        }
    }

    static Limits limits(List<Reach> reaches, int maxTokens, int blocks, int blockSize) {
        List<Reach> groups = CacheGroups.of(model(reaches).graph()).reaches();
        return new Limits(maxTokens, 16, maxTokens, blocks, blockSize, groups);
    }

    /** Grouped attention with rotary positions, and a mix with the row before, which keeps its last row. */
    private static Model model(List<Reach> reaches) {
        GraphBuilder builder = new GraphBuilder();
        Value hidden = builder.root().embed("tokens", VOCABULARY, HEADS * WIDTH, RowAxis.TARGET);
        RotaryTable table = new RotaryTable(WIDTH, 10000, new RotaryScaling.None());
        for (int i = 0; i < reaches.size(); i++) {
            Scope layer = builder.root().in("layers").in(Integer.toString(i));
            Op.Attention op = new Op.Attention(HEADS, HEADS / 2, 0.5, Op.Pattern.CAUSAL).within(reaches.get(i));
            Value normed = layer.rmsNorm("norm", hidden, 1e-5);
            Value mixed = normed.plus(layer.previous(normed));
            Value seen = layer.attention(
                    layer.rotary(layer.linear("q", mixed, HEADS * WIDTH, false), WIDTH, false, table),
                    layer.rotary(layer.linear("k", mixed, HEADS / 2 * WIDTH, false), WIDTH, false, table),
                    layer.linear("v", mixed, HEADS / 2 * WIDTH, false),
                    op);
            hidden = hidden.plus(layer.linear("o", seen, hidden, false));
        }
        builder.root().logits(hidden, VOCABULARY, WeightExpression.tensor("head.weight"), null);
        return new Model(Model.Task.CAUSAL_LM, builder.finish(), TensorNames.EXACT, OptionalInt.empty(), VOCABULARY);
    }

    StepRunner runner() {
        return runner;
    }

    @Override
    public void close() {
        try (mesh) {
            program.close();
        }
    }
}
