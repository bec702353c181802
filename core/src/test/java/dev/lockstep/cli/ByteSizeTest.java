package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ByteSizeTest {

    @ParameterizedTest
    @CsvSource({"32GiB,34359738368", "32g,34359738368", "1.5 MiB,1572864", "2GB,2000000000", "17,17"})
    void sizesAsPeopleWriteThem(String text, long bytes) {
        assertThat(new ByteSize().convert(text)).isEqualTo(bytes);
    }

    @Test
    void whatIsNoSizeIsNamed() {
        assertThatThrownBy(() -> new ByteSize().convert("3 apples"))
                .hasMessageStartingWith("'3 apples' is no size, expected e.g. 32GiB");
    }
}
