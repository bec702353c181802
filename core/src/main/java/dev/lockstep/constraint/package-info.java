/**
 * Languages that a generated text must belong to, and which tokens keep it there. Texts of a choice, a regular expression
 * ({@link dev.lockstep.constraint.RegexLanguage}) or a JSON schema ({@link dev.lockstep.constraint.JsonSchemaLanguage}) go
 * in; a {@link dev.lockstep.constraint.TokenMasks} over a vocabulary's byte strings comes out, which answers for every state
 * which tokens may follow. Automata are those of Lucene's library. Uses nothing of the project's.
 */
package dev.lockstep.constraint;
