package dev.lockstep.backend.cpu.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MatrixTest {

    @Test
    void selectsTheQueryPartOfEveryHead() {
        // Rows of heads x 3 x 4: columns 0-3 of head 0, then of head 1.
        Matrix query = new Matrix(null, 5, 24, 4, 12);
        assertThat(query.at(0, 0)).isEqualTo(5);
        assertThat(query.at(0, 3)).isEqualTo(8);
        assertThat(query.at(2, 6)).isEqualTo(5 + 48 + 12 + 2);
        assertThat(query.run(1)).isEqualTo(3);
        assertThat(query.isPlain(4)).isTrue();
        assertThat(query.isPlain(5)).isFalse();
    }

    @Test
    void plainMatricesHaveOneRun() {
        Matrix plain = new Matrix(null, 0, 100);
        assertThat(plain.at(3, 99)).isEqualTo(399);
        assertThat(plain.isPlain(100)).isTrue();
        assertThat(plain.run(7)).isEqualTo(Integer.MAX_VALUE);
        assertThat(new Matrix(null, 0, 100, 10, 10).isPlain(100)).isTrue();
    }
}
