package dev.lockstep.generate;

import dev.lockstep.graph.Reach;
import java.util.List;

/** Makes rows of requests: tokens of the prompt, checks against the model, the way tokens are chosen. */
final class Intake {
    private final ModelTraits traits;
    private final TextTokenizer tokenizer;
    private final List<Reach> cacheGroups;
    private final int[] decoderStart;

    /** @param cacheGroups what each group of the caches keeps */
    Intake(ModelTraits traits, List<Reach> cacheGroups, TextTokenizer tokenizer) {
        this.traits = traits;
        this.cacheGroups = cacheGroups;
        this.tokenizer = tokenizer;
        this.decoderStart =
                traits.decoderStart().stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * The row of a request.
     *
     * @throws BadRowException with the row's error
     */
    Row row(Request request) throws BadRowException {
        int[] tokens = tokens(request);
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

    private int[] tokens(Request request) throws BadRowException {
        if (request.tokenIds() != null) {
            return request.tokenIds();
        }
        if (tokenizer == null) {
            throw new BadRowException(TextTokenizer.missing("the checkpoint"));
        }
        try {
            return tokenizer.encode(request.prompt());
        } catch (RuntimeException e) {
            throw new BadRowException("the prompt of " + request.prompt().length()
                    + " characters cannot be turned into tokens: " + e.getMessage());
        }
    }

    private StopText stopText(List<String> stops) throws BadRowException {
        if (stops.isEmpty()) {
            return null;
        }
        if (tokenizer == null) {
            throw new BadRowException("stop strings need text: " + TextTokenizer.missing("the checkpoint"));
        }
        return new StopText(stops, tokenizer);
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
