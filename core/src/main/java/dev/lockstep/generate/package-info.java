/**
 * Turns requests into completions: batching by token budget over a block pool, sampling, beam search, stopping, text.
 * Does not depend on devices, ranks or model families: steps go to a {@link dev.lockstep.generate.StepRunner} as {@link
 * dev.lockstep.backend.StepInput} and come back as {@link dev.lockstep.backend.StepOutput}; rows come from a {@link
 * dev.lockstep.generate.RequestSource} and leave through a {@link dev.lockstep.generate.CompletionSink}. May use {@code
 * checkpoint} for configurations, {@code tokenizer} and {@code chat} for prompts, {@code constraint} for constraints on
 * texts, the step records of {@code backend}, and from {@code graph} the attention reach of a group of layers.
 */
package dev.lockstep.generate;
