package dev.lockstep.chat.jinja;

import java.util.List;

/** The variable {@code loop} of a loop's body. */
final class Loop implements Callable {
    private final List<Object> elements;
    private final int depth;
    private final Callable recursion;
    private int index;
    private Object last;
    private boolean asked;

    /** @param recursion what calling {@code loop(...)} does, or null */
    Loop(List<Object> elements, int depth, Callable recursion) {
        this.elements = elements;
        this.depth = depth;
        this.recursion = recursion;
    }

    void at(int place) {
        index = place;
    }

    /** An attribute's value; there is none that is null but through its element. */
    Object get(String name) {
        int length = elements.size();
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) (length - index);
            case "revindex0" -> length - index - 1L;
            case "first" -> index == 0;
            case "last" -> index == length - 1;
            case "length" -> (long) length;
            case "depth" -> depth + 1L;
            case "depth0" -> (long) depth;
            case "previtem" ->
                index == 0 ? new Undefined("loop.previtem of the first element") : elements.get(index - 1);
            case "nextitem" ->
                index == length - 1 ? new Undefined("loop.nextitem of the last element") : elements.get(index + 1);
            case "changed" -> (Callable) this::changed;
            case "cycle" -> (Callable) this::cycle;
            default -> new Undefined("loop." + name);
        };
    }

    private Object changed(Arguments arguments, Budget budget) {
        Object now = new Tuple(arguments.positional());
        boolean changed = !asked || !Comparing.equal(last, now, budget);
        asked = true;
        last = now;
        return changed;
    }

    private Object cycle(Arguments arguments, Budget budget) {
        if (arguments.positional().isEmpty()) {
            throw new TemplateException("loop.cycle needs arguments");
        }
        return arguments.positional().get(index % arguments.positional().size());
    }

    @Override
    public Object call(Arguments arguments, Budget budget) {
        if (recursion == null) {
            throw new TemplateException("loop is called, but its for does not say recursive");
        }
        return recursion.call(arguments, budget);
    }
}
