package dev.lockstep.engine;

/**
 * Totals of one rank since it was opened.
 *
 * @param loadSeconds time to read and pack the weights
 * @param steps steps run
 * @param promptTokens prompt tokens run (leader only)
 * @param generatedTokens tokens generated (leader only)
 * @param weightBytes bytes of weights held
 * @param collectives collectives run
 */
public record RankStats(
        double loadSeconds, long steps, long promptTokens, long generatedTokens, long weightBytes, long collectives) {}
