package dev.lockstep.cli;

import dev.lockstep.generate.GenerationOptions;
import java.util.List;
import picocli.CommandLine.Option;

/** How text is continued; what is not given is as the checkpoint's authors say. */
final class SamplingFlags {
    private static final String CHECKPOINT = " (default: the checkpoint's)";

    @Option(names = "--max-new-tokens", paramLabel = "N", description = "Tokens of a row at most" + CHECKPOINT + ".")
    private Integer maxNewTokens;

    @Option(names = "--ignore-eos", description = "Go on to --max-new-tokens whatever is generated.")
    private boolean ignoreEos;

    @Option(names = "--temperature", paramLabel = "T", description = "0 for greedy, above to sample" + CHECKPOINT + ".")
    private Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Sample among the K best tokens; 0 for all.")
    private Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Sample among the best that sum to P; 1 for all.")
    private Double topP;

    @Option(names = "--seed", paramLabel = "S", description = "Of the noise; a row's is keyed by it and the prompt.")
    private Long seed;

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

    /**
     * The given options over the defaults. Where one rules the other's default out (beams and a temperature), the given
     * one wins.
     *
     * @throws IllegalArgumentException naming the option that is out of range, or has no effect beside the others
     */
    GenerationOptions options(GenerationOptions defaults) {
        boolean beams = numBeams != null && numBeams > 1;
        boolean samples = temperature != null && temperature > 0;
        double heat = given(temperature, beams ? 0 : defaults.temperature());
        if (heat == 0 && (topK != null || topP != null)) {
            throw new IllegalArgumentException((topK != null ? "--top-k" : "--top-p")
                    + " has no effect at temperature 0 (greedy): give --temperature above 0 too");
        }
        return new GenerationOptions(
                given(maxNewTokens, defaults.maxNewTokens()),
                heat,
                given(topK, defaults.sampling().topK()),
                given(topP, defaults.sampling().topP()),
                given(numBeams, samples ? 1 : defaults.numBeams()),
                given(lengthPenalty, defaults.lengthPenalty()),
                given(earlyStopping, defaults.earlyStopping()),
                given(seed, defaults.seed()),
                ignoreEos || defaults.ignoreEos(),
                given(stop, defaults.stop()));
    }

    private static <T> T given(T value, T otherwise) {
        return value != null ? value : otherwise;
    }
}
