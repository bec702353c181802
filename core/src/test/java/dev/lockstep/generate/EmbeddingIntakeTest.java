package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.Limits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class EmbeddingIntakeTest {
    private static final String TOKENIZER = """
            {"version": "1.0", "added_tokens": [],
             "pre_tokenizer": {"type": "WhitespaceSplit"},
             "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
             "model": {"type": "WordLevel", "unk_token": "[UNK]",
                       "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "b": 4, "c": 5}}}
            """;

    private static int[] tokens(EmbeddingRequest request, int maxTokens) throws BadRowException {
        ModelTraits traits = new ModelTraits(
                ModelTraits.Kind.ENCODER,
                6,
                List.of(),
                List.of(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.of(6));
        TextTokenizer tokenizer = TextTokenizer.parse("test", TOKENIZER.getBytes(StandardCharsets.UTF_8));
        try (CheckpointText text = CheckpointText.of(tokenizer)) {
            return new EmbeddingIntake(traits, new Limits(5, 4, 4, 0, 16), text, maxTokens).tokens(request);
        }
    }

    private static EmbeddingRequest text(String text) {
        return new EmbeddingRequest(0, text, null);
    }

    @Test
    void aCutTextKeepsItsSpecialTokens() throws BadRowException {
        assertThat(tokens(text("a b c"), 5)).containsExactly(1, 3, 4, 5, 2);
        assertThat(tokens(text("a b c b"), 5)).containsExactly(1, 3, 4, 5, 2);
        assertThat(tokens(text("a a a b c"), 4)).containsExactly(1, 3, 3, 2);
        assertThat(tokens(text(""), 4)).containsExactly(1, 2);
    }

    @Test
    void specialTokensMayStandAtOneEndOrNone() {
        assertThat(EmbeddingIntake.cut(new int[] {3, 4, 5, 9}, new int[] {3, 4, 5}, 3))
                .containsExactly(3, 4, 9);
        assertThat(EmbeddingIntake.cut(new int[] {8, 3, 4, 5}, new int[] {3, 4, 5}, 3))
                .containsExactly(8, 3, 4);
        assertThat(EmbeddingIntake.cut(new int[] {3, 4, 5}, new int[] {3, 4, 5}, 2))
                .containsExactly(3, 4);
    }

    @Test
    void whatCannotBeRunIsARowsError() {
        assertThatThrownBy(() -> tokens(text("a b c a"), 0))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("6 tokens, but a step holds 5");
        assertThatThrownBy(() -> tokens(text("a b c a b"), 0))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("7 tokens, but the model's encoder has positions for 6");
        assertThatThrownBy(() -> tokens(text("a b c"), 2))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("max_tokens is 2, but 2 special tokens");
        assertThatThrownBy(() -> tokens(new EmbeddingRequest(0, null, new int[] {6}), 0))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("expected 0 to 5");
    }
}
