package dev.lockstep.generate;

import dev.lockstep.backend.CounterNoise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** How a token is chosen, written plainly: the whole vocabulary is changed, sorted and filtered, step by step. */
final class NaiveChoice {
    private NaiveChoice() {}

    /**
     * The logits after penalties and bans.
     *
     * @param tokens prompt and output
     * @param prompt how many of them are the prompt
     */
    static float[] changed(float[] logits, int[] tokens, int prompt, GenerationOptions options, ModelTraits traits) {
        float[] changed = logits.clone();
        Penalties penalties = options.penalties();
        for (Map.Entry<Integer, Double> bias : penalties.logitBias().entrySet()) {
            changed[bias.getKey()] += bias.getValue().floatValue();
        }
        for (int token = 0; token < changed.length; token++) {
            int all = count(tokens, 0, token);
            int output = count(tokens, prompt, token);
            if (all > 0) {
                float repetition = (float) penalties.repetition();
                changed[token] = changed[token] > 0 ? changed[token] / repetition : changed[token] * repetition;
            }
            if (output > 0) {
                changed[token] -= (float) (penalties.presence() + penalties.frequency() * output);
            }
        }
        for (int token = 0; token < changed.length; token++) {
            if (repeats(tokens, token, penalties.noRepeatNgram())) {
                changed[token] = Float.NEGATIVE_INFINITY;
            }
        }
        if (tokens.length - prompt < options.stopping().minNewTokens()) {
            for (int token : ending(options, traits)) {
                if (token < changed.length) {
                    changed[token] = Float.NEGATIVE_INFINITY;
                }
            }
        }
        return changed;
    }

    static List<Integer> ending(GenerationOptions options, ModelTraits traits) {
        List<Integer> ending = new ArrayList<>(options.stopping().tokens());
        if (!options.ignoreEos()) {
            ending.addAll(traits.eosTokens());
        }
        return ending;
    }

    private static int count(int[] tokens, int from, int token) {
        return (int) Arrays.stream(tokens, from, tokens.length)
                .filter(each -> each == token)
                .count();
    }

    private static boolean repeats(int[] tokens, int token, int size) {
        if (size == 0 || tokens.length + 1 < size) {
            return false;
        }
        int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
        longer[tokens.length] = token;
        List<Integer> all = Arrays.stream(longer).boxed().toList();
        List<Integer> last = all.subList(all.size() - size, all.size());
        for (int start = 0; start + size < all.size(); start++) {
            if (all.subList(start, start + size).equals(last)) {
                return true;
            }
        }
        return false;
    }

    /** The tokens that may be drawn, the most probable first. */
    static List<Integer> allowed(float[] logits, Sampling sampling) {
        List<Integer> left = new ArrayList<>(IntStream.range(0, logits.length)
                .boxed()
                .filter(token -> logits[token] > Float.NEGATIVE_INFINITY)
                .sorted(Comparator.comparingDouble((Integer token) -> -logits[token])
                        .thenComparing(Comparator.naturalOrder()))
                .toList());
        if (sampling.topK() > 0) {
            left = left.subList(0, Math.min(sampling.topK(), left.size()));
        }
        if (sampling.topP() < 1) {
            left = fewest(left, logits, sampling.temperature(), sampling.topP());
        }
        double most = probabilities(left, logits, sampling.temperature())[0];
        double[] shares = probabilities(left, logits, sampling.temperature());
        List<Integer> likely = new ArrayList<>();
        for (int i = 0; i < left.size(); i++) {
            if (shares[i] >= sampling.minP() * most) {
                likely.add(left.get(i));
            }
        }
        return sampling.typicalP() < 1 ? typical(likely, logits, sampling) : likely;
    }

    private static List<Integer> typical(List<Integer> tokens, float[] logits, Sampling sampling) {
        double[] shares = probabilities(tokens, logits, sampling.temperature());
        double entropy = -Arrays.stream(shares).map(p -> p * Math.log(p)).sum();
        List<Integer> order = IntStream.range(0, tokens.size())
                .boxed()
                .sorted(Comparator.comparingDouble(i -> Math.abs(-Math.log(shares[i]) - entropy)))
                .toList();
        List<Integer> kept = new ArrayList<>();
        double mass = 0;
        for (int i = 0; i < order.size() && mass < sampling.typicalP(); i++) {
            kept.add(tokens.get(order.get(i)));
            mass += shares[order.get(i)];
        }
        return kept;
    }

    private static List<Integer> fewest(List<Integer> tokens, float[] logits, double temperature, double wanted) {
        double[] shares = probabilities(tokens, logits, temperature);
        double mass = 0;
        int count = 0;
        while (count < tokens.size() && mass < wanted) {
            mass += shares[count++];
        }
        return tokens.subList(0, count);
    }

    static double[] probabilities(List<Integer> tokens, float[] logits, double temperature) {
        double[] shares = tokens.stream()
                .mapToDouble(token -> Math.exp((logits[token] - logits[tokens.get(0)]) / temperature))
                .toArray();
        double total = Arrays.stream(shares).sum();
        return Arrays.stream(shares).map(share -> share / total).toArray();
    }

    /** The token taken; -1 where none may be. */
    static int token(float[] logits, Sampling sampling, long seed, int step) {
        if (IntStream.range(0, logits.length).allMatch(token -> logits[token] == Float.NEGATIVE_INFINITY)) {
            return -1;
        }
        if (sampling.greedy()) {
            return allowed(logits, Sampling.GREEDY.withTemperature(1).withTopK(1))
                    .get(0);
        }
        long key = CounterNoise.key(seed, step);
        return allowed(logits, sampling).stream()
                .max(Comparator.comparingDouble(
                        token -> CounterNoise.noisy(logits[token], (float) sampling.temperature(), key, token)))
                .orElseThrow();
    }
}
