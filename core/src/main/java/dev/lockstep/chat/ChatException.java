package dev.lockstep.chat;

/** A chat that a template refuses or cannot render: an error of that chat alone. */
public final class ChatException extends Exception {
    private static final long serialVersionUID = 1;

    ChatException(String message) {
        super(message);
    }
}
