package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Pooling;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.collective.Mesh;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds a step's output from the values in the arena: whole values gathered from all ranks, or candidates. */
final class OutputCollector {
    private final Mesh mesh;
    private final CandidateExchange candidates;
    private final PooledRows pooled;

    OutputCollector(Mesh mesh, Workers workers, boolean generates) {
        this.mesh = mesh;
        this.candidates = generates ? new CandidateExchange(mesh, workers) : null;
        this.pooled = new PooledRows(mesh);
    }

    StepOutput collect(List<OutputValue> outputs, StepState state) {
        StepInput input = state.input();
        if (input.pooling != Pooling.NONE) {
            OutputValue hidden = OutputValue.named(StepOutput.HIDDEN, outputs);
            int[] offsets = state.axes().offsets(hidden.rows());
            return StepOutput.whole(0, Map.of(StepOutput.EMBEDDING, pooled.pool(hidden, input, offsets)));
        }
        if (input.fullOutputs) {
            Map<String, StepOutput.Rows> full = new LinkedHashMap<>();
            for (OutputValue output : outputs) {
                full.put(output.name(), whole(output, state.rows(output.rows())));
            }
            return StepOutput.whole(input.outputRows, full);
        }
        if (candidates != null && input.outputRows > 0) {
            for (int i = 0; i < outputs.size(); i++) {
                if (outputs.get(i).name().equals(StepOutput.LOGITS)) {
                    return candidates.exchange(outputs.get(i), input);
                }
            }
        }
        return StepOutput.whole(input.outputRows, Map.of());
    }

    private StepOutput.Rows whole(OutputValue output, int rows) {
        float[] values = new float[rows * output.width()];
        if (output.indices() == null) {
            for (int row = 0; row < rows; row++) {
                output.operand()
                        .matrix()
                        .slab()
                        .get(output.operand().matrix().at(row, 0), values, row * output.width(), output.width());
            }
        } else {
            gather(output, rows, values);
        }
        return new StepOutput.Rows(rows, output.width(), values);
    }

    /** Ranks hold different numbers of features; all send as many as the rank with the most. */
    private void gather(OutputValue output, int rows, float[] values) {
        int most = 0;
        for (int[] held : output.indices()) {
            most = Math.max(most, held.length);
        }
        long wanted = (long) rows * most * Float.BYTES;
        if (wanted > Integer.MAX_VALUE / mesh.size()) {
            throw new IllegalStateException("whole output '" + output.name() + "' of " + rows + " rows takes " + wanted
                    + " bytes for each of " + mesh.size() + " ranks, but messages hold "
                    + Integer.MAX_VALUE / mesh.size() + ": run fewer rows at a time");
        }
        int bytes = (int) wanted;
        ByteBuffer own = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
        ByteBuffer all = ByteBuffer.allocateDirect(bytes * mesh.size()).order(ByteOrder.nativeOrder());
        int width = output.operand().width();
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < width; column++) {
                own.putFloat(
                        (row * most + column) * Float.BYTES,
                        output.operand().matrix().get(row, column));
            }
        }
        mesh.allGather(own, 0, bytes, all, 0);
        for (int rank = 0; rank < mesh.size(); rank++) {
            int[] held = output.indices()[rank];
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < held.length; column++) {
                    int at = rank * bytes + (row * most + column) * Float.BYTES;
                    values[row * output.width() + held[column]] = all.getFloat(at);
                }
            }
        }
    }
}
