package dev.lockstep.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template may call. */
final class Functions {
    /** By name. What depends on the time of day is given as a variable: see {@link Template#render}. */
    static final Map<String, Callable> ALL = Map.of(
            "range", Functions::range,
            "dict", Functions::dict,
            "namespace", Functions::namespace,
            "raise_exception", Functions::raise);

    private Functions() {}

    private static Object range(Arguments arguments, Budget budget) {
        arguments.expect("start", "stop", "step");
        boolean one = arguments.positional().size() == 1;
        long start = one ? 0 : arguments.integer(0, "start", 0);
        long stop = arguments.integer(one ? 0 : 1, "stop", 0);
        long step = arguments.integer(2, "step", 1);
        if (step == 0) {
            throw new TemplateException("the step of range is 0, expected any other whole number");
        }
        List<Object> numbers = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i = Math.addExact(i, step)) {
            budget.make(1);
            numbers.add(i);
        }
        return numbers;
    }

    private static Object dict(Arguments arguments, Budget budget) {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (Object each : arguments.positional()) {
            if (!(each instanceof Map<?, ?> given)) {
                throw new TemplateException("dict gets " + Values.typeName(each) + ", expected a dict");
            }
            budget.make(given.size());
            map.putAll(given);
        }
        map.putAll(arguments.named());
        return map;
    }

    private static Object namespace(Arguments arguments, Budget budget) {
        budget.step();
        Map<String, Object> initial = new LinkedHashMap<>();
        for (Object each : arguments.positional()) {
            if (!(each instanceof Map<?, ?> given)) {
                throw new TemplateException("namespace gets " + Values.typeName(each) + ", expected a dict");
            }
            given.forEach((name, value) -> initial.put(String.valueOf(name), value));
        }
        initial.putAll(arguments.named());
        return new Namespace(initial);
    }

    private static Object raise(Arguments arguments, Budget budget) {
        throw new TemplateException(Printed.text(arguments.require(0, "message"), budget));
    }
}
