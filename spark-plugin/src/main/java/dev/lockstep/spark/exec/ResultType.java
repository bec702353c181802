package dev.lockstep.spark.exec;

import dev.lockstep.generate.Completion;
import dev.lockstep.generate.Logprobs;
import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The type of a call's result for a row. One text: a string; with {@code logprobs} a struct of the text, its tokens,
 * why it ended, the log-probability of each token and the most probable tokens beside it. With {@code n} above 1 an
 * array of those. With {@code failOnError} false a struct of that and the row's error.
 */
public final class ResultType {
    /** The settings that it depends on. */
    public static final List<Setting> SETTINGS = List.of(Setting.FAIL_ON_ERROR, Setting.N, Setting.LOGPROBS);

    private static final StructType ALTERNATIVE =
            new StructType().add("token_id", DataTypes.IntegerType, false).add("logprob", DataTypes.FloatType, false);
    private static final StructType WITH_LOGPROBS = new StructType()
            .add("text", DataTypes.StringType, false)
            .add("token_ids", DataTypes.createArrayType(DataTypes.IntegerType, false), false)
            .add("finish_reason", DataTypes.StringType, false)
            .add("logprobs", DataTypes.createArrayType(DataTypes.FloatType, false), false)
            .add(
                    "top_logprobs",
                    DataTypes.createArrayType(DataTypes.createArrayType(ALTERNATIVE, false), false),
                    false);

    private ResultType() {}

    /** The type of a call with these settings, {@link #SETTINGS} among them. */
    public static DataType of(Settings settings) {
        DataType one = reportsLogprobs(settings) ? WITH_LOGPROBS : DataTypes.StringType;
        DataType all = several(settings) ? DataTypes.createArrayType(one, false) : one;
        return settings.flag(Setting.FAIL_ON_ERROR)
                ? all
                : new StructType().add("result", all).add("errorMessage", DataTypes.StringType);
    }

    private static boolean several(Settings settings) {
        return settings.integer(Setting.N) > 1;
    }

    private static boolean reportsLogprobs(Settings settings) {
        return settings.integer(Setting.LOGPROBS) >= 0;
    }

    /** A completion without error as a value of the type, apart from errors. */
    static Object value(Settings settings, Completion completion) {
        boolean logprobs = reportsLogprobs(settings);
        if (!several(settings)) {
            return one(completion.outputs().get(0), logprobs);
        }
        return array(completion.outputs().stream()
                .map(output -> one(output, logprobs))
                .toArray());
    }

    private static Object one(Completion.Output output, boolean logprobs) {
        UTF8String text = UTF8String.fromString(output.text());
        if (!logprobs) {
            return text;
        }
        String finish = output.finish().name().toLowerCase(Locale.ROOT);
        return row(
                text,
                new GenericArrayData(output.tokenIds()),
                UTF8String.fromString(finish),
                new GenericArrayData(output.logprobs().chosen()),
                alternatives(output.logprobs()));
    }

    private static ArrayData alternatives(Logprobs logprobs) {
        int count = logprobs.alternatives();
        Object[] tokens = new Object[logprobs.chosen().length];
        for (int token = 0; token < tokens.length; token++) {
            Object[] alternatives = new Object[count];
            for (int i = 0; i < count; i++) {
                int at = token * count + i;
                alternatives[i] = row(logprobs.topTokens()[at], logprobs.top()[at]);
            }
            tokens[token] = array(alternatives);
        }
        return array(tokens);
    }

    private static ArrayData array(Object[] values) {
        return new GenericArrayData(values);
    }

    private static InternalRow row(Object... values) {
        return new GenericInternalRow(values);
    }
}
