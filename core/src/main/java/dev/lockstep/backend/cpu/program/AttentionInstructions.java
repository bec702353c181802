package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepTables;
import dev.lockstep.backend.cpu.kernel.KvCache;
import dev.lockstep.backend.cpu.kernel.LastRows;
import dev.lockstep.backend.cpu.kernel.PagedAttention;
import dev.lockstep.backend.cpu.kernel.Rotary;
import dev.lockstep.backend.cpu.kernel.RowAttention;
import dev.lockstep.backend.lowering.Angles;
import dev.lockstep.backend.lowering.CacheTables;
import dev.lockstep.graph.Op;

/** Instructions around attention: positions, cache writes, attention itself. */
final class AttentionInstructions {
    private AttentionInstructions() {}

    static RowByRow rotary(Op.Rotary rotary, Angles angles, Operand in, Operand out) {
        Rotary.Pairing pairing = rotary.interleaved() ? Rotary.Pairing.INTERLEAVED : Rotary.Pairing.HALVES;
        int heads = in.width() / rotary.headDim();
        return new RowByRow() {
            @Override
            public void prepare(StepState step, int rows) {
                angles.prepare(step.input(), step.number());
            }

            @Override
            public void run(StepState step) {
                if (step.worker() < 0) {
                    prepare(step, 0);
                }
                step.kernels()
                        .rotary()
                        .tables(angles.cosines(), angles.sines(), rotary.first(), rotary.rotated(), pairing)
                        .rotate(
                                step.matrix(in),
                                step.matrix(out),
                                step.filledRows(out.rows()),
                                angles.entries(step.input()),
                                step.firstRow(),
                                heads,
                                rotary.headDim());
            }
        };
    }

    static RowByRow writeCache(KvCache cache, CacheTables tables, Operand key, Operand value) {
        return new RowByRow() {
            @Override
            public void prepare(StepState step, int rows) {
                cache.readyWriters(step.workers().threads());
            }

            @Override
            public void run(StepState step) {
                int[] slots = tables.of(step.input()).writeSlots;
                int rows = step.filledRows(key.rows());
                if (step.worker() < 0) {
                    cache.write(step.workers(), key.matrix(), value.matrix(), slots, rows);
                } else {
                    cache.writer(step.worker())
                            .write(step.matrix(key), step.matrix(value), slots, step.firstRow(), 0, rows);
                }
            }
        };
    }

    /**
     * The preceding rows; the last row of each sequence is kept. It is stored by the block of its position in the first
     * cache group, which holds that block whatever else it drops.
     */
    static Instruction previous(LastRows kept, Operand in, Operand out) {
        return step -> {
            StepInput input = step.input();
            StepTables tables = input.groups[0];
            kept.shift(
                    in.matrix(),
                    out.matrix(),
                    input.sequences,
                    input.queryOffsets,
                    input.positions,
                    tables.blocks,
                    tables.starts);
        };
    }

    /**
     * @param resets whether tokens hide keys before them
     */
    static Instruction overCache(
            PagedAttention kernel, KvCache cache, CacheTables tables, boolean resets, Operand query, Operand out) {
        Instruction attend = step -> {
            StepInput input = step.input();
            StepTables own = tables.of(input);
            kernel.run(
                    query.matrix(),
                    cache,
                    input.sequences,
                    input.queryOffsets,
                    tables.keyLengths(input),
                    own.blocks,
                    own.starts,
                    resets ? input.firstKeys : null,
                    step.promptRows(),
                    out.matrix());
        };
        // Layers with the same attention share a kernel and its buffers.
        return attend.of(kernel);
    }

    /** Attention whose keys and values are rows of the same step. */
    static Instruction overRows(RowAttention kernel, Operand query, Operand key, Operand value, Operand out) {
        Instruction attend = step -> {
            int[] offsets = step.axes().offsets(out.rows());
            int sequences = step.input().sequences;
            kernel.run(query.matrix(), key.matrix(), value.matrix(), sequences, offsets, offsets, out.matrix());
        };
        return attend.of(kernel);
    }
}
