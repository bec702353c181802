package dev.lockstep.chat.jinja;

import java.util.List;

/** Statements without variables of their own. */
final class Blocks {
    private Blocks() {}

    record Text(String text) implements Statement {
        @Override
        public Flow run(Scope scope, StringBuilder out) {
            scope.budget().make(text.length());
            out.append(text);
            return Flow.NEXT;
        }
    }

    /** {@code {{ expression }}}. */
    record Output(Expression expression) implements Statement {
        @Override
        public Flow run(Scope scope, StringBuilder out) {
            String text = Printed.text(expression.evaluate(scope), scope.budget());
            scope.budget().make(text.length());
            out.append(text);
            return Flow.NEXT;
        }
    }

    record Sequence(List<Statement> statements) implements Statement {
        @Override
        public Flow run(Scope scope, StringBuilder out) {
            for (Statement statement : statements) {
                scope.budget().step();
                Flow flow = statement.run(scope, out);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            }
            return Flow.NEXT;
        }

        /** What it prints, apart. */
        String captured(Scope scope) {
            StringBuilder apart = new StringBuilder();
            run(scope, apart);
            return apart.toString();
        }
    }

    /** {@code break} and {@code continue}. */
    record Jump(Flow flow) implements Statement {
        @Override
        public Flow run(Scope scope, StringBuilder out) {
            return flow;
        }
    }

    /** {@code if}, {@code elif} and {@code else}: the first body whose condition is true. */
    record Choice(List<Expression> conditions, List<Sequence> bodies, Sequence otherwise) implements Statement {
        @Override
        public Flow run(Scope scope, StringBuilder out) {
            for (int i = 0; i < conditions.size(); i++) {
                if (Values.truth(conditions.get(i).evaluate(scope))) {
                    return bodies.get(i).run(scope, out);
                }
            }
            return otherwise.run(scope, out);
        }
    }

    /** {@code filter name}: its body's text goes through a filter. The expression reads the variable {@link #BODY}. */
    record Filtered(Sequence body, Expression filter) implements Statement {
        static final String BODY = "a filter's body";

        @Override
        public Flow run(Scope scope, StringBuilder out) {
            Scope inner = scope.inner();
            inner.set(BODY, body.captured(inner));
            return new Output(filter).run(inner, out);
        }
    }
}
