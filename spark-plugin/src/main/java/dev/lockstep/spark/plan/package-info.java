/**
 * The Catalyst side: the unevaluable expression, the rule that turns it into {@code TpInference} nodes after analysis,
 * the push-down rules and the planning strategy. Input: analysed plans. Output: plans with {@code TpInferenceExec}
 * (package {@code exec}). Expressions here never evaluate anything themselves.
 */
package dev.lockstep.spark.plan;
