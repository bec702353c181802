package dev.lockstep.cli;

import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.engine.EngineOptions;
import dev.lockstep.engine.Engines;
import dev.lockstep.engine.LocalGroup;
import dev.lockstep.generate.CheckpointText;
import dev.lockstep.generate.GenerationDefaults;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Generator;
import dev.lockstep.generate.UnsupportedDefaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lockstep generate}. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Generates text for a prompt, or for every row of a file, in the order of the file.",
        footer = {
            "",
            "Input: each line of a .txt file is a prompt. Each line of a .jsonl file is an object with prompt (text),"
                    + " token_ids (a list of integers) or messages (a list of objects with role and content, for the"
                    + " model's chat template, which also gets the field tools); all fields are kept.",
            "Output: the input's fields, then output (text, null without a tokenizer), output_token_ids (end of"
                    + " text not included), finish_reason (eos, length, stop or error), with --logprobs also logprobs (an"
                    + " object for each token: token_id, logprob, top), and error (null or the reason). With --n above"
                    + " 1 each field but error is a list with an entry for every text. A null prompt gives a null output.",
            "Order: --logit-bias is added to the model's logits, then come --repetition-penalty, --frequency-penalty and"
                    + " --presence-penalty, then tokens are ruled out (--no-repeat-ngram-size, --min-new-tokens,"
                    + " --choice, --regex, --json-schema), then --temperature, --top-k, --top-p, --min-p and --typical-p"
                    + " apply. A constrained text that --max-new-tokens cuts short does not match.",
            "Exit status: 0; 1 when a row failed and --fail-on-error was given or the row came by --prompt; 2 when"
                    + " nothing could be run."
        })
final class GenerateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL_DIR", description = "A checkpoint's folder.")
    private Path model;

    @ArgGroup(multiplicity = "1")
    private Prompts prompts;

    @Option(names = "--chat", description = "The prompt is a user's message for the model's chat template.")
    private boolean chat;

    @Option(names = "--output", paramLabel = "FILE", description = "JSON lines; standard output where not given.")
    private Path output;

    @Mixin
    private EngineFlags engine;

    @Mixin
    private SamplingFlags sampling;

    @Option(names = "--fail-on-error", description = "End at the first row that cannot be run.")
    private boolean failOnError;

    @Mixin
    private StatsFlags stats;

    /** Where rows come from: exactly one is given. */
    static final class Prompts {
        @Option(names = "--prompt", paramLabel = "TEXT", description = "One prompt; prints its continuation.")
        private String prompt;

        @Option(names = "--input", paramLabel = "FILE", description = "Rows: .txt or .jsonl.")
        private Path input;
    }

    @Override
    public Integer call() throws IOException {
        if (prompts.prompt != null && output != null) {
            throw new IllegalArgumentException("--output goes with --input: --prompt prints to standard output");
        }
        if (stats.warmUpRows() > 0 && prompts.prompt != null) {
            throw new IllegalArgumentException("--warm-up goes with --input: it runs the first rows of the file");
        }
        if (chat && prompts.prompt == null) {
            throw new IllegalArgumentException("--chat goes with --prompt: a row of --input is a chat by its messages");
        }
        if (output != null && Files.exists(output) && Files.isSameFile(output, prompts.input)) {
            throw new IllegalArgumentException("--output is the input itself, " + output + ": name another file");
        }
        EngineOptions options = engine.options(model);
        Engines.check(options);
        if (chat) {
            Engines.checkChat(options);
        }
        try (Checkpoint checkpoint = Checkpoints.open(model)) {
            GenerationOptions generation =
                    sampling.options(GenerationDefaults.read(checkpoint.config(), checkpoint.generationConfig())
                            .options());
            List<String> unsupported = UnsupportedDefaults.of(checkpoint.config(), checkpoint.generationConfig());
            if (!unsupported.isEmpty()) {
                System.err.println("lockstep: the checkpoint's generation settings " + String.join(", ", unsupported)
                        + " are not supported: texts may differ from its authors'");
            }
            return run(options, generation, Path.of(checkpoint.location()));
        }
    }

    private int run(EngineOptions options, GenerationOptions generation, Path folder) throws IOException {
        long start = System.nanoTime();
        try (RowReader reader =
                        prompts.prompt != null ? new OnePrompt(prompts.prompt, chat) : LineReader.open(prompts.input);
                RowWriter writer = prompts.prompt != null ? new TextPrinter(System.out) : JsonLines.to(output);
                CheckpointText text = text(folder);
                LocalGroup group = LocalGroup.open(options, false)) {
            double loadSeconds = RunStats.seconds(start);
            double warmUpSeconds = warmUp(group, text, generation);
            start = System.nanoTime();
            RowStream rows = new RowStream(reader, writer, generation, failOnError || prompts.prompt != null);
            Generator generator = run(rows, group, text);
            writer.flush();
            report(rows, generator, options, new RunStats.Times(loadSeconds, warmUpSeconds, RunStats.seconds(start)));
            return 0;
        } catch (RowStream.RowFailedException failed) {
            System.err.println("lockstep: " + failed.getMessage());
            return 1;
        }
    }

    private static Generator run(RowStream rows, LocalGroup group, CheckpointText text) {
        Generator generator = Generator.of(
                group.leader().stepRunner(),
                group.leader().traits(),
                text,
                group.leader().batching());
        try {
            generator.run(rows, rows, () -> false);
        } catch (RuntimeException | Error failed) {
            group.leader().mesh().abort(failed);
            throw failed;
        }
        return generator;
    }

    /** Runs the first rows and drops what comes of them; returns the seconds that took. */
    private double warmUp(LocalGroup group, CheckpointText text, GenerationOptions generation) throws IOException {
        if (stats.warmUpRows() == 0) {
            return 0;
        }
        long start = System.nanoTime();
        try (RowReader first = new FirstRows(LineReader.open(prompts.input), stats.warmUpRows());
                RowWriter dropped = RowWriter.dropping()) {
            run(new RowStream(first, dropped, generation, false), group, text);
        }
        return RunStats.seconds(start);
    }

    private void report(RowStream rows, Generator generator, EngineOptions options, RunStats.Times times) {
        if (rows.failed() > 0) {
            System.err.println("lockstep: " + rows.failed() + " of " + rows.rows() + " rows failed: see their error");
        }
        if (stats.print()) {
            System.out.println(RunStats.json(rows.rows(), generator.stats(), times, options));
        }
    }

    private CheckpointText text(Path folder) {
        CheckpointText text = CheckpointText.open(folder);
        if (text.tokenizer() == null && prompts.prompt != null) {
            throw new IllegalArgumentException(text.noTokenizer());
        }
        return text;
    }
}
