package dev.lockstep.engine;

import dev.lockstep.runtime.ProcessMemory;

/** Loads a checkpoint with short steps and prints the bytes of its packed weights and the most that the process had. */
final class LoadedOnce {
    private static final int TOKENS = 16;

    private LoadedOnce() {}

    /** @param arguments the checkpoint's folder and a dtype */
    public static void main(String[] arguments) {
        EngineOptions options = new EngineOptions(arguments[0], 1, arguments[1], "cost", 2, 1L << 30, TOKENS, TOKENS);
        try (LocalGroup group = LocalGroup.open(options, false)) {
            long weights = group.leader().program().memory().weights();
            System.out.println(weights + " " + ProcessMemory.now().orElseThrow().peak());
        }
    }
}
