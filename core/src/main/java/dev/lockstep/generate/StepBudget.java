package dev.lockstep.generate;

/**
 * Most tokens of a step: halved when a step runs out of memory, and doubled again after a run of successful steps. Each
 * failure doubles the length of that run, so that a lasting shortage causes fewer and fewer failures.
 */
final class StepBudget {
    private static final int FIRST_RUN = 64;
    private static final int LONGEST_RUN = 1 << 16;

    private final int most;
    private int tokens;
    private int run = FIRST_RUN;
    private int good;

    /** @param most tokens of a step as planned */
    StepBudget(int most) {
        this.most = most;
        this.tokens = most;
    }

    int tokens() {
        return tokens;
    }

    /** Notes that a step of so many tokens failed. */
    void failed(int held) {
        tokens = Math.max(1, Math.min(tokens, held) / 2);
        run = Math.min(LONGEST_RUN, run * 2);
        good = 0;
    }

    /** Notes that a step ran. */
    void ran() {
        if (tokens < most && ++good >= run) {
            tokens = (int) Math.min(most, tokens * 2L);
            good = 0;
        }
    }
}
