package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.RotaryScaling;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How configs say that rotary frequencies are stretched. */
final class RopeScaling {
    private RopeScaling() {}

    /**
     * @param c the whole configuration
     * @param s its {@code rope_scaling} or {@code rope_parameters}
     * @param rotated features of a head that turn
     */
    static RotaryScaling of(Config c, Config s, int rotated) {
        String type = s.text("rope_type", "type").orElse("default");
        switch (type) {
            case "default":
                return new RotaryScaling.None();
            case "linear":
                return new RotaryScaling.Linear(factor(s));
            case "dynamic":
                return dynamic(c, s);
            case "llama3":
                return new RotaryScaling.Llama3(
                        factor(s), required(s, "low_freq_factor"), required(s, "high_freq_factor"), trained(c, s));
            case "yarn":
                // The first Phi-3 configs called LongRoPE so.
                return s.has("short_factor") ? longRope(c, s, rotated) : yarn(c, s);
            case "longrope", "su":
                return longRope(c, s, rotated);
            default:
                throw s.wrong(type, "default, linear, dynamic, llama3, yarn or longrope", "rope_type");
        }
    }

    private static RotaryScaling dynamic(Config c, Config s) {
        Optional<Double> alpha = s.number("alpha").filter(value -> value != 0);
        if (alpha.isPresent()) {
            return new RotaryScaling.Grown(alpha.get());
        }
        return new RotaryScaling.Dynamic(factor(s), c.size("max_position_embeddings"));
    }

    private static RotaryScaling yarn(Config c, Config s) {
        int trained = trained(c, s);
        // Without a factor the two lengths tell it.
        double factor = s.has("factor") ? factor(s) : (double) c.size("max_position_embeddings") / trained;
        double amplitude = s.number("attention_factor").orElseGet(() -> yarnAmplitude(s, factor));
        return new RotaryScaling.Yarn(
                factor,
                trained,
                s.number(32, "beta_fast"),
                s.number(1, "beta_slow"),
                s.flag(true, "truncate"),
                amplitude);
    }

    /** The length the model was trained on: told with the scaling, beside it, or else the longest one. */
    private static int trained(Config c, Config s) {
        String key = "original_max_position_embeddings";
        if (s.has(key)) {
            return s.size(key);
        }
        return c.integer(key)
                .or(() -> c.integer("max_position_embeddings"))
                .filter(length -> length > 0)
                .orElseThrow(() -> s.missing("the length the model was trained on", key));
    }

    /** The attention temperature of YaRN, with the two scales that DeepSeek's configs add. */
    private static double yarnAmplitude(Config s, double factor) {
        Optional<Double> mscale = s.number("mscale");
        Optional<Double> all = s.number("mscale_all_dim");
        if (mscale.isPresent() && all.isPresent() && mscale.get() != 0 && all.get() != 0) {
            return magnitude(factor, mscale.get()) / magnitude(factor, all.get());
        }
        return magnitude(factor, 1);
    }

    /** YaRN's magnitude for a factor: 0.1 scale ln(factor) + 1. */
    static double magnitude(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    private static RotaryScaling longRope(Config c, Config s, int rotated) {
        int longest = c.size("max_position_embeddings");
        int trained = c.integer("original_max_position_embeddings")
                .orElseGet(() -> s.sizeOr(longest, "original_max_position_embeddings"));
        // The published factor yields to the quotient of the lengths where both are given.
        double factor =
                c.has("original_max_position_embeddings") || !s.has("factor") ? (double) longest / trained : factor(s);
        double amplitude = s.number("attention_factor")
                .orElse(factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained)));
        return new RotaryScaling.LongRope(
                factors(s, rotated, "short_factor"),
                factors(s, rotated, "long_factor"),
                trained,
                s.number(amplitude, "short_mscale"),
                s.number(amplitude, "long_mscale"));
    }

    private static List<Double> factors(Config s, int rotated, String key) {
        JsonNode list = s.node(key).orElseThrow(() -> s.missing("a list of " + rotated / 2 + " numbers", key));
        List<Double> factors = new ArrayList<>();
        list.forEach(item -> factors.add(item.asDouble()));
        if (!list.isArray() || factors.size() != rotated / 2 || factors.stream().anyMatch(f -> f <= 0)) {
            throw s.wrong(list, "a list of " + rotated / 2 + " positive numbers, one a pair of features", key);
        }
        return factors;
    }

    static double factor(Config s) {
        double factor = required(s, "factor");
        if (factor < 1) {
            throw s.wrong(factor, "a number of at least 1", "factor");
        }
        return factor;
    }

    private static double required(Config s, String key) {
        return s.number(key).orElseThrow(() -> s.missing("a number", key));
    }
}
