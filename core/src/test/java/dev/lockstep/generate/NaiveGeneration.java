package dev.lockstep.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** What generation means, written plainly: one row at a time, everything recomputed, the whole vocabulary sorted. */
final class NaiveGeneration {

    record Result(int[] tokens, Completion.Finish finish, float score) {}

    private record Beam(int[] tokens, float sum) {}

    private record Continuation(float sum, int beam, int token) {}

    private record Finished(int[] tokens, float sum, double score, boolean eos) {}

    private final HashModel model;
    private final ModelTraits traits;

    NaiveGeneration(HashModel model, ModelTraits traits) {
        this.model = model;
        this.traits = traits;
    }

    Result generate(int[] source, int[] start, GenerationOptions options) {
        return options.numBeams() > 1 ? beams(source, start, options) : single(source, start, options);
    }

    private Result single(int[] source, int[] start, GenerationOptions options) {
        int[] tokens = start;
        long seed = CounterNoise.seed(options.seed(), source == null ? start : source);
        for (int step = 0; step < options.maxNewTokens(); step++) {
            int token = choose(model.naive(source, tokens), options, seed, step);
            if (!options.ignoreEos() && traits.eosTokens().contains(token)) {
                return new Result(generated(tokens, start), Completion.Finish.EOS, 0);
            }
            tokens = with(tokens, token);
        }
        return new Result(generated(tokens, start), Completion.Finish.LENGTH, 0);
    }

    private static int choose(float[] logits, GenerationOptions options, long seed, int step) {
        Integer[] order = IntStream.range(0, logits.length).boxed().toArray(Integer[]::new);
        Arrays.sort(
                order,
                Comparator.comparingDouble((Integer token) -> -logits[token]).thenComparing(Comparator.naturalOrder()));
        if (options.temperature() == 0) {
            return order[0];
        }
        int most = options.topK() == 0 ? logits.length : Math.min(options.topK(), logits.length);
        double total = 0;
        for (int i = 0; i < most; i++) {
            total += Math.exp(logits[order[i]] / options.temperature());
        }
        Set<Integer> allowed = new HashSet<>();
        double before = 0;
        for (int i = 0; i < most && (options.topP() == 1 || before < options.topP()); i++) {
            allowed.add(order[i]);
            before += Math.exp(logits[order[i]] / options.temperature()) / total;
        }
        return allowed.stream()
                .max(Comparator.comparingDouble(
                        token -> logits[token] / options.temperature() + CounterNoise.gumbel(seed, step, token)))
                .orElseThrow();
    }

    private Result beams(int[] source, int[] start, GenerationOptions options) {
        int count = options.numBeams();
        List<Beam> beams = List.of(new Beam(start, 0));
        List<Finished> finished = new ArrayList<>();
        for (int length = 1; length <= options.maxNewTokens(); length++) {
            List<Continuation> all = new ArrayList<>();
            for (int b = 0; b < beams.size(); b++) {
                float[] logits = model.naive(source, beams.get(b).tokens());
                float mass = HashModel.logSumExp(logits, 1);
                for (int token = 0; token < logits.length; token++) {
                    all.add(new Continuation(beams.get(b).sum() + (logits[token] - mass), b, token));
                }
            }
            all.sort(Comparator.comparingDouble((Continuation c) -> -c.sum())
                    .thenComparing(Continuation::beam)
                    .thenComparing(Continuation::token));
            List<Beam> next = new ArrayList<>();
            for (int rank = 0; rank < all.size() && next.size() < count; rank++) {
                Continuation c = all.get(rank);
                int[] parent = beams.get(c.beam()).tokens();
                if (!options.ignoreEos() && traits.eosTokens().contains(c.token())) {
                    if (rank < count) {
                        double score = c.sum() / Math.pow(length, options.lengthPenalty());
                        finished.add(new Finished(generated(parent, start), c.sum(), score, true));
                    }
                } else {
                    next.add(new Beam(with(parent, c.token()), c.sum()));
                }
            }
            keepBest(finished, count);
            beams = next;
            if (beams.isEmpty()) {
                return best(finished);
            }
            double penalty = Math.pow(length, options.lengthPenalty());
            boolean full = finished.size() == count;
            if (full
                    && (options.earlyStopping()
                            || finished.get(count - 1).score() >= beams.get(0).sum() / penalty)) {
                return best(finished);
            }
        }
        double penalty = Math.pow(options.maxNewTokens(), options.lengthPenalty());
        for (Beam beam : beams) {
            finished.add(new Finished(generated(beam.tokens(), start), beam.sum(), beam.sum() / penalty, false));
        }
        keepBest(finished, count);
        return best(finished);
    }

    private static void keepBest(List<Finished> finished, int count) {
        finished.sort(Comparator.comparingDouble((Finished f) -> -f.score()));
        while (finished.size() > count) {
            finished.remove(finished.size() - 1);
        }
    }

    private static Result best(List<Finished> finished) {
        Finished best = finished.get(0);
        return new Result(best.tokens(), best.eos() ? Completion.Finish.EOS : Completion.Finish.LENGTH, best.sum());
    }

    private static int[] with(int[] tokens, int token) {
        int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
        longer[tokens.length] = token;
        return longer;
    }

    private static int[] generated(int[] tokens, int[] start) {
        return Arrays.copyOfRange(tokens, start.length, tokens.length);
    }
}
