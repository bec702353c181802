package dev.lockstep.generate;

import java.util.Arrays;
import java.util.List;

/**
 * How many tokens rows can be expected to go on for, learnt from those before them. Lengths are counted in parts of
 * {@code max_new_tokens}. For each part there is the share of rows that ended in it, of those that came so far; rows that
 * still run count for the parts behind them (the estimate of Kaplan and Meier for observations that are not complete), so
 * that the first rows to finish, which are the short ones, do not make all look short.
 */
final class OutputLengths {
    private static final int PARTS = 32;

    /** Before anything is known: so many rows are taken to have ended, as many in each part. */
    private static final double PRIOR_ROWS = 2;

    /** Beyond so many rows those before count half, lest a job that changes be judged by its beginning. */
    private static final double MEMORY_ROWS = 4096;

    /** Rows that went through each part, and those of them that ended in it. */
    private final double[] passed = new double[PARTS];

    private final double[] ended = new double[PARTS];
    /** Parts that a row at the beginning of each part is expected to have before it. */
    private final double[] remaining = new double[PARTS + 1];

    private final double[] runningPassed = new double[PARTS];

    /** Learns from a row that has finished. */
    void finished(Row row) {
        if (isFixed(row)) {
            return;
        }
        if (passed[0] + 1 > MEMORY_ROWS) {
            for (int part = 0; part < PARTS; part++) {
                passed[part] /= 2;
                ended[part] /= 2;
            }
        }
        int last = part(row);
        for (int part = 0; part < last; part++) {
            passed[part]++;
        }
        if (row.finish() != Completion.Finish.LENGTH) {
            int end = Math.min(last, PARTS - 1);
            passed[end]++;
            ended[end]++;
        }
    }

    /** Takes up what the running rows say now; before {@link #remaining}. */
    void update(List<Row> running) {
        Arrays.fill(runningPassed, 0);
        for (int i = 0; i < running.size(); i++) {
            if (!isFixed(running.get(i)) && part(running.get(i)) > 0) {
                runningPassed[Math.min(part(running.get(i)), PARTS) - 1]++;
            }
        }
        double beyond = 0;
        for (int part = PARTS - 1; part >= 0; part--) {
            beyond += runningPassed[part];
            double ends = (ended[part] + PRIOR_ROWS / PARTS) / (passed[part] + beyond + PRIOR_ROWS);
            remaining[part] = ends / 2 + (1 - ends) * (1 + remaining[part + 1]);
        }
    }

    /** Tokens that the row is expected to generate still. */
    int remaining(Row row) {
        int most = row.options.maxNewTokens() - row.generated();
        if (isFixed(row)) {
            return most;
        }
        double at = Math.min(PARTS, (double) row.generated() * PARTS / row.options.maxNewTokens());
        int part = Math.min((int) at, PARTS - 1);
        double within = at - part;
        double parts = (1 - within) * remaining[part] + within * remaining[part + 1];
        return (int) Math.max(1, Math.min(most, Math.round(parts * row.options.maxNewTokens() / PARTS)));
    }

    /** Whether nothing but the limit ends it. */
    private static boolean isFixed(Row row) {
        return row.options.ignoreEos() && row.options.stop().isEmpty();
    }

    private static int part(Row row) {
        return (int) ((long) row.generated() * PARTS / row.options.maxNewTokens());
    }
}
