package dev.lockstep.chat.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pieces of a template that are called as functions. */
final class Macros {
    private Macros() {}

    /** @param defaults of the last parameters */
    record Signature(List<String> parameters, List<Expression> defaults) {

        void bind(Arguments arguments, Scope scope) {
            arguments.expect(parameters.toArray(String[]::new));
            int required = parameters.size() - defaults.size();
            for (int i = 0; i < parameters.size(); i++) {
                String name = parameters.get(i);
                Object value = arguments.has(i, name) || i < required
                        ? arguments.get(i, name, new Undefined(name))
                        : defaults.get(i - required).evaluate(scope);
                scope.set(name, value);
            }
        }
    }

    /** Its text as a function's value; it sees the variables around its definition. */
    private static Callable function(String name, Signature signature, Blocks.Sequence body, Scope around) {
        return (arguments, budget) -> {
            budget.enter();
            Scope scope = around.inner();
            Object caller = arguments.named().get("caller");
            Map<String, Object> named = new LinkedHashMap<>(arguments.named());
            if (caller instanceof Callable) {
                named.remove("caller");
                scope.set("caller", caller);
            }
            signature.bind(new Arguments("the macro " + name, arguments.positional(), named), scope);
            String text = body.captured(scope);
            budget.leave();
            return text;
        };
    }

    record Definition(String name, Signature signature, Blocks.Sequence body) implements Statement {
        @Override
        public Flow run(Scope scope, StringBuilder out) {
            scope.set(name, function(name, signature, body, scope));
            return Flow.NEXT;
        }
    }

    /** {@code call(parameters) macro(...)}: the macro may print the body by calling {@code caller}. */
    record CallBlock(Signature signature, Accesses.Call call, Blocks.Sequence body) implements Statement {
        @Override
        public Flow run(Scope scope, StringBuilder out) {
            Scope inner = scope.inner();
            inner.set("caller", function("caller", signature, body, scope));
            Map<String, Expression> named =
                    new LinkedHashMap<>(call.parameters().named());
            named.put("caller", new Accesses.Name("caller"));
            Accesses.Parameters parameters =
                    new Accesses.Parameters(call.parameters().positional(), named);
            return new Blocks.Output(new Accesses.Call(call.callee(), parameters)).run(inner, out);
        }
    }
}
