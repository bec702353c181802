package dev.lockstep.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheGroupsTest {
    private static final Reach WINDOW = Reach.window(8);

    @ParameterizedTest
    @CsvSource({
        "24, 0, 24",
        "0, 24, 24",
        "5, 29, 5/5/5/5/5/5/4",
        "13, 13, 13/13",
        "12, 36, 12/12/12/12",
        "1, 3, 1/1/1/1",
        "16, 16, 16/16",
        "47, 1, 8/8/8/8/8/7/1",
        "0, 0, 0"
    })
    void layersAreCutIntoGroupsOfAboutOneSize(int full, int windowed, String sizes) {
        List<Reach> reaches = new ArrayList<>(Collections.nCopies(windowed, WINDOW));
        reaches.addAll(Collections.nCopies(full, Reach.ALL));
        Graph graph = graph(reaches);

        CacheGroups groups = CacheGroups.of(graph);

        List<String> found = new ArrayList<>();
        for (int group = 0; group < groups.reaches().size(); group++) {
            found.add(Integer.toString(groups.layers(group).size()));
            for (Node layer : groups.layers(group)) {
                assertThat(groups.of(layer)).isEqualTo(group);
                assertThat(((Op.Attention) layer.op()).reach())
                        .isEqualTo(groups.reaches().get(group));
            }
        }
        Collections.sort(found, Collections.reverseOrder((a, b) -> Integer.parseInt(a) - Integer.parseInt(b)));
        assertThat(String.join("/", found)).isEqualTo(sizes);
        assertThat(groups.reaches().get(0)).isEqualTo(full > 0 || windowed == 0 ? Reach.ALL : WINDOW);
    }

    @Test
    void everyReachHasGroupsOfItsOwn() {
        List<Reach> reaches = List.of(Reach.window(3), Reach.chunk(8), WINDOW, Reach.window(3), Reach.ALL);

        assertThat(CacheGroups.of(graph(reaches)).reaches())
                .containsExactlyInAnyOrder(
                        Reach.ALL, Reach.window(3), Reach.window(3), Reach.chunk(8), Reach.window(8));
    }

    @Test
    void whatCachesNothingBelongsToNone() {
        Graph graph = graph(List.of(WINDOW));

        assertThatThrownBy(() -> CacheGroups.of(graph).of(graph.nodes().get(0)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("belongs to no group");
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 5", "4, 1", "4, 3", "16, 16", "7, 4"})
    void noWalkHoldsMoreBlocksThanSaid(int blockSize, int count) {
        for (int keys = 1; keys <= 20; keys++) {
            for (Reach reach : List.of(Reach.window(keys), Reach.chunk(keys), Reach.ALL)) {
                for (int length = 1; length <= 90; length++) {
                    int most = 0;
                    for (int next = 0; next < length; next++) {
                        int end = Reach.blocks(Math.min(length, next + count), blockSize);
                        most = Math.max(most, end - reach.firstHeld(next) / blockSize);
                    }
                    assertThat(most)
                            .as("%s, %d tokens", reach, length)
                            .isLessThanOrEqualTo(reach.heldBlocks(length, count, blockSize));
                }
            }
        }
    }

    @Test
    void lengthsWithoutEndAreCounted() {
        assertThat(Reach.ALL.heldBlocks(Integer.MAX_VALUE, 1, 16)).isEqualTo(1 << 27);
        assertThat(Reach.window(4096).heldBlocks(Integer.MAX_VALUE, 1, 16)).isEqualTo(257);
        assertThat(Reach.window(Integer.MAX_VALUE).heldBlocks(100, Integer.MAX_VALUE, 16))
                .isEqualTo(7);
    }

    @Test
    void whatIsHeldIsSeenOrTheLastRow() {
        assertThat(Reach.window(4).firstHeld(10)).isEqualTo(7);
        assertThat(Reach.window(1).firstHeld(10)).isEqualTo(9);
        assertThat(Reach.chunk(4).firstHeld(10)).isEqualTo(8);
        assertThat(Reach.chunk(5).firstHeld(10)).isEqualTo(9);
        assertThat(Reach.chunk(5).firstHeld(11)).isEqualTo(10);
        assertThat(Reach.ALL.firstHeld(10)).isZero();
        assertThat(Reach.window(4).firstHeld(0)).isZero();
    }

    private static Graph graph(List<Reach> reaches) {
        GraphBuilder builder = new GraphBuilder();
        Value hidden = builder.root().embed("tokens", 7, 8, RowAxis.TARGET);
        for (int i = 0; i < reaches.size(); i++) {
            Scope layer = builder.root().in("layers").in(Integer.toString(i));
            Op.Attention op = new Op.Attention(2, 2, 1, Op.Pattern.CAUSAL).within(reaches.get(i));
            hidden = layer.attention(
                    layer.linear("q", hidden, 8, false),
                    layer.linear("k", hidden, 8, false),
                    layer.linear("v", hidden, 8, false),
                    op);
        }
        builder.output("logits", hidden);
        return builder.finish();
    }
}
