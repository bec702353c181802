package dev.lockstep.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;

/**
 * Reads the pickle of a state dict and nothing else: only the opcodes that torch writes for it, only the globals of
 * {@link TorchGlobals}, only strings and integers as keys. The library's own registry of constructors is never
 * consulted. Lengths are checked against what is left of the pickle before anything of that length is allocated.
 */
final class StateDictUnpickler extends Unpickler {
    /** Marks, stop, None, numbers, tuples, lists, empty dicts, the memo and persistent ids: see Python's pickletools. */
    private static final String OPCODES = "(.0NJKMG})]tlaeqrhjQ" + "\u0080\u0085\u0086\u0087\u0088\u0089\u0094\u0095";

    private static final int GLOBAL = 'c';
    private static final int STACK_GLOBAL = 0x93;
    private static final int REDUCE = 'R';
    private static final int BUILD = 'b';
    private static final int SET_ITEM = 's';
    private static final int SET_ITEMS = 'u';

    /**
     * The object a pickle describes, made of maps, lists, arrays, strings, numbers and {@link TorchTensor}s.
     *
     * @throws PickleException with the reason, if the pickle holds anything else
     * @throws IOException if it ends too early
     */
    static Object read(byte[] pickle) throws IOException {
        try {
            return new StateDictUnpickler().load(new ByteArrayInputStream(pickle));
        } catch (PickleException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            // The library checks neither the stack's depth nor the types of operands.
            throw new PickleException("its operations do not fit together: " + e);
        }
    }

    @Override
    protected Object dispatch(short opcode) throws PickleException, IOException {
        switch (opcode) {
            case GLOBAL -> stack.add(TorchGlobals.find(PickleUtils.readline(input), PickleUtils.readline(input)));
            case STACK_GLOBAL -> stackGlobal();
            case REDUCE -> reduce();
            case BUILD -> stack.pop(); // An OrderedDict's attributes: versions of modules, of no use here.
            case SET_ITEM -> setItem();
            case SET_ITEMS -> setItems();
            default -> {
                int lengthBytes = lengthBytes(opcode);
                if (lengthBytes > 0) {
                    checkLength(lengthBytes);
                } else if (OPCODES.indexOf(opcode) < 0) {
                    throw new PickleException(
                            String.format("it holds the operation 0x%02x, which a state dict has no need of", opcode));
                }
                return super.dispatch(opcode);
            }
        }
        return NO_RETURN_VALUE;
    }

    @Override
    protected Object persistentLoad(Object id) {
        boolean storage = id instanceof Object[] tuple
                && tuple.length >= 5
                && "storage".equals(tuple[0])
                && tuple[1] instanceof TorchGlobals.StorageType
                && tuple[2] instanceof String;
        if (!storage) {
            throw new PickleException("it holds a persistent id that is not a storage of a known type");
        }
        Object[] tuple = (Object[]) id;
        DType dtype = ((TorchGlobals.StorageType) tuple[1]).dtype();
        return new TorchStorage((String) tuple[2], dtype, TorchGlobals.whole(tuple[4]));
    }

    /** Bytes of the length that follows an opcode of variable length; 0 for all others. */
    private static int lengthBytes(short opcode) {
        return switch (opcode) {
            case 'X', 'B', 'T', 0x8b -> 4;
            case 0x8c, 'C', 'U', 0x8a -> 1;
            case 0x8d, 0x8e -> 8;
            default -> 0;
        };
    }

    private void checkLength(int lengthBytes) throws IOException {
        input.mark(lengthBytes);
        byte[] bytes = new byte[8];
        int read = input.readNBytes(bytes, 0, lengthBytes);
        int left = input.available();
        input.reset();
        long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (read < lengthBytes || length < 0 || length > left) {
            throw new PickleException("it announces " + length + " bytes, but only " + left + " are left");
        }
    }

    private void stackGlobal() {
        Object name = stack.pop();
        Object module = stack.pop();
        if (!(name instanceof String) || !(module instanceof String)) {
            throw new PickleException("it refers to a global whose name is not a string");
        }
        stack.add(TorchGlobals.find((String) module, (String) name));
    }

    private void reduce() {
        Object arguments = stack.pop();
        Object function = stack.pop();
        if (!(function instanceof IObjectConstructor constructor) || !(arguments instanceof Object[] tuple)) {
            throw new PickleException("it calls " + TorchGlobals.shown(function));
        }
        stack.add(constructor.construct(tuple));
    }

    private void setItem() {
        Object value = stack.pop();
        Object key = stack.pop();
        put(stack.peek(), key, value);
    }

    private void setItems() {
        List<Object> items = stack.pop_all_since_marker();
        for (int i = 0; i + 1 < items.size(); i += 2) {
            put(stack.peek(), items.get(i), items.get(i + 1));
        }
    }

    @SuppressWarnings("unchecked")
    private static void put(Object dict, Object key, Object value) {
        if (!(dict instanceof Map)) {
            throw new PickleException("it puts items into " + TorchGlobals.shown(dict) + ", expected a dict");
        }
        // Hashing a nested list can take unbounded time; hashing these types cannot.
        if (!(key instanceof String || key instanceof Integer || key instanceof Long)) {
            throw new PickleException("it uses " + TorchGlobals.shown(key) + " as a key, expected a string");
        }
        ((Map<Object, Object>) dict).put(key, value);
    }
}
