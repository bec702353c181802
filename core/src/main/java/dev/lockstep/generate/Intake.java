package dev.lockstep.generate;

import dev.lockstep.graph.Reach;
import java.util.ArrayList;
import java.util.List;

/** Makes rows of requests: tokens of the prompt, checks against the model, the way tokens are chosen. */
final class Intake {
    private final ModelTraits traits;
    private final CheckpointText text;
    private final List<Reach> cacheGroups;
    private final int[] decoderStart;
    private final Constraints constraints;

    /** @param cacheGroups what each group of the caches keeps */
    Intake(ModelTraits traits, List<Reach> cacheGroups, CheckpointText text) {
        this.traits = traits;
        this.cacheGroups = cacheGroups;
        this.text = text;
        this.constraints = new Constraints(text, traits.vocabularySize());
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
        reject(Refusals.badOptions(options, traits));
        if (options.beams().search()) {
            requireText(options);
            return new BeamRow(prompt, options, traits, cacheGroups);
        }
        return new SampledRow(prompt, options, samples(prompt, options));
    }

    private List<Sample> samples(Prompt prompt, GenerationOptions options) throws BadRowException {
        requireText(options);
        long seed = RowSeed.of(options.seed(), prompt.content());
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < options.sampling().samples(); i++) {
            Sampler sampler = new Sampler(options.sampling(), RowSeed.ofSample(seed, i), traits.vocabularySize());
            StopText stopText = options.stop().isEmpty() ? null : new StopText(options.stop(), text.tokenizer());
            ConstrainedText constrained =
                    constraints.begin(options.constraint(), new Ending(options.stopping(), traits));
            samples.add(Sample.of(prompt.start(), options, traits, cacheGroups, sampler, stopText, constrained));
        }
        return samples;
    }

    private void requireText(GenerationOptions options) throws BadRowException {
        if (!options.stop().isEmpty() && text.tokenizer() == null) {
            throw new BadRowException("stop strings need text: " + text.noTokenizer());
        }
    }

    /** The options with no more new tokens than the model has positions for. */
    private GenerationOptions limited(GenerationOptions options, Prompt prompt) {
        int most = traits.maxPositions().orElse(Integer.MAX_VALUE) - prompt.start().length;
        return options.maxNewTokens() <= most
                ? options
                : options.with(options.stopping().atMost(most));
    }

    private static void reject(String reason) throws BadRowException {
        if (reason != null) {
            throw new BadRowException(reason);
        }
    }
}
