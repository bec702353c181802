package dev.lockstep.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.generate.Completion;
import dev.lockstep.generate.Logprobs;
import java.util.List;
import java.util.Locale;

/** What was generated for a row, as fields of its line. */
final class CompletionFields {
    private static final String OUTPUT = "output";
    private static final String TOKENS = "output_token_ids";
    private static final String FINISH = "finish_reason";
    private static final String LOGPROBS = "logprobs";

    private CompletionFields() {}

    /** A row of one text. */
    static void one(ObjectNode line, Completion.Output output) {
        line.put(OUTPUT, output.text());
        tokens(line.putArray(TOKENS), output.tokenIds());
        line.put(FINISH, finish(output));
        if (output.logprobs() != null) {
            logprobs(line.putArray(LOGPROBS), output);
        }
    }

    /** A row of several: the same fields, each a list with an entry for every text. */
    static void several(ObjectNode line, List<Completion.Output> outputs) {
        ArrayNode texts = line.putArray(OUTPUT);
        ArrayNode tokens = line.putArray(TOKENS);
        ArrayNode finishes = line.putArray(FINISH);
        for (Completion.Output output : outputs) {
            texts.add(output.text());
            tokens(tokens.addArray(), output.tokenIds());
            finishes.add(finish(output));
        }
        if (outputs.get(0).logprobs() != null) {
            ArrayNode logprobs = line.putArray(LOGPROBS);
            outputs.forEach(output -> logprobs(logprobs.addArray(), output));
        }
    }

    private static String finish(Completion.Output output) {
        return output.finish().name().toLowerCase(Locale.ROOT);
    }

    private static void tokens(ArrayNode target, int[] tokens) {
        for (int token : tokens) {
            target.add(token);
        }
    }

    /** An object for each token: its log-probability, and the most probable tokens with theirs where asked for. */
    private static void logprobs(ArrayNode target, Completion.Output output) {
        Logprobs logprobs = output.logprobs();
        for (int i = 0; i < logprobs.chosen().length; i++) {
            ObjectNode token = target.addObject().put("token_id", output.tokenIds()[i]);
            token.put("logprob", logprobs.chosen()[i]);
            if (logprobs.alternatives() > 0) {
                ArrayNode top = token.putArray("top");
                for (int c = i * logprobs.alternatives(); c < (i + 1) * logprobs.alternatives(); c++) {
                    top.addObject().put("token_id", logprobs.topTokens()[c]).put("logprob", logprobs.top()[c]);
                }
            }
        }
    }
}
