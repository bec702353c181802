/**
 * Runs inference on executors: the physical node, the path without a barrier (one rank) and with one (several ranks),
 * and the cache of loaded engines. Rows come in as Spark's internal rows and go out with results appended; the core is
 * reached through {@code RankFactory} only. Knows settings and rows, nothing of Catalyst's expressions but columns.
 */
package dev.lockstep.spark.exec;
