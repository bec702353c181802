package dev.lockstep.engine;

import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.Device;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.program.CpuDevice;
import dev.lockstep.backend.reference.ReferenceDevice;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The kinds of devices there are, a line each: nothing else names their classes. */
public final class Devices {
    /** The first in the list that is there. */
    public static final String AUTO = "auto";

    private static final List<Device> DEVICES = List.of(new CpuDevice(), new ReferenceDevice());

    private Devices() {}

    /**
     * The device of a name.
     *
     * @throws IllegalArgumentException when there is none, or when it cannot be used here, with the reason
     */
    public static Device named(String name) {
        for (Device device : DEVICES) {
            if (device.name().equals(name)
                    || name.equals(AUTO) && device.unavailable().isEmpty()) {
                return usable(device);
            }
        }
        throw new IllegalArgumentException("device is '" + name + "', expected " + AUTO + " or one of "
                + names(DEVICES.stream().map(Device::name).toList()) + ": this version runs on no others");
    }

    private static Device usable(Device device) {
        if (device.unavailable().isPresent()) {
            throw new IllegalArgumentException("device '" + device.name() + "' cannot be used here: "
                    + device.unavailable().get() + ". Set spark.lockstep.device (--device) to " + AUTO
                    + " for one that can");
        }
        return device;
    }

    /** @throws IllegalArgumentException when a device does not run such weights or caches, naming what it runs */
    static void require(Device device, String dtype, String cacheDtype) {
        Precision precision = Precision.named(dtype);
        if (!device.precisions().contains(precision)) {
            String planned = precision == Precision.FP16 ? "; memory alone can be planned for fp16" : "";
            throw new IllegalArgumentException("dtype is " + dtype + ", expected " + names(device.precisions())
                    + " on device '" + device.name() + "'" + planned);
        }
        CacheType type = CacheType.named(cacheDtype, precision);
        if (!device.cacheTypes().contains(type)) {
            throw new IllegalArgumentException("cache_dtype is '" + cacheDtype + "', expected "
                    + names(device.cacheTypes()) + " on device '" + device.name() + "'");
        }
    }

    private static String names(Collection<?> choices) {
        return choices.stream()
                .map(each -> each.toString().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
    }
}
