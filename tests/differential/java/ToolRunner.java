// Runs Apache Kafka's command-line tools inside one long-lived JVM, so that hundreds of calls take seconds.
//
//   java -cp CLASSPATH ToolRunner.java SOCKET IDLE_SECONDS_MAX
//
// Listens on a Unix socket. Each connection carries one command as a line of JSON,
//   {"main": CLASS, "args": [...], "stdin": BASE64, "timeout_ms": N}
// and gets one line back, as a process of its own would have ended:
//   {"code": N, "stdout": BASE64, "stderr": BASE64}
// When the time is over, the tool is ended as by SIGTERM: its shutdown hooks run, the code is 143. Commands may run at
// the same time: a command's threads are a thread group, by which standard streams, exits and hooks are told apart.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.utils.Exit;

public class ToolRunner {
    static final ObjectMapper JSON = new ObjectMapper();
    static final int SIGTERM_CODE = 143;
    static final long HOOK_MS_MAX = 10_000, UNWIND_MS_MAX = 5_000, DEFAULT_TIMEOUT_MS = 60_000;
    static final Pattern OUR_FRAMES = Pattern.compile("(\\tat (java\\.base/)?(jdk\\.internal|java\\.lang)\\.reflect\\.[^\n]+\n)+"
        + "(\\tat ToolRunner\\.\\S+\n)+\\tat java\\.base/java\\.lang\\.Thread\\.run\\S+\n");
    static final Pattern IN_COMMON = Pattern.compile("\t\\.\\.\\. (\\d+) more");
    static final PrintStream realError = System.err;

    /** Unwinds a thread that called exit, which in a JVM of its own would not have returned. */
    static final class Ended extends Error {
        Ended() { super("ended", null, false, false); }
    }

    /** One command: its streams, its hooks, and how it ended. Its threads are this group. */
    static final class Run extends ThreadGroup {
        final ByteArrayOutputStream out = new ByteArrayOutputStream(), err = new ByteArrayOutputStream();
        final InputStream in;
        private final List<Thread> hooks = new ArrayList<>();
        private final CountDownLatch ended = new CountDownLatch(1);
        private Integer code;

        Run(ThreadGroup parent, byte[] stdin) {
            super(parent, "command");
            in = new ByteArrayInputStream(stdin);
        }

        /** The command that the calling thread belongs to, or null. */
        static Run current() {
            for (ThreadGroup group = Thread.currentThread().getThreadGroup(); group != null; group = group.getParent()) {
                if (group instanceof Run run) return run;
            }
            return null;
        }

        synchronized void addHook(String name, Runnable hook) {
            hooks.add(new Thread(this, hook, name == null ? "hook" : name));
        }

        /** As Runtime.exit: hooks run, then all output is what it is. The first caller's code counts. */
        void exit(int exitCode) {
            List<Thread> toRun;
            synchronized (this) {
                if (code != null) return;
                code = exitCode;
                toRun = List.copyOf(hooks);
            }
            toRun.forEach(Thread::start);
            try {
                for (Thread hook : toRun) hook.join(HOOK_MS_MAX);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            ended.countDown();
        }

        boolean isOver() { return ended.getCount() == 0; }

        @Override
        public void uncaughtException(Thread thread, Throwable problem) {
            if (!(problem instanceof Ended)) super.uncaughtException(thread, problem);
        }
    }

    /** Writes to the stream of the command whose thread is writing; what comes after its end is lost, as in life. */
    static final class RoutedOutput extends OutputStream {
        private final boolean isError;
        RoutedOutput(boolean isError) { this.isError = isError; }

        @Override
        public void write(int b) { write(new byte[] {(byte) b}, 0, 1); }

        @Override
        public void write(byte[] bytes, int offset, int count) {
            Run run = Run.current();
            if (run == null) {
                realError.write(bytes, offset, count);
            } else if (!run.isOver()) {
                (isError ? run.err : run.out).write(bytes, offset, count);
            }
        }
    }

    static final class RoutedInput extends InputStream {
        @Override
        public int read() throws IOException {
            Run run = Run.current();
            return run == null ? -1 : run.in.read();
        }

        @Override
        public int read(byte[] into, int offset, int count) throws IOException {
            Run run = Run.current();
            return run == null ? -1 : run.in.read(into, offset, count);
        }
    }

    static ObjectNode run(JsonNode command) throws Exception {
        List<String> args = new ArrayList<>();
        command.path("args").forEach(arg -> args.add(arg.asText()));
        byte[] stdin = command.has("stdin") ? command.get("stdin").binaryValue() : new byte[0];
        long timeoutMs = command.path("timeout_ms").asLong(DEFAULT_TIMEOUT_MS);
        Run run = new Run(Thread.currentThread().getThreadGroup(), stdin);
        Thread main = new Thread(run, () -> runMain(run, command.get("main").asText(), args), "main");
        main.start();
        if (!run.ended.await(timeoutMs, TimeUnit.MILLISECONDS)) {
            Thread terminator = new Thread(run, () -> run.exit(SIGTERM_CODE), "SIGTERM");
            terminator.start();
            run.ended.await();
        }
        ObjectNode answer = JSON.createObjectNode().put("code", run.code);
        answer.put("stdout", withoutOurFrames(run.out)).put("stderr", withoutOurFrames(run.err));
        main.join(UNWIND_MS_MAX);  // closes its clients
        run.interrupt();
        return answer;
    }

    /** Stack traces as the tool's own JVM prints them: they end at its main, not at ours. */
    static byte[] withoutOurFrames(ByteArrayOutputStream printed) {
        String text = printed.toString(StandardCharsets.ISO_8859_1);
        Matcher ours = OUR_FRAMES.matcher(text);
        if (!ours.find()) return printed.toByteArray();
        long count = ours.group().lines().count();
        text = ours.replaceAll("");
        // What a cause has in common with the trace that encloses it counts our frames too.
        text = IN_COMMON.matcher(text).replaceAll(more -> "\t... " + (Long.parseLong(more.group(1)) - count) + " more");
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static void runMain(Run run, String mainClass, List<String> args) {
        try {
            Method main = Class.forName(mainClass).getMethod("main", String[].class);
            main.invoke(null, (Object) args.toArray(new String[0]));
            run.exit(0);
        } catch (InvocationTargetException e) {
            if (run.isOver() || e.getCause() instanceof Ended) return;
            System.err.print("Exception in thread \"main\" ");
            e.getCause().printStackTrace();
            run.exit(1);
        } catch (ReflectiveOperationException e) {
            System.err.println("Error: Could not find or load main class " + mainClass);
            run.exit(1);
        }
    }

    static void exitOf(int code) {
        Run run = Run.current();
        if (run == null) Runtime.getRuntime().halt(code);
        run.exit(code);
        throw new Ended();
    }

    static void serve(SocketChannel connection) {
        try (connection) {
            InputStream in = Channels.newInputStream(connection);
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b; (b = in.read()) != '\n' && b != -1; ) line.write(b);
            if (line.size() == 0) return;  // someone asked whether we listen
            byte[] answer = (run(JSON.readTree(line.toByteArray())) + "\n").getBytes(StandardCharsets.UTF_8);
            Channels.newOutputStream(connection).write(answer);
        } catch (Exception e) {
            e.printStackTrace(realError);
        }
    }

    public static void main(String[] args) throws Exception {
        Path socket = Path.of(args[0]);
        long idleNanosMax = TimeUnit.SECONDS.toNanos(Long.parseLong(args[1]));
        Exit.setExitProcedure((code, message) -> exitOf(code));
        Exit.setHaltProcedure((code, message) -> exitOf(code));
        Exit.setShutdownHookAdder((name, hook) -> Run.current().addHook(name, hook));
        System.setOut(new PrintStream(new RoutedOutput(false), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new RoutedOutput(true), true, StandardCharsets.UTF_8));
        System.setIn(new RoutedInput());
        AtomicInteger open = new AtomicInteger();
        AtomicLong lastUse = new AtomicLong(System.nanoTime());
        Thread watchdog = new Thread(() -> {
            try {
                while (open.get() > 0 || System.nanoTime() - lastUse.get() < idleNanosMax) Thread.sleep(1000);
                Files.deleteIfExists(socket);
            } catch (InterruptedException | IOException e) {
                e.printStackTrace(realError);
            }
            Runtime.getRuntime().halt(0);
        }, "idle");
        watchdog.setDaemon(true);
        watchdog.start();
        Files.deleteIfExists(socket);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            while (true) {
                SocketChannel connection = server.accept();
                open.incrementAndGet();
                new Thread(() -> {
                    try {
                        serve(connection);
                    } finally {
                        lastUse.set(System.nanoTime());
                        open.decrementAndGet();
                    }
                }).start();
            }
        }
    }
}
