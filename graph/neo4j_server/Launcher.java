import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import org.neo4j.cli.ExecutionContext;
import org.neo4j.commandline.admin.security.SetInitialPasswordCommand;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import picocli.CommandLine;

/**
 * Starts the Neo4j server of the jars on the class path, prints READY, and runs until it is stopped or a process that it watches ends.
 *
 * <p>Arguments: the folder of its data, which holds conf/neo4j.conf; the number of the process to watch, 0 for none. Input: the
 * password of the user neo4j if the data are new, else an empty line; no other password ever opens the server.
 */
public class Launcher {
  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    Path conf = home.resolve("conf");
    String password = new BufferedReader(new InputStreamReader(System.in)).readLine();
    if (password != null && !password.isEmpty()) {
      var setting = new SetInitialPasswordCommand(new ExecutionContext(home, conf));
      if (new CommandLine(setting).execute(password) != 0) {
        throw new IllegalStateException("the first password could not be set");
      }
    }
    DatabaseManagementService server =
        new DatabaseManagementServiceBuilder(home).loadPropertiesFromFile(conf.resolve("neo4j.conf")).build();
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
    long watched = Long.parseLong(arguments[1]);
    if (watched != 0) {
      ProcessHandle.of(watched)
          .ifPresentOrElse(process -> process.onExit().thenRun(() -> System.exit(0)), () -> System.exit(0));
    }
    System.out.println("READY");
    Thread.currentThread().join();
  }
}
