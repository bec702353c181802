package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.lowering.ArenaPlan;
import dev.lockstep.backend.lowering.Buffer;
import dev.lockstep.backend.lowering.Lifetimes;
import java.util.List;
import java.util.Map;

/**
 * One entry point divided into runs of steps, with the memory they need.
 *
 * @param runs steps that form one instruction; in a run of several, all work row by row
 * @param placed buffers with memory for a step's rows, and the scratch buffers of tiles
 * @param lifetimes lifetimes of the placed buffers, in runs
 * @param scratchOf the scratch of each other buffer, which lives within one run
 */
record TiledEntry(
        List<List<CpuStep>> runs, List<Buffer> placed, Lifetimes lifetimes, Map<Buffer, TileScratch> scratchOf) {

    ArenaPlan plan(Limits limits) {
        return ArenaPlan.of(placed, lifetimes, rows -> ArenaPlan.capacity(rows, limits), Slab.MAX_BYTES);
    }
}
