package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.AttributeSet$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.types.DataType;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Map;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Runs calls over the child's rows, which keep their partitions and their order. A model that is not split runs in the
 * child's own stage, a split one in barrier stages between two shuffles.
 *
 * <p>It extends SparkPlan and not the trait UnaryExecNode, whose final lazy values Java cannot implement.
 */
public final class TpInferenceExec extends SparkPlan {
    private static final long serialVersionUID = 1;

    private final Seq<Attribute> prompts;
    private final Seq<Attribute> outputs;
    private final Seq<Settings> settings;
    private final boolean materialized;
    private final SparkPlan child;
    private final transient SharedRows sharing;
    private transient InferenceMetrics metrics;

    /**
     * @param prompts each call's prompt, a column of the child
     * @param outputs each call's result
     * @param settings of each call, resolved; they differ only in generation settings
     * @param materialized whether results are kept on disk, because the operator above reads them twice
     * @param sharing through which equal nodes of the query share rows; null when there are none
     */
    public TpInferenceExec(
            Seq<Attribute> prompts,
            Seq<Attribute> outputs,
            Seq<Settings> settings,
            boolean materialized,
            SparkPlan child,
            SharedRows sharing) {
        this.prompts = prompts;
        this.outputs = outputs;
        this.settings = settings;
        this.materialized = materialized;
        this.child = child;
        this.sharing = sharing;
    }

    @Override
    public RDD<InternalRow> doExecute() {
        return sharing == null ? infer() : sharing.of(this, this::infer);
    }

    private RDD<InternalRow> infer() {
        Settings shared = settings.head();
        RDD<InternalRow> rows = child.execute();
        if (rows.getNumPartitions() == 0) {
            return rows;
        }
        List<CallSpec> calls = calls();
        if (shared.integer(Setting.TP) > 1) {
            return BarrierStage.run(rows, calls, inputTypes(), resultTypes(), metricsOfNode());
        }
        List<DataType> types = new ArrayList<>(inputTypes());
        types.addAll(resultTypes());
        ReplicaTask task = new ReplicaTask(calls, types.toArray(DataType[]::new), metricsOfNode());
        StageWatch watch = new StageWatch(rows.sparkContext(), null, metricsOfNode(), null);
        Attempts attempts = new Attempts();
        RDD<InternalRow> results = new WatchedRows<>(rows, task, Scala.tag(InternalRow.class), partition -> {
            if (attempts.begins(partition)) {
                watch.begin();
            }
        });
        watch.overInference(results, 1, () -> {}, any -> null);
        return materialized ? Materialize.keep(results, types) : results;
    }

    private List<CallSpec> calls() {
        List<Attribute> columns = Scala.list(child.output());
        List<CallSpec> calls = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            Attribute prompt = prompts.apply(i);
            int column = 0;
            while (!columns.get(column).exprId().equals(prompt.exprId())) {
                column++;
            }
            calls.add(new CallSpec(column, prompt.dataType(), settings.apply(i)));
        }
        return calls;
    }

    private List<DataType> inputTypes() {
        return Scala.list(child.output()).stream().map(Attribute::dataType).toList();
    }

    private List<DataType> resultTypes() {
        return Scala.list(outputs).stream().map(Attribute::dataType).toList();
    }

    private synchronized InferenceMetrics metricsOfNode() {
        if (metrics == null) {
            metrics = InferenceMetrics.create(session().sparkContext());
        }
        return metrics;
    }

    @Override
    public Map<String, SQLMetric> metrics() {
        return metricsOfNode().byName();
    }

    @Override
    public Seq<Attribute> output() {
        List<Attribute> all = new ArrayList<>(Scala.list(child.output()));
        all.addAll(Scala.list(outputs));
        return Scala.seq(all);
    }

    @Override
    public AttributeSet producedAttributes() {
        return AttributeSet$.MODULE$.apply(Scala.<Expression>seq(Scala.list(outputs)));
    }

    @Override
    public Partitioning outputPartitioning() {
        return child.outputPartitioning();
    }

    @Override
    public Seq<SortOrder> outputOrdering() {
        return child.outputOrdering();
    }

    @Override
    public Seq<SparkPlan> children() {
        return Scala.seqOf(child);
    }

    @Override
    public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> children) {
        return new TpInferenceExec(prompts, outputs, settings, materialized, children.head(), sharing);
    }

    /** What EXPLAIN shows: the columns, the settings that differ from the defaults, and the cost of a split model. */
    @Override
    public scala.collection.Iterator<Object> stringArgs() {
        List<Object> shown = new ArrayList<>(List.of(prompts, outputs));
        settings.distinct().foreach(each -> shown.add("{" + each + "}"));
        if (settings.head().integer(Setting.TP) > 1) {
            shown.add("barrier stages between two shuffles: input and results are written to local disks, and nothing"
                    + " comes out before the last row is done");
        }
        if (sharing != null) {
            shown.add("shared: run once for all equal nodes of the query");
        }
        return CollectionConverters.asScala(shown.iterator());
    }

    @Override
    public int productArity() {
        return 5;
    }

    @Override
    public Object productElement(int index) {
        return switch (index) {
            case 0 -> prompts;
            case 1 -> outputs;
            case 2 -> settings;
            case 3 -> materialized;
            default -> child;
        };
    }

    @Override
    public Seq<Object> otherCopyArgs() {
        return Scala.seq(Collections.singletonList(sharing));
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof TpInferenceExec;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TpInferenceExec node
                && prompts.equals(node.prompts)
                && outputs.equals(node.outputs)
                && settings.equals(node.settings)
                && materialized == node.materialized
                && child.equals(node.child);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * (31 * prompts.hashCode() + outputs.hashCode()) + settings.hashCode()) + child.hashCode();
    }
}
