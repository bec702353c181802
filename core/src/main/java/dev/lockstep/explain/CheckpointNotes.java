package dev.lockstep.explain;

import dev.lockstep.architecture.Architectures;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.TensorInfo;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Collective;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** The parts of a checkpoint that its model does not use: keys without support, tensors that are not read. */
final class CheckpointNotes {
    private CheckpointNotes() {}

    /** Sections of the report; empty where all is used. Call it after the model was built. */
    static String of(Checkpoint checkpoint, Model model) {
        Table table = new Table();
        Map<String, Integer> unread = unreadTensors(checkpoint, model);
        if (!unread.isEmpty()) {
            table.title("tensors of the files that the model does not use");
            unread.forEach((name, times) -> table.row(name, "x " + times, ""));
        }
        TreeSet<String> keys = new TreeSet<>(Architectures.unknownKeys(checkpoint.config()));
        if (!keys.isEmpty()) {
            table.title("warning: keys of config.json that nothing reads, so what they say is not honoured");
            keys.forEach(key -> table.row(
                    key, "", checkpoint.config().node(key).map(Object::toString).orElse("null")));
        }
        return table.toString();
    }

    private static Map<String, Integer> unreadTensors(Checkpoint checkpoint, Model model) {
        if (!checkpoint.hasWeights()) {
            return Map.of();
        }
        TreeSet<String> unread = new TreeSet<>(checkpoint.names());
        for (Weight weight : model.graph().weights()) {
            for (String name : weight.expression().tensorNames()) {
                Optional<TensorInfo> tensor = checkpoint.find(name, model.names());
                tensor.ifPresent(found -> unread.remove(found.name()));
            }
        }
        Map<String, Integer> starred = new TreeMap<>();
        unread.forEach(name -> starred.merge(Collective.starred(name), 1, Integer::sum));
        return starred;
    }
}
