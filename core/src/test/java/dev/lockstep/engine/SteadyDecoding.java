package dev.lockstep.engine;

import com.sun.management.ThreadMXBean;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.generate.Batching;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Generator;
import dev.lockstep.generate.ListSource;
import dev.lockstep.generate.Request;
import dev.lockstep.generate.StepRunner;
import dev.lockstep.generate.TextTokenizer;
import dev.lockstep.graph.EntryPoint;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Batches of a model, again and again, until a step that gives each row a token allocates little, from its beginning to that
 * of the next: a program of its own, since what the compiler makes of code depends on all that ran before it in the
 * process. Prints the heap bytes of the median step of the best batch on all threads.
 */
final class SteadyDecoding implements StepRunner {
    /** What more batches are run for, bytes a step: until then some code may not be compiled. */
    private static final int ENOUGH = 8 * SteadyDecodingTest.ROWS;

    private static final int BATCHES = 400;
    private static final int PROMPT = 5;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final long[] ids = threads.getAllThreadIds();
    private final StepRunner runner;
    private final long[] stepBytes = new long[SteadyDecodingTest.NEW_TOKENS];
    private int steps;
    private long begun;

    private SteadyDecoding(StepRunner runner) {
        this.runner = runner;
    }

    /** Arguments: the model's folder, the precision, ranks. */
    public static void main(String[] arguments) {
        int tp = Integer.parseInt(arguments[2]);
        int rows = SteadyDecodingTest.ROWS;
        EngineOptions options = new EngineOptions(arguments[0], tp, arguments[1], "max", 2, 1L << 30, 64, rows);
        try (LocalGroup group = LocalGroup.open(options, false)) {
            RankSession leader = group.leader();
            SteadyDecoding counting = new SteadyDecoding(leader.stepRunner());
            Generator generator =
                    new Generator(counting, leader.traits(), (TextTokenizer) null, new Batching(64, false, 64));
            long best = Long.MAX_VALUE;
            for (int batch = 0; batch < BATCHES && best > ENOUGH; batch++) {
                best = Math.min(best, counting.batch(generator, leader.model().vocabulary()));
            }
            System.out.println("bytes a step=" + best);
        }
    }

    private long batch(Generator generator, int vocabulary) {
        GenerationOptions options =
                GenerationOptions.GREEDY.withIgnoreEos(true).withMaxNewTokens(SteadyDecodingTest.NEW_TOKENS);
        List<Request> requests = new ArrayList<>();
        for (int row = 0; row < SteadyDecodingTest.ROWS; row++) {
            int[] prompt = new Random(row).ints(PROMPT, 0, vocabulary).toArray();
            requests.add(new Request(row, null, prompt, options));
        }
        steps = 0;
        begun = -1;
        generator.run(new ListSource(requests, 0), completion -> {}, () -> false);
        Arrays.sort(stepBytes, 0, steps);
        return stepBytes[steps / 2];
    }

    @Override
    public Limits limits() {
        return runner.limits();
    }

    @Override
    public StepInput input() {
        return runner.input();
    }

    @Override
    public StepOutput run() {
        StepInput input = runner.input();
        boolean decodes = input.entry == EntryPoint.DECODE && input.tokens == SteadyDecodingTest.ROWS;
        long now = allocated();
        if (decodes && begun >= 0) {
            stepBytes[steps++] = now - begun;
        }
        begun = decodes ? now : -1;
        return runner.run();
    }

    /** All threads began before the first batch. */
    private long allocated() {
        long sum = 0;
        for (long id : ids) {
            sum += threads.getThreadAllocatedBytes(id);
        }
        return sum;
    }
}
