package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.CheckpointException;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The registry of families, by {@code model_type}. */
public final class Architectures {
    private static final Map<String, Architecture> FAMILIES = families();

    private Architectures() {}

    private static Map<String, Architecture> families() {
        Map<String, Architecture> families = new TreeMap<>();
        families.put("arcee", new Arcee(Arcee.Relative.ARCEE));
        families.put("baichuan", new Baichuan());
        families.put("bert", new Bert());
        families.put("biogpt", new BioGpt());
        families.put("bloom", new Bloom());
        families.put("chatglm", new ChatGlm());
        families.put("codegen", new GptJ(GptJ.Relative.CODEGEN));
        families.put("cohere", new Cohere());
        families.put("cohere2", new Cohere2());
        families.put("ctrl", new Ctrl());
        families.put("cwm", new Cwm());
        families.put("ernie4_5", new Ernie45());
        families.put("exaone", new Exaone());
        families.put("exaone4", new Exaone4());
        families.put("falcon", new Falcon(Falcon.Spelling.FALCON));
        families.put("gemma", new Gemma());
        families.put("gemma2", Gemma2.gemma2());
        families.put("gemma3_text", new Gemma3());
        families.put("glm", new Glm(Glm.Generation.GLM));
        families.put("glm4", new Glm(Glm.Generation.GLM4));
        families.put("gpt2", new Gpt2());
        families.put("gpt_bigcode", new GptBigCode());
        families.put("gpt_neo", new GptNeo());
        families.put("gpt_neox", new GptNeoX());
        families.put("gptj", new GptJ(GptJ.Relative.GPT_J));
        families.put("granite", new Granite(Granite.Publisher.GRANITE));
        families.put("helium", new Helium());
        families.put("hunyuan_v1_dense", new HunyuanDense());
        families.put("hyperclovax", new Granite(Granite.Publisher.HYPERCLOVA_X));
        families.put("internlm3", new InternLm3());
        families.put("jais2", new Arcee(Arcee.Relative.JAIS2));
        families.put("llama", new Llama());
        families.put("ministral", new Mistral(Mistral.Generation.MINISTRAL));
        families.put("ministral3", new Ministral3());
        families.put("mistral", new Mistral(Mistral.Generation.MISTRAL));
        families.put("mpt", new Mpt());
        families.put("nemotron", new Nemotron());
        families.put("olmo", new Olmo());
        families.put("olmo2", new Olmo2());
        families.put("olmo3", new Olmo3());
        families.put("openai-gpt", new OpenAiGpt());
        families.put("opt", new Opt());
        families.put("persimmon", new Persimmon());
        families.put("phi", new Phi());
        families.put("phi3", new Phi3());
        families.put("qwen", new Qwen());
        families.put("qwen2", new Qwen2(Qwen2.Generation.QWEN2));
        families.put("qwen3", new Qwen2(Qwen2.Generation.QWEN3));
        families.put("RefinedWeb", new Falcon(Falcon.Spelling.REFINED_WEB));
        families.put("RefinedWebModel", new Falcon(Falcon.Spelling.REFINED_WEB_MODEL));
        families.put("seed_oss", new SeedOss());
        families.put("smollm3", new SmolLm3());
        families.put("stablelm", new StableLm());
        families.put("starcoder2", new Starcoder2());
        families.put("t5", new T5());
        families.put("vaultgemma", Gemma2.vaultGemma());
        families.put("xglm", new Xglm());
        families.put("yuan", new Yuan());
        return families;
    }

    /** The model types that can be run. */
    public static Set<String> modelTypes() {
        return FAMILIES.keySet();
    }

    /**
     * The model of a checkpoint; its files' tensor names decide what the configuration leaves open.
     *
     * @throws UnsupportedModelException as {@link #build(Config, StoredTensors)}
     */
    public static Model build(Checkpoint checkpoint) {
        return build(
                checkpoint.config(),
                checkpoint.hasWeights() ? StoredTensors.of(checkpoint.names()) : StoredTensors.UNKNOWN);
    }

    /** The model a configuration describes, when all that it implies is stored. */
    public static Model build(Config config) {
        return build(config, StoredTensors.UNKNOWN);
    }

    /**
     * The model a configuration describes.
     *
     * @throws UnsupportedModelException for a model type nobody registered, naming the nearest ones; for a class of
     *     {@code architectures} that the family does not serve; for quantised weights
     * @throws dev.lockstep.checkpoint.CheckpointException for any other key that cannot be honoured
     */
    public static Model build(Config config, StoredTensors stored) {
        Architecture architecture = family(config);
        refuseChangedWeights(config);
        return architecture.build(config, stored, new GraphBuilder());
    }

    /**
     * Keys of a configuration that {@link #build} did not read and that are not known to be without effect, in file
     * order. What they would change is not honoured: worth a warning.
     */
    public static List<String> unknownKeys(Config config) {
        List<String> unknown = new ArrayList<>(config.unread());
        unknown.removeAll(InertKeys.SHARED);
        unknown.removeAll(family(config).inertKeys());
        return unknown;
    }

    private static Architecture family(Config config) {
        String type = config.modelType();
        Architecture architecture = FAMILIES.get(type);
        if (architecture == null) {
            throw new UnsupportedModelException(
                    config.file() + ": model_type '" + type + "' is not supported; nearest: " + nearest(type)
                            + "; supported: " + String.join(", ", FAMILIES.keySet()));
        }
        return architecture;
    }

    /** Settings that make the stored tensors something else than the family's weights. */
    private static void refuseChangedWeights(Config config) {
        for (String key : List.of("quantization_config", "compression_config")) {
            if (config.has(key)) {
                String method = config.child(key)
                        .flatMap(c -> c.text("quant_method", "format"))
                        .orElse("not named");
                throw new UnsupportedModelException(config.file()
                        + ": quantised checkpoints are not read yet: " + key + " is present, its method is " + method
                        + "; expected weights in F32, F16 or BF16");
            }
        }
        config.node("pruned_heads").filter(heads -> !heads.isEmpty()).ifPresent(heads -> {
            throw config.wrong(heads, "none: layers with fewer heads than the others are not served", "pruned_heads");
        });
        Fixed.flag(config, false, "tie_encoder_decoder", "encoders and decoders with shared layers are not served");
    }

    private static String nearest(String type) {
        List<String> known = new ArrayList<>(FAMILIES.keySet());
        known.sort(Comparator.comparingInt(name -> EditDistance.between(name, type)));
        return String.join(", ", known.subList(0, Math.min(3, known.size())));
    }

    /** A checkpoint of a family, for a task, or in a form that is not supported. The message lists what is. */
    public static final class UnsupportedModelException extends CheckpointException {
        public UnsupportedModelException(String message) {
            super(message);
        }
    }
}
