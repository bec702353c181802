package dev.lockstep.engine;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.Program;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.collective.Mesh;
import dev.lockstep.generate.StepRunner;

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
    private long steps;

    GroupRunner(Mesh mesh, Program program, Limits limits) {
        this.mesh = mesh;
        this.program = program;
        this.limits = limits;
        this.input = new StepInput(limits);
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
        steps++;
        return program.run(input);
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
            steps++;
            program.run(input);
        }
    }

    long steps() {
        return steps;
    }
}
