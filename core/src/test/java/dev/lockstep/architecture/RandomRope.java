package dev.lockstep.architecture;

import java.util.LinkedHashMap;
import java.util.Map;

/** Random rotary settings, in the older and the newer published form. */
final class RandomRope {
    private RandomRope() {}

    static void into(Map<String, Object> config, Draw draw) {
        Map<String, Object> rope = new LinkedHashMap<>();
        String type = draw.oneOf("default", "linear", "dynamic", "llama3", "yarn");
        rope.put("rope_type", type);
        if (!type.equals("default")) {
            rope.put("factor", draw.oneOf(2, 4));
        }
        if (type.equals("llama3")) {
            rope.put("low_freq_factor", 1.0);
            rope.put("high_freq_factor", 4.0);
        }
        if (type.equals("llama3") || type.equals("yarn")) {
            rope.put("original_max_position_embeddings", 64);
        }
        double theta = draw.oneOf(10000, 500000);
        if (draw.flag()) {
            rope.put("rope_theta", theta);
            config.put("rope_parameters", rope);
        } else {
            config.put("rope_theta", theta);
            config.put("rope_scaling", type.equals("default") ? null : rope);
        }
    }
}
