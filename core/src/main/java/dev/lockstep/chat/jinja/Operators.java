package dev.lockstep.chat.jinja;

import java.util.List;

/** Expressions made with operators. */
final class Operators {
    private Operators() {}

    /** {@code and} and {@code or}: the value of the operand that decides. */
    record Logical(boolean and, Expression left, Expression right) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object value = left.evaluate(scope);
            return Values.truth(value) == and ? right.evaluate(scope) : value;
        }
    }

    record Not(Expression operand) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            return !Values.truth(operand.evaluate(scope));
        }
    }

    record Sign(boolean minus, Expression operand) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object value = operand.evaluate(scope);
            Object zero = minus && value instanceof Double ? (Object) (-0.0) : (Object) 0L;
            return Arithmetic.apply(minus ? "-" : "+", zero, value, scope.budget());
        }
    }

    /** {@code + - * / // % **} and {@code ~}. */
    record Binary(String operator, Expression left, Expression right) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object first = left.evaluate(scope);
            Object second = right.evaluate(scope);
            return Arithmetic.apply(operator, first, second, scope.budget());
        }
    }

    /** {@code a < b <= c}: true when each operator holds between its neighbours. */
    record Comparison(Expression first, List<String> operators, List<Expression> others) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            Object left = first.evaluate(scope);
            for (int i = 0; i < operators.size(); i++) {
                Object right = others.get(i).evaluate(scope);
                if (!Comparing.holds(operators.get(i), left, right, scope.budget())) {
                    return false;
                }
                left = right;
            }
            return true;
        }
    }

    /** {@code a if condition else b}. */
    record Conditional(Expression condition, Expression chosen, Expression other) implements Expression {
        @Override
        public Object evaluate(Scope scope) {
            if (Values.truth(condition.evaluate(scope))) {
                return chosen.evaluate(scope);
            }
            return other == null ? new Undefined("the value of an if without else") : other.evaluate(scope);
        }
    }
}
