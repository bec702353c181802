package dev.lockstep.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.chat.Chat;

/**
 * One row as read. At most one of prompt, token ids, chat and error is given; none for a null prompt.
 *
 * @param place its name in messages: the file and line
 * @param fields the row's fields, kept for the output
 * @param error why it cannot be run, or null
 */
record InputRow(String place, ObjectNode fields, String prompt, int[] tokenIds, Chat chat, String error) {

    static InputRow ofPrompt(String place, ObjectNode fields, String prompt) {
        return new InputRow(place, fields, prompt, null, null, null);
    }

    static InputRow ofTokens(String place, ObjectNode fields, int[] tokenIds) {
        return new InputRow(place, fields, null, tokenIds, null, null);
    }

    static InputRow ofChat(String place, ObjectNode fields, Chat chat) {
        return new InputRow(place, fields, null, null, chat, null);
    }

    static InputRow bad(String place, ObjectNode fields, String error) {
        return new InputRow(place, fields, null, null, null, error);
    }

    /** Whether there is something to generate for. */
    boolean runs() {
        return prompt != null || tokenIds != null || chat != null;
    }
}
