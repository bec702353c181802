package dev.lockstep.generate;

import java.util.List;

/**
 * How one row's text is continued. Names and meanings are those of the field.
 *
 * @param maxNewTokens tokens generated at most, at least 1
 * @param temperature 0 for greedy; otherwise logits are divided by it before sampling
 * @param topK sample among this many best tokens; 0 for all
 * @param topP sample among the best tokens whose probabilities sum to this, in (0, 1]; 1 for all
 * @param numBeams beams of a beam search; 1 for none (beam search is deterministic: temperature must be 0)
 * @param lengthPenalty exponent of the length by which a finished beam's score is divided
 * @param earlyStopping whether a beam search ends as soon as there are {@code numBeams} finished candidates
 * @param seed base of the noise; a row's noise is keyed by it and the row's content, never by its place
 * @param ignoreEos go on to {@code maxNewTokens} whatever is generated
 * @param stop strings that end the text; the text ends before the earliest of them
 */
public record GenerationOptions(
        int maxNewTokens,
        double temperature,
        int topK,
        double topP,
        int numBeams,
        double lengthPenalty,
        boolean earlyStopping,
        long seed,
        boolean ignoreEos,
        List<String> stop) {

    public static final GenerationOptions GREEDY = new GenerationOptions(64, 0, 0, 1, 1, 1, false, 0, false, List.of());

    public GenerationOptions {
        require(maxNewTokens >= 1, "max_new_tokens", maxNewTokens, "at least 1");
        require(temperature >= 0 && temperature <= 100, "temperature", temperature, "0 (greedy) to 100");
        require(topK >= 0, "top_k", topK, "0 (all) or more");
        require(topP > 0 && topP <= 1, "top_p", topP, "above 0, at most 1");
        require(numBeams >= 1, "num_beams", numBeams, "at least 1");
        require(numBeams == 1 || temperature == 0, "temperature", temperature, "0 when num_beams is above 1");
        stop = List.copyOf(stop);
        require(stop.stream().noneMatch(String::isEmpty), "stop", stop, "strings that are not empty");
    }

    private static void require(boolean holds, String name, Object found, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + found + ", expected " + expected);
        }
    }

    public GenerationOptions withMaxNewTokens(int tokens) {
        return new GenerationOptions(
                tokens, temperature, topK, topP, numBeams, lengthPenalty, earlyStopping, seed, ignoreEos, stop);
    }

    public GenerationOptions withIgnoreEos(boolean ignore) {
        return new GenerationOptions(
                maxNewTokens, temperature, topK, topP, numBeams, lengthPenalty, earlyStopping, seed, ignore, stop);
    }
}
