package dev.lockstep.backend.cpu.program;

/**
 * The byte layout of the messages in which ranks exchange candidates. The rows of a part follow one another. A row has:
 *
 * <ul>
 *   <li>its head: largest logit, mass, moment;
 *   <li>with {@code plain}, the largest logit and the mass before the rules, and the best tokens then (token, logit);
 *   <li>its candidates (token, logit, and with {@code plain} the logit before the rules).
 * </ul>
 *
 * @param candidates of a row
 * @param alternatives best tokens of a row before the rules
 */
record CandidateLayout(int rows, int candidates, boolean plain, int alternatives) {
    private static final int HEAD = 3;
    private static final int PLAIN_HEAD = 2;
    private static final int BEST = 2;

    /** Whether this is the layout for these numbers. */
    boolean is(int ofRows, int ofCandidates, boolean withPlain, int ofAlternatives) {
        return rows == ofRows && candidates == ofCandidates && plain == withPlain && alternatives == ofAlternatives;
    }

    /** Bytes of one part. */
    int bytes() {
        return Math.multiplyExact(rows, rowBytes());
    }

    int rowBytes() {
        return Float.BYTES * (HEAD + (plain ? PLAIN_HEAD + BEST * alternatives : 0) + candidates * numbers());
    }

    /** Bytes of one candidate. */
    int candidateBytes() {
        return Float.BYTES * numbers();
    }

    int alternativeBytes() {
        return Float.BYTES * BEST;
    }

    int row(int part, int row) {
        return part * bytes() + row * rowBytes();
    }

    /** Offset of the largest logit before the rules, which is followed by the mass. */
    int plainHead(int part, int row) {
        return row(part, row) + Float.BYTES * HEAD;
    }

    /** Offset of the first of the best tokens before the rules. */
    int firstAlternative(int part, int row) {
        return plainHead(part, row) + Float.BYTES * PLAIN_HEAD;
    }

    int firstCandidate(int part, int row) {
        return row(part, row + 1) - candidates * candidateBytes();
    }

    private int numbers() {
        return plain ? 3 : 2;
    }
}
