package dev.lockstep.chat.jinja;

import java.util.List;
import java.util.Map;

/** Equality, order and membership, without any conversion but between kinds of numbers. */
final class Comparing {
    private Comparing() {}

    static boolean holds(String operator, Object left, Object right, Budget budget) {
        return switch (operator) {
            case "==" -> equal(left, right, budget);
            case "!=" -> !equal(left, right, budget);
            case "in" -> contains(right, left, budget);
            case "not in" -> !contains(right, left, budget);
            case "<" -> order(left, right, budget) < 0;
            case "<=" -> order(left, right, budget) <= 0;
            case ">" -> order(left, right, budget) > 0;
            default -> order(left, right, budget) >= 0;
        };
    }

    static boolean equal(Object left, Object right, Budget budget) {
        budget.step();
        Long first = Values.whole(left);
        Long second = Values.whole(right);
        if (first != null && second != null) {
            return first.equals(second);
        }
        if (number(left) && number(right)) {
            return toDouble(left) == toDouble(right);
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            return left instanceof Tuple == right instanceof Tuple && equalLists(a, b, budget);
        }
        if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
            return equalMaps(a, b, budget);
        }
        if (left instanceof Undefined && right instanceof Undefined) {
            return true;
        }
        if (left instanceof String text && right instanceof String other) {
            return text.equals(other);
        }
        return left == right;
    }

    private static boolean equalLists(List<?> left, List<?> right, Budget budget) {
        if (left.size() != right.size()) {
            return false;
        }
        budget.enter();
        for (int i = 0; i < left.size(); i++) {
            if (!equal(left.get(i), right.get(i), budget)) {
                budget.leave();
                return false;
            }
        }
        budget.leave();
        return true;
    }

    private static boolean equalMaps(Map<?, ?> left, Map<?, ?> right, Budget budget) {
        if (left.size() != right.size()) {
            return false;
        }
        budget.enter();
        for (Map.Entry<?, ?> entry : left.entrySet()) {
            if (!right.containsKey(entry.getKey()) || !equal(entry.getValue(), right.get(entry.getKey()), budget)) {
                budget.leave();
                return false;
            }
        }
        budget.leave();
        return true;
    }

    /** Negative, zero or positive, of two numbers, texts or lists. */
    static int order(Object left, Object right, Budget budget) {
        budget.step();
        if (left instanceof String a && right instanceof String b) {
            return orderTexts(a, b);
        }
        Long first = Values.whole(left);
        Long second = Values.whole(right);
        if (first != null && second != null) {
            return first.compareTo(second);
        }
        if (number(left) && number(right)) {
            return Double.compare(toDouble(left), toDouble(right));
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
                if (!equal(a.get(i), b.get(i), budget)) {
                    return order(a.get(i), b.get(i), budget);
                }
            }
            return Integer.compare(a.size(), b.size());
        }
        if (left instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.error();
        }
        throw new TemplateException(Values.typeName(left) + " and " + Values.typeName(right)
                + " are compared, expected two numbers or two texts");
    }

    /** By code points, which UTF-16's order is not. */
    private static int orderTexts(String left, String right) {
        int length = Math.min(left.length(), right.length());
        for (int i = 0; i < length; i++) {
            if (left.charAt(i) != right.charAt(i)) {
                return Integer.compare(left.codePointAt(i), right.codePointAt(i));
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    static boolean contains(Object container, Object value, Budget budget) {
        if (container instanceof String text) {
            budget.step();
            if (value instanceof String part) {
                return text.contains(part);
            }
            throw new TemplateException(Values.typeName(value) + " is looked for in a text, expected a text");
        }
        if (container instanceof Map<?, ?> map) {
            budget.step();
            return map.containsKey(Values.key(value));
        }
        for (Object element : Values.elements(container, budget)) {
            if (equal(element, value, budget)) {
                return true;
            }
        }
        return false;
    }

    static boolean number(Object value) {
        return value instanceof Double || Values.whole(value) != null;
    }

    static double toDouble(Object value) {
        return value instanceof Double number ? number : Values.whole(value);
    }
}
