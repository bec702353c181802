package dev.lockstep.tokenizer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A SentencePiece model as trained: the parts of its {@code ModelProto} that encoding and decoding depend on (field
 * numbers of sentencepiece_model.proto).
 *
 * @param pieces in the order of their ids
 * @param unigram whether segmentation is by likelihood; else by merging pairs
 * @param byteFallback whether a character without piece becomes its bytes
 * @param charsMap normalisation of characters, compiled; empty for none
 * @param dummyPrefix whether a text is tokenised as if a space preceded it
 * @param removeExtraSpaces whether leading, trailing and repeated spaces are removed
 */
record SentencePieceModel(
        List<Piece> pieces,
        boolean unigram,
        boolean byteFallback,
        int unknown,
        int begin,
        int end,
        byte[] charsMap,
        boolean dummyPrefix,
        boolean removeExtraSpaces) {

    enum Kind {
        NORMAL,
        UNKNOWN,
        CONTROL,
        USER_DEFINED,
        UNUSED,
        BYTE
    }

    record Piece(String text, float score, Kind kind) {}

    /** @throws IllegalArgumentException when it is none, or of a kind that is not known here */
    static SentencePieceModel parse(byte[] bytes) {
        Parser parser = new Parser();
        WireReader reader = new WireReader(ByteBuffer.wrap(bytes));
        for (int field = reader.field(); field != 0; field = reader.field()) {
            switch (field) {
                case 1 -> parser.pieces.add(piece(new WireReader(reader.block())));
                case 2 -> parser.trainer(new WireReader(reader.block()));
                case 3 -> parser.normalizer(new WireReader(reader.block()));
                default -> reader.skip();
            }
        }
        return parser.model();
    }

    private static Piece piece(WireReader reader) {
        String text = "";
        float score = 0;
        long kind = 1;
        for (int field = reader.field(); field != 0; field = reader.field()) {
            switch (field) {
                case 1 -> text = reader.text();
                case 2 -> score = reader.real();
                case 3 -> kind = reader.number();
                default -> reader.skip();
            }
        }
        if (kind < 1 || kind > Kind.values().length) {
            throw new IllegalArgumentException(
                    "the piece " + text + " is of the kind " + kind + ", expected 1 to " + Kind.values().length);
        }
        return new Piece(text, score, Kind.values()[(int) kind - 1]);
    }

    /** What is read so far, with the defaults of the format. */
    private static final class Parser {
        private static final int UNIGRAM = 1;
        private static final int BPE = 2;

        private final List<Piece> pieces = new ArrayList<>();
        private long type = UNIGRAM;
        private boolean byteFallback;
        private int unknown = 0;
        private int begin = 1;
        private int end = 2;
        private byte[] charsMap = new byte[0];
        private boolean dummyPrefix = true;
        private boolean removeExtraSpaces = true;
        private boolean suffix;

        void trainer(WireReader reader) {
            for (int field = reader.field(); field != 0; field = reader.field()) {
                switch (field) {
                    case 3 -> type = reader.number();
                    case 24 -> suffix = reader.flag();
                    case 35 -> byteFallback = reader.flag();
                    case 40 -> unknown = (int) reader.number();
                    case 41 -> begin = (int) reader.number();
                    case 42 -> end = (int) reader.number();
                    default -> reader.skip();
                }
            }
        }

        void normalizer(WireReader reader) {
            for (int field = reader.field(); field != 0; field = reader.field()) {
                switch (field) {
                    case 2 -> {
                        ByteBuffer map = reader.block();
                        charsMap = new byte[map.remaining()];
                        map.get(charsMap);
                    }
                    case 3 -> dummyPrefix = reader.flag();
                    case 4 -> removeExtraSpaces = reader.flag();
                    default -> reader.skip();
                }
            }
        }

        SentencePieceModel model() {
            if (pieces.isEmpty()) {
                throw new IllegalArgumentException("no SentencePiece model: it has no pieces");
            }
            if (type != UNIGRAM && type != BPE) {
                throw new IllegalArgumentException("the model's type is " + type + ", expected 1 (unigram) or 2 (BPE)");
            }
            if (suffix) {
                throw new IllegalArgumentException("the model treats white space as a suffix, expected as a prefix");
            }
            if (unknown < 0 || unknown >= pieces.size() || begin >= pieces.size() || end >= pieces.size()) {
                throw new IllegalArgumentException("the ids of special pieces are " + unknown + ", " + begin + ", "
                        + end + ", expected fewer than " + pieces.size());
            }
            return new SentencePieceModel(
                    List.copyOf(pieces),
                    type == UNIGRAM,
                    byteFallback,
                    unknown,
                    begin,
                    end,
                    charsMap,
                    dummyPrefix,
                    removeExtraSpaces);
        }
    }
}
