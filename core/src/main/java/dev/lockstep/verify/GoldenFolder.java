package dev.lockstep.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.checkpoint.CheckpointException;
import dev.lockstep.generate.Scorer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * A folder with a checkpoint and a reference's outputs for some inputs.
 *
 * @param path the folder
 * @param id its name in reports: the folder's name
 * @param cases the inputs
 * @param beamScores summed log-probability of the reference's best beam, by case
 */
record GoldenFolder(Path path, String id, List<Scorer.Case> cases, List<OptionalDouble> beamScores) {
    private static final String DESCRIPTION = "expected.json";

    /** The folder itself if it is a case, else all case folders directly below it, by name. */
    static List<Path> find(Path path) {
        if (Files.isRegularFile(path.resolve(DESCRIPTION))) {
            return List.of(path);
        }
        if (!Files.isDirectory(path)) {
            throw new CheckpointException(path + " is no folder");
        }
        try (Stream<Path> below = Files.list(path)) {
            List<Path> found = below.filter(folder -> Files.isRegularFile(folder.resolve(DESCRIPTION)))
                    .sorted()
                    .toList();
            if (found.isEmpty()) {
                throw new CheckpointException(
                        path + " holds no golden case: expected " + DESCRIPTION + " there or in folders below it");
            }
            return found;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static GoldenFolder read(Path path) {
        try {
            JsonNode description =
                    new ObjectMapper().readTree(path.resolve(DESCRIPTION).toFile());
            List<Scorer.Case> cases = new ArrayList<>();
            List<OptionalDouble> beamScores = new ArrayList<>();
            for (JsonNode each : description.get("cases")) {
                refuseUnknownInputs(path, each);
                cases.add(new Scorer.Case(
                        ints(each.get("input_ids")),
                        ints(each.get("token_type_ids")),
                        ints(each.get("decoder_input_ids")),
                        ints(each.get("start"))));
                JsonNode score = each.get("beam_score");
                beamScores.add(score == null ? OptionalDouble.empty() : OptionalDouble.of(score.asDouble()));
            }
            return new GoldenFolder(path, path.getFileName().toString(), cases, beamScores);
        } catch (IOException failed) {
            throw new CheckpointException(path + ": " + failed.getMessage(), failed);
        }
    }

    /** An input that would be dropped makes the comparison mean nothing. */
    private static void refuseUnknownInputs(Path path, JsonNode each) {
        List<String> known =
                List.of("input_ids", "token_type_ids", "decoder_input_ids", "start", "beam_score", "attention_mask");
        each.fieldNames().forEachRemaining(name -> {
            boolean plainMask = name.equals("attention_mask") && allOnes(each.get(name));
            if (!known.contains(name) || (name.equals("attention_mask") && !plainMask)) {
                throw new UnsupportedCaseException(path + ": input '" + name + "' is not supported");
            }
        });
    }

    private static boolean allOnes(JsonNode mask) {
        for (JsonNode item : mask) {
            if (item.asInt() != 1) {
                return false;
            }
        }
        return true;
    }

    private static int[] ints(JsonNode list) {
        if (list == null || list.isNull()) {
            return null;
        }
        int[] values = new int[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i).asInt();
        }
        return values;
    }
}
