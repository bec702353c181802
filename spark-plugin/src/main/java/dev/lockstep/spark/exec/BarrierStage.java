package dev.lockstep.spark.exec;

import dev.lockstep.spark.Settings;
import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.Tuple2;

/**
 * How a split model runs: rows are shuffled into chunks, a barrier stage whose tasks are the ranks reads them, and a second
 * shuffle brings rows back to their partitions. The second one makes the barrier stage a map stage, which Spark runs
 * complete and can run again; a failed barrier result stage would abort the job.
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
        int ranks = Slots.await(settings, context);

        List<DataType> chunkTypes = new ArrayList<>(List.of(DataTypes.IntegerType, DataTypes.LongType));
        chunkTypes.addAll(input);
        ToChunks toChunks = new ToChunks(chunkTypes.toArray(DataType[]::new), ranks);
        RDD<Tuple2<Object, InternalRow>> keyed = rows.mapPartitionsWithIndex(toChunks, false, Shuffles.pairTag());
        RDD<Tuple2<Object, InternalRow>> chunks = Shuffles.byNumber(keyed, ranks, chunkTypes.size());

        ChunkSource source = new ChunkSource(context, Shuffles.dependency(chunks), ranks);
        List<DataType> types = new ArrayList<>(chunkTypes);
        types.addAll(results);
        RankTask rank = new RankTask(
                source.handle(),
                ranks,
                calls,
                types.toArray(DataType[]::new),
                rows.getNumPartitions(),
                context.applicationId(),
                metrics);
        RDD<Tuple2<Object, InternalRow>> inferred =
                source.barrier().mapPartitionsWithIndex(rank, false, Shuffles.pairTag());
        SlotWatch.during(inferred.id(), ranks, settings, context);

        RDD<Tuple2<Object, InternalRow>> back = Shuffles.byNumber(inferred, rows.getNumPartitions(), types.size());
        return back.mapPartitionsWithIndex(new Restore(rank.resultTypes()), false, Scala.tag(InternalRow.class));
    }
}
