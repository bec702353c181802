package dev.lockstep.backend.reference;

import dev.lockstep.graph.Routing;
import java.util.Arrays;

/** Chooses a row's experts: {@link Routing}. Ties go to the expert with the lower number. */
final class Router {
    private final Routing routing;
    private final float[] correction;

    /** @param correction added to the scores for the choice only; null for none */
    Router(Routing routing, float[] correction) {
        this.routing = routing;
        this.correction = correction;
    }

    /** The weight of each expert, zero for those not chosen. */
    float[] weights(float[] logits) {
        if (routing.scores() instanceof Routing.SparseMixer mixer) {
            return mixed(logits, mixer.jitter());
        }
        double[] scores = scores(logits);
        double[] ranks = ranks(logits, scores);
        boolean[] open = open(ranks);
        boolean ofChosen = routing.scores() instanceof Routing.SoftmaxOfChosen;
        double[] weights = new double[logits.length];
        double sum = 0;
        for (int n = 0; n < routing.chosen(); n++) {
            int expert = best(ranks, open);
            open[expert] = false;
            weights[expert] = ofChosen ? Math.exp(logits[expert]) : scores[expert];
            sum += weights[expert];
        }
        float[] result = new float[logits.length];
        for (int i = 0; i < result.length; i++) {
            double weight = ofChosen || routing.renormalised() ? weights[i] / (sum + 1e-20) : weights[i];
            result[i] = (float) (weight * routing.factor());
        }
        return result;
    }

    private double[] scores(float[] logits) {
        double[] scores = new double[logits.length];
        double sum = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            most = Math.max(most, logit);
        }
        for (float logit : logits) {
            sum += Math.exp(logit - most);
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] = routing.scores() instanceof Routing.Softmax
                    ? Math.exp(logits[i] - most) / sum
                    : routing.scores() instanceof Routing.Sigmoid ? Functions.sigmoid(logits[i]) : logits[i];
        }
        return scores;
    }

    /**
     * The numbers by which experts are ranked: logits, with which scores increase, or the scores if they are added up
     * with one another or with a correction.
     */
    private double[] ranks(float[] logits, double[] scores) {
        boolean adds = correction != null
                || routing.groups()
                        .filter(groups -> groups.count() > 1 && groups.score() == Routing.Groups.Score.BEST_TWO)
                        .isPresent();
        double[] ranks = new double[logits.length];
        for (int i = 0; i < ranks.length; i++) {
            float score = adds ? (float) scores[i] : logits[i];
            ranks[i] = correction == null ? score : score + correction[i];
        }
        return ranks;
    }

    /** The experts of the kept groups. */
    private boolean[] open(double[] ranks) {
        boolean[] open = new boolean[ranks.length];
        if (routing.groups().isEmpty() || routing.groups().get().count() == 1) {
            Arrays.fill(open, true);
            return open;
        }
        Routing.Groups groups = routing.groups().get();
        int size = ranks.length / groups.count();
        double[] worth = new double[groups.count()];
        for (int group = 0; group < worth.length; group++) {
            double[] sorted = Arrays.copyOfRange(ranks, group * size, (group + 1) * size);
            Arrays.sort(sorted);
            boolean two = groups.score() == Routing.Groups.Score.BEST_TWO && size > 1;
            worth[group] = (float) (two ? sorted[size - 1] + sorted[size - 2] : sorted[size - 1]);
        }
        boolean[] left = new boolean[worth.length];
        Arrays.fill(left, true);
        for (int kept = 0; kept < groups.kept(); kept++) {
            int group = best(worth, left);
            left[group] = false;
            Arrays.fill(open, group * size, (group + 1) * size, true);
        }
        return open;
    }

    private float[] mixed(float[] logits, double jitter) {
        float[] weights = new float[logits.length];
        double[] ranks = new double[logits.length];
        boolean[] open = new boolean[logits.length];
        Arrays.fill(open, true);
        for (int i = 0; i < ranks.length; i++) {
            ranks[i] = logits[i];
        }
        for (int n = 0; n < routing.chosen(); n++) {
            int best = best(ranks, open);
            float top = logits[best];
            double sum = 0;
            for (int i = 0; i < logits.length; i++) {
                boolean near = (top - logits[i]) / Math.max(Math.abs(logits[i]), top) <= 2 * jitter;
                sum += open[i] && near ? Math.exp(logits[i] - top) : 0;
            }
            weights[best] = (float) (routing.factor() / sum);
            open[best] = false;
        }
        return weights;
    }

    private static int best(double[] values, boolean[] among) {
        int best = -1;
        for (int i = 0; i < values.length; i++) {
            if (among[i] && (best < 0 || values[i] > values[best])) {
                best = i;
            }
        }
        return best;
    }
}
