package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Generator;
import dev.lockstep.generate.Request;
import dev.lockstep.generate.RequestSource;
import dev.lockstep.generate.TextTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What 8 bits cost a trained model: held-out rows of the dates example, each with the one right answer. */
final class DatesInt8Test {
    private static final Path DATES = Path.of("../examples/dates");

    private record Row(String messy, String iso) {}

    @ParameterizedTest
    @CsvSource({"auto,1", "int8,1", "auto,2", "int8,2"})
    void datesAreAsGoodAsAlways(String cacheDtype, int tp) throws IOException {
        List<Row> rows = heldOut(1000);
        List<String> wrong = wrong(rows, cacheDtype, tp);
        assertThat(wrong.size()).as("wrong: %s", wrong).isLessThanOrEqualTo(rows.size() * 15 / 1000);
    }

    private static List<String> wrong(List<Row> rows, String cacheDtype, int tp) throws IOException {
        EngineOptions options = new EngineOptions(
                        DATES.resolve("model").toString(), tp, "int8", "max", 1, 1L << 30, 0, 0)
                .withCacheDtype(cacheDtype);
        String[] found = new String[rows.size()];
        try (LocalGroup group = LocalGroup.open(options, false);
                TextTokenizer tokenizer = TextTokenizer.open(DATES.resolve("model"))) {
            new Generator(group.leader().stepRunner(), group.leader().traits(), tokenizer)
                    .run(
                            source(rows),
                            completion -> found[(int) completion.id()] =
                                    completion.outputs().get(0).text(),
                            () -> false);
        }
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < found.length; i++) {
            if (!rows.get(i).iso().equals(found[i])) {
                wrong.add(rows.get(i).messy() + " -> " + found[i]);
            }
        }
        return wrong;
    }

    private static RequestSource source(List<Row> rows) {
        return new RequestSource() {
            private int next;

            @Override
            public Request poll() {
                return exhausted()
                        ? null
                        : new Request(
                                next, rows.get(next++).messy(), null, GenerationOptions.GREEDY.withMaxNewTokens(16));
            }

            @Override
            public boolean exhausted() {
                return next == rows.size();
            }
        };
    }

    /** Lines of id, messy, iso; the second is in quotes where it has a comma, and no text has a quote. */
    private static List<Row> heldOut(int count) throws IOException {
        return Files.readAllLines(DATES.resolve("heldout.csv")).stream()
                .skip(1)
                .limit(count)
                .map(line -> new Row(
                        line.substring(line.indexOf(',') + 1, line.lastIndexOf(','))
                                .replace("\"", ""),
                        line.substring(line.lastIndexOf(',') + 1)))
                .toList();
    }
}
