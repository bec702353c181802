package dev.lockstep.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.engine.EngineOptions;
import dev.lockstep.engine.LocalGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** What a report says weights take in 8 bits, beside what they take once loaded. */
final class ExplainInt8Test {

    /** Matrices in 8 bits with a scale for every output, tables that are looked up in 16: shapes that no layout pads. */
    @Test
    void weightsTakeWhatIsReported() {
        String model = "../examples/dates/model";
        Explain.Memory memory = new Explain.Memory(1L << 30, null, 0);
        String report = new Explain(List.of(1), "max", "int8", memory, List.of(new Explain.Rows(16, 16)), false)
                .of(Path.of(model));
        Matcher line = Pattern.compile("weights of rank 0 +([0-9,]+) bytes").matcher(report);
        assertThat(line.find()).as(report).isTrue();
        long reported = Long.parseLong(line.group(1).replace(",", ""));

        EngineOptions options = new EngineOptions(model, 1, "int8", "max", 1, 1L << 30, 256, 8);
        try (LocalGroup group = LocalGroup.open(options, false)) {
            assertThat(group.leader().program().memory().weights()).isCloseTo(reported, Percentage.withPercentage(2));
        }
    }
}
