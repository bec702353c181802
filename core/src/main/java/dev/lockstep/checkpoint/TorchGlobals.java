package dev.lockstep.checkpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.PickleException;

/** The few globals that a state dict refers to, and their equivalents here. Any other global in a pickle is refused. */
final class TorchGlobals {

    /** A storage class, as a persistent id names it; never called. */
    record StorageType(DType dtype) implements IObjectConstructor {
        @Override
        public Object construct(Object[] arguments) {
            throw new PickleException("a storage of " + dtype + " outside a persistent id");
        }
    }

    private static final Map<String, IObjectConstructor> ALLOWED = Map.ofEntries(
            Map.entry("torch._utils._rebuild_tensor_v2", TorchGlobals::tensor),
            Map.entry("torch._utils._rebuild_parameter", TorchGlobals::parameter),
            Map.entry("collections.OrderedDict", TorchGlobals::orderedDict),
            Map.entry("torch.DoubleStorage", new StorageType(DType.F64)),
            Map.entry("torch.FloatStorage", new StorageType(DType.F32)),
            Map.entry("torch.HalfStorage", new StorageType(DType.F16)),
            Map.entry("torch.BFloat16Storage", new StorageType(DType.BF16)),
            Map.entry("torch.LongStorage", new StorageType(DType.I64)),
            Map.entry("torch.IntStorage", new StorageType(DType.I32)),
            Map.entry("torch.ShortStorage", new StorageType(DType.I16)),
            Map.entry("torch.CharStorage", new StorageType(DType.I8)),
            Map.entry("torch.ByteStorage", new StorageType(DType.U8)),
            Map.entry("torch.BoolStorage", new StorageType(DType.BOOL)));

    private TorchGlobals() {}

    /** @throws PickleException naming the global, if it is none of those */
    static IObjectConstructor find(String module, String name) {
        IObjectConstructor constructor = ALLOWED.get(module + "." + name);
        if (constructor == null) {
            throw new PickleException("it refers to " + module + "." + name
                    + ", which a state dict has no need of, and which is refused without being run; allowed are "
                    + ALLOWED.keySet().stream().sorted().toList());
        }
        return constructor;
    }

    /** {@code _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata])}. */
    private static Object tensor(Object[] arguments) {
        if (arguments.length < 4 || !(arguments[0] instanceof TorchStorage storage)) {
            throw new PickleException("_rebuild_tensor_v2 is called without a storage");
        }
        return new TorchTensor(storage, whole(arguments[1]), wholes(arguments[2]), wholes(arguments[3]));
    }

    /** {@code _rebuild_parameter(data, requires_grad, hooks)}. */
    private static Object parameter(Object[] arguments) {
        if (arguments.length < 1 || !(arguments[0] instanceof TorchTensor tensor)) {
            throw new PickleException("_rebuild_parameter is called without a tensor");
        }
        return tensor;
    }

    private static Object orderedDict(Object[] arguments) {
        Map<Object, Object> dict = new LinkedHashMap<>();
        if (arguments.length > 1 || (arguments.length == 1 && !(arguments[0] instanceof List))) {
            throw new PickleException("OrderedDict is called with something other than a list of pairs");
        }
        if (arguments.length == 1) {
            for (Object pair : (List<?>) arguments[0]) {
                if (!(pair instanceof Object[] both) || both.length != 2 || !(both[0] instanceof String)) {
                    throw new PickleException("OrderedDict is called with something other than a list of pairs");
                }
                dict.put(both[0], both[1]);
            }
        }
        return dict;
    }

    static long whole(Object value) {
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        throw new PickleException("it holds " + shown(value) + " where a whole number is expected");
    }

    private static long[] wholes(Object values) {
        if (!(values instanceof Object[] tuple)) {
            throw new PickleException("it holds " + shown(values) + " where a tuple of whole numbers is expected");
        }
        long[] numbers = new long[tuple.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = whole(tuple[i]);
        }
        return numbers;
    }

    /** Never the value's own text: a malicious pickle can make it unbounded. */
    static String shown(Object value) {
        return value == null ? "None" : "a " + value.getClass().getSimpleName();
    }
}
