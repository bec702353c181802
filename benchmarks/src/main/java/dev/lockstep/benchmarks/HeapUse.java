package dev.lockstep.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;

/**
 * Heap bytes allocated for each generated token, by all threads of the process.
 *
 * @param batch of the whole batch, requests, prompts and completions included
 * @param inSteps while steps ran that gave every row one token: ranks and their workers
 * @param betweenSteps from such a step to the next: tokens are chosen and the next step is written
 * @param complete whether nothing was missed; where threads began or ended meanwhile, what they allocated is
 */
record HeapUse(
        @JsonProperty("batch") double batch,
        @JsonProperty("in_decode_steps") double inSteps,
        @JsonProperty("between_decode_steps") double betweenSteps,
        @JsonProperty("complete") boolean complete) {

    /**
     * Takes stock of a batch that has run.
     *
     * @param tokens that it generated
     * @param sequences that its steps ran once all prompts were in
     */
    static HeapUse of(TimedRunner runner, int tokens, int sequences) {
        List<TimedRunner.Step> steps = runner.steps();
        long in = 0;
        long between = 0;
        int decodes = 0;
        int gaps = 0;
        for (int i = 0; i < steps.size(); i++) {
            TimedRunner.Step step = steps.get(i);
            if (step.decodes(sequences)) {
                in += step.heapBytes();
                decodes++;
                if (i > 0 && steps.get(i - 1).decodes(sequences)) {
                    between += step.heapBytesBefore();
                    gaps++;
                }
            }
        }
        double all = (double) runner.heapBytes() / tokens;
        return new HeapUse(
                all,
                perToken(in, decodes, sequences),
                perToken(between, gaps, sequences),
                runner.heapBytesAreComplete());
    }

    private static double perToken(long bytes, int steps, int sequences) {
        return steps == 0 ? 0 : (double) bytes / steps / sequences;
    }

    /** In the order of the parameters, for a table. */
    String cell() {
        return String.format(
                Locale.ROOT, "%s%.0f / %.1f / %.1f", complete ? "" : "at least ", batch, inSteps, betweenSteps);
    }
}
