package dev.lockstep.generate;

import java.util.Arrays;
import java.util.List;

/**
 * The distribution of output lengths, estimated from earlier rows. Lengths are counted in parts of {@code
 * max_new_tokens}. Each part has the share of rows that ended in it, among the rows that reached it. Rows that still
 * run count for the parts they have passed (the Kaplan-Meier estimate for censored observations). Otherwise the first
 * rows to finish, which are short, would bias the estimate.
 */
final class OutputLengths {
    private static final int PARTS = 32;

    /** Before anything is known: so many rows are taken to have ended, as many in each part. */
    private static final double PRIOR_ROWS = 2;

    /**
     * After this many rows, the weight of earlier rows is halved, so that the estimate follows a job whose rows change.
     */
    private static final double MEMORY_ROWS = 4096;

    /** Rows that went through each part, and those of them that ended in it. */
    private final double[] passed = new double[PARTS];

    private final double[] ended = new double[PARTS];
    /** Running rows that went through each part and no further. */
    private final double[] runningPassed = new double[PARTS];
    /** The share of rows that still run at the beginning of each part. */
    private final double[] lasting = new double[PARTS + 1];

    /** Parts of the whole that a row lasts. */
    private double mean;

    OutputLengths() {
        update(List.of());
    }

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

    /** Updates the estimate with the running rows; the methods below use it. */
    void update(List<Row> running) {
        Arrays.fill(runningPassed, 0);
        for (int i = 0; i < running.size(); i++) {
            int part = isFixed(running.get(i)) ? 0 : part(running.get(i));
            if (part > 0) {
                runningPassed[part - 1]++;
            }
        }
        double beyond = 0;
        for (int part = PARTS - 1; part >= 0; part--) {
            beyond += runningPassed[part];
            double ends = (ended[part] + PRIOR_ROWS / PARTS) / (passed[part] + beyond + PRIOR_ROWS);
            lasting[part] = 1 - ends; // of this part alone, for now
        }
        double share = 1;
        mean = 0;
        for (int part = 0; part < PARTS; part++) {
            double next = share * lasting[part];
            mean += (share + next) / 2 / PARTS;
            lasting[part] = share;
            share = next;
        }
        lasting[PARTS] = share;
    }

    /** Tokens that a row is expected to generate in all. */
    int expected(GenerationOptions options) {
        return isFixed(options) ? options.maxNewTokens() : (int) Math.ceil(mean * options.maxNewTokens());
    }

    /** How likely the row still runs when it has generated so many tokens more. */
    double lasts(Row row, int tokens) {
        int generated = row.generated();
        int most = row.options.maxNewTokens();
        if (generated + tokens > most) {
            return 0;
        }
        return isFixed(row) ? 1 : lasting(generated + tokens, most) / lasting(generated, most);
    }

    private double lasting(int tokens, int most) {
        double at = (double) tokens * PARTS / most;
        int part = Math.min((int) at, PARTS - 1);
        return lasting[part] + (at - part) * (lasting[part + 1] - lasting[part]);
    }

    private static boolean isFixed(Row row) {
        return isFixed(row.options);
    }

    /** Whether nothing but the limit ends a row. */
    private static boolean isFixed(GenerationOptions options) {
        return options.ignoreEos() && options.stop().isEmpty();
    }

    private static int part(Row row) {
        return (int) ((long) row.generated() * PARTS / row.options.maxNewTokens());
    }
}
