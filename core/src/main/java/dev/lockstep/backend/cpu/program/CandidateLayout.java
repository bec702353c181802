package dev.lockstep.backend.cpu.program;

/**
 * Where a rank's numbers are in the messages by which ranks agree on candidates, in bytes. A part's rows follow each other.
 * A row is its head (largest logit, mass, moment), with {@code plain} the largest logit and the mass before the rules and
 * the best tokens then (token, logit), and its candidates (token, logit, and with {@code plain} the logit before the
 * rules).
 *
 * @param candidates of a row
 * @param alternatives best tokens of a row before the rules
 */
record CandidateLayout(int rows, int candidates, boolean plain, int alternatives) {
    private static final int HEAD = 3;
    private static final int PLAIN_HEAD = 2;
    private static final int BEST = 2;

    /** Whether it is the layout of these. */
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

    /** The largest logit before the rules, then the mass. */
    int plainHead(int part, int row) {
        return row(part, row) + Float.BYTES * HEAD;
    }

    /** The first of the best tokens before the rules. */
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
