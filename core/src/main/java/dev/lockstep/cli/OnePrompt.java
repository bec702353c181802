package dev.lockstep.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/** The row of {@code --prompt}. */
final class OnePrompt implements RowReader {
    private String prompt;

    OnePrompt(String prompt) {
        this.prompt = prompt;
    }

    @Override
    public InputRow next() {
        if (prompt == null) {
            return null;
        }
        InputRow row = InputRow.ofPrompt("--prompt", JsonNodeFactory.instance.objectNode(), prompt);
        prompt = null;
        return row;
    }

    @Override
    public void close() {}
}
