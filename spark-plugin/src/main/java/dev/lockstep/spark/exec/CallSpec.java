package dev.lockstep.spark.exec;

import dev.lockstep.chat.Chat;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Request;
import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import java.io.Serializable;
import java.util.Arrays;
import java.util.function.LongFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;

/**
 * One call as executors see it.
 *
 * @param column the prompt's place in the input row
 * @param type the prompt's, one that has a {@link PromptType}
 */
record CallSpec(int column, DataType type, Settings settings) implements Serializable {

    CallSpec shifted(int columns) {
        return new CallSpec(column + columns, type, settings);
    }

    boolean failOnError() {
        return settings.flag(Setting.FAIL_ON_ERROR);
    }

    /**
     * The request of a row, whose prompt is not null, once it has a number.
     *
     * @throws RowException when the row holds no prompt that could be run
     */
    LongFunction<Request> request(InternalRow row, GenerationOptions options) {
        return switch (PromptType.of(type)) {
            case TEXT -> {
                String text = text(row);
                yield id -> new Request(id, text, null, options);
            }
            case TOKENS -> {
                int[] tokens = tokenIds(row);
                yield id -> new Request(id, null, tokens, options);
            }
            case CHAT -> {
                Chat chat = chat(row);
                yield id -> new Request(id, chat, options);
            }
        };
    }

    /** The prompt as messages show it. */
    String shown(InternalRow row) {
        return switch (PromptType.of(type)) {
            case TEXT -> text(row);
            case TOKENS -> Arrays.toString(tokenIds(row));
            case CHAT -> chat(row).messages().toString();
        };
    }

    private String text(InternalRow row) {
        return row.getUTF8String(column).toString();
    }

    private Chat chat(InternalRow row) {
        return RowChat.of(row.getArray(column), (ArrayType) type);
    }

    private int[] tokenIds(InternalRow row) {
        var array = row.getArray(column);
        for (int i = 0; i < array.numElements(); i++) {
            if (array.isNullAt(i)) {
                throw new RowException("token id " + i + " of the prompt is null");
            }
        }
        return array.toIntArray();
    }
}
