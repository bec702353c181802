/**
 * Finds a checkpoint's tokenizer among its files and brings it into the form of the tokenizers library: {@code
 * tokenizer.json} as it is, a SentencePiece model or a vocabulary with merges converted in memory. A folder comes in, JSON
 * goes out; may use JSON, knows nothing of who reads it. Used by {@code generate}.
 */
package dev.lockstep.tokenizer;
