package dev.lockstep.partition;

import dev.lockstep.backend.AxisRows;
import dev.lockstep.backend.Backend;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.Program;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.collective.Mesh;
import dev.lockstep.collective.ThreadMesh;
import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs one encode step of a model on all ranks of a partition, each a thread, and returns rank 0's whole outputs. */
final class RankedRun {
    private static Limits limits(Model model) {
        return new Limits(32, 4, 32, 0, 16, List.of(Reach.ALL), model.graph().furtherAxes());
    }

    /** Whole outputs by name, and the bytes all ranks together read of each tensor. */
    record Result(Map<String, StepOutput.Rows> outputs, Map<String, Long> bytes) {}

    private RankedRun() {}

    static Result run(Backend backend, Model model, Partition partition, Checkpoint checkpoint, int[][] sequences)
            throws Exception {
        List<Mesh> meshes = ThreadMesh.group(partition.ranks(), Duration.ofMinutes(10));
        ExecutorService threads = Executors.newFixedThreadPool(partition.ranks());
        try {
            List<Future<Result>> running = new ArrayList<>();
            for (Mesh mesh : meshes) {
                running.add(threads.submit(() -> rank(backend, model, partition, checkpoint, sequences, mesh)));
            }
            Map<String, Long> bytes = new java.util.TreeMap<>();
            Result first = null;
            for (Future<Result> future : running) {
                Result result = future.get();
                first = first == null ? result : first;
                result.bytes().forEach((name, read) -> bytes.merge(name, read, Long::sum));
            }
            return new Result(first.outputs(), bytes);
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof Exception cause ? cause : failed;
        } finally {
            threads.shutdownNow();
        }
    }

    private static Result rank(
            Backend backend, Model model, Partition partition, Checkpoint checkpoint, int[][] sequences, Mesh mesh) {
        RankGraph graph = new RankGraph(model, partition, mesh.rank());
        try (mesh;
                WeightReader reader = checkpoint.reader(model.names());
                Program program = backend.compile(graph, reader, limits(model), Precision.FP32, mesh)) {
            return new Result(program.run(input(model, sequences)).full(), reader.usefulBytes());
        } catch (RuntimeException | Error failed) {
            mesh.abort(failed);
            throw failed;
        }
    }

    /** Further axes have a row for each pair of tokens. */
    private static StepInput input(Model model, int[][] sequences) {
        StepInput input = new StepInput(limits(model));
        input.clear();
        input.entry = EntryPoint.ENCODE;
        input.fullOutputs = true;
        for (int[] tokens : sequences) {
            for (int position = 0; position < tokens.length; position++) {
                input.tokenIds[input.tokens] = tokens[position];
                input.positions[input.tokens] = position;
                input.cross.writeSlots[input.tokens++] = -1;
            }
            for (AxisRows axis : input.further) {
                for (int row = 0; row < tokens.length / 2; row++) {
                    axis.add(tokens[2 * row + 1], row, row % 2);
                }
            }
            input.endFurther();
            input.keyLengths[input.sequences] = tokens.length;
            input.queryOffsets[++input.sequences] = input.tokens;
        }
        return input;
    }
}
