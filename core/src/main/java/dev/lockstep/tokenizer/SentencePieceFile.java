package dev.lockstep.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.tokenizer.SentencePieceModel.Kind;
import dev.lockstep.tokenizer.SentencePieceModel.Piece;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Turns a SentencePiece model into the tokenizers library's form. */
final class SentencePieceFile {
    /** What SentencePiece writes for a space. */
    private static final String SPACE = "\u2581";

    /**
     * Tokenizer classes of the transformers library that assign other ids than the model, or split texts by their own
     * rules.
     */
    private static final Set<String> OWN_IDS = Set.of(
            "XLMRoberta",
            "Camembert",
            "Barthez",
            "MBart",
            "MBart50",
            "Nllb",
            "Pegasus",
            "M2M100",
            "DebertaV2",
            "XLNet",
            "Albert",
            "BigBird",
            "Rembert",
            "RemBert",
            "Fnet",
            "FNet",
            "Marian",
            "Speech2Text",
            "SeamlessM4T",
            "Plbart",
            "PLBart",
            "XGLM",
            "Cpm",
            "Udop",
            "ErnieM",
            "XLMProphetNet",
            "LayoutXLM",
            "SpeechT5",
            "Siglip");

    private final SentencePieceModel model;
    private final TokenizerSettings settings;
    private final boolean t5;
    /** Whether texts begin as if a space stood before them. */
    private final boolean prefix;
    /** Whether what follows a special token begins so as well, as the first readers did it. */
    private final boolean everyPart;

    private final List<Piece> pieces;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<Integer, ObjectNode> added = new TreeMap<>();

    private SentencePieceFile(SentencePieceModel model, TokenizerSettings settings) {
        this.model = model;
        this.settings = settings;
        String family = settings.family();
        this.t5 = family.isEmpty() ? settings.modelType().endsWith("t5") : family.endsWith("T5");
        this.prefix = model.dummyPrefix() && settings.flag("add_prefix_space", true);
        this.everyPart = settings.flag("legacy", true);
        this.pieces = new ArrayList<>(model.pieces());
    }

    /**
     * The content of a {@code tokenizer.json} that encodes and decodes as the model does.
     *
     * @throws IllegalArgumentException when the settings name a tokenizer class that does not follow the model
     */
    static byte[] convert(SentencePieceModel model, TokenizerSettings settings) {
        if (OWN_IDS.contains(settings.family())) {
            throw new IllegalArgumentException("its reader " + settings.family()
                    + "Tokenizer gives pieces other ids than the model does: " + OlderTokenizers.command());
        }
        if (model.charsMap().length > 0) {
            CharsMap.check(model.charsMap());
        }
        SentencePieceFile file = new SentencePieceFile(model, settings);
        file.addTokens();
        return TokenizerJson.file(
                file.added, file.normalizer(), file.preTokenizer(), file.ends(), file.decoder(), file.model());
    }

    private void addTokens() {
        if (t5) {
            // T5's sentinels follow the model's pieces, the last one first.
            for (int i = settings.integer("extra_ids", 100) - 1; i >= 0; i--) {
                pieces.add(new Piece("<extra_id_" + i + ">", 0, Kind.CONTROL));
            }
        }
        Map<Integer, ObjectNode> given = settings.addedTokens();
        for (Map.Entry<Integer, ObjectNode> entry : new TreeMap<>(given).entrySet()) {
            while (pieces.size() <= entry.getKey()) {
                pieces.add(new Piece("<no token " + pieces.size() + ">", 0, Kind.UNUSED));
            }
            if (entry.getKey() >= model.pieces().size()) {
                String content = entry.getValue().get("content").textValue();
                pieces.set(entry.getKey(), new Piece(content, 0, Kind.UNUSED));
            }
        }
        for (int id = 0; id < pieces.size(); id++) {
            Piece piece = pieces.get(id);
            ids.putIfAbsent(piece.text(), id);
            boolean special = piece.kind() == Kind.CONTROL || piece.kind() == Kind.UNKNOWN;
            if (special || piece.kind() == Kind.USER_DEFINED) {
                added.put(id, TokenizerSettings.addedToken(id, piece.text(), special));
            }
        }
        added.putAll(given);
    }

    /** Spaces and characters as the model's normaliser makes them, in each part between special tokens. */
    private ObjectNode normalizer() {
        ArrayNode steps = TokenizerJson.JSON.createArrayNode();
        if (model.charsMap().length > 0) {
            steps.add(TokenizerJson.node("Precompiled")
                    .put(TokenizerSource.CHARS_MAP, Base64.getEncoder().encodeToString(model.charsMap())));
        }
        if (model.removeExtraSpaces()) {
            steps.add(TokenizerJson.replace("Regex", "^ +| +$", ""));
            steps.add(TokenizerJson.replace("Regex", " {2,}", " "));
        }
        if (prefix && everyPart) {
            steps.add(TokenizerJson.node("Prepend").put("prepend", SPACE));
        }
        steps.add(TokenizerJson.replace("String", " ", SPACE));
        return TokenizerJson.sequence("normalizers", steps);
    }

    /** Puts the space before the first part alone; null where that is not asked for. */
    private ObjectNode preTokenizer() {
        if (!prefix || everyPart) {
            return null;
        }
        return TokenizerJson.node("Metaspace")
                .put("replacement", SPACE)
                .put("prepend_scheme", "first")
                .put("split", false);
    }

    private ObjectNode decoder() {
        ArrayNode steps = TokenizerJson.JSON.createArrayNode();
        steps.add(TokenizerJson.replace("String", SPACE, " "));
        if (model.byteFallback()) {
            steps.add(TokenizerJson.node("ByteFallback"));
        }
        steps.add(TokenizerJson.node("Fuse"));
        if (prefix) {
            steps.add(TokenizerJson.node("Strip")
                    .put("content", " ")
                    .put("start", 1)
                    .put("stop", 0));
        }
        return TokenizerJson.sequence("decoders", steps);
    }

    /**
     * The special tokens at a text's ends: as {@code add_bos_token} and {@code add_eos_token} say. Without them, T5's
     * tokenizer adds an end token, and all others a beginning token where the model has one.
     */
    private ObjectNode ends() {
        boolean hasBegin = model.begin() >= 0 && !t5;
        boolean begins = settings.flag("add_bos_token", hasBegin);
        boolean ends = settings.flag("add_eos_token", t5 || !hasBegin && model.end() >= 0);
        String begin = begins ? special("bos_token", model.begin()) : null;
        String end = ends ? special("eos_token", model.end()) : null;
        return TokenizerJson.ends(begin, ids.get(begin), end, ids.get(end));
    }

    private String special(String key, int id) {
        String token =
                settings.token(key, id < 0 ? null : model.pieces().get(id).text());
        if (token == null || !ids.containsKey(token)) {
            throw new IllegalArgumentException(key + " is " + token + ", which the model does not have");
        }
        return token;
    }

    private ObjectNode model() {
        ObjectNode json = TokenizerJson.node(model.unigram() ? "Unigram" : "BPE");
        json.put("byte_fallback", model.byteFallback());
        if (model.unigram()) {
            json.put("unk_id", model.unknown());
            ArrayNode vocabulary = json.putArray("vocab");
            for (Piece piece : pieces) {
                vocabulary.addArray().add(piece.text()).add((double) piece.score());
            }
            return json;
        }
        json.put("unk_token", pieces.get(model.unknown()).text()).put("fuse_unk", true);
        ObjectNode vocabulary = json.putObject("vocab");
        for (int id = 0; id < pieces.size(); id++) {
            if (ids.get(pieces.get(id).text()) == id) {
                vocabulary.put(pieces.get(id).text(), id);
            }
        }
        ArrayNode merges = json.putArray("merges");
        for (PieceMerges.Merge merge : PieceMerges.of(model.pieces())) {
            merges.addArray().add(merge.left()).add(merge.right());
        }
        return json;
    }
}
