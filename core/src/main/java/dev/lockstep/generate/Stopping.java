package dev.lockstep.generate;

import java.util.List;

/**
 * When a row's text ends.
 *
 * @param maxNewTokens tokens generated at most, at least 1
 * @param minNewTokens until this many tokens are generated, neither end-of-text nor stop tokens are generated, and stop
 *     strings do not count
 * @param ignoreEos whether an end-of-text token is one like any other
 * @param strings texts that end the text; it ends before the earliest of them
 * @param tokens token ids that end the text and are not part of it
 */
public record Stopping(
        int maxNewTokens, int minNewTokens, boolean ignoreEos, List<String> strings, List<Integer> tokens) {

    public static final Stopping DEFAULT = new Stopping(64, 0, false, List.of(), List.of());

    public Stopping {
        strings = List.copyOf(strings);
        tokens = List.copyOf(tokens);
        OptionChecks.require(maxNewTokens >= 1, "max_new_tokens", maxNewTokens, "at least 1");
        OptionChecks.require(
                minNewTokens >= 0 && minNewTokens <= maxNewTokens,
                "min_new_tokens",
                minNewTokens,
                "0 to max_new_tokens, which is " + maxNewTokens);
        OptionChecks.require(
                strings.stream().noneMatch(String::isEmpty), "stop", strings, "strings that are not empty");
        OptionChecks.require(
                tokens.stream().allMatch(each -> each >= 0), "stop_token_ids", tokens, "token ids from 0 on");
    }

    /** With at most this many new tokens; lowers the minimum if necessary. */
    Stopping atMost(int tokens) {
        return new Stopping(tokens, Math.min(minNewTokens, tokens), ignoreEos, strings, this.tokens);
    }

    public Stopping withMaxNewTokens(int value) {
        return new Stopping(value, minNewTokens, ignoreEos, strings, tokens);
    }

    public Stopping withMinNewTokens(int value) {
        return new Stopping(maxNewTokens, value, ignoreEos, strings, tokens);
    }

    public Stopping withIgnoreEos(boolean value) {
        return new Stopping(maxNewTokens, minNewTokens, value, strings, tokens);
    }

    public Stopping withStrings(List<String> value) {
        return new Stopping(maxNewTokens, minNewTokens, ignoreEos, value, tokens);
    }

    public Stopping withTokens(List<Integer> value) {
        return new Stopping(maxNewTokens, minNewTokens, ignoreEos, strings, value);
    }
}
