package dev.lockstep.collective;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs the ranks of a group on threads of their own. */
final class Ranks {

    /** What one rank does; its result and its error are collected. */
    interface Body<T> {
        T run(int rank) throws Exception;
    }

    /** What became of a rank: one of both is null. */
    record Outcome<T>(T result, Throwable error) {}

    private Ranks() {}

    /** Runs all ranks to their ends. */
    static <T> List<Outcome<T>> run(int size, Body<T> body) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(size);
        try {
            List<Future<Outcome<T>>> futures = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                int rank = i;
                futures.add(threads.submit(() -> outcome(rank, body)));
            }
            List<Outcome<T>> outcomes = new ArrayList<>();
            for (Future<Outcome<T>> future : futures) {
                outcomes.add(future.get());
            }
            return outcomes;
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Runs all ranks to their ends, which must be good ones. */
    static <T> List<T> succeed(int size, Body<T> body) throws InterruptedException {
        List<T> results = new ArrayList<>();
        for (Outcome<T> outcome : run(size, body)) {
            if (outcome.error() != null) {
                throw new AssertionError(outcome.error());
            }
            results.add(outcome.result());
        }
        return results;
    }

    private static <T> Outcome<T> outcome(int rank, Body<T> body) {
        try {
            return new Outcome<>(body.run(rank), null);
        } catch (Throwable e) {
            return new Outcome<>(null, e);
        }
    }
}
