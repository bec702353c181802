package dev.lockstep.generate;

/** Takes completions as rows finish, in any order, on the leader's thread. */
@FunctionalInterface
public interface CompletionSink {
    void accept(Completion completion);
}
