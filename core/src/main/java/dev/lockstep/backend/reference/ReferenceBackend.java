package dev.lockstep.backend.reference;

import dev.lockstep.backend.Backend;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.MemoryAccount;
import dev.lockstep.backend.MemoryLedger;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.Program;
import dev.lockstep.backend.lowering.LoweredProgram;
import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.collective.Mesh;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Holdings;
import dev.lockstep.partition.RankGraph;

/** Interprets lowered programs in fp32. */
public final class ReferenceBackend implements Backend {

    @Override
    public MemoryLedger estimate(RankGraph graph, Limits limits, Precision precision) {
        Holdings holdings = new Holdings(graph.model().graph(), graph.split());
        long elements = 0;
        for (Weight weight : graph.model().graph().weights()) {
            elements += holdings.elements(weight, graph.rank());
        }
        LoweredProgram program = LoweredProgram.of(graph, precision, false);
        return new MemoryLedger(elements * Float.BYTES, 0, 0, Caches.bytes(program.caches(), limits));
    }

    /** Everything is in the Java heap, so nothing is entered in the account. */
    @Override
    public Program compile(
            RankGraph graph,
            WeightReader weights,
            Limits limits,
            Precision precision,
            Mesh mesh,
            MemoryAccount account) {
        if (precision != Precision.FP32) {
            throw new IllegalArgumentException("the reference device computes in fp32, found dtype " + precision
                    + ": use --dtype fp32 (spark.lockstep.dtype), or another device");
        }
        LoweredProgram program = LoweredProgram.of(graph, precision, false);
        Weights read = Weights.read(program, weights);
        return new ReferenceProgram(program, read, limits, mesh);
    }
}
