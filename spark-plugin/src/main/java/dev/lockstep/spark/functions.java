package dev.lockstep.spark;

import dev.lockstep.spark.plan.TpGenerate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;

/**
 * Functions for the DataFrame API, named like Spark's own holder of functions so that one static import serves:
 * {@code df.withColumn("out", tpGenerate(col("prompt")))}. From Python and Connect:
 * {@code call_function("tp_generate", col("prompt"))} or {@code expr("tp_generate(prompt, max_new_tokens => 32)")}.
 */
public final class functions {
    private functions() {}

    /**
     * The prompt's continuation by the model of {@code spark.lockstep.model}.
     *
     * @param prompt a string, an array of ints (token ids), or an array of structs with {@code role} and {@code content}
     *     (a chat, which goes through the model's chat template); null gives null
     * @return a string; {@code struct<text, token_ids, finish_reason, logprobs, top_logprobs>} where {@code logprobs} is 0 or
     *     more; an array of these where {@code n} is above 1; {@code struct<result, errorMessage>} of that where {@code
     *     failOnError} is false
     */
    public static Column tpGenerate(Column prompt) {
        return org.apache.spark.sql.functions.call_function(TpGenerate.NAME, prompt);
    }

    /** @param model a checkpoint's folder */
    public static Column tpGenerate(Column prompt, String model) {
        return org.apache.spark.sql.functions.call_function(
                TpGenerate.NAME, prompt, org.apache.spark.sql.functions.lit(model));
    }

    /**
     * @param options the names of {@link Setting}, such as {@code max_new_tokens}, and their values as text
     * @throws IllegalArgumentException at analysis, naming the option, when it is unknown or its value is not possible
     */
    public static Column tpGenerate(Column prompt, String model, Map<String, String> options) {
        if (options.isEmpty()) {
            return tpGenerate(prompt, model);
        }
        List<Column> entries = new ArrayList<>();
        options.forEach((name, value) -> {
            entries.add(org.apache.spark.sql.functions.lit(name));
            entries.add(org.apache.spark.sql.functions.lit(value));
        });
        Column map = org.apache.spark.sql.functions.map(entries.toArray(new Column[0]));
        return org.apache.spark.sql.functions.call_function(
                TpGenerate.NAME, prompt, org.apache.spark.sql.functions.lit(model), map);
    }
}
