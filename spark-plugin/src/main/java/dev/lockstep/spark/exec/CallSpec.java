package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * One call as executors see it.
 *
 * @param column the prompt's place in the input row
 * @param tokens whether the prompt is an array of token ids rather than a text
 */
record CallSpec(int column, boolean tokens, Settings settings) implements Serializable {

    CallSpec shifted(int columns) {
        return new CallSpec(column + columns, tokens, settings);
    }

    boolean failOnError() {
        return settings.flag(Setting.FAIL_ON_ERROR);
    }

    /** Null when the prompt is token ids. */
    String text(InternalRow row) {
        return tokens ? null : row.getUTF8String(column).toString();
    }

    /**
     * Null when the prompt is a text.
     *
     * @throws RowException when a token id is null
     */
    int[] tokenIds(InternalRow row) {
        if (!tokens) {
            return null;
        }
        var array = row.getArray(column);
        for (int i = 0; i < array.numElements(); i++) {
            if (array.isNullAt(i)) {
                throw new RowException("token id " + i + " of the prompt is null");
            }
        }
        return array.toIntArray();
    }
}
