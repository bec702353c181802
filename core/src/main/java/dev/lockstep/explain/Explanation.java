package dev.lockstep.explain;

import dev.lockstep.backend.Precision;
import dev.lockstep.graph.CacheSpec;
import dev.lockstep.graph.Model;
import dev.lockstep.partition.AxisClass;
import dev.lockstep.partition.Meeting;
import dev.lockstep.partition.Partition;
import dev.lockstep.partition.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
        explanation.meetings();
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

    private void meetings() {
        List<Meeting> meetings = Meeting.of(model.graph(), partition.plan());
        table.title("ranks meet");
        Map<String, List<Meeting>> byPlace = new LinkedHashMap<>();
        for (Meeting meeting : meetings) {
            byPlace.computeIfAbsent(meeting.place() + "|" + meeting.kind(), key -> new ArrayList<>())
                    .add(meeting);
        }
        if (byPlace.isEmpty()) {
            table.row("nowhere", "", "");
        }
        long bytes = 0;
        for (List<Meeting> same : byPlace.values()) {
            Meeting first = same.get(0);
            boolean sampled = first.kind() == Plan.Exchange.Kind.GATHER
                    && model.task().generates()
                    && first.place().contains("lm_head") | first.width() == model.vocabulary();
            table.row(
                    first.place(),
                    "x " + same.size(),
                    sampled
                            ? "the best tokens and their mass per row asked for"
                            : first.kind().name().toLowerCase(Locale.ROOT).replace('_', '-') + ", " + first.width()
                                    + " numbers a token");
            bytes += sampled ? 0 : 4L * first.width() * same.size();
        }
        table.title("all-reduces per layer: " + CollectivesPerLayer.planned(meetings));
        table.title("exchanged per token: " + Table.bytes(bytes));
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
        String most = report.copies().entrySet().stream()
                .limit(2)
                .map(entry -> entry.getKey() + " " + String.format(Locale.ROOT, "%,d", entry.getValue()))
                .collect(Collectors.joining(", "));
        table.row(
                "held more than once",
                "",
                Table.bytes(sum - report.total()) + (most.isEmpty() ? "" : ", most: " + most));
        table.row("of that whole on every rank", "", Table.bytes(report.replicated()) + " each");
    }

    private void cache() {
        CacheReport report = new CacheReport(model.graph(), partition.split(), precision.bytes());
        long paged = report.most(CacheSpec.Kind.PAGED);
        long cross = report.most(CacheSpec.Kind.CROSS);
        if (paged > 0) {
            table.title("cache per token of the text: " + Table.bytes(paged) + " on the largest rank");
        }
        if (cross > 0) {
            table.title("cache per token of the source: " + Table.bytes(cross) + " on the largest rank");
        }
    }
}
