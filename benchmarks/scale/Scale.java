import static dev.lockstep.spark.functions.tpGenerate;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Generates for more and more short rows in one session and prints seconds and live heap for each count. Run by {@code
 * bin/bench scale} with: the folder of the dates example, counts, heap of an executor, a work folder, an output folder.
 */
public final class Scale {

    /** Bytes are of live objects, the most after any collection. */
    private record Result(long rows, double seconds, long driverBytes, long executorBytes) {}

    public static void main(String[] arguments) throws IOException {
        Path example = Path.of(arguments[0]);
        Path work = Path.of(arguments[3]);
        Path output = Path.of(arguments[4]);
        int heap = Integer.parseInt(arguments[2].replaceAll("\\D", ""));
        SparkSession spark = SparkSession.builder()
                .appName("scale")
                .master("local-cluster[1,2," + heap + "]")
                .config("spark.ui.enabled", false)
                .config("spark.executor.memory", heap + "m")
                .config("spark.executor.extraClassPath", System.getProperty("scale.classpath"))
                .config("spark.executor.extraJavaOptions", System.getProperty("scale.javaOptions"))
                .config("spark.plugins", HeapWatch.class.getName())
                .config("spark.lockstep.model", example.resolve("model").toString())
                .config("spark.lockstep.maxNewTokens", 12)
                .getOrCreate();
        List<Result> results = new ArrayList<>();
        // The first rows load the model and warm everything up.
        run(spark, 500, work);
        for (String rows : arguments[1].split(",")) {
            results.add(run(spark, Long.parseLong(rows), work));
            System.out.println(results.get(results.size() - 1));
        }
        spark.stop();
        write(results, heap, output);
    }

    private static Result run(SparkSession spark, long rows, Path work) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        HeapWatch.reset();
        context.parallelize(List.of(1), 1).foreach(ignored -> HeapWatch.reset());
        long start = System.nanoTime();
        spark.range(rows)
                .select(col("id"), concat(lit("day "), col("id").mod(28).plus(1), lit(" March 1981")).as("prompt"))
                .withColumn("out", tpGenerate(col("prompt")))
                .write()
                .mode("overwrite")
                .parquet(work.resolve("rows").toString());
        double seconds = (System.nanoTime() - start) / 1e9;
        long executor = context.parallelize(List.of(1), 1).map(ignored -> HeapWatch.mostLive()).first();
        return new Result(rows, seconds, HeapWatch.mostLive(), executor);
    }

    private static void write(List<Result> results, int heap, Path output) throws IOException {
        StringBuilder table = new StringBuilder(String.format(Locale.ROOT, "Driver and executor have heaps of %d MiB;"
                + " live heap is the most in use after any collection.%n%n| rows | s | rows/s | driver's live heap MiB |"
                + " executor's live heap MiB |%n|---|---|---|---|---|%n", heap));
        StringBuilder json = new StringBuilder("{\"date\": \"" + LocalDate.now() + "\", \"heap_mib\": " + heap
                + ", \"results\": [");
        for (Result r : results) {
            table.append(String.format(Locale.ROOT, "| %,d | %.1f | %.0f | %.0f | %.0f |%n", r.rows, r.seconds,
                    r.rows / r.seconds, r.driverBytes / 0x1p20, r.executorBytes / 0x1p20));
            json.append(String.format(Locale.ROOT, "%s{\"rows\": %d, \"seconds\": %.3f, \"driver_live_bytes\": %d,"
                    + " \"executor_live_bytes\": %d}", json.toString().endsWith("[") ? "" : ", ", r.rows, r.seconds,
                    r.driverBytes, r.executorBytes));
        }
        Files.createDirectories(output);
        Files.writeString(output.resolve("scale.json"), json.append("]}\n").toString());
        Files.writeString(output.resolve("scale.md"), table.toString());
        System.out.print(table);
    }
}
