package dev.lockstep.generate;

import dev.lockstep.backend.Limits;

/** Why a row cannot be run, in one sentence with the sizes and what to change. */
final class Refusals {
    private Refusals() {}

    /** The reason why the row can never be started; null when it can. */
    static String of(Row row, Limits limits) {
        int slots = Scheduler.slots(limits);
        if (row.slots() > slots) {
            String name = copies(row);
            return name + " is " + row.slots() + ", but a step holds " + slots + " sequences at most: lower " + name
                    + " or raise spark.lockstep.maxBatchTokens";
        }
        int source = row.prompt.sourceLength();
        if (source > limits.maxTokens()) {
            return "the prompt has " + source + " tokens, but a step holds " + limits.maxTokens()
                    + " and an encoder's input is never divided: shorten the prompt or raise"
                    + " spark.lockstep.maxBatchTokens";
        }
        long needed = row.startBlocks(limits, 1);
        if (needed > limits.blocks()) {
            return "the prompt has " + (source + row.prompt.start().length) + " tokens and needs " + needed
                    + " cache blocks of " + limits.blockSize() + " positions, but the pool holds " + limits.blocks()
                    + ": shorten the prompt or raise spark.lockstep.memoryBudget";
        }
        return null;
    }

    /** The reason why a row that is alone in the pool cannot continue. */
    static String grown(Row row, BlockManager blocks) {
        int prompt = row.prompt.source() == null ? row.prompt.start().length : row.prompt.sourceLength();
        return "with a prompt of " + prompt + " tokens, max_new_tokens " + row.options.maxNewTokens()
                + " and " + copies(row) + " "
                + row.slots() + " the row outgrew the whole cache pool of " + blocks.blocks() + " blocks of "
                + blocks.blockSize() + " positions: lower max_new_tokens or raise spark.lockstep.memoryBudget";
    }

    /** The option that says how many sequences a row has. */
    private static String copies(Row row) {
        return row.options.sampling().samples() > 1 ? "n" : "num_beams";
    }

    /** The reason why options do not fit the model; null when they do. */
    static String badOptions(GenerationOptions options, ModelTraits traits) {
        for (int token : options.penalties().logitBias().keySet()) {
            if (token >= traits.vocabularySize()) {
                return beyond("logit_bias", token, traits);
            }
        }
        for (int token : options.stopping().tokens()) {
            if (token >= traits.vocabularySize()) {
                return beyond("stop_token_ids", token, traits);
            }
        }
        return null;
    }

    private static String beyond(String option, int token, ModelTraits traits) {
        return option + " names token " + token + ", expected 0 to " + (traits.vocabularySize() - 1)
                + ", the model's vocabulary";
    }

    /** The reason why a prompt does not fit the model; null when it does. */
    static String tooLong(Prompt prompt, ModelTraits traits) {
        if (prompt.source() != null && traits.maxSourcePositions().isPresent()) {
            int most = traits.maxSourcePositions().getAsInt();
            if (prompt.sourceLength() > most) {
                return "the prompt has " + prompt.sourceLength() + " tokens, but the model's encoder has positions for "
                        + most + ": shorten the prompt";
            }
        }
        if (traits.maxPositions().isPresent()) {
            int most = traits.maxPositions().getAsInt();
            if (prompt.start().length >= most) {
                return "the prompt has " + prompt.start().length + " tokens, but the model has positions for " + most
                        + ", new tokens included: shorten the prompt to " + (most - 1) + " tokens or fewer";
            }
        }
        return null;
    }

    /** The reason why tokens are no input for the model; null when they are. */
    static String badTokens(int[] tokens, ModelTraits traits) {
        if (tokens.length == 0) {
            return "the prompt is empty: it has no tokens, at least 1 is expected";
        }
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] < 0 || tokens[i] >= traits.vocabularySize()) {
                return "token " + i + " of the prompt is " + tokens[i] + ", expected 0 to "
                        + (traits.vocabularySize() - 1) + ", the model's vocabulary";
            }
        }
        return null;
    }
}
