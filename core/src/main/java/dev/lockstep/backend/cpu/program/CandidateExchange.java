package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.kernel.LogitEdits;
import dev.lockstep.backend.cpu.kernel.TopCandidates;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.collective.Mesh;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Finds each row's best tokens when every rank holds a part of the vocabulary. Each rank applies the step's rules to
 * its part. Ranks exchange their best candidates and the mass of their part, never logits, and all merge the received
 * data in the same way.
 */
final class CandidateExchange {
    private final Mesh mesh;
    private final Workers workers;
    private final LogitEdits edits;
    private final LogitNormaliser normaliser;
    private final NucleusDraw nucleus;
    private final NucleusDraw.Before before;
    /** One for the parts of all ranks, and one for a vocabulary that this rank holds whole. */
    private final CandidateMerge partsMerge;

    private final CandidateMerge wholeMerge = new CandidateMerge(1);
    /** Candidates after the rules, and the best tokens before them. */
    private TopCandidates kernel;

    private TopCandidates plain;
    private ByteBuffer own = ByteBuffer.allocateDirect(0);
    private ByteBuffer all = ByteBuffer.allocateDirect(0);
    private int[] everyToken;
    private CandidateLayout layout = new CandidateLayout(0, 0, false, 0);

    CandidateExchange(Mesh mesh, Workers workers) {
        this.mesh = mesh;
        this.workers = workers;
        this.edits = new LogitEdits(workers);
        this.before = edits::before;
        this.normaliser = new LogitNormaliser(mesh, workers);
        this.nucleus = new NucleusDraw(mesh, workers);
        this.partsMerge = new CandidateMerge(mesh.size());
    }

    /** A step's candidates; valid until the next step's. */
    StepOutput exchange(OutputValue logits, StepInput input) {
        int wanted = Math.min(Math.max(1, input.candidates), logits.width());
        int alternatives = input.plain ? Math.min(input.alternatives, logits.width()) : 0;
        if (!layout.is(input.outputRows, wanted, input.plain, alternatives)) {
            layout = new CandidateLayout(input.outputRows, wanted, input.plain, alternatives);
        }
        find(logits, input);
        makeRoom(layout.bytes());
        for (int row = 0; row < layout.rows(); row++) {
            write(row);
        }
        boolean split = logits.indices() != null;
        if (split) {
            mesh.allGather(own, 0, layout.bytes(), all, 0);
        }
        StepOutput output = split ? partsMerge.output(layout, all, input) : wholeMerge.output(layout, own, input);
        Matrix local = logits.operand().matrix();
        nucleus.draw(local, logits.operand().width(), held(logits), split, input, output, input.plain ? before : null);
        return output;
    }

    private void find(OutputValue logits, StepInput input) {
        Matrix local = logits.operand().matrix();
        int width = logits.operand().width();
        int[] ids = held(logits);
        int rows = layout.rows();
        if (!input.repeated) {
            if (input.plain) {
                int count = Math.max(1, layout.alternatives());
                plain = fitting(plain, rows, count);
                plain.best(local, rows, width, ids, count);
            }
            normaliser.apply(local, rows, width, logits.indices() != null, input.normalised);
            edits.apply(local, rows, width, ids, input.rules);
        }
        kernel = fitting(kernel, rows, layout.candidates());
        kernel.best(local, rows, width, ids, layout.candidates());
        kernel.mass(input.massTemperature, input.entropy);
        if (samples(input, rows)) {
            kernel.draw(input.gumbelTemperature, input.seeds, input.sampleSteps);
        }
    }

    private int[] held(OutputValue logits) {
        if (logits.indices() != null) {
            return logits.indices()[mesh.rank()];
        }
        if (everyToken == null) {
            everyToken = new int[logits.width()];
            for (int token = 0; token < everyToken.length; token++) {
                everyToken[token] = token;
            }
        }
        return everyToken;
    }

    /** A kernel that is large enough: the present one, or a larger new one. */
    private TopCandidates fitting(TopCandidates present, int rows, int count) {
        if (present != null && rows <= present.maxRows() && count <= present.maxCandidates()) {
            return present;
        }
        int most = Integer.highestOneBit(Math.max(1, 2 * rows - 1));
        return present == null
                ? new TopCandidates(workers, most, count)
                : new TopCandidates(
                        workers, Math.max(present.maxRows(), most), Math.max(present.maxCandidates(), count));
    }

    private void makeRoom(int bytes) {
        if (own.capacity() < bytes) {
            long most = Integer.MAX_VALUE / mesh.size();
            if (bytes > most) {
                throw new IllegalStateException(layout.rows() + " rows of " + layout.candidates()
                        + " candidates and " + layout.alternatives() + " alternatives are " + bytes
                        + " bytes for each of " + mesh.size() + " ranks, but messages hold " + most
                        + ": lower logprobs or run fewer rows at a time");
            }
            int room = (int) Math.min(2L * bytes, most);
            own = ByteBuffer.allocateDirect(room).order(ByteOrder.nativeOrder());
            all = ByteBuffer.allocateDirect(room * mesh.size()).order(ByteOrder.nativeOrder());
        }
    }

    private static boolean samples(StepInput input, int rows) {
        for (int row = 0; row < rows; row++) {
            if (input.gumbelTemperature[row] > 0) {
                return true;
            }
        }
        return false;
    }

    private void write(int row) {
        int head = layout.row(0, row);
        own.putFloat(head, kernel.max(row));
        own.putFloat(head + Float.BYTES, kernel.sumExp(row));
        own.putFloat(head + 2 * Float.BYTES, kernel.moment(row));
        if (layout.plain()) {
            own.putFloat(layout.plainHead(0, row), plain.max(row));
            own.putFloat(layout.plainHead(0, row) + Float.BYTES, plain.sumExp(row));
            int next = layout.firstAlternative(0, row);
            for (int best = 0; best < layout.alternatives(); best++) {
                own.putInt(next, plain.token(row, best));
                own.putFloat(next + Float.BYTES, plain.logit(row, best));
                next += layout.alternativeBytes();
            }
        }
        int next = layout.firstCandidate(0, row);
        for (int candidate = 0; candidate < layout.candidates(); candidate++) {
            int token = kernel.token(row, candidate);
            float logit = kernel.logit(row, candidate);
            own.putInt(next, token);
            own.putFloat(next + Float.BYTES, logit);
            if (layout.plain()) {
                own.putFloat(next + 2 * Float.BYTES, edits.before(row, token, logit));
            }
            next += layout.candidateBytes();
        }
    }
}
