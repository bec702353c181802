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

/**
 * The lockstep protocol. The leader fills an input and broadcasts it whole, with its number and hash, before it runs it;
 * followers hold no policy: they run what arrives until they are released.
 */
final class GroupRunner implements StepRunner {
    /** A message of one int that no step can be: ends {@link #follow}. */
    private static final int[] RELEASE = {0x4c53_0000};

    private final Mesh mesh;
    private final Program program;
    private final Limits limits;
    private final StepInput input;
    private final ByteBuffer flag;
    private final ByteBuffer flags;
    /** Tokens of the largest step that all ranks have memory for. */
    private int reservedTokens;

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
        reserve();
        steps++;
        return program.run(input);
    }

    /**
     * Before a step larger than all so far, ranks take the memory for it and tell each other whether they have it: none
     * may run it, and wait for the others in its midst, when one cannot.
     *
     * @throws OutOfMemoryException on all ranks, when it is not to be had on one
     */
    private void reserve() {
        if (input.tokens <= reservedTokens) {
            return;
        }
        OutOfMemoryException failure = null;
        try {
            program.reserve(input);
        } catch (OutOfMemoryException failed) {
            failure = failed;
        }
        int rank = firstFailed(failure != null);
        if (rank >= 0) {
            throw failure != null
                    ? failure
                    : new OutOfMemoryException("rank " + rank + " has no memory for a step of " + input.tokens
                            + " tokens: lower spark.lockstep.maxBatchTokens");
        }
        reservedTokens = input.tokens;
    }

    /** The first rank that failed; -1 where none did. */
    private int firstFailed(boolean failed) {
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
                reserve();
            } catch (OutOfMemoryException failed) {
                continue; // the leader knows, and sends a smaller step
            }
            steps++;
            program.run(input);
        }
    }

    long steps() {
        return steps;
    }
}
