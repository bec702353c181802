package dev.lockstep.backend.lowering;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The steps during which each buffer is alive. */
public final class Lifetimes {

    /** The first and the last step that reads or writes a buffer. */
    public record Lifetime(int first, int last) {

        public boolean overlaps(Lifetime other) {
            return other.first <= last && first <= other.last;
        }
    }

    private final Map<Buffer, Lifetime> lifetimes = new IdentityHashMap<>();

    /** Lifetimes of an entry point's buffers; its outputs stay alive to the end. */
    public static Lifetimes of(LoweredEntry entry) {
        Lifetimes lifetimes = new Lifetimes();
        List<NamedStep> steps = entry.steps();
        for (int i = 0; i < steps.size(); i++) {
            for (View view : steps.get(i).step().views()) {
                lifetimes.touch(view.buffer(), i);
            }
        }
        for (ModelOutput output : entry.outputs()) {
            lifetimes.touch(output.view().buffer(), steps.size());
        }
        return lifetimes;
    }

    /** Records that a step reads or writes a buffer. Steps must come in order. */
    public void touch(Buffer buffer, int step) {
        Lifetime known = lifetimes.get(buffer);
        lifetimes.put(buffer, new Lifetime(known == null ? step : known.first(), step));
    }

    /** The lifetime of a buffer; null if no step uses it. */
    public Lifetime of(Buffer buffer) {
        return lifetimes.get(buffer);
    }
}
