package dev.lockstep.chat.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** {@code + - * / // % **} of numbers, {@code + *} of texts and lists, {@code ~} of anything, as in Python. */
final class Arithmetic {
    private Arithmetic() {}

    static Object apply(String operator, Object left, Object right, Budget budget) {
        budget.step();
        if (operator.equals("~")) {
            return joined(Printed.text(left, budget), Printed.text(right, budget), budget);
        }
        if (left instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (Comparing.number(left) && Comparing.number(right)) {
            return numbers(operator, left, right);
        }
        if (operator.equals("+") && left instanceof String first && right instanceof String second) {
            return joined(first, second, budget);
        }
        if (operator.equals("+")
                && left instanceof List<?> first
                && right instanceof List<?> second
                && left instanceof Tuple == right instanceof Tuple) {
            budget.make((long) first.size() + second.size());
            List<Object> sum = new ArrayList<>(first);
            sum.addAll(second);
            return left instanceof Tuple ? new Tuple(sum) : sum;
        }
        if (operator.equals("*")) {
            Object repeated = Values.whole(right) != null ? left : right;
            Long times = Values.whole(right) != null ? Values.whole(right) : Values.whole(left);
            if (times != null && (repeated instanceof String || repeated instanceof List)) {
                return repeated(repeated, Math.max(0, times), budget);
            }
        }
        if (operator.equals("%") && left instanceof String format) {
            return Formats.percent(
                    format, right instanceof Tuple tuple ? tuple : Collections.singletonList(right), budget);
        }
        throw new TemplateException("the operator " + operator + " stands between " + Values.typeName(left) + " and "
                + Values.typeName(right) + ", expected two of one kind");
    }

    private static String joined(String left, String right, Budget budget) {
        budget.make((long) left.length() + right.length());
        return left.concat(right);
    }

    private static Object repeated(Object value, long times, Budget budget) {
        int size = value instanceof String text ? text.length() : ((List<?>) value).size();
        if (size > 0 && times > Budget.SIZE / size) {
            budget.make(Budget.SIZE + 1);
        }
        budget.make(size * times);
        int count = size == 0 ? 0 : (int) times;
        if (value instanceof String text) {
            return text.repeat(count);
        }
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.addAll((List<?>) value);
        }
        return value instanceof Tuple ? new Tuple(all) : all;
    }

    private static Object numbers(String operator, Object left, Object right) {
        Long first = Values.whole(left);
        Long second = Values.whole(right);
        boolean whole = first != null && second != null;
        boolean divides = operator.equals("/") || operator.equals("//") || operator.equals("%");
        if (divides && Comparing.toDouble(right) == 0) {
            throw new TemplateException("a number is divided by zero");
        }
        try {
            if (whole && !operator.equals("/") && !(operator.equals("**") && second < 0)) {
                return wholes(operator, first, second);
            }
        } catch (ArithmeticException e) {
            throw new TemplateException(first + " " + operator + " " + second + " is out of range");
        }
        return doubles(operator, Comparing.toDouble(left), Comparing.toDouble(right));
    }

    private static Long wholes(String operator, long left, long right) {
        return switch (operator) {
            case "+" -> Math.addExact(left, right);
            case "-" -> Math.subtractExact(left, right);
            case "*" -> Math.multiplyExact(left, right);
            case "//" -> Math.floorDiv(left, right);
            case "%" -> Math.floorMod(left, right);
            default -> power(left, right);
        };
    }

    private static long power(long base, long exponent) {
        if (base == 0 || base == 1) {
            return exponent == 0 ? 1 : base;
        }
        if (base == -1) {
            return exponent % 2 == 0 ? 1 : -1;
        }
        long result = 1;
        // Ends early: after 63 doublings there is no room left.
        for (long i = 0; i < exponent; i++) {
            result = Math.multiplyExact(result, base);
        }
        return result;
    }

    private static Double doubles(String operator, double left, double right) {
        return switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> left / right;
            case "//" -> Math.floor(left / right);
            case "%" -> left - right * Math.floor(left / right);
            default -> Math.pow(left, right);
        };
    }
}
