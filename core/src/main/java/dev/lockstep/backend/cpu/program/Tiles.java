package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.graph.RowAxis;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Consecutive instructions that all work row by row, as one instruction. If a step has enough rows, a worker takes a
 * tile of them through all the instructions before it takes the next tile. Values then stay in its core's cache, no
 * worker waits for others in between, and values that nothing else reads need memory for a few tiles only
 * ({@link TileScratch}). With fewer rows, each instruction is split over the workers as it would be on its own.
 */
final class Tiles implements Instruction {
    private final RowAxis rows;
    private final List<RowByRow> instructions;
    private final List<Operand> operands;
    private final boolean[] skipped;
    private final TileSize size;
    private final Workers.Items tile = this::tile;
    private StepState step;
    private int count;
    private int height;

    /** @param operands all operands of the instructions */
    Tiles(RowAxis rows, List<RowByRow> instructions, List<Operand> operands, TileSize size) {
        this.rows = rows;
        this.instructions = List.copyOf(instructions);
        this.operands = List.copyOf(operands);
        this.skipped = new boolean[instructions.size()];
        this.size = size;
    }

    @Override
    public void run(StepState whole) {
        count = whole.rows(rows);
        if (!size.cuts(count)) {
            for (int i = 0; i < skipped.length; i++) {
                if (!skipped[i]) {
                    instructions.get(i).run(whole);
                }
            }
            return;
        }
        step = whole;
        height = size.height(count);
        int last = (count - 1) / height;
        for (int i = 0; i < skipped.length; i++) {
            if (!skipped[i]) {
                instructions.get(i).begin();
            }
        }
        prepare(height);
        prepare(rows(last));
        whole.workers().run(tile, last + 1, Long.MAX_VALUE);
    }

    private int rows(int item) {
        return size.rows(item * height, count, height, step.capacity());
    }

    private void prepare(int tileRows) {
        for (int i = 0; i < skipped.length; i++) {
            if (!skipped[i]) {
                instructions.get(i).prepare(step, tileRows);
            }
        }
    }

    private void tile(int worker, int item) {
        int from = item * height;
        StepState own = step.tile(worker, from, rows(item));
        for (int i = 0; i < operands.size(); i++) {
            operands.get(i).enterTile(worker, from);
        }
        for (int i = 0; i < skipped.length; i++) {
            if (!skipped[i]) {
                instructions.get(i).run(own);
            }
        }
    }

    @Override
    public void probe(StepState whole, Set<Object> seen) {
        for (int i = 0; i < skipped.length; i++) {
            Object key = instructions.get(i).memoryKey();
            skipped[i] = key != null && !seen.add(key);
        }
        try {
            run(whole);
        } finally {
            Arrays.fill(skipped, false);
        }
    }
}
