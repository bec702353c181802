package dev.lockstep.engine;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.OutOfMemoryException;
import dev.lockstep.backend.Program;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.collective.Mesh;
import dev.lockstep.generate.StepRunner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lockstep protocol. The leader fills an input and broadcasts all of it, with its number and hash, before it runs
 * it. Followers make no decisions: they run what arrives until they are released. A step for which one rank lacks
 * memory ends on all ranks at the same point without losing anything; the leader may send a smaller one.
 */
final class GroupRunner implements StepRunner {
    private static final Logger LOG = LoggerFactory.getLogger(GroupRunner.class);

    /** A message of one int that no step can be: ends {@link #follow}. */
    private static final int[] RELEASE = {0x4c53_0000};

    private final Mesh mesh;
    private final Program program;
    private final Limits limits;
    private final StepInput input;
    private final ByteBuffer flag;
    private final ByteBuffer flags;
    private long steps;

    GroupRunner(Mesh mesh, Program program, Limits limits) {
        this.mesh = mesh;
        this.program = program;
        this.limits = limits;
        this.input = new StepInput(limits);
        this.flag = ByteBuffer.allocateDirect(Integer.BYTES).order(ByteOrder.nativeOrder());
        this.flags = ByteBuffer.allocateDirect(Integer.BYTES * mesh.size()).order(ByteOrder.nativeOrder());
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public StepInput input() {
        return input;
    }

    @Override
    public StepOutput run() {
        if (mesh.size() > 1) {
            mesh.broadcast(input.encode());
        }
        return runTogether();
    }

    /**
     * Runs the step to its end; then the ranks exchange whether they had the memory for it.
     *
     * @throws OutOfMemoryException on all ranks, when one had not
     */
    private StepOutput runTogether() {
        StepOutput output = null;
        OutOfMemoryException failure = null;
        try {
            output = program.run(input);
        } catch (OutOfMemoryException failed) {
            LOG.warn("rank {}: {}", mesh.rank(), failed.getMessage());
            failure = failed;
        }
        int rank = firstFailed(failure != null);
        if (failure != null) {
            throw failure;
        }
        if (rank >= 0) {
            throw new OutOfMemoryException("rank " + rank + " has no memory for a step of " + input.tokens
                    + " tokens, its log says what for: raise its memory (spark.lockstep.memoryBudget,"
                    + " --memory-budget) or lower spark.lockstep.maxBatchTokens");
        }
        steps++;
        return output;
    }

    /** The first rank that failed; -1 where none did. */
    private int firstFailed(boolean failed) {
        if (mesh.size() == 1) {
            return failed ? 0 : -1;
        }
        flag.putInt(0, failed ? 1 : 0);
        mesh.allGather(flag, 0, Integer.BYTES, flags, 0);
        for (int rank = 0; rank < mesh.size(); rank++) {
            if (flags.getInt(rank * Integer.BYTES) != 0) {
                return rank;
            }
        }
        return -1;
    }

    /** The leader lets the followers go. */
    void release() {
        if (mesh.size() > 1) {
            mesh.broadcast(RELEASE);
        }
    }

    /** A follower runs the leader's steps until it is released. */
    void follow() {
        while (true) {
            int[] message = mesh.broadcast(null);
            if (message.length == 1 && message[0] == RELEASE[0]) {
                return;
            }
            input.decode(message);
            try {
                runTogether();
            } catch (OutOfMemoryException failed) {
                LOG.debug("rank {} waits for a smaller step: {}", mesh.rank(), failed.getMessage());
            }
        }
    }

    /** Steps that all ranks had the memory for. */
    long steps() {
        return steps;
    }
}
