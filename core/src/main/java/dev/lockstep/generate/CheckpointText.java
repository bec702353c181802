package dev.lockstep.generate;

import dev.lockstep.chat.ChatException;
import dev.lockstep.chat.ChatTemplate;
import java.nio.file.Path;
import java.util.Optional;

/** A checkpoint's tokenizer and chat template, either of which may be missing. Closing it closes the tokenizer. */
public final class CheckpointText implements AutoCloseable {
    private final TextTokenizer tokenizer;
    private final ChatTemplate template;
    private final String noTokenizer;
    private final String noTemplate;

    private CheckpointText(TextTokenizer tokenizer, ChatTemplate template, String noTokenizer, String noTemplate) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.noTokenizer = noTokenizer;
        this.noTemplate = noTemplate;
    }

    /**
     * Opens those of the two that a checkpoint's folder has. A chat template that cannot be read is an error only for
     * chats.
     *
     * @throws IllegalArgumentException when there is a tokenizer that cannot be read
     */
    public static CheckpointText open(Path folder) {
        ChatTemplate template = null;
        String noTemplate = ChatTemplate.missing(folder.toString());
        try {
            template = ChatTemplate.find(folder).orElse(null);
        } catch (IllegalArgumentException e) {
            noTemplate = e.getMessage();
        }
        Optional<TextTokenizer> tokenizer = TextTokenizer.find(folder);
        String noTokenizer = tokenizer.isPresent() ? null : TextTokenizer.missing(folder);
        return new CheckpointText(tokenizer.orElse(null), template, noTokenizer, noTemplate);
    }

    /** A tokenizer alone; null for none. */
    static CheckpointText of(TextTokenizer tokenizer) {
        return new CheckpointText(
                tokenizer,
                null,
                "the checkpoint has no tokenizer: give prompts as token_ids, or add its tokenizer.json",
                ChatTemplate.missing("the checkpoint"));
    }

    /**
     * Checks that chats can be read at all, as far as files tell.
     *
     * @throws IllegalArgumentException when the folder lacks the tokenizer or the chat template, or they cannot be read
     */
    public static void requireChat(Path folder) {
        try (CheckpointText text = open(folder)) {
            String reason = text.template == null ? text.noTemplate : text.noTokenizer;
            if (text.template == null || text.tokenizer == null) {
                throw new IllegalArgumentException(reason);
            }
        }
    }

    /** Null where the checkpoint has none: then prompts must be token ids, and completions have no text. */
    public TextTokenizer tokenizer() {
        return tokenizer;
    }

    /** What to say where a tokenizer is needed and there is none. */
    public String noTokenizer() {
        return noTokenizer;
    }

    /**
     * The tokens of a request's prompt. A chat gets only the special tokens that its template writes.
     *
     * @throws BadRowException with the row's error
     */
    int[] tokens(Request request) throws BadRowException {
        if (request.tokenIds() != null) {
            return request.tokenIds();
        }
        if (request.chat() != null && template == null) {
            throw new BadRowException(noTemplate);
        }
        if (tokenizer == null) {
            throw new BadRowException(noTokenizer);
        }
        String prompt = request.chat() == null ? request.prompt() : rendered(request);
        try {
            return tokenizer.encode(prompt, request.chat() == null);
        } catch (RuntimeException e) {
            throw new BadRowException(
                    "the prompt of " + prompt.length() + " characters cannot be turned into tokens: " + e.getMessage());
        }
    }

    private String rendered(Request request) throws BadRowException {
        try {
            return template.render(request.chat());
        } catch (ChatException e) {
            throw new BadRowException(e.getMessage());
        }
    }

    @Override
    public void close() {
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
