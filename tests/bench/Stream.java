// Apache Kafka's Java producer as it is without settings, but that it never gives a record up (tests/bench/streams.py):
// `Stream BOOTSTRAP TOPIC RATE` sends its records' numbers, RATE a second, whether or not those before are acknowledged, and prints
// NUMBER SENT ACKNOWLEDGED of each that is: the times in nanoseconds of the system's monotonic clock. Ends with its input.

import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

public class Stream {
    static volatile boolean over = false;

    public static void main(String[] args) {
        Thread input = new Thread(Stream::awaitEndOfInput);
        input.setDaemon(true);
        input.start();
        send(args[0], args[1], 1_000_000_000 / Long.parseLong(args[2]));
    }

    static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {}
        } catch (java.io.IOException broken) {
            System.err.println(broken);
        }
        over = true;
    }

    static void send(String bootstrap, String topic, long period) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "delivery.timeout.ms", "300000", "max.block.ms", "300000");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            long due = System.nanoTime();
            for (long number = 0; !over; ++number) {
                String text = Long.toString(number);
                long sent = System.nanoTime();
                producer.send(new ProducerRecord<>(topic, text), (at, problem) -> System.out.println(
                    problem == null ? text + " " + sent + " " + System.nanoTime() : "failed: " + problem));
                due += period;
                LockSupport.parkNanos(due - System.nanoTime());
            }
        }
    }
}
