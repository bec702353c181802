package dev.lockstep.spark

import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.execution.SparkPlan
import org.apache.spark.sql.execution.adaptive.{AdaptiveSparkPlanExec, QueryStageExec}

/** The metrics of a node of a frame that was run, through adaptive execution's own nodes. */
object MetricsOf {
  def apply(frame: DataFrame, nodeName: String): Map[String, Long] =
    all(frame.queryExecution.executedPlan).find(_.nodeName.startsWith(nodeName)).get.metrics.map {
      case (name, metric) => name -> metric.value
    }

  private def all(plan: SparkPlan): Seq[SparkPlan] = plan match {
    case adaptive: AdaptiveSparkPlanExec => all(adaptive.executedPlan)
    case stage: QueryStageExec => all(stage.plan)
    case other => other +: other.children.flatMap(all)
  }
}
