/**
 * Chats as prompts: a list of messages and a checkpoint's folder come in, the text that the model was trained to see goes
 * out. {@link dev.lockstep.chat.ChatTemplate} finds the template and the special tokens among the tokenizer's files; the
 * language it is written in is {@code chat.jinja}. May use JSON; knows nothing of tokens, engines or rows. Used by
 * {@code generate}.
 */
package dev.lockstep.chat;
