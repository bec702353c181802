package dev.lockstep.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler;

/** Latency, throughput and memory against the degree of parallelism, a picture each. */
final class SuiteCharts {
    private SuiteCharts() {}

    /** Writes {@code NAME-latency.png}, {@code NAME-throughput.png} and {@code NAME-memory.png}. */
    static void write(List<SuiteResult> results, Path folder, String name) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Map<String, ToDoubleFunction<SuiteResult>> latency = new LinkedHashMap<>();
        latency.put("p50", SuiteResult::p50);
        latency.put("p90", SuiteResult::p90);
        latency.put("p99", SuiteResult::p99);
        chart(results, "Latency", "ms a token", latency, folder.resolve(name + "-latency.png"));
        chart(
                results,
                "Throughput",
                "generated tokens a second",
                Map.of("all ranks", SuiteResult::tokensPerSecond),
                folder.resolve(name + "-throughput.png"));
        Map<String, ToDoubleFunction<SuiteResult>> memory = new LinkedHashMap<>();
        memory.put("weights of a rank", result -> result.weightBytes() / 0x1p20);
        memory.put("allocated by a rank", result -> result.allocatedBytes() / 0x1p20);
        memory.put("peak of all ranks", result -> result.peakBytes() / 0x1p20);
        chart(results, "Memory", "MiB", memory, folder.resolve(name + "-memory.png"));
    }

    private static void chart(
            List<SuiteResult> results,
            String title,
            String unit,
            Map<String, ToDoubleFunction<SuiteResult>> series,
            Path file)
            throws IOException {
        CategoryChart chart = new CategoryChartBuilder()
                .width(700)
                .height(420)
                .title(title)
                .xAxisTitle("ranks (tp)")
                .yAxisTitle(unit)
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideS);
        chart.getStyler().setLegendLayout(Styler.LegendLayout.Horizontal);
        chart.getStyler().setYAxisMin(0.0);
        List<Integer> degrees = results.stream().map(SuiteResult::tp).toList();
        series.forEach((label, value) -> {
            List<Double> values = new ArrayList<>();
            results.forEach(result -> values.add(value.applyAsDouble(result)));
            chart.addSeries(label, degrees, values);
        });
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    }
}
