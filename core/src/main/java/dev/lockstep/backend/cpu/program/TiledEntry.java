package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.lowering.ArenaPlan;
import dev.lockstep.backend.lowering.Buffer;
import dev.lockstep.backend.lowering.Lifetimes;
import java.util.List;
import java.util.Map;

/**
 * One entry point cut into runs of steps, with the memory they need.
 *
 * @param runs steps that are one instruction: of several, all work row by row
 * @param placed buffers that have memory for a step's rows, and those of tiles
 * @param lifetimes from which run to which those live
 * @param scratchOf where the other buffers lie, those that live within one run
 */
record TiledEntry(
        List<List<CpuStep>> runs, List<Buffer> placed, Lifetimes lifetimes, Map<Buffer, TileScratch> scratchOf) {

    ArenaPlan plan(Limits limits) {
        return ArenaPlan.of(placed, lifetimes, rows -> ArenaPlan.capacity(rows, limits), Slab.MAX_BYTES);
    }
}
