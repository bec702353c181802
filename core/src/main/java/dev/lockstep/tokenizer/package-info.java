/**
 * Finds a checkpoint's tokenizer among its files and converts it to the format of the tokenizers library: {@code
 * tokenizer.json} unchanged, a SentencePiece model or a vocabulary with merges converted in memory. Input: a folder.
 * Output: JSON. May use JSON; does not depend on its users. Used by {@code generate}.
 */
package dev.lockstep.tokenizer;
