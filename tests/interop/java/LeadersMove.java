// Apache Kafka's Java producer and consumer while leaders move (tests/interop/clients/scenario.py, follow_moving_leaders):
// `write TOPIC` sends the lines KEY:VALUE of its input, `read TOPIC` prints PARTITION OFFSET VALUE. Any error that reaches the
// application ends it.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class LeadersMove {
    static final String BOOTSTRAP = System.getenv("KT_INTEROP_BOOTSTRAP");

    public static void main(String[] args) throws Exception {
        if (args[0].equals("write")) write(args[1]);
        else read(args[1]);
    }

    static void write(String topic) throws Exception {
        try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", BOOTSTRAP), new StringSerializer(), new StringSerializer());
             var lines = new BufferedReader(new InputStreamReader(System.in))) {
            for (String line; (line = lines.readLine()) != null; ) {
                String[] parts = line.split(":");
                producer.send(new ProducerRecord<>(topic, parts[0], parts[1]), (sent, problem) -> {
                    if (problem != null) System.out.println("error: " + problem);
                });
            }
        }
    }

    static void read(String topic) {
        Map<String, Object> config = Map.of("bootstrap.servers", BOOTSTRAP, "group.id", topic, "auto.offset.reset", "earliest",
                                            "enable.auto.commit", "false");
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            while (true) {
                var records = consumer.poll(Duration.ofMillis(500));
                for (var record : records) System.out.println(record.partition() + " " + record.offset() + " " + record.value());
                if (!records.isEmpty()) consumer.commitSync();
            }
        }
    }
}
