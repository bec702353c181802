package dev.lockstep.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** What generation means, written plainly: one row at a time, everything recomputed, the whole vocabulary sorted. */
final class NaiveGeneration {

    /** @param score the model's log-probabilities, summed */
    record Result(int[] tokens, Completion.Finish finish, float score) {}

    private record Beam(int[] tokens, float sum) {}

    private record Continuation(float sum, int beam, int token) {}

    private record Finished(int[] tokens, float sum, double score, Completion.Finish end) {}

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
        return sample(source, start, options, 0);
    }

    /** One of a row's samples; finish {@code ERROR} where no token may follow. */
    Result sample(int[] source, int[] start, GenerationOptions options, int sample) {
        int[] tokens = start;
        long seed = RowSeed.ofSample(RowSeed.of(options.seed(), source == null ? start : source), sample);
        double score = 0;
        for (int step = 0; step < options.maxNewTokens(); step++) {
            float[] logits = model.naive(source, tokens);
            float[] changed = NaiveChoice.changed(logits, tokens, start.length, options, traits);
            int token = NaiveChoice.token(changed, options.sampling(), seed, step);
            if (token < 0) {
                return new Result(generated(tokens, start), Completion.Finish.ERROR, 0);
            }
            if (NaiveChoice.ending(options, traits).contains(token)) {
                return new Result(generated(tokens, start), finish(token, options), (float) score);
            }
            tokens = with(tokens, token);
            score += logits[token] - HashModel.logSumExp(logits, 1);
        }
        return new Result(generated(tokens, start), Completion.Finish.LENGTH, (float) score);
    }

    private Completion.Finish finish(int token, GenerationOptions options) {
        boolean eos = !options.ignoreEos() && traits.eosTokens().contains(token);
        return eos ? Completion.Finish.EOS : Completion.Finish.STOP;
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
                    logits[token] -= mass;
                }
                float[] changed = NaiveChoice.changed(logits, beams.get(b).tokens(), start.length, options, traits);
                for (int token = 0; token < logits.length; token++) {
                    if (changed[token] > Float.NEGATIVE_INFINITY) {
                        all.add(new Continuation(beams.get(b).sum() + changed[token], b, token));
                    }
                }
            }
            all.sort(Comparator.comparingDouble((Continuation c) -> -c.sum())
                    .thenComparing(Continuation::beam)
                    .thenComparing(Continuation::token));
            List<Beam> next = new ArrayList<>();
            for (int rank = 0; rank < all.size() && next.size() < count; rank++) {
                Continuation c = all.get(rank);
                int[] parent = beams.get(c.beam()).tokens();
                if (NaiveChoice.ending(options, traits).contains(c.token())) {
                    if (rank < count) {
                        double score = c.sum() / Math.pow(length, options.lengthPenalty());
                        finished.add(
                                new Finished(generated(parent, start), c.sum(), score, finish(c.token(), options)));
                    }
                } else {
                    next.add(new Beam(with(parent, c.token()), c.sum()));
                }
            }
            keepBest(finished, count);
            beams = next;
            if (beams.isEmpty()) {
                return finished.isEmpty() ? new Result(new int[0], Completion.Finish.ERROR, 0) : best(finished);
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
            finished.add(new Finished(
                    generated(beam.tokens(), start), beam.sum(), beam.sum() / penalty, Completion.Finish.LENGTH));
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
        return new Result(best.tokens(), best.end(), best.sum());
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
