package dev.lockstep.spark.exec;

import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What a prompt column may hold. */
public enum PromptType {
    TEXT,
    TOKENS,
    CHAT;

    /** For messages about columns of another type. */
    public static final String EXPECTED = "STRING (a text), ARRAY<INT> (token ids) or"
            + " ARRAY<STRUCT<role: STRING, content: STRING, ...>> (a chat, whose values are strings, numbers, booleans,"
            + " and arrays, structs and maps of these)";

    /** A column's kind; null where it can be no prompt. A column of nulls is a text. */
    public static PromptType of(DataType type) {
        if (type instanceof StringType || type instanceof NullType) {
            return TEXT;
        }
        if (!(type instanceof ArrayType array)) {
            return null;
        }
        if (array.elementType() instanceof IntegerType) {
            return TOKENS;
        }
        return array.elementType() instanceof StructType message && isMessage(message) ? CHAT : null;
    }

    private static boolean isMessage(StructType message) {
        boolean role = false;
        for (StructField field : message.fields()) {
            role |= field.name().equals("role") && field.dataType() instanceof StringType;
        }
        return role && isValue(message);
    }

    private static boolean isValue(DataType type) {
        if (type instanceof StructType struct) {
            for (StructField field : struct.fields()) {
                if (!isValue(field.dataType())) {
                    return false;
                }
            }
            return true;
        }
        if (type instanceof ArrayType array) {
            return isValue(array.elementType());
        }
        if (type instanceof MapType map) {
            return map.keyType() instanceof StringType && isValue(map.valueType());
        }
        return type instanceof StringType
                || type instanceof BooleanType
                || type instanceof ByteType
                || type instanceof ShortType
                || type instanceof IntegerType
                || type instanceof LongType
                || type instanceof FloatType
                || type instanceof DoubleType
                || type instanceof NullType;
    }
}
