import static dev.lockstep.spark.functions.tpGenerate;
import static org.apache.spark.sql.functions.col;

import dev.lockstep.explain.Explain;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Reads an export of invoices, turns the dates that people typed into ISO 8601 with a model split over two ranks, and
 * writes a parquet. Run by bin/quickstart with two arguments: the folder that holds model and
 * invoices.csv, and the parquet's path. Ends with status 1 when fewer than 99 % of the dates equal the reference column.
 */
public final class Dates {
    private static final double REQUIRED = 0.99;

    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        String output = arguments[1];
        String model = folder.resolve("model").toString();

        SparkSession spark = SparkSession.builder()
                .appName("dates")
                .master("local[2]")
                .config("spark.ui.enabled", false)
                .config("spark.lockstep.model", model)
                .config("spark.lockstep.tp", 2)
                .getOrCreate();
        GeneratedTokens tokens = new GeneratedTokens();
        spark.sparkContext().addSparkListener(tokens);

        Dataset<Row> invoices = spark.read()
                .option("header", true)
                .option("escape", "\"")
                .csv(folder.resolve("invoices.csv").toString());

        long start = System.nanoTime();
        invoices.withColumn("iso", tpGenerate(col("invoice_date"))).write().mode("overwrite").parquet(output);
        double seconds = (System.nanoTime() - start) / 1e9;

        Dataset<Row> dated = spark.read().parquet(output);
        dated.select("invoice_id", "customer", "invoice_date", "iso", "reference_iso").show(10, false);
        long rows = dated.count();
        long exact = dated.filter(col("iso").equalTo(col("reference_iso"))).count();
        spark.stop(); // delivers the last events to the listener

        System.out.println("The split of " + model + ":");
        System.out.println(new Explain(List.of(2), "cost", "fp32", null, List.of(), false).of(folder.resolve("model")));
        System.out.printf(Locale.ROOT, "%,d rows in %.1f s, loading the model included: %.0f rows/s, %.0f tokens/s%n",
                rows, seconds, rows / seconds, tokens.sum.get() / seconds);
        System.out.printf(Locale.ROOT, "exact match: %.1f %%%n", 100.0 * exact / rows);
        System.out.println("parquet: " + output);
        if (rows == 0 || exact < REQUIRED * rows) {
            System.err.printf(Locale.ROOT, "quickstart: %,d of %,d dates are right, expected at least %.0f %%%n",
                    exact, rows, 100 * REQUIRED);
            System.exit(1);
        }
    }

    /** Sums the metric that Spark's UI shows at the plan's node. */
    private static final class GeneratedTokens extends SparkListener {
        private final AtomicLong sum = new AtomicLong();

        @Override
        public void onStageCompleted(SparkListenerStageCompleted stage) {
            CollectionConverters.asJava(stage.stageInfo().accumulables().values()).forEach(metric -> {
                if (metric.name().contains("generated tokens") && metric.value().isDefined()) {
                    sum.addAndGet((Long) metric.value().get());
                }
            });
        }
    }
}
