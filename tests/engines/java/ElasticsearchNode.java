import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** Starts one Elasticsearch node from key=value arguments; it ends when its standard input closes. */
public final class ElasticsearchNode {
    private ElasticsearchNode() { }

    public static void main(String[] arguments) throws Exception {
        Settings.Builder builder = Settings.builder();
        Path config = null;
        Path modules = null;
        for (String argument : arguments) {
            int at = argument.indexOf('=');
            String key = argument.substring(0, at);
            String value = argument.substring(at + 1);
            if (key.equals("config")) {
                config = Path.of(value);
            } else if (key.equals("modules")) {
                modules = Path.of(value);
            } else if (value.startsWith("[")) {
                builder.putList(key, value.substring(1, value.length() - 1).split(","));
            } else {
                builder.put(key, value);
            }
        }
        Settings settings = builder.build();
        LogConfigurator.configureWithoutConfig(settings);
        Environment environment = InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), config, () -> "node");
        Node node = new Node(environment, PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(modules), Set.of(), Map.of(), false));
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) { }
            } catch (java.io.IOException closed) {
                // The same as its end.
            }
            Runtime.getRuntime().halt(0);
        });
        watch.setDaemon(true);
        watch.start();
        node.start();
        Thread.currentThread().join();
    }
}
