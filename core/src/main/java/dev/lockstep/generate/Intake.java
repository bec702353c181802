package dev.lockstep.generate;

import dev.lockstep.graph.Reach;
import java.util.List;

/** Makes rows of requests: tokens of the prompt, checks against the model, the way tokens are chosen. */
final class Intake {
    private final ModelTraits traits;
    private final CheckpointText text;
    private final List<Reach> cacheGroups;
    private final int[] decoderStart;

    /** @param cacheGroups what each group of the caches keeps */
    Intake(ModelTraits traits, List<Reach> cacheGroups, CheckpointText text) {
        this.traits = traits;
        this.cacheGroups = cacheGroups;
        this.text = text;
        this.decoderStart =
                traits.decoderStart().stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * The row of a request.
     *
     * @throws BadRowException with the row's error
     */
    Row row(Request request) throws BadRowException {
        int[] tokens = text.tokens(request);
        reject(Refusals.badTokens(tokens, traits));
        Prompt prompt = traits.encoderDecoder()
                ? new Prompt(request.id(), tokens, decoderStart)
                : new Prompt(request.id(), null, tokens);
        reject(Refusals.tooLong(prompt, traits));
        GenerationOptions options = limited(request.options(), prompt);
        StopText stopText = stopText(options.stop());
        if (options.numBeams() > 1) {
            return new BeamRow(prompt, options, traits, cacheGroups);
        }
        Sampler sampler =
                new Sampler(options, CounterNoise.seed(options.seed(), prompt.content()), traits.vocabularySize());
        return new SampledRow(prompt, options, traits, cacheGroups, sampler, stopText);
    }

    private StopText stopText(List<String> stops) throws BadRowException {
        if (stops.isEmpty()) {
            return null;
        }
        if (text.tokenizer() == null) {
            throw new BadRowException("stop strings need text: " + text.noTokenizer());
        }
        return new StopText(stops, text.tokenizer());
    }

    /** The options with no more new tokens than the model has positions for. */
    private GenerationOptions limited(GenerationOptions options, Prompt prompt) {
        int most = traits.maxPositions().orElse(Integer.MAX_VALUE) - prompt.start().length;
        return options.maxNewTokens() <= most ? options : options.withMaxNewTokens(most);
    }

    private static void reject(String reason) throws BadRowException {
        if (reason != null) {
            throw new BadRowException(reason);
        }
    }
}
