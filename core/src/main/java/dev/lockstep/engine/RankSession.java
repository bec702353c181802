package dev.lockstep.engine;

import dev.lockstep.backend.Backend;
import dev.lockstep.backend.BackendOptions;
import dev.lockstep.backend.MemoryAccount;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.Program;
import dev.lockstep.checkpoint.TensorInfo;
import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.collective.Mesh;
import dev.lockstep.generate.Batching;
import dev.lockstep.generate.GenerationDefaults;
import dev.lockstep.generate.ModelTraits;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Partition;
import dev.lockstep.partition.RankGraph;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One loaded rank of a model, used by {@link Rank} and by verification. It owns all native resources. Used by one
 * thread at a time.
 */
public final class RankSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RankSession.class);

    /** Rows that wait, as a part of those that run at most: enough that long ones are seen before the end. */
    private static final int WAITING_PART = 2;

    private final EngineOptions options;
    private final Mesh mesh;
    private final ModelFiles files;
    private final Partition partition;
    private final Program program;
    private final MemoryAccount account;
    private final GroupRunner runner;
    private final Map<String, Long> bytesHeld;
    private final double loadSeconds;

    private RankSession(
            EngineOptions options,
            Mesh mesh,
            ModelFiles files,
            Partition partition,
            Program program,
            MemoryAccount account,
            GroupRunner runner,
            Map<String, Long> bytesHeld,
            double loadSeconds) {
        this.options = options;
        this.mesh = mesh;
        this.files = files;
        this.partition = partition;
        this.program = program;
        this.account = account;
        this.runner = runner;
        this.bytesHeld = bytesHeld;
        this.loadSeconds = loadSeconds;
    }

    /**
     * Loads this rank. All ranks of the group call it at the same time with the same options. When it fails on one rank,
     * it fails on all, with that rank's cause.
     *
     * @param whole whether whole outputs of every row may be asked for (verification)
     */
    public static RankSession open(EngineOptions options, Mesh mesh, boolean whole) {
        long start = System.nanoTime();
        ModelFiles files = null;
        try {
            files = ModelFiles.open(options.model());
            files.requireWeights();
            return load(options, mesh, files, whole, start);
        } catch (RuntimeException | Error failed) {
            mesh.abort(failed);
            if (files != null) {
                files.close();
            }
            mesh.close();
            throw failed;
        }
    }

    private static RankSession load(EngineOptions options, Mesh mesh, ModelFiles files, boolean whole, long start) {
        Partition partition = files.partition(options);
        RankGraph graph = new RankGraph(files.model(), partition, mesh.rank());
        Precision precision = Precision.named(options.dtype());
        int threads = Threads.perRank(options.threads(), mesh.size());
        Backend backend = Devices.named(options.device())
                .backend(new BackendOptions(threads, options.cacheDtype(), options.deterministic()));
        StepSizes sizes = StepSizes.of(options, files.model(), whole);
        long budget = options.memoryBudget() > 0 ? options.memoryBudget() : Threads.memoryShare(mesh.size());
        MemoryProbe probe = new MemoryProbe(graph, sizes, precision, mesh, budget);
        try (WeightReader reader = files.checkpoint().reader(files.model().names())) {
            MemoryProbe.Fitted fitted = probe.open(backend, reader);
            Program program = fitted.program();
            // All ranks have read their share: they have just met. Weights in the page cache would be there twice.
            files.checkpoint().dropCached();
            double seconds = (System.nanoTime() - start) / 1e9;
            LOG.info(
                    "rank {} of {} holds {} bytes of weights, loaded in {} s",
                    mesh.rank(),
                    mesh.size(),
                    program.memory().weights(),
                    seconds);
            return new RankSession(
                    options,
                    mesh,
                    files,
                    partition,
                    program,
                    probe.account(),
                    new GroupRunner(mesh, program, fitted.limits()),
                    Map.copyOf(reader.usefulBytes()),
                    seconds);
        }
    }

    /** The folder the checkpoint was found in. */
    public String location() {
        return files.checkpoint().location();
    }

    public Model model() {
        return files.model();
    }

    public Partition partition() {
        return partition;
    }

    public Program program() {
        return program;
    }

    /** What this rank holds outside the heap, to the byte. */
    public MemoryAccount account() {
        return account;
    }

    public Mesh mesh() {
        return mesh;
    }

    GroupRunner runner() {
        return runner;
    }

    /** Steps of the whole group, driven by the leader. */
    public dev.lockstep.generate.StepRunner stepRunner() {
        return runner;
    }

    /** How rows are batched for this model. */
    public Batching batching() {
        int window = Math.max(1, runner.limits().maxSequences() / WAITING_PART);
        return Batching.PLAIN.withWindow(window).withPrefixes(options.prefixSharing() && model().sharesPrefixes());
    }

    /** The checkpoint's generation defaults. */
    public GenerationDefaults defaults() {
        return GenerationDefaults.read(
                files.checkpoint().config(), files.checkpoint().generationConfig());
    }

    public ModelTraits traits() {
        return Traits.of(files.model(), defaults());
    }

    /** Stored bytes of each file tensor that this rank holds. */
    public Map<String, Long> bytesHeld() {
        return bytesHeld;
    }

    /** Stored bytes of all file tensors that the model uses, each once. */
    public long checkpointBytes() {
        Set<String> used = new HashSet<>();
        long sum = 0;
        for (Weight weight : files.model().graph().weights()) {
            for (String name : weight.expression().tensorNames()) {
                Optional<TensorInfo> tensor =
                        files.checkpoint().find(name, files.model().names());
                if (tensor.isPresent() && used.add(tensor.get().name())) {
                    sum += tensor.get().bytes();
                }
            }
        }
        return sum;
    }

    public double loadSeconds() {
        return loadSeconds;
    }

    /** A follower's loop; the leader never calls it. */
    public void follow() {
        runner.follow();
    }

    /** The leader lets the followers return from {@link #follow}. */
    public void release() {
        runner.release();
    }

    @Override
    public void close() {
        try (mesh;
                files) {
            program.close();
        }
    }
}
