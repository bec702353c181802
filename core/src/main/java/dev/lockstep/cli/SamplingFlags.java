package dev.lockstep.cli;

import dev.lockstep.generate.Beams;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Sampling;
import dev.lockstep.generate.Stopping;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How text is continued; options that are not given come from the checkpoint's generation defaults. */
final class SamplingFlags {
    private static final String CHECKPOINT = " (default: the checkpoint's)";

    @Option(names = "--max-new-tokens", paramLabel = "N", description = "Tokens of a row at most" + CHECKPOINT + ".")
    private Integer maxNewTokens;

    @Option(names = "--min-new-tokens", paramLabel = "N", description = "Tokens before which a text may not end.")
    private Integer minNewTokens;

    @Option(names = "--ignore-eos", description = "Go on to --max-new-tokens whatever is generated.")
    private boolean ignoreEos;

    @Option(names = "--temperature", paramLabel = "T", description = "0 for greedy, above to sample" + CHECKPOINT + ".")
    private Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Sample among the K best tokens; 0 for all.")
    private Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Sample among the best that sum to P; 1 for all.")
    private Double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description = "Sample among tokens at least P times as probable as the best; 0 for all.")
    private Double minP;

    @Option(
            names = "--typical-p",
            paramLabel = "P",
            description = "Sample among the least surprising or dull that sum to P; 1 for all.")
    private Double typicalP;

    @Option(names = "--seed", paramLabel = "S", description = "Of the noise; a row's is keyed by it and the prompt.")
    private Long seed;

    @Option(names = "--n", paramLabel = "N", description = "Texts sampled for each row.")
    private Integer samples;

    @Option(
            names = "--num-beams",
            paramLabel = "N",
            description = "Beams of a beam search; 1 for none" + CHECKPOINT + ".")
    private Integer numBeams;

    @Option(names = "--length-penalty", paramLabel = "X", description = "A beam's score is divided by length^X.")
    private Double lengthPenalty;

    @Option(names = "--early-stopping", negatable = true, description = "End a beam search once enough beams ended.")
    private Boolean earlyStopping;

    @Option(names = "--stop", paramLabel = "TEXT", description = "Ends the text before it; may be repeated.")
    private List<String> stop;

    @Option(names = "--stop-token-id", paramLabel = "ID", description = "Ends the text; may be repeated.")
    private List<Integer> stopTokens;

    @Option(
            names = "--logprobs",
            paramLabel = "N",
            description = "Report each token's log-probability, and those of the N most probable beside it.")
    private Integer logprobs;

    @Mixin
    private PenaltyFlags penalties = new PenaltyFlags();

    @Mixin
    private ConstraintFlags constraint = new ConstraintFlags();

    /**
     * The given options over the defaults. Where an option excludes the default of another (beams and a temperature),
     * the given one is used.
     *
     * @throws IllegalArgumentException naming the option that is out of range, or has no effect beside the others
     */
    GenerationOptions options(GenerationOptions defaults) {
        boolean beams = numBeams != null && numBeams > 1;
        boolean samples = temperature != null && temperature > 0;
        double heat = given(temperature, beams ? 0 : defaults.temperature());
        if (heat == 0) {
            refuseWithoutHeat("--top-k", topK);
            refuseWithoutHeat("--top-p", topP);
            refuseWithoutHeat("--min-p", minP);
            refuseWithoutHeat("--typical-p", typicalP);
        }
        return new GenerationOptions(
                stopping(defaults.stopping()),
                sampling(defaults.sampling(), heat),
                penalties.over(defaults.penalties()),
                new Beams(
                        given(numBeams, samples ? 1 : defaults.numBeams()),
                        given(lengthPenalty, defaults.lengthPenalty()),
                        given(earlyStopping, defaults.earlyStopping())),
                constraint.constraint(),
                given(logprobs, GenerationOptions.NO_LOGPROBS));
    }

    private Sampling sampling(Sampling defaults, double heat) {
        return new Sampling(
                heat,
                given(topK, defaults.topK()),
                given(topP, defaults.topP()),
                given(minP, defaults.minP()),
                given(typicalP, defaults.typicalP()),
                given(seed, defaults.seed()),
                given(samples, 1));
    }

    private Stopping stopping(Stopping defaults) {
        int most = given(maxNewTokens, defaults.maxNewTokens());
        return new Stopping(
                most,
                given(minNewTokens, Math.min(most, defaults.minNewTokens())),
                ignoreEos || defaults.ignoreEos(),
                given(stop, defaults.strings()),
                given(stopTokens, defaults.tokens()));
    }

    private static void refuseWithoutHeat(String flag, Object value) {
        if (value != null) {
            throw new IllegalArgumentException(
                    flag + " has no effect at temperature 0 (greedy): give --temperature above 0 too");
        }
    }

    static <T> T given(T value, T otherwise) {
        return value != null ? value : otherwise;
    }
}
