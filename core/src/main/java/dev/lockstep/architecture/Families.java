package dev.lockstep.architecture;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The registry of families: a line each. */
final class Families {
    static final Map<String, Family> BY_TYPE = byType();

    private Families() {}

    private static List<Family> all() {
        return List.of(
                new Family("apertus", "Apertus", new Apertus()),
                new Family("arcee", "AFM 4.5B", new Arcee(Arcee.Relative.ARCEE)),
                new Family("baichuan", "Baichuan and Baichuan2, 7B and 13B", new Baichuan()),
                new Family(
                        "bert",
                        "BERT: encoder and masked language model; verified, not offered in SQL yet",
                        new Bert()),
                new Family("biogpt", "BioGPT", new BioGpt()),
                new Family("bloom", "BLOOM, BLOOMZ", new Bloom()),
                new Family("chatglm", "ChatGLM2, ChatGLM3, GLM-4 as remote code", new ChatGlm()),
                new Family("codegen", "CodeGen", new GptJ(GptJ.Relative.CODEGEN)),
                new Family("cohere", "Command R, Aya", new Cohere()),
                new Family("cohere2", "Command R7B, Command A", new Cohere2()),
                new Family("cohere2_moe", "Command with experts", new Cohere2Moe()),
                new Family("ctrl", "CTRL", new Ctrl()),
                new Family("cwm", "Code World Model", new Cwm()),
                new Family("dbrx", "DBRX", new Dbrx()),
                new Family("deepseek_v2", "DeepSeek-V2, V2-Lite, Coder-V2", new DeepSeek(DeepSeek.Generation.V2)),
                new Family("deepseek_v3", "DeepSeek-V3, R1", new DeepSeek(DeepSeek.Generation.V3)),
                new Family(
                        "deberta-v2",
                        "DeBERTa-v2, v3, mDeBERTa: encoder and its heads; verified, not offered in SQL yet",
                        new DebertaV2()),
                new Family("dots1", "dots.llm1", new Dots1()),
                new Family("ernie4_5", "ERNIE 4.5, dense", new Ernie45()),
                new Family("ernie4_5_moe", "ERNIE 4.5 with experts, text", new Ernie45Moe()),
                new Family("exaone", "EXAONE 3, 3.5, Deep", new Exaone()),
                new Family("exaone4", "EXAONE 4", new Exaone4()),
                new Family("exaone_moe", "K-EXAONE", new ExaoneMoe()),
                new Family("falcon", "Falcon 7B, 40B, 180B, Falcon-RW, Falcon2", new Falcon(Falcon.Spelling.FALCON)),
                new Family("flex_olmo", "FlexOlmo", new FlexOlmo()),
                new Family("fnet", "FNet: encoder and its heads; verified, not offered in SQL yet", new FNet()),
                new Family(
                        "funnel",
                        "Funnel Transformer: encoder and masked language model; verified, not offered in SQL yet",
                        new Funnel()),
                new Family("gemma", "Gemma", new Gemma()),
                new Family("gemma2", "Gemma 2", Gemma2.gemma2()),
                new Family("gemma3_text", "Gemma 3, text", new Gemma3()),
                new Family("glm", "GLM-4-9B", new Glm(Glm.Generation.GLM)),
                new Family("glm4", "GLM-4-0414", new Glm(Glm.Generation.GLM4)),
                new Family("glm4_moe", "GLM-4.5", new Glm4Moe()),
                new Family("glm4_moe_lite", "GLM-4.7-Flash", new Glm4MoeLite()),
                new Family("gpt2", "GPT-2", new Gpt2()),
                new Family("gpt_bigcode", "StarCoder, SantaCoder", new GptBigCode()),
                new Family("gpt_neo", "GPT-Neo", new GptNeo()),
                new Family("gpt_neox", "GPT-NeoX, Pythia, RedPajama-INCITE, Dolly", new GptNeoX()),
                new Family("gpt_neox_japanese", "GPT-NeoX for Japanese", new GptNeoXJapanese()),
                new Family("gpt_oss", "gpt-oss, its experts in bf16", new GptOss()),
                new Family("gptj", "GPT-J", new GptJ(GptJ.Relative.GPT_J)),
                new Family("granite", "Granite 3", new Granite(Granite.Publisher.GRANITE)),
                new Family("granitemoe", "Granite 3 MoE", new GraniteMoe(GraniteMoe.Relative.ALONE)),
                new Family(
                        "granitemoeshared",
                        "Granite MoE with shared experts",
                        new GraniteMoe(GraniteMoe.Relative.SHARED)),
                new Family("helium", "Helium", new Helium()),
                new Family("hunyuan_v1_dense", "Hunyuan, dense", new HunyuanDense()),
                new Family("hunyuan_v1_moe", "Hunyuan A13B", new HunyuanMoe()),
                new Family("hyperclovax", "HyperCLOVA X SEED", new Granite(Granite.Publisher.HYPERCLOVA_X)),
                new Family("internlm3", "InternLM3", new InternLm3()),
                new Family("jais2", "Jais 2", new Arcee(Arcee.Relative.JAIS2)),
                new Family("llama", "Llama 1 to 3, Code Llama, and what is published in their form", new Llama()),
                new Family("llama4_text", "Llama 4, text", new Llama4()),
                new Family("minicpm3", "MiniCPM3", new MiniCpm3()),
                new Family("minimax_m2", "MiniMax-M2", new MiniMaxM2()),
                new Family("ministral", "Ministral", new Mistral(Mistral.Generation.MINISTRAL)),
                new Family("ministral3", "Ministral 3", new Ministral3()),
                new Family("mistral", "Mistral", new Mistral(Mistral.Generation.MISTRAL)),
                new Family("mixtral", "Mixtral", new Mixtral()),
                new Family("mpt", "MPT", new Mpt()),
                new Family("nemotron", "Nemotron, Minitron", new Nemotron()),
                new Family("olmo", "OLMo", new Olmo()),
                new Family("olmo2", "OLMo 2", new Olmo2()),
                new Family("olmo3", "OLMo 3", new Olmo3()),
                new Family("olmoe", "OLMoE", new Olmoe()),
                new Family("openai-gpt", "the first GPT", new OpenAiGpt()),
                new Family("opt", "OPT, Galactica", new Opt()),
                new Family("persimmon", "Persimmon", new Persimmon()),
                new Family("phi", "Phi 1, 1.5, 2", new Phi()),
                new Family("phi3", "Phi-3, Phi-3.5, Phi-4", new Phi3()),
                new Family("phimoe", "Phi-3.5-MoE", new PhiMoe()),
                new Family("qwen", "Qwen, the first", new Qwen()),
                new Family("qwen2", "Qwen1.5, Qwen2, Qwen2.5", new Qwen2(Qwen2.Generation.QWEN2)),
                new Family("qwen2_moe", "Qwen1.5-MoE, Qwen2-MoE", new QwenMoe(QwenMoe.Generation.QWEN2)),
                new Family("qwen3", "Qwen3", new Qwen2(Qwen2.Generation.QWEN3)),
                new Family("qwen3_moe", "Qwen3-MoE", new QwenMoe(QwenMoe.Generation.QWEN3)),
                new Family("RefinedWeb", "Falcon 40B with its first config", new Falcon(Falcon.Spelling.REFINED_WEB)),
                new Family(
                        "RefinedWebModel",
                        "Falcon 7B and RW with their first config",
                        new Falcon(Falcon.Spelling.REFINED_WEB_MODEL)),
                new Family("seed_oss", "Seed-OSS", new SeedOss()),
                new Family("smollm3", "SmolLM3", new SmolLm3()),
                new Family("stablelm", "StableLM, StableLM 2", new StableLm()),
                new Family("starcoder2", "StarCoder2", new Starcoder2()),
                new Family("longt5", "LongT5: local and transient-global attention", new LongT5()),
                new Family("t5", "T5 1.0 and 1.1, FLAN-T5: encoder-decoder, or the encoder alone", new T5()),
                new Family("vaultgemma", "VaultGemma", Gemma2.vaultGemma()),
                new Family("xglm", "XGLM", new Xglm()),
                new Family("yuan", "Yuan 2", new Yuan()));
    }

    private static Map<String, Family> byType() {
        Map<String, Family> families = new TreeMap<>(String.CASE_INSENSITIVE_ORDER.thenComparing(String::compareTo));
        all().forEach(family -> families.put(family.modelType(), family));
        return families;
    }

    /** The table of README.md. */
    static String table() {
        StringBuilder table = new StringBuilder("| `model_type` | models |\n|---|---|\n");
        BY_TYPE.values().forEach(family -> table.append("| `")
                .append(family.modelType())
                .append("` | ")
                .append(family.models())
                .append(" |\n"));
        return table.toString();
    }
}
