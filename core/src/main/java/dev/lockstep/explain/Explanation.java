package dev.lockstep.explain;

import dev.lockstep.backend.Precision;
import dev.lockstep.engine.MemoryPlanner;
import dev.lockstep.graph.CacheSpec;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.partition.AxisClass;
import dev.lockstep.partition.Collective;
import dev.lockstep.partition.Partition;
import dev.lockstep.partition.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The report of one split. */
public final class Explanation {
    private final Model model;
    private final Partition partition;
    private final Precision precision;
    private final Table table = new Table();

    private Explanation(Model model, Partition partition, Precision precision) {
        this.model = model;
        this.partition = partition;
        this.precision = precision;
    }

    /** @param title the first line: the model, the ranks, the objective */
    public static String of(String title, Model model, Partition partition, Precision precision) {
        Explanation explanation = new Explanation(model, partition, precision);
        explanation.table.title(title);
        explanation.split();
        explanation.whole();
        explanation.collectives();
        explanation.weights();
        explanation.cache();
        return explanation.table.toString();
    }

    private void split() {
        table.title("split");
        List<AxisClass> chosen = new ArrayList<>(partition.chosen());
        chosen.sort(Comparator.comparing(AxisClass::name));
        if (chosen.isEmpty()) {
            table.row("nothing", "", partition.ranks() == 1 ? "there is one rank" : "");
        }
        for (AxisClass axisClass : chosen) {
            String shares = Arrays.stream(
                            partition.split().lists(axisClass.runs().get(0)))
                    .map(list -> Integer.toString(list.length))
                    .collect(Collectors.joining(" + "));
            int times = axisClass.runs().size();
            table.row(
                    axisClass.name(),
                    Integer.toString(axisClass.size()),
                    "as " + shares + (times > 1 ? " (" + times + " times)" : ""));
        }
    }

    private void whole() {
        table.title("whole");
        for (AxisClass axisClass : partition.classes()) {
            if (partition.chosen().contains(axisClass) || axisClass.size() < 2) {
                continue;
            }
            table.row(axisClass.name(), Integer.toString(axisClass.size()), reason(axisClass));
        }
    }

    private String reason(AxisClass axisClass) {
        if (axisClass.obstacle() != null) {
            return axisClass.obstacle();
        }
        String blockers = axisClass.conflicts().stream()
                .filter(partition.chosen()::contains)
                .map(other -> other.name()
                        .substring(other.name().lastIndexOf("*.") + 1)
                        .replaceFirst("^\\.", ""))
                .sorted()
                .distinct()
                .collect(Collectors.joining(", "));
        if (!blockers.isEmpty()) {
            return "shares weights with " + blockers;
        }
        return partition.ranks() == 1 ? "there is one rank" : "splitting it would cost more than it saves";
    }

    private void collectives() {
        List<Collective> collectives = Collective.of(model.graph(), partition.plan());
        table.title("ranks meet");
        Map<String, List<Collective>> byPlace = new LinkedHashMap<>();
        for (Collective collective : collectives) {
            byPlace.computeIfAbsent(collective.place() + "|" + collective.kind(), key -> new ArrayList<>())
                    .add(collective);
        }
        if (byPlace.isEmpty()) {
            table.row("nowhere", "", "");
        }
        for (List<Collective> same : byPlace.values()) {
            Collective first = same.get(0);
            table.row(
                    first.place(),
                    "x " + same.size(),
                    sampled(first)
                            ? "logits: the best tokens and their mass, of rows that need them"
                            : first.kind().name().toLowerCase(Locale.ROOT).replace('_', '-') + ", " + first.width()
                                    + " numbers a " + row(first));
        }
        table.title("all-reduces per layer: " + CollectivesPerLayer.planned(collectives));
        exchanged(collectives);
    }

    /** The unit that has this many numbers: a token, or a row of a table that goes through the model's projections. */
    private static String row(Collective collective) {
        RowAxis rows = collective.node().output().rows();
        return rows.ofSequences() ? "token" : "row of " + rows.name() + ", " + rows.size() + " a step";
    }

    /** Whether only the data that sampling needs is exchanged instead of the value. */
    private boolean sampled(Collective collective) {
        return collective.kind() == Plan.Exchange.Kind.GATHER
                && model.task().generates()
                && (collective.place().contains("lm_head") || collective.width() == model.vocabulary());
    }

    /** Bytes of one token's partial values on a rank, by the token's row axis. They are exchanged in fp32. */
    private void exchanged(List<Collective> collectives) {
        Map<String, Long> bytes = new TreeMap<>();
        for (Collective collective : collectives) {
            if (!sampled(collective) && collective.node().output().rows().ofSequences()) {
                bytes.merge(collective.node().output().rows().root().name(), 4L * collective.width(), Long::sum);
            }
        }
        if (bytes.isEmpty()) {
            table.title("exchanged per token: " + Table.bytes(0));
        }
        boolean one = bytes.size() == 1;
        bytes.forEach((rows, sum) ->
                table.title("exchanged per token" + (one ? "" : " of the " + rows) + ": " + Table.bytes(sum)));
    }

    private void weights() {
        WeightReport report = new WeightReport(model.graph(), partition.split(), precision.bytes());
        table.title("weights in " + precision.name().toLowerCase(Locale.ROOT));
        long sum = 0;
        for (int rank = 0; rank < partition.ranks(); rank++) {
            long held = report.held(rank);
            sum += held;
            table.row("rank " + rank, "", Table.bytes(held) + ", " + Table.percent((double) held / report.total()));
        }
        table.row("the checkpoint", "", Table.bytes(report.total()));
        table.row(
                "sum of the ranks",
                "",
                String.format(
                        Locale.ROOT,
                        "%,d bytes = the checkpoint + %,d held more than once",
                        sum,
                        sum - report.total()));
        table.row("of that whole on every rank", "", Table.bytes(partition.ranks() == 1 ? 0 : report.replicated()));
        report.copies()
                .forEach((name, extra) ->
                        table.row("  " + name, "", String.format(Locale.ROOT, "%,d more bytes", extra)));
    }

    /** Tokens that stay cached while a text grows: a window, rounded up to whole blocks. */
    private static String held(Reach reach) {
        int block = MemoryPlanner.blockSize();
        return String.format(Locale.ROOT, "%,d", (long) reach.heldBlocks(Integer.MAX_VALUE, 1, block) * block);
    }

    private void cache() {
        CacheReport report = new CacheReport(model.graph(), partition.split(), precision);
        long paged = report.most(CacheSpec.Kind.PAGED);
        long cross = report.most(CacheSpec.Kind.CROSS);
        if (paged > 0) {
            table.title("cache per token" + (cross > 0 ? " of the target: " : ": ") + Table.bytes(paged)
                    + " on the largest rank");
            report.limited()
                    .forEach((reach, layers) -> table.row(
                            "of that in layers with a " + reach.described(),
                            Integer.toString(layers.size()),
                            Table.bytes(report.most(layers)) + ", for at most " + held(reach)
                                    + " tokens of a sequence"));
        }
        if (cross > 0) {
            table.title("cache per token of the source: " + Table.bytes(cross) + " on the largest rank");
        }
    }
}
