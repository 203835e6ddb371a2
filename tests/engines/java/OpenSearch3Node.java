import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/** Starts one OpenSearch 3 node from key=value arguments; it ends when its standard input closes. */
public final class OpenSearch3Node extends Node {
    private static final List<String> PLUGINS = List.of(
        "org.opensearch.transport.Netty4ModulePlugin",
        "org.opensearch.painless.PainlessModulePlugin",
        "org.opensearch.analysis.common.CommonAnalysisModulePlugin",
        "org.opensearch.knn.plugin.KNNPlugin");

    private OpenSearch3Node(Settings settings, Path config, List<PluginInfo> plugins) {
        super(InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), config, () -> "node"), plugins, false);
    }

    public static void main(String[] arguments) throws Exception {
        Settings.Builder settings = Settings.builder();
        Path config = null;
        for (String argument : arguments) {
            int at = argument.indexOf('=');
            String key = argument.substring(0, at);
            String value = argument.substring(at + 1);
            if (key.equals("config")) {
                config = Path.of(value);
            } else if (value.startsWith("[")) {
                settings.putList(key, value.substring(1, value.length() - 1).split(","));
            } else {
                settings.put(key, value);
            }
        }
        List<PluginInfo> plugins = new ArrayList<>();
        for (String name : PLUGINS) {
            plugins.add(new PluginInfo(name, "of the tests", "1", Version.CURRENT, "21", name, null, List.of(), false));
        }
        Node node = new OpenSearch3Node(settings.build(), config, plugins);
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
