package dev.lockstep.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.architecture.Architectures;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.explain.CollectivesPerLayer;
import dev.lockstep.graph.Model;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The split a careful engineer would choose, found for each family: heads, feed-forward and vocabulary, and no more. */
class FamilySplitsTest {
    private static final Path GOLDENS = Path.of("src/test/resources/goldens");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "llama   | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "llama2  | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "mistral | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "qwen2   | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "ministral3 | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "qwen3 | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "gemma | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "gemma2 | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "gemma3 | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "olmo | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "olmo2 | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "olmo3 | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "granite | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "smollm3 | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "exaone4 | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "ernie4_5 | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "hunyuan_v1_dense | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "internlm3 | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "seed_oss | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "glm | attention heads, mlp.gate_up_proj rows[0], vocabulary | 2",
                "glm4 | attention heads, mlp.gate_up_proj rows[0], vocabulary | 2",
                "phi3 | attention heads, mlp.gate_up_proj rows[0], vocabulary | 2",
                "arcee | attention heads, mlp.up_proj rows, vocabulary | 2",
                "jais2 | attention heads, mlp.up_proj rows, vocabulary | 2",
                "cwm | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "helium | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "hyperclovax | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "vaultgemma | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "exaone | attention heads, mlp.c_fc_0 rows, vocabulary | 2",
                "cohere | attention heads, mlp.gate_proj rows, vocabulary | 1",
                "cohere2 | attention heads, mlp.gate_proj rows, vocabulary | 1",
                "ernie4_5_moe | attention heads, mlp.expert ffn, mlp.shared_experts.gate_proj rows, mlp.gate_proj rows, vocabulary | 2",
                "dots1 | attention heads, mlp.experts, mlp.shared_experts.gate_proj rows, mlp.gate_proj rows, vocabulary | 2",
                "hunyuan_v1_moe | attention heads, mlp.expert ffn, mlp.shared_mlp.gate_proj rows, vocabulary | 2",
                "flex_olmo | attention heads, mlp.expert ffn, vocabulary | 2",
                "minimax_m2 | attention heads, block_sparse_moe.experts, vocabulary | 2",
                "granitemoeshared | attention heads, block_sparse_moe.experts, shared_mlp.input_linear rows[0], vocabulary | 2",
                "glm4_moe_lite | attention heads, mlp.experts, mlp.shared_experts.gate_proj rows, mlp.gate_proj rows, vocabulary | 2",
                "exaone_moe | attention heads, mlp.experts, mlp.shared_experts.gate_proj rows, mlp.gate_proj rows, vocabulary | 2",
                "minicpm3 | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "dbrx | attention heads, ffn.expert ffn, vocabulary | 2",
                "gpt_neox_japanese | attention heads, mlp.dense_h_to_4h rows, vocabulary | 2",
                "cohere2_moe | attention heads, mlp.experts, mlp.shared_experts.gate_proj rows, mlp.gate_proj rows, vocabulary | 1",
                "apertus | attention heads, mlp.up_proj rows, vocabulary | 2",
                "mixtral | attention heads, block_sparse_moe.experts, vocabulary | 2",
                "qwen2-moe | attention heads, mlp.experts, mlp.shared_expert.gate_proj rows, vocabulary | 2",
                "qwen3_moe | attention heads, mlp.experts, vocabulary | 2",
                "olmoe | attention heads, mlp.experts, vocabulary | 2",
                "granitemoe | attention heads, block_sparse_moe.experts, vocabulary | 2",
                "phimoe | attention heads, block_sparse_moe.experts, vocabulary | 2",
                "gpt_oss | attention heads, mlp.experts, vocabulary | 2",
                "glm4_moe | attention heads, mlp.experts, mlp.gate_proj rows, mlp.shared_experts.gate_proj rows, vocabulary | 2",
                "deepseek_v2 | attention heads, mlp.experts, mlp.gate_proj rows, mlp.shared_experts.gate_proj rows, vocabulary | 2",
                "deepseek_v3 | attention heads, mlp.experts, mlp.gate_proj rows, mlp.shared_experts.gate_proj rows, vocabulary | 2",
                "llama4 | attention heads, feed_forward.expert ffn, feed_forward.shared_expert.gate_proj rows, vocabulary | 2",
                "gpt-j   | attention heads, mlp.fc_in rows, vocabulary | 1",
                "opt     | attention heads, fc1 rows, vocabulary, embed_positions rows | 2",
                "gpt2    | attention heads, mlp.c_fc rows, vocabulary, wpe rows | 2",
                "bloom   | attention heads, mlp.dense_h_to_4h rows, vocabulary | 2",
                "baichuan | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "baichuan-13b | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "chatglm2 | attention heads, mlp.dense_h_to_4h rows[0], vocabulary | 2",
                "codegen | attention heads, mlp.fc_in rows, vocabulary | 1",
                "falcon | attention heads, mlp.dense_h_to_4h rows, vocabulary | 1",
                "falcon-40b | attention heads, mlp.dense_h_to_4h rows, vocabulary | 1",
                "falcon-rw | attention heads, mlp.dense_h_to_4h rows, vocabulary | 2",
                "gpt-neo | attention heads, mlp.c_fc rows, vocabulary, wpe rows | 2",
                "gpt-neox | attention heads, mlp.dense_h_to_4h rows, vocabulary | 1",
                "gpt-neox-sequential | attention heads, mlp.dense_h_to_4h rows, vocabulary | 2",
                "openai | attention heads, mlp.c_fc rows, vocabulary, positions_embed rows | 2",
                "starcode | attention heads, mlp.c_fc rows, vocabulary, wpe rows | 2",
                "starcode-mha | attention heads, mlp.c_fc rows, vocabulary, wpe rows | 2",
                "starcoder2 | attention heads, mlp.c_fc rows, vocabulary | 2",
                "xglm | attention heads, fc1 rows, vocabulary | 2",
                "ctrl | attention heads, ffn.0 rows, vocabulary | 2",
                "biogpt | attention heads, fc1 rows, vocabulary, biogpt.embed_positions rows | 2",
                "mpt | attention heads, ffn.up_proj rows, vocabulary | 2",
                "phi | attention heads, mlp.fc1 rows, vocabulary | 1",
                "persimmon | attention heads, mlp.dense_h_to_4h rows, vocabulary | 2",
                "stablelm | attention heads, mlp.gate_proj rows, vocabulary | 2",
                "nemotron | attention heads, mlp.up_proj rows, vocabulary | 2",
                "qwen | attention heads, mlp.w2 rows, vocabulary | 2",
                "yuan | attention heads, mlp.up_proj rows, vocabulary, lf_gate.conv1 rows | 3",
                "t5      | attention heads, DenseReluDense.wi rows, vocabulary | decoder.block 3, encoder.block 2",
                "t5-v1_1 | attention heads, DenseReluDense.wi_0 rows, vocabulary | decoder.block 3, encoder.block 2",
            })
    void splitsWhatTheDataFlowAllows(String id, String expected, String perLayer) {
        try (Checkpoint checkpoint = Checkpoints.open(GOLDENS.resolve(id))) {
            Model model = Architectures.build(checkpoint);
            Partition partition = new Partitioner(Machine.CPU).partition(model.graph(), 2, Objective.MAX);
            Set<String> chosen = partition.chosen().stream()
                    .map(axisClass -> shortName(axisClass.name()))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(chosen).containsAll(Set.of(expected.split(", ")));
            assertThat(CollectivesPerLayer.planned(Collective.of(model.graph(), partition.plan())))
                    .isEqualTo(perLayer);
        }
    }

    private static String shortName(String name) {
        int star = name.lastIndexOf("*.");
        String last = star < 0 ? name : name.substring(star + 2).replaceFirst("^self_attn\\.lf_gate", "lf_gate");
        if (last.contains("attention heads")) {
            return "attention heads";
        }
        return last.replaceFirst("^(model\\.decoder\\.|transformer\\.|model\\.)", "");
    }

    @ParameterizedTest
    @CsvSource({"bloom-oddheads, 4, '2,2,1,1'", "bloom-oddheads, 5, '2,1,1,1,1'", "llama, 5, '1,1,1,1,0'"})
    void headsAreSplitUnevenlyWhereTheyMustBe(String id, int ranks, String shares) {
        try (Checkpoint checkpoint = Checkpoints.open(GOLDENS.resolve(id))) {
            Model model = Architectures.build(checkpoint);
            Partition partition = new Partitioner(Machine.CPU).partition(model.graph(), ranks, Objective.MAX);
            AxisClass heads = partition.chosen().stream()
                    .filter(axisClass -> axisClass.name().contains("heads"))
                    .findFirst()
                    .orElseThrow();
            String found = java.util.Arrays.stream(
                            partition.split().lists(heads.runs().get(0)))
                    .map(list -> Integer.toString(list.length))
                    .collect(Collectors.joining(","));
            assertThat(found).isEqualTo(shares);
        }
    }

    @ParameterizedTest
    @CsvSource({"llama2, 3", "llama3, 5", "mistral, 7"})
    void keyValueHeadsCoverTheQueryHeadsOfARank(String id, int ranks) {
        try (Checkpoint checkpoint = Checkpoints.open(GOLDENS.resolve(id))) {
            Model model = Architectures.build(checkpoint);
            Partition partition = new Partitioner(Machine.CPU).partition(model.graph(), ranks, Objective.MAX);
            Holdings holdings = new Holdings(model.graph(), partition.split());
            Map<String, Long> extra = model.graph().weights().stream()
                    .collect(Collectors.toMap(weight -> weight.name(), weight -> {
                        long sum = -weight.elements();
                        for (int rank = 0; rank < ranks; rank++) {
                            sum += holdings.elements(weight, rank);
                        }
                        return sum;
                    }));
            assertThat(extra.get("model.layers.0.self_attn.k_proj.weight")).isPositive();
            assertThat(extra.get("model.layers.0.self_attn.q_proj.weight")).isZero();
        }
    }
}
