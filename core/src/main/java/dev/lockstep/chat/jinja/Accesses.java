package dev.lockstep.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Expressions that look something up or call it. */
final class Accesses {
    private Accesses() {}

    record Name(String name) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            scope.budget().step();
            return scope.get(name);
        }
    }

    /** {@code object.name}: a method first, then an item of that name. */
    record Attribute(Expression object, String name) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            scope.budget().step();
            return Members.attribute(object.evaluate(scope), name);
        }
    }

    /** {@code object[key]}: an item first, then a method of that name. */
    record Item(Expression object, Expression key) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            scope.budget().step();
            Object value = object.evaluate(scope);
            return Members.item(value, key.evaluate(scope));
        }
    }

    /** {@code object[start:stop:step]}, any of the three null where it is left out. */
    record Slice(Expression object, Expression start, Expression stop, Expression step) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return Slices.cut(
                    object.evaluate(scope),
                    bound(start, scope),
                    bound(stop, scope),
                    bound(step, scope),
                    scope.budget());
        }

        private static Long bound(Expression expression, Scope scope) {
            Object value = expression == null ? null : expression.evaluate(scope);
            if (value == null || value instanceof Long) {
                return (Long) value;
            }
            throw new TemplateException(
                    "the bound of a slice is " + Values.typeName(value) + ", expected a whole number");
        }
    }

    /** Arguments as written. */
    record Parameters(List<Expression> positional, Map<String, Expression> named) {
        static final Parameters NONE = new Parameters(List.of(), Map.of());

        Arguments evaluate(String callee, Scope scope) {
            List<Object> values = new ArrayList<>(positional.size());
            for (Expression each : positional) {
                values.add(each.evaluate(scope));
            }
            Map<String, Object> byName = new LinkedHashMap<>();
            named.forEach((name, each) -> byName.put(name, each.evaluate(scope)));
            return new Arguments(callee, values, byName);
        }
    }

    record Call(Expression callee, Parameters parameters) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            scope.budget().step();
            Object value = callee.evaluate(scope);
            if (value instanceof Undefined undefined) {
                throw undefined.error();
            }
            if (!(value instanceof Callable function)) {
                throw new TemplateException(Values.typeName(value) + " is called, expected a function");
            }
            return function.call(parameters.evaluate(name(), scope), scope.budget());
        }

        private String name() {
            return callee instanceof Name name
                    ? name.name()
                    : callee instanceof Attribute dot ? dot.name() : "the function";
        }
    }

    /** {@code object | filter(...)}; the filter is known to exist. */
    record Filter(Expression object, String name, Parameters parameters) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            scope.budget().step();
            Object value = object.evaluate(scope);
            return Filters.named(name)
                    .call(parameters.evaluate("the filter " + name, scope).after(value), scope.budget());
        }
    }

    /** {@code object is test(...)}; the test is known to exist. */
    record Test(Expression object, String name, Parameters parameters) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            scope.budget().step();
            Object value = object.evaluate(scope);
            return Tests.ALL
                    .get(name)
                    .call(parameters.evaluate("the test " + name, scope).after(value), scope.budget());
        }
    }
}
