package dev.lockstep.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.chat.Chat;
import java.util.List;
import java.util.Map;

/** The row of {@code --prompt}. */
final class OnePrompt implements RowReader {
    private final boolean chat;
    private String prompt;

    /** @param chat whether the prompt is a user's message rather than the text to continue */
    OnePrompt(String prompt, boolean chat) {
        this.prompt = prompt;
        this.chat = chat;
    }

    @Override
    public InputRow next() {
        if (prompt == null) {
            return null;
        }
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        InputRow row = chat
                ? InputRow.ofChat("--prompt", fields, Chat.of(List.of(Map.of("role", "user", "content", prompt))))
                : InputRow.ofPrompt("--prompt", fields, prompt);
        prompt = null;
        return row;
    }

    @Override
    public void close() {}
}
