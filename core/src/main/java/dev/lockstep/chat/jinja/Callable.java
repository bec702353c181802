package dev.lockstep.chat.jinja;

/**
 * A function, method, macro, filter or test. Filters and tests receive the value they are applied to as their first
 * argument. Text and lists of the result must be counted in the budget.
 */
@FunctionalInterface
interface Callable {
    Object call(Arguments arguments, Budget budget);
}
