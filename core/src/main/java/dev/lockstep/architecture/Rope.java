package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import java.util.Optional;

/** Rotary positions as configs publish them: {@code rope_theta} with {@code rope_scaling}, or {@code rope_parameters}. */
final class Rope {
    private static final String PARTIAL = "this family turns whole heads";

    private Rope() {}

    /** The table of a family that turns whole heads; a config that asks for a part is refused. */
    static RotaryTable whole(Config c, int headDim) {
        Fixed.number(c, 1, "partial_rotary_factor", PARTIAL);
        published(c).ifPresent(s -> Fixed.number(s, 1, "partial_rotary_factor", PARTIAL));
        return table(c, headDim);
    }

    /** The table for the first {@code rotated} features of a head. */
    static RotaryTable table(Config c, int rotated) {
        Optional<Config> published = published(c);
        double theta =
                published.flatMap(s -> s.number("rope_theta")).orElse(c.number(10000, "rope_theta", "rotary_emb_base"));
        if (theta <= 0) {
            throw c.wrong(theta, "a positive number", "rope_theta");
        }
        if (rotated % 2 != 0) {
            throw c.wrong(rotated, "an even number: rotary positions turn pairs of features", "head_dim");
        }
        return new RotaryTable(rotated, theta, published.map(s -> scaling(c, s)).orElse(new RotaryScaling.None()));
    }

    private static Optional<Config> published(Config c) {
        Optional<Config> older = c.child("rope_scaling");
        Optional<Config> published = c.child("rope_parameters").or(() -> older);
        published.ifPresent(s -> s.json().fields().forEachRemaining(entry -> {
            if (entry.getValue().isObject()) {
                throw s.wrong("an object", "a number or a name: one table serves all layers here", entry.getKey());
            }
        }));
        return published;
    }

    private static RotaryScaling scaling(Config c, Config s) {
        String type = s.text("rope_type", "type").orElse("default");
        switch (type) {
            case "default":
                return new RotaryScaling.None();
            case "linear":
                return new RotaryScaling.Linear(factor(s));
            case "dynamic":
                return new RotaryScaling.Dynamic(factor(s), c.size("max_position_embeddings"));
            case "llama3":
                return new RotaryScaling.Llama3(
                        factor(s),
                        required(s, "low_freq_factor"),
                        required(s, "high_freq_factor"),
                        s.size("original_max_position_embeddings"));
            case "yarn":
                return yarn(c, s);
            default:
                throw s.wrong(type, "default, linear, dynamic, llama3 or yarn", "rope_type");
        }
    }

    private static RotaryScaling yarn(Config c, Config s) {
        int trained = s.sizeOr(c.integer("max_position_embeddings").orElse(0), "original_max_position_embeddings");
        if (trained <= 0) {
            throw s.missing("the length the model was trained on", "original_max_position_embeddings");
        }
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

    /** The attention temperature of YaRN, with the two scales that DeepSeek's configs add. */
    private static double yarnAmplitude(Config s, double factor) {
        Optional<Double> mscale = s.number("mscale");
        Optional<Double> all = s.number("mscale_all_dim");
        if (mscale.isPresent() && all.isPresent() && mscale.get() != 0 && all.get() != 0) {
            return magnitude(factor, mscale.get()) / magnitude(factor, all.get());
        }
        return magnitude(factor, 1);
    }

    private static double magnitude(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    private static double factor(Config s) {
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
