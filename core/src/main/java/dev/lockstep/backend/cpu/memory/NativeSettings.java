package dev.lockstep.backend.cpu.memory;

/**
 * Settings of JavaCPP that must be set before its first class is loaded. The command line cannot set them: on a Spark
 * executor it belongs to the user.
 */
public final class NativeSettings {

    private NativeSettings() {}

    /**
     * Switches off JavaCPP's limits on native memory and its reference counting by garbage collection. JavaCPP would
     * count mapped weights as its own memory and trigger the collector in vain. Settings made by the user are kept.
     */
    public static void apply() {
        setDefault("org.bytedeco.javacpp.nopointergc", "true");
        setDefault("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        setDefault("org.bytedeco.javacpp.maxBytes", "0");
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
