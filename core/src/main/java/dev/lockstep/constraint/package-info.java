/**
 * Formal languages that constrain a generated text, and the tokens that keep it in them. Input: the texts of a choice,
 * a regular expression ({@link dev.lockstep.constraint.RegexLanguage}) or a JSON schema ({@link
 * dev.lockstep.constraint.JsonSchemaLanguage}). Output: a {@link dev.lockstep.constraint.TokenMasks} over a
 * vocabulary's byte strings, which gives the tokens that may follow in every state. Automata are those of the Lucene
 * library. Uses no other package of the project.
 */
package dev.lockstep.constraint;
