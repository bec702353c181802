package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import scala.Tuple2;

/**
 * How a split model runs: rows are shuffled into one chunk for each group of ranks; every group is a barrier stage of
 * its own, whose tasks are the ranks; and each of these stages writes a shuffle, from which the last stage puts the
 * original partitions together. The second shuffles make the barrier stages map stages, which Spark always runs
 * completely and can run again; a failed barrier result stage would abort the job.
 *
 * <p>Each group has its own stage, because a barrier stage starts only when all its slots are free at once. So no group
 * waits for the slots of another, a lost executor costs only the rows of its own groups, and the rest of a cluster is
 * enough as long as it has room for one group.
 */
final class BarrierStage {
    private BarrierStage() {}

    static RDD<InternalRow> run(
            RDD<InternalRow> rows,
            List<CallSpec> calls,
            List<DataType> input,
            List<DataType> results,
            InferenceMetrics metrics) {
        SparkContext context = rows.sparkContext();
        Settings settings = calls.get(0).settings();
        int tp = settings.integer(Setting.TP);
        int groups = Slots.awaitGroups(settings, context);

        FinishedChunks finished = FinishedChunks.under(context);
        StageWatch watch = new StageWatch(context, new SlotWait(settings, context), metrics, finished);
        ChunkEditions editions = new ChunkEditions(rows, finished, watch);
        ToChunks toChunks = new ToChunks(input, groups, Determinism.keepsOrder(rows), Determinism.changes(rows));
        RDD<Tuple2<Object, InternalRow>> dealt = new WatchedRows<>(rows, toChunks, Shuffles.pairTag(), editions::asked);
        watch.overInput(dealt);
        ShuffleDependency<Object, InternalRow, InternalRow> chunks =
                Shuffles.byNumber(dealt, groups, Head.COLUMNS + input.size());
        editions.of(chunks.shuffleId());

        List<CallSpec> shifted =
                calls.stream().map(call -> call.shifted(Head.COLUMNS)).toList();
        List<ShuffleDependency<Object, InternalRow, InternalRow>> inferred = new ArrayList<>();
        for (int group = 0; group < groups; group++) {
            RankTask rank = new RankTask(
                    chunks.shuffleHandle(),
                    group,
                    shifted,
                    input,
                    results,
                    rows.getNumPartitions(),
                    context.applicationId(),
                    metrics,
                    finished);
            GroupHome home = new GroupHome(group, tp, settings.integer(Setting.GROUPS_PER_EXECUTOR), watch, context);
            ChunkSource source = new ChunkSource(chunks, group, tp, home, finished, context);
            RDD<Tuple2<Object, InternalRow>> ranks =
                    source.barrier().mapPartitionsWithIndex(rank, false, Shuffles.pairTag());
            watch.overInference(ranks, tp, source::done, failure -> editions.failed(source, failure));
            ShuffleDependency<Object, InternalRow, InternalRow> written =
                    Shuffles.byNumber(ranks, rows.getNumPartitions(), rank.types().length);
            editions.over(source, written.shuffleId());
            inferred.add(written);
        }
        List<DataType> columns = new ArrayList<>(input);
        columns.addAll(results);
        return new RestoredRows(rows, inferred, columns, toChunks.censuses());
    }
}
