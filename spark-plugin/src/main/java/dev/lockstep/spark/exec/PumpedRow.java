package dev.lockstep.spark.exec;

import dev.lockstep.generate.Completion;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.unsafe.types.UTF8String;

/** An input row in flight: a completion for each of its calls, null where the prompt is null. */
final class PumpedRow {
    private final InternalRow input;
    private final Completion[] completions;
    /** Completions still missing; guarded by the pump. */
    int missing;

    PumpedRow(InternalRow input, int calls) {
        this.input = input;
        this.completions = new Completion[calls];
    }

    InternalRow input() {
        return input;
    }

    void complete(int call, Completion completion) {
        completions[call] = completion;
    }

    Completion completion(int call) {
        return completions[call];
    }

    /**
     * The calls' results as columns.
     *
     * @throws RowException when a call that must not fail did
     */
    InternalRow results(List<CallSpec> calls) {
        GenericInternalRow results = new GenericInternalRow(calls.size());
        for (int i = 0; i < calls.size(); i++) {
            if (completions[i] != null) {
                results.update(i, result(calls.get(i), completions[i]));
            }
        }
        return results;
    }

    private Object result(CallSpec call, Completion completion) {
        String error = completion.error();
        if (error == null && completion.text() == null) {
            error = "the checkpoint has no tokenizer, so its tokens cannot be made text";
        }
        if (error != null && call.failOnError()) {
            throw RowException.of(error, call.shown(input));
        }
        Object value = error == null ? ResultType.value(call.settings(), completion) : null;
        return call.failOnError() ? value : new GenericInternalRow(new Object[] {value, utf8(error)});
    }

    private static UTF8String utf8(String text) {
        return text == null ? null : UTF8String.fromString(text);
    }
}
