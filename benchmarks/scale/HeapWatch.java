import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * Watches the heap of this process: the most that was in use right after a collection, that is, in live objects. A
 * Spark plugin, so that executors have one too. The one watch of a process is static because tasks must find it.
 */
public final class HeapWatch implements SparkPlugin {
    private static volatile long mostLive;

    /** Bytes; since {@link #reset}. */
    static long mostLive() {
        sample();
        return mostLive;
    }

    /** Collects, and begins anew. */
    static void reset() {
        System.gc();
        mostLive = 0;
    }

    private static synchronized void sample() {
        long sum = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage usage = pool.getType() == MemoryType.HEAP ? pool.getCollectionUsage() : null;
            sum += usage == null ? 0 : usage.getUsed();
        }
        mostLive = Math.max(mostLive, sum);
    }

    private static void start() {
        Thread thread = new Thread(() -> {
            while (true) {
                sample();
                try {
                    Thread.sleep(50);
                } catch (InterruptedException ended) {
                    return;
                }
            }
        });
        thread.setDaemon(true);
        thread.setName("heap-watch");
        thread.start();
    }

    @Override
    public DriverPlugin driverPlugin() {
        return new DriverPlugin() {
            @Override
            public Map<String, String> init(SparkContext context, PluginContext plugin) {
                start();
                return Map.of();
            }
        };
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new ExecutorPlugin() {
            @Override
            public void init(PluginContext context, Map<String, String> settings) {
                start();
            }
        };
    }
}
