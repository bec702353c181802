package dev.lockstep.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.razorvine.pickle.PickleException;

/**
 * Reads the directory of a {@code pytorch_model.bin}: a zip archive of stored entries with a pickled state dict in
 * {@code <name>/data.pkl}, the byte order in {@code <name>/byteorder} and one storage per file under {@code
 * <name>/data/}. Tensors may share storages (tied weights) and view them with any strides.
 */
final class TorchArchive {
    /** A tensor takes some 100 bytes of the pickle: this is room for half a million of them. */
    private static final long MOST_PICKLE_BYTES = 64L << 20;

    private final String path;
    private final PositionalFile file;
    private final ZipDirectory zip;
    private final String prefix;
    private final ByteOrder order;

    private TorchArchive(String path, PositionalFile file) {
        this.path = path;
        this.file = file;
        zip = new ZipDirectory(path, file);
        prefix = findPrefix();
        order = findOrder();
    }

    /**
     * The tensors of a file.
     *
     * @param path the name of the file in messages
     * @throws CheckpointException if anything in the file is inconsistent, or the pickle holds more than tensors
     */
    static List<StoredTensor> read(String path, PositionalFile file) {
        if (!ZipDirectory.isZip(file)) {
            throw new CheckpointException(path + " is not a zip archive. If torch before 1.6 wrote it, convert it with"
                    + " torch.save(torch.load(path, map_location=\"cpu\", weights_only=True), path),"
                    + " or better save the model as safetensors");
        }
        return new TorchArchive(path, file).tensors();
    }

    private List<StoredTensor> tensors() {
        List<StoredTensor> tensors = new ArrayList<>();
        for (Map.Entry<?, ?> entry : stateDict().entrySet()) {
            if (entry.getKey() instanceof String name && entry.getValue() instanceof TorchTensor tensor) {
                tensors.add(stored(name, tensor));
            }
        }
        return tensors;
    }

    private Map<?, ?> stateDict() {
        ZipDirectory.Span span = zip.locate(prefix + "data.pkl");
        if (span.bytes() > MOST_PICKLE_BYTES) {
            throw new CheckpointException(path + ": data.pkl has " + span.bytes() + " bytes, expected at most "
                    + MOST_PICKLE_BYTES + " for a state dict");
        }
        Object root;
        try {
            root = StateDictUnpickler.read(bytes(span));
        } catch (PickleException | IOException e) {
            throw new CheckpointException(path + ": data.pkl is refused: " + e.getMessage(), e);
        }
        if (!(root instanceof Map<?, ?> map)) {
            throw new CheckpointException(
                    path + ": data.pkl holds " + TorchGlobals.shown(root) + ", expected a dict from names to tensors");
        }
        if (map.values().stream().noneMatch(TorchTensor.class::isInstance) && !map.isEmpty()) {
            throw new CheckpointException(path + ": the dict in data.pkl holds no tensors, only the keys "
                    + map.keySet().stream().limit(5).toList() + ": save the model's state_dict() itself");
        }
        return map;
    }

    private StoredTensor stored(String name, TorchTensor tensor) {
        TorchStorage storage = tensor.storage();
        DType dtype = storage.dtype();
        List<Integer> shape = TensorShapes.checked(path, name, tensor.shape());
        TensorShapes.bytes(path, name, tensor.shape(), dtype);
        String entry = prefix + "data/" + storage.key();
        if (!zip.has(entry)) {
            throw new CheckpointException(path + ": tensor " + name + " lies in storage " + storage.key()
                    + ", but the archive has no entry " + entry + ": truncated");
        }
        ZipDirectory.Span span = zip.locate(entry);
        if (storage.elements() < 0 || storage.elements() > span.bytes() / dtype.bytes()) {
            throw new CheckpointException(path + ": storage " + storage.key() + " of tensor " + name + " has "
                    + span.bytes() + " bytes, expected " + storage.elements() + " elements of " + dtype);
        }
        checkView(name, tensor);
        TensorInfo info = new TensorInfo(name, dtype, shape, file.name());
        long offset = span.offset() + tensor.offset() * dtype.bytes();
        return new StoredTensor(info, file, offset, tensor.strides(), order);
    }

    /** The view's last element must lie in the storage. */
    private void checkView(String name, TorchTensor tensor) {
        long[] shape = tensor.shape();
        long[] strides = tensor.strides();
        String view =
                "tensor " + name + " views its storage of " + tensor.storage().elements() + " elements from "
                        + tensor.offset() + " on with shape " + Arrays.toString(shape) + " and strides "
                        + Arrays.toString(strides);
        boolean sound = strides.length == shape.length && tensor.offset() >= 0;
        try {
            long last = tensor.offset();
            boolean empty = false;
            for (int axis = 0; sound && axis < shape.length; axis++) {
                sound = strides[axis] >= 0;
                empty |= shape[axis] == 0;
                last = Math.addExact(last, Math.multiplyExact(Math.max(0, shape[axis] - 1), strides[axis]));
            }
            sound &= empty
                    ? tensor.offset() <= tensor.storage().elements()
                    : last < tensor.storage().elements();
        } catch (ArithmeticException e) {
            sound = false;
        }
        if (!sound) {
            throw new CheckpointException(path + ": " + view + ", which leaves it");
        }
    }

    private String findPrefix() {
        String found = null;
        for (String name : zip.names()) {
            // Not `a/b/data.pkl`: torch puts all of an archive under one folder.
            if (name.endsWith("data.pkl") && name.indexOf('/') == name.length() - "/data.pkl".length()) {
                if (found != null) {
                    throw new CheckpointException(path + " holds both " + found + " and " + name + ", expected one");
                }
                found = name;
            }
        }
        if (found == null) {
            throw new CheckpointException(path + " is a zip archive without a data.pkl: torch did not write it");
        }
        return found.substring(0, found.length() - "data.pkl".length());
    }

    private ByteOrder findOrder() {
        if (!zip.has(prefix + "byteorder")) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        ZipDirectory.Span span = zip.locate(prefix + "byteorder");
        String order = span.bytes() > 16 ? "" : new String(bytes(span), StandardCharsets.US_ASCII).strip();
        return switch (order) {
            case "little" -> ByteOrder.LITTLE_ENDIAN;
            case "big" -> ByteOrder.BIG_ENDIAN;
            default ->
                throw new CheckpointException(
                        path + ": byteorder is \"" + order + "\", expected \"little\" or \"big\"");
        };
    }

    private byte[] bytes(ZipDirectory.Span span) {
        byte[] bytes = new byte[(int) span.bytes()];
        file.readFully(span.offset(), ByteBuffer.wrap(bytes));
        return bytes;
    }
}
