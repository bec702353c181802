package dev.lockstep.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Methods of dicts and lists that do not modify them, as in Python. Jinja2's sandbox refuses modifying methods too. */
final class CollectionMethods {
    /** By name; the first argument is the dict. */
    static final Map<String, Callable> OF_DICTS = Map.of(
            "get", CollectionMethods::get,
            "items", (arguments, budget) -> items(arguments.positional().get(0), budget),
            "keys",
                    (arguments, budget) ->
                            Values.elements(arguments.positional().get(0), budget),
            "values",
                    (arguments, budget) -> {
                        Map<?, ?> map = (Map<?, ?>) arguments.positional().get(0);
                        budget.make(map.size());
                        return new ArrayList<Object>(map.values());
                    },
            "copy",
                    (arguments, budget) -> {
                        Map<?, ?> map = (Map<?, ?>) arguments.positional().get(0);
                        budget.make(map.size());
                        return new LinkedHashMap<Object, Object>(map);
                    });

    /** By name; the first argument is the list. */
    static final Map<String, Callable> OF_LISTS =
            Map.of("index", CollectionMethods::index, "count", CollectionMethods::count);

    private CollectionMethods() {}

    private static Object get(Arguments arguments, Budget budget) {
        budget.step();
        arguments.expect("dict", "key", "default");
        Map<?, ?> map = (Map<?, ?>) arguments.positional().get(0);
        Object key = Values.key(arguments.require(1, "key"));
        return map.containsKey(key) ? map.get(key) : arguments.get(2, "default", null);
    }

    /** A dict as a list of pairs. */
    static Object items(Object value, Budget budget) {
        if (value instanceof Undefined) {
            return List.of();
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw new TemplateException("items gets " + Values.typeName(value) + ", expected a dict");
        }
        budget.make(2L * map.size());
        List<Object> items = new ArrayList<>();
        map.forEach((key, each) -> {
            List<Object> pair = new ArrayList<>(2);
            pair.add(key);
            pair.add(each);
            items.add(new Tuple(pair));
        });
        return items;
    }

    private static Object index(Arguments arguments, Budget budget) {
        List<?> list = (List<?>) arguments.positional().get(0);
        Object wanted = arguments.require(1, "value");
        for (int i = 0; i < list.size(); i++) {
            if (Comparing.equal(list.get(i), wanted, budget)) {
                return (long) i;
            }
        }
        throw new TemplateException("index looks for " + Values.typeName(wanted) + " that the list does not hold");
    }

    private static Object count(Arguments arguments, Budget budget) {
        Object wanted = arguments.require(1, "value");
        long count = 0;
        for (Object each : (List<?>) arguments.positional().get(0)) {
            count += Comparing.equal(each, wanted, budget) ? 1 : 0;
        }
        return count;
    }
}
