package dev.lockstep.benchmarks;

import dev.lockstep.backend.MemoryLedger;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.engine.EngineOptions;
import dev.lockstep.engine.LocalGroup;
import dev.lockstep.engine.RankSession;
import dev.lockstep.generate.Completion;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Generator;
import dev.lockstep.generate.Request;
import dev.lockstep.generate.RequestSource;
import dev.lockstep.generate.TextTokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/** One batch of random prompts at one degree of parallelism: warmed up, then measured. */
final class SuiteRun {
    private static final int WARM_UPS = 2;

    private final SuiteOptions options;
    private final int tp;

    SuiteRun(SuiteOptions options, int tp) {
        this.options = options;
        this.tp = tp;
    }

    SuiteResult run(MachineLimits limits) {
        long start = System.nanoTime();
        EngineOptions engine = new EngineOptions(
                options.model,
                tp,
                options.dtype,
                options.split,
                Math.max(1, options.cores() / tp),
                0,
                0,
                Math.max(1, options.batchSize));
        try (LocalGroup group = LocalGroup.open(engine, false)) {
            double load = since(start);
            RankSession leader = group.leader();
            TimedRunner runner = new TimedRunner(
                    leader.stepRunner(), new ModelWork(leader.model().graph()));
            Generator generator = new Generator(runner, leader.traits(), (TextTokenizer) null);
            start = System.nanoTime();
            for (int i = 0; i < WARM_UPS; i++) {
                batch(generator, leader.traits().vocabularySize());
            }
            double warmUp = since(start);
            runner.restart();
            start = System.nanoTime();
            batch(generator, leader.traits().vocabularySize());
            double batch = since(start);
            HeapUse heap = HeapUse.of(runner, options.batchSize * options.newTokens, options.batchSize);
            return result(group, runner.steps(), limits, heap, new double[] {load, warmUp, batch});
        }
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /** All rows at once; random tokens, since the time does not depend on them. */
    private void batch(Generator generator, int vocabulary) {
        SplittableRandom random = new SplittableRandom(1);
        List<Request> requests = new ArrayList<>();
        for (int row = 0; row < options.batchSize; row++) {
            int[] prompt = random.ints(options.promptLength, 0, vocabulary).toArray();
            requests.add(new Request(
                    row,
                    null,
                    prompt,
                    GenerationOptions.GREEDY.withIgnoreEos(true).withMaxNewTokens(options.newTokens)));
        }
        List<Completion> done = new ArrayList<>();
        generator.run(new Rows(requests), done::add, () -> false);
        for (Completion completion : done) {
            if (completion.error() != null || completion.tokenIds().length != options.newTokens) {
                throw new IllegalStateException("row " + completion.id() + " gave " + completion.tokenIds().length
                        + " tokens, expected " + options.newTokens + ": " + completion.error());
            }
        }
    }

    private SuiteResult result(
            LocalGroup group, List<TimedRunner.Step> steps, MachineLimits limits, HeapUse heap, double[] seconds) {
        List<Double> decodes = steps.stream()
                .filter(step -> step.decodes(options.batchSize))
                .map(step -> step.seconds() * 1e3)
                .sorted()
                .toList();
        if (decodes.isEmpty()) {
            throw new IllegalStateException("no step ran all " + options.batchSize
                    + " rows together: lower --batch-size or --prompt-length, or raise --max-new-tokens");
        }
        double first = 0;
        for (TimedRunner.Step step : steps) {
            if (step.decodes(options.batchSize)) {
                break;
            }
            first += step.seconds();
        }
        double flops = steps.stream().mapToDouble(TimedRunner.Step::flops).sum();
        long weights = 0;
        for (RankSession session : group.sessions()) {
            weights += session.program().memory().weights();
        }
        MemoryLedger most = group.sessions().stream()
                .map(session -> session.program().memory())
                .max(Comparator.comparingLong(MemoryLedger::total))
                .orElseThrow();
        double rate = flops / seconds[2] / 1e9;
        double read = weights / (Percentiles.of(decodes, 0.5) * 1e6);
        return new SuiteResult(
                tp,
                seconds[0],
                seconds[1],
                first,
                Percentiles.of(decodes, 0.5),
                Percentiles.of(decodes, 0.9),
                Percentiles.of(decodes, 0.99),
                options.batchSize * options.newTokens / seconds[2],
                rate / tp / 1e3,
                rate / limits.gemmGflops().get(Precision.named(options.dtype)),
                read,
                read / limits.readGigabytes(),
                most.weights(),
                most.total(),
                Slab.liveBytes() + Runtime.getRuntime().totalMemory(),
                ResidentMemory.peakBytes(),
                heap);
    }

    /** All requests at once. */
    private static final class Rows implements RequestSource {
        private final List<Request> requests;
        private int next;

        Rows(List<Request> requests) {
            this.requests = requests;
        }

        @Override
        public Request poll() {
            return next < requests.size() ? requests.get(next++) : null;
        }

        @Override
        public boolean exhausted() {
            return next >= requests.size();
        }
    }
}
