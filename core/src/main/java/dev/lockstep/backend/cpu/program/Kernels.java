package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.Elementwise;
import dev.lockstep.backend.cpu.kernel.Embedding;
import dev.lockstep.backend.cpu.kernel.ExpertOrder;
import dev.lockstep.backend.cpu.kernel.ExpertRows;
import dev.lockstep.backend.cpu.kernel.Norms;
import dev.lockstep.backend.cpu.kernel.Rotary;
import dev.lockstep.backend.cpu.kernel.Router;
import dev.lockstep.backend.cpu.kernel.SplitNorms;
import dev.lockstep.backend.cpu.memory.Workers;

/** The kernels of one rank. Each is made once, because it holds its work buffers. */
record Kernels(
        Elementwise elementwise,
        Norms norms,
        SplitNorms splitNorms,
        Rotary rotary,
        Embedding embedding,
        Router router,
        ExpertOrder expertOrder,
        ExpertRows expertRows) {

    static Kernels on(Workers workers) {
        return new Kernels(
                new Elementwise(workers),
                new Norms(workers),
                new SplitNorms(workers),
                new Rotary(workers),
                new Embedding(workers),
                new Router(workers),
                new ExpertOrder(),
                new ExpertRows(workers));
    }
}
