package dev.lockstep.chat.jinja;

import java.util.List;

/** Statements that name values. */
final class Assignments {
    private Assignments() {}

    /**
     * The target of an assignment: a variable, an attribute of a namespace, or several targets for a value's elements.
     */
    record Target(String name, String attribute, List<Target> parts) {
        static Target variable(String name) {
            return new Target(name, null, List.of());
        }

        void assign(Object value, Scope scope) {
            if (name == null) {
                unpack(value, scope);
            } else if (attribute == null) {
                scope.set(name, value);
            } else if (scope.get(name) instanceof Namespace namespace) {
                namespace.set(attribute, value);
            } else {
                throw new TemplateException("set " + name + "." + attribute + ": " + name + " is "
                        + Values.typeName(scope.get(name)) + ", expected a namespace");
            }
        }

        private void unpack(Object value, Scope scope) {
            List<Object> elements = Values.elements(value, scope.budget());
            if (elements.size() != parts.size()) {
                throw new TemplateException(elements.size() + " values are given to " + parts.size() + " variables");
            }
            for (int i = 0; i < parts.size(); i++) {
                parts.get(i).assign(elements.get(i), scope);
            }
        }
    }

    /** {@code set x = value}. */
    record SetValue(Target target, Expression value) implements Statement {
        @Override
        public Flow run(Scope scope, StringBuilder out) {
            target.assign(value.evaluate(scope), scope);
            return Flow.NEXT;
        }
    }

    /** {@code set x}: the text its body prints, through a filter if there is one. */
    record SetText(Target target, Blocks.Sequence body, Expression filter) implements Statement {
        @Override
        public Flow run(Scope scope, StringBuilder out) {
            Scope inner = scope.inner();
            Object text = body.captured(inner);
            if (filter != null) {
                inner.set(Blocks.Filtered.BODY, text);
                text = filter.evaluate(inner);
            }
            target.assign(text, scope);
            return Flow.NEXT;
        }
    }

    /** {@code with a = 1, b = 2}. */
    record With(List<Target> targets, List<Expression> values, Blocks.Sequence body) implements Statement {
        @Override
        public Flow run(Scope scope, StringBuilder out) {
            Scope inner = scope.inner();
            for (int i = 0; i < targets.size(); i++) {
                targets.get(i).assign(values.get(i).evaluate(scope), inner);
            }
            return body.run(inner, out);
        }
    }
}
