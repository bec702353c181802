/**
 * Chats as prompts. Input: a list of messages and a checkpoint's folder. Output: the text in the format that the model
 * was trained on. {@link dev.lockstep.chat.ChatTemplate} finds the template and the special tokens among the
 * tokenizer's files; the language it is written in is {@code chat.jinja}. May use JSON; does not depend on tokens,
 * engines or rows. Used by {@code generate}.
 */
package dev.lockstep.chat;
