package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.Arrays;

/**
 * Chooses experts row by row. Scalar, and with the same operations in the same order for every row: ranks that have the
 * same logits choose alike. Ties go to the lower number. One object per rank; not for several threads at once.
 */
public final class Router {
    /** Added to a sum before weights are divided by it, as published code does against sums of nothing. */
    private static final double NOTHING = 1e-20;

    private final Workers workers;
    private final Choice[] choices;
    private final Workers.Task task = this::share;
    private RouterSpec spec;
    private float[] correction;
    private Matrix logits;
    private Matrix weights;
    private int rows;

    public Router(Workers workers) {
        this.workers = workers;
        this.choices = new Choice[workers.threads()];
        Arrays.setAll(choices, worker -> new Choice());
    }

    /**
     * Every chosen expert's weight, and zero for the others.
     *
     * @param addedForChoice {@code [experts]}, added to the scores for the choice alone, or null
     * @param in plain {@code [rows, experts]}
     * @param out plain {@code [rows, experts]}; not the input
     */
    public void route(RouterSpec how, float[] addedForChoice, Matrix in, int rowCount, Matrix out) {
        spec = how;
        correction = addedForChoice;
        logits = in;
        weights = out;
        rows = rowCount;
        for (Choice choice : choices) {
            choice.reserve(how);
        }
        workers.run(task, (long) rowCount * how.experts() * (how.chosen() + 8));
    }

    private void share(int worker, int all) {
        int to = (int) ((long) rows * (worker + 1) / all);
        for (int row = (int) ((long) rows * worker / all); row < to; row++) {
            choices[worker].row(row);
        }
    }

    /** One worker's row. */
    private final class Choice {
        private float[] logit = {};
        private float[] score = {};
        /** What experts are ranked by. */
        private float[] rankedBy = {};

        private float[] weight = {};
        private float[] groupWorth = {};
        private boolean[] open = {};
        private boolean[] groupOpen = {};
        private int[] chosen = {};

        void reserve(RouterSpec how) {
            if (logit.length < how.experts()) {
                logit = new float[how.experts()];
                score = new float[how.experts()];
                rankedBy = new float[how.experts()];
                weight = new float[how.experts()];
                open = new boolean[how.experts()];
                groupWorth = new float[how.experts()];
                groupOpen = new boolean[how.experts()];
                chosen = new int[how.experts()];
            }
        }

        void row(int row) {
            int experts = spec.experts();
            logits.slab().get(logits.at(row, 0), logit, 0, experts);
            Arrays.fill(weight, 0, experts, 0f);
            Arrays.fill(open, 0, experts, true);
            if (spec.scores() == RouterSpec.Scores.SPARSE_MIXER) {
                mixSparsely();
            } else {
                scoreAll();
                rank();
                closeGroups();
                choose();
                weigh();
            }
            weights.slab().put(weights.at(row, 0), weight, 0, experts);
        }

        private void scoreAll() {
            int experts = spec.experts();
            switch (spec.scores()) {
                case SOFTMAX -> softmax();
                case SIGMOID -> {
                    for (int i = 0; i < experts; i++) {
                        score[i] = ScalarMath.apply(Activation.SIGMOID, logit[i]);
                    }
                }
                default -> System.arraycopy(logit, 0, score, 0, experts);
            }
        }

        private void softmax() {
            float most = Float.NEGATIVE_INFINITY;
            for (int i = 0; i < spec.experts(); i++) {
                most = Math.max(most, logit[i]);
            }
            double sum = 0;
            for (int i = 0; i < spec.experts(); i++) {
                score[i] = (float) Math.exp(logit[i] - most);
                sum += score[i];
            }
            for (int i = 0; i < spec.experts(); i++) {
                score[i] = (float) (score[i] / sum);
            }
        }

        /** Scores grow with logits, which hold differences that scores round away; only sums need the scores. */
        private void rank() {
            boolean sums = correction != null || (spec.groups() > 1 && spec.groupsByTwo());
            for (int i = 0; i < spec.experts(); i++) {
                rankedBy[i] = sums ? score[i] : logit[i];
                rankedBy[i] += correction == null ? 0 : correction[i];
            }
        }

        private void closeGroups() {
            if (spec.groups() == 1) {
                return;
            }
            for (int group = 0; group < spec.groups(); group++) {
                groupWorth[group] = worth(group * spec.groupSize());
            }
            Arrays.fill(groupOpen, 0, spec.groups(), true);
            Arrays.fill(open, 0, spec.experts(), false);
            for (int kept = 0; kept < spec.keptGroups(); kept++) {
                int best = best(groupWorth, groupOpen, spec.groups());
                groupOpen[best] = false;
                Arrays.fill(open, best * spec.groupSize(), (best + 1) * spec.groupSize(), true);
            }
        }

        private float worth(int from) {
            float first = Float.NEGATIVE_INFINITY;
            float second = Float.NEGATIVE_INFINITY;
            for (int i = from; i < from + spec.groupSize(); i++) {
                if (rankedBy[i] > first) {
                    second = first;
                    first = rankedBy[i];
                } else {
                    second = Math.max(second, rankedBy[i]);
                }
            }
            return spec.groupsByTwo() && spec.groupSize() > 1 ? first + second : first;
        }

        private void choose() {
            for (int n = 0; n < spec.chosen(); n++) {
                chosen[n] = best(rankedBy, open, spec.experts());
                open[chosen[n]] = false;
            }
        }

        private void weigh() {
            boolean ofChosen = spec.scores() == RouterSpec.Scores.SOFTMAX_OF_CHOSEN;
            float most = Float.NEGATIVE_INFINITY;
            for (int n = 0; n < spec.chosen(); n++) {
                most = Math.max(most, logit[chosen[n]]);
            }
            double sum = 0;
            for (int n = 0; n < spec.chosen(); n++) {
                int expert = chosen[n];
                weight[expert] = ofChosen ? (float) Math.exp(logit[expert] - most) : score[expert];
                sum += weight[expert];
            }
            double divisor = ofChosen || spec.renormalised() ? sum + NOTHING : 1;
            for (int n = 0; n < spec.chosen(); n++) {
                weight[chosen[n]] = (float) (weight[chosen[n]] / divisor) * spec.factor();
            }
        }

        /** One after the other; the weight is the share among those left that come near the best. */
        private void mixSparsely() {
            for (int n = 0; n < spec.chosen(); n++) {
                int best = best(logit, open, spec.experts());
                float top = logit[best];
                double sum = 0;
                for (int i = 0; i < spec.experts(); i++) {
                    boolean far = (top - logit[i]) / Math.max(Math.abs(logit[i]), top) > 2 * spec.jitter();
                    sum += open[i] && !far ? Math.exp(logit[i] - top) : 0;
                }
                weight[best] = (float) (1 / sum) * spec.factor();
                open[best] = false;
            }
        }

        /** The first of the open ones that none exceeds. */
        private int best(float[] values, boolean[] among, int count) {
            int best = -1;
            for (int i = 0; i < count; i++) {
                if (among[i] && (best < 0 || values[i] > values[best])) {
                    best = i;
                }
            }
            return best;
        }
    }
}
