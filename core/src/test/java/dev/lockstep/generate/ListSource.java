package dev.lockstep.generate;

import java.util.ArrayDeque;
import java.util.List;

/** Requests of a list; every few polls none is available for a moment. */
public final class ListSource implements RequestSource {
    private final ArrayDeque<Request> requests;
    private final int pauseEvery;
    private int polls;

    /** @param pauseEvery polls; 0 for never */
    public ListSource(List<Request> requests, int pauseEvery) {
        this.requests = new ArrayDeque<>(requests);
        this.pauseEvery = pauseEvery;
    }

    int left() {
        return requests.size();
    }

    @Override
    public Request poll() {
        return pauseEvery > 0 && ++polls % pauseEvery == 0 ? null : requests.poll();
    }

    @Override
    public boolean exhausted() {
        return requests.isEmpty();
    }

    @Override
    public void await() {}
}
