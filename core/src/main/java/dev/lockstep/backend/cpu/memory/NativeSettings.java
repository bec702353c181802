package dev.lockstep.backend.cpu.memory;

/**
 * Settings of JavaCPP that must be in place before its first class loads. They cannot be left to the command line: on a
 * Spark executor that belongs to the user.
 */
public final class NativeSettings {

    private NativeSettings() {}

    /**
     * Switches off JavaCPP's reference counting by garbage collection and its limits of native memory: it would count
     * mapped weights as its own and run the collector in vain. What the user has set stays.
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
