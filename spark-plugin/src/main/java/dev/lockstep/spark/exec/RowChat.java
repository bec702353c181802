package dev.lockstep.spark.exec;

import dev.lockstep.chat.Chat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Makes a chat of an array of structs. All rows of a column have the same fields, so a null field counts as undefined,
 * because templates test {@code tool_calls is defined}; only {@code content} stays, as none.
 */
final class RowChat {
    private static final String CONTENT = "content";

    private RowChat() {}

    /**
     * @param type of an array's column that is {@link PromptType#CHAT}
     * @throws RowException when a message is null or has no role
     */
    static Chat of(ArrayData array, ArrayType type) {
        List<Map<String, Object>> messages = new ArrayList<>();
        StructType message = (StructType) type.elementType();
        for (int i = 0; i < array.numElements(); i++) {
            if (array.isNullAt(i)) {
                throw new RowException("message " + i + " of the prompt is null");
            }
            Map<String, Object> fields = fields(array.getStruct(i, message.size()), message);
            if (List.of(message.fieldNames()).contains(CONTENT)) {
                fields.putIfAbsent(CONTENT, null);
            }
            messages.add(fields);
        }
        try {
            return Chat.of(messages);
        } catch (IllegalArgumentException e) {
            throw new RowException(e.getMessage());
        }
    }

    private static Map<String, Object> fields(InternalRow row, StructType type) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < type.size(); i++) {
            StructField field = type.fields()[i];
            if (!row.isNullAt(i)) {
                fields.put(field.name(), value(row.get(i, field.dataType()), field.dataType()));
            }
        }
        return fields;
    }

    private static Object value(Object value, DataType type) {
        if (value == null) {
            return null;
        }
        if (value instanceof UTF8String text) {
            return text.toString();
        }
        if (value instanceof InternalRow row) {
            return fields(row, (StructType) type);
        }
        if (value instanceof ArrayData array) {
            return list(array, ((ArrayType) type).elementType());
        }
        if (value instanceof MapData map) {
            List<Object> keys = list(map.keyArray(), ((MapType) type).keyType());
            List<Object> values = list(map.valueArray(), ((MapType) type).valueType());
            Map<String, Object> entries = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                entries.put((String) keys.get(i), values.get(i));
            }
            return entries;
        }
        if (value instanceof Float number) {
            return Double.valueOf(number.toString());
        }
        return value instanceof Boolean || value instanceof Double ? value : (Object) ((Number) value).longValue();
    }

    private static List<Object> list(ArrayData array, DataType type) {
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < array.numElements(); i++) {
            list.add(array.isNullAt(i) ? null : value(array.get(i, type), type));
        }
        return list;
    }
}
