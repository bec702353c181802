/**
 * Runs inference on executors: the physical node, the path without a barrier (one rank) and with one (several ranks),
 * and the cache of loaded engines. Rows come in as Spark's internal rows and go out with results appended; the core is
 * reached through {@code RankFactory} only. Uses settings and rows, and of Catalyst's expressions only columns.
 */
package dev.lockstep.spark.exec;
