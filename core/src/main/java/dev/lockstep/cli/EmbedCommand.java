package dev.lockstep.cli;

import dev.lockstep.backend.Pooling;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.engine.EngineOptions;
import dev.lockstep.engine.Engines;
import dev.lockstep.engine.LocalGroup;
import dev.lockstep.generate.CheckpointText;
import dev.lockstep.generate.Embedder;
import dev.lockstep.generate.EmbeddingDefaults;
import dev.lockstep.generate.EmbeddingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lockstep embed}. */
@Command(
        name = "embed",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Makes a vector of every row of a file with an encoder, in the order of the file.",
        footer = {
            "",
            "Input: each line of a .txt file is a text. Each line of a .jsonl file is an object with text or token_ids (a"
                    + " list of integers, special tokens included); all fields are kept.",
            "Output: the input's fields, then embedding (a list of numbers) and error (null or the reason). A null text"
                    + " gives a null embedding.",
            "Exit status: 0; 1 when a row failed and --fail-on-error was given; 2 when nothing could be run."
        })
final class EmbedCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL_DIR", description = "A checkpoint's folder.")
    private Path model;

    @Option(names = "--input", required = true, paramLabel = "FILE", description = "Rows: .txt or .jsonl.")
    private Path input;

    @Option(names = "--output", paramLabel = "FILE", description = "JSON lines; standard output where not given.")
    private Path output;

    @Option(names = "--pooling", description = "mean, cls or last (default: as modules.json says, else mean).")
    private String pooling;

    @Option(
            names = "--normalize",
            negatable = true,
            description = "Give vectors the length 1 (default: as modules.json says, else not).")
    private Boolean normalize;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "Cut texts after N tokens, special ones included; 0 for never"
                    + " (default: as sentence_bert_config.json says, else never).")
    private Integer maxTokens;

    @Mixin
    private EngineFlags engine;

    @Option(names = "--fail-on-error", description = "End at the first row that cannot be run.")
    private boolean failOnError;

    @Mixin
    private StatsFlags stats;

    @Override
    public Integer call() throws IOException {
        if (output != null && Files.exists(output) && Files.isSameFile(output, input)) {
            throw new IllegalArgumentException("--output is the input itself, " + output + ": name another file");
        }
        EngineOptions options = engine.options(model);
        Engines.checkEmbeds(options);
        Path folder;
        try (Checkpoint checkpoint = Checkpoints.open(model)) {
            folder = Path.of(checkpoint.location());
        }
        return run(options, embedding(folder), folder);
    }

    /** Options that are not given come from the checkpoint's files, which are not read when all are given. */
    private EmbeddingOptions embedding(Path folder) {
        Pooling given = pooling == null ? null : Pooling.named(pooling);
        if (given != null && normalize != null) {
            return new EmbeddingOptions(given, normalize, maxTokens == null ? 0 : maxTokens);
        }
        EmbeddingOptions defaults = EmbeddingDefaults.read(folder);
        return new EmbeddingOptions(
                given == null ? defaults.pooling() : given,
                normalize == null ? defaults.normalize() : normalize,
                maxTokens == null ? defaults.maxTokens() : maxTokens);
    }

    private int run(EngineOptions options, EmbeddingOptions embedding, Path folder) throws IOException {
        long start = System.nanoTime();
        try (CheckpointText text = CheckpointText.open(folder);
                RowReader reader = LineReader.open(input, "text");
                LocalGroup group = LocalGroup.open(options, false);
                JsonLines lines = JsonLines.to(output)) {
            double loadSeconds = RunStats.seconds(start);
            start = System.nanoTime();
            if (stats.warmUpRows() > 0) {
                try (RowReader first = new FirstRows(LineReader.open(input, "text"), stats.warmUpRows())) {
                    EmbedStream dropped = new EmbedStream(first, (row, vector) -> {}, false);
                    run(embedder(group, text, embedding), dropped, group);
                }
            }
            double warmUpSeconds = stats.warmUpRows() > 0 ? RunStats.seconds(start) : 0;
            start = System.nanoTime();
            EmbedStream rows = new EmbedStream(reader, lines::write, failOnError);
            Embedder embedder = embedder(group, text, embedding);
            run(embedder, rows, group);
            lines.flush();
            if (rows.failed() > 0) {
                System.err.println(
                        "lockstep: " + rows.failed() + " of " + rows.rows() + " rows failed: see their error");
            }
            if (stats.print()) {
                RunStats.Times times = new RunStats.Times(loadSeconds, warmUpSeconds, RunStats.seconds(start));
                System.out.println(RunStats.json(rows.rows(), embedder.stats(), times, options));
            }
            return 0;
        } catch (RowStream.RowFailedException failed) {
            System.err.println("lockstep: " + failed.getMessage());
            return 1;
        }
    }

    private static Embedder embedder(LocalGroup group, CheckpointText text, EmbeddingOptions embedding) {
        return new Embedder(group.leader().stepRunner(), group.leader().traits(), text, embedding);
    }

    private static void run(Embedder embedder, EmbedStream rows, LocalGroup group) {
        try {
            embedder.run(rows, rows, () -> false);
        } catch (RuntimeException | Error failed) {
            group.leader().mesh().abort(failed);
            throw failed;
        }
    }
}
