package dev.lockstep.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code for target in list if condition}. Variables set in the body end with each iteration.
 *
 * @param condition selects elements; null for all
 * @param otherwise the body that runs when there is no element
 */
record For(
        Assignments.Target target,
        Expression list,
        Expression condition,
        boolean recursive,
        Blocks.Sequence body,
        Blocks.Sequence otherwise)
        implements Statement {

    @Override
    public Flow run(Scope scope, StringBuilder out) {
        return over(list.evaluate(scope), 0, scope, out);
    }

    private Flow over(Object value, int depth, Scope scope, StringBuilder out) {
        List<Object> elements = chosen(Values.elements(value, scope.budget()), scope);
        if (elements.isEmpty()) {
            return otherwise.run(scope, out);
        }
        Loop loop = new Loop(elements, depth, recursive ? recursion(depth, scope) : null);
        for (int i = 0; i < elements.size(); i++) {
            scope.budget().step();
            loop.at(i);
            Scope turn = scope.inner();
            turn.set("loop", loop);
            target.assign(elements.get(i), turn);
            if (body.run(turn, out) == Flow.BREAK) {
                break;
            }
        }
        return Flow.NEXT;
    }

    private Callable recursion(int depth, Scope scope) {
        return (arguments, budget) -> {
            StringBuilder inner = new StringBuilder();
            budget.enter();
            over(arguments.require(0, "iterable"), depth + 1, scope, inner);
            budget.leave();
            return inner.toString();
        };
    }

    private List<Object> chosen(List<Object> elements, Scope scope) {
        if (condition == null) {
            return elements;
        }
        List<Object> chosen = new ArrayList<>();
        for (Object element : elements) {
            Scope turn = scope.inner();
            target.assign(element, turn);
            if (Values.truth(condition.evaluate(turn))) {
                chosen.add(element);
            }
        }
        return chosen;
    }
}
