/**
 * What Catalyst sees: the unevaluable expression, the rule that turns it into {@code TpInference} nodes after analysis,
 * the push-down rules and the planning strategy. Analysed plans come in, plans with {@code TpInferenceExec} (package
 * {@code exec}) go out. Expressions here never evaluate anything themselves.
 */
package dev.lockstep.spark.plan;
