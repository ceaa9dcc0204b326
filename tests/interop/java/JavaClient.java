// The shared scenarios (tests/interop/clients/scenario.py) with Apache Kafka's Java clients. Prints `ok NAME` or
// `not ok NAME: REASON` per scenario. KT_INTEROP_RELAY is a way to the cluster that loses answers to Produce.

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class JavaClient {
    interface Scenario { void run() throws Exception; }
    interface Condition { boolean holds() throws Exception; }

    static final String BOOTSTRAP = System.getenv("KT_INTEROP_BOOTSTRAP");
    static final boolean UNDER_FIRE = System.getenv("KT_INTEROP_KILLS") != null;
    static final short REPLICAS = Short.parseShort(System.getenv().getOrDefault("KT_INTEROP_REPLICAS", "1"));
    static final int SESSION_TIMEOUT_MS = 6000;
    static final long WAIT_MS = 40_000;
    static final Map<String, Scenario> SCENARIOS = new LinkedHashMap<>();
    static Admin admin;

    static {
        SCENARIOS.put("create-topics", JavaClient::createTopics);
        SCENARIOS.put("configure", JavaClient::configure);
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            SCENARIOS.put("produce-codec-" + codec, () -> produceCodec(codec));
        }
        // Under fire acks of 0 and 1 may be lost with a broker.
        for (String acks : UNDER_FIRE ? List.of("all") : List.of("0", "1", "all")) SCENARIOS.put("acks-" + acks, () -> acks(acks));
        SCENARIOS.put("keyed-and-headers", JavaClient::keyedAndHeaders);
        SCENARIOS.put("nulls", JavaClient::nulls);
        SCENARIOS.put("consume-from", JavaClient::consumeFrom);
        for (Class<?> assignor : List.of(RangeAssignor.class, RoundRobinAssignor.class, StickyAssignor.class,
                                         CooperativeStickyAssignor.class)) {
            SCENARIOS.put("group-" + assignor.getSimpleName(), () -> groupShares(assignor));
        }
        SCENARIOS.put("group-member-killed", JavaClient::groupMemberKilled);
        SCENARIOS.put("static-member", JavaClient::staticMember);
        SCENARIOS.put("commit-and-resume", JavaClient::commitAndResume);
        SCENARIOS.put("delete-records", JavaClient::deleteRecords);
        SCENARIOS.put("idempotent-retry", JavaClient::idempotentRetry);
    }

    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals("--member")) member(args[1], args[2]);
        admin = Admin.create(Map.of("bootstrap.servers", BOOTSTRAP));
        int failed = 0;
        for (var scenario : SCENARIOS.entrySet()) {
            if (args.length > 0 && !Arrays.asList(args).contains(scenario.getKey())) continue;
            try {
                scenario.getValue().run();
                System.out.println("ok " + scenario.getKey());
            } catch (Throwable problem) {
                failed++;
                String reason = String.valueOf(problem).replaceAll("\\s+", " ");
                System.out.println("not ok " + scenario.getKey() + ": " + reason.substring(0, Math.min(300, reason.length())));
                problem.printStackTrace();
            }
        }
        admin.close(Duration.ofSeconds(5));
        System.exit(failed == 0 ? 0 : 1);
    }

    static String unique(String name) { return "interop-" + System.getenv("KT_INTEROP_RUN") + "-java-client-" + name; }

    static void expect(Object actual, Object wanted, String what) {
        if (!wanted.equals(actual)) throw new AssertionError(what + ": got " + actual + ", wanted " + wanted);
    }

    static void waitUntil(Condition condition, String what) throws Exception {
        for (long deadline = System.nanoTime() + WAIT_MS * 1_000_000; !condition.holds(); Thread.sleep(10)) {
            if (System.nanoTime() > deadline) throw new AssertionError("waited " + WAIT_MS + " ms for " + what);
        }
    }

    static List<String> numbered(String prefix, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> prefix + i).collect(Collectors.toList());
    }

    static void create(String topic, int partitions) throws Exception {
        done(admin.createTopics(List.of(new NewTopic(topic, partitions, REPLICAS))).all(), TopicExistsException.class);
    }

    /** Under fire whoever did it may be killed before its answer: the client asks another, who says `already`. */
    static void done(KafkaFuture<Void> answer, Class<?> already) throws Exception {
        try {
            answer.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException refused) {
            if (!UNDER_FIRE || refused.getCause().getClass() != already) throw refused;
        }
    }

    /** How many it has; 0 too at a broker that has not heard of it. */
    static int partitions(String topic) throws Exception {
        try {
            return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size();
        } catch (ExecutionException refused) {
            if (refused.getCause() instanceof UnknownTopicOrPartitionException) return 0;
            throw refused;
        }
    }

    static KafkaProducer<String, String> producer(Map<String, String> options) {
        Properties config = new Properties();
        config.put("bootstrap.servers", BOOTSTRAP);
        config.putAll(options);
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    static List<RecordMetadata> send(List<ProducerRecord<String, String>> records, Map<String, String> options) throws Exception {
        List<RecordMetadata> sent = new ArrayList<>();
        try (var producer = producer(options)) {
            List<Future<RecordMetadata>> futures = new ArrayList<>();
            for (var record : records) futures.add(producer.send(record));
            producer.flush();
            for (var future : futures) sent.add(future.get(20, TimeUnit.SECONDS));
        }
        return sent;
    }

    static void produce(String topic, List<String> values, Map<String, String> options) throws Exception {
        send(values.stream().map(value -> new ProducerRecord<String, String>(topic, value)).toList(), options);
    }

    static KafkaConsumer<String, String> consumer(Map<String, String> options) {
        Properties config = new Properties();
        config.put("bootstrap.servers", BOOTSTRAP);
        config.put("auto.offset.reset", "earliest");
        config.put("enable.auto.commit", "false");
        config.put("session.timeout.ms", String.valueOf(SESSION_TIMEOUT_MS));
        config.put("heartbeat.interval.ms", "500");
        config.putAll(options);
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    static List<ConsumerRecord<String, String>> take(KafkaConsumer<String, String> consumer, int count) throws Exception {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        waitUntil(() -> {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            return records.size() >= count;
        }, count + " records");
        return records;
    }

    static List<String> values(Collection<ConsumerRecord<String, String>> records) {
        return records.stream().map(ConsumerRecord::value).collect(Collectors.toList());
    }

    static List<ConsumerRecord<String, String>> read(String topic, int count) throws Exception {
        try (var consumer = consumer(Map.of())) {
            consumer.assign(consumer.partitionsFor(topic).stream().map(p -> new TopicPartition(topic, p.partition())).toList());
            consumer.seekToBeginning(consumer.assignment());
            return take(consumer, count);
        }
    }

    static void createTopics() throws Exception {
        String topic = unique("create");
        create(topic, 3);
        waitUntil(() -> partitions(topic) == 3, "three partitions");
        try {
            admin.createTopics(List.of(new NewTopic(topic, 3, REPLICAS))).all().get();
            throw new AssertionError("a topic was created twice");
        } catch (ExecutionException refused) {
            expect(refused.getCause().getClass(), TopicExistsException.class, "error");
        }
        done(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(5))).all(), InvalidPartitionsException.class);
        waitUntil(() -> partitions(topic) == 5, "five partitions");
        done(admin.deleteTopics(List.of(topic)).all(), UnknownTopicOrPartitionException.class);
        waitUntil(() -> partitions(topic) == 0, "the topic to be gone");
        expect(admin.describeCluster().nodes().get().size() >= 1, true, "nodes");
    }

    static void configure() throws Exception {
        String topic = unique("configure");
        create(topic, 1);
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(
            new AlterConfigOp(new ConfigEntry("retention.ms", "1234567"), AlterConfigOp.OpType.SET),
            new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), AlterConfigOp.OpType.APPEND)))).all().get();
        var config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
        expect(config.get("retention.ms").value(), "1234567", "retention.ms");
        expect(config.get("retention.ms").source(), ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, "its source");
        expect(config.get("cleanup.policy").value(), "delete,compact", "cleanup.policy");
    }

    static void produceCodec(String codec) throws Exception {
        String topic = unique(codec);
        create(topic, 1);
        List<String> lines = numbered(codec + " " + "abc".repeat(50), 0, 500);
        produce(topic, lines, Map.of("compression.type", codec, "linger.ms", "20"));
        expect(values(read(topic, 500)), lines, "values");
    }

    static void acks(String acks) throws Exception {
        String topic = unique("acks-" + acks);
        create(topic, 1);
        produce(topic, numbered("m", 0, 100), Map.of("acks", acks, "enable.idempotence", "false"));
        expect(values(read(topic, 100)), numbered("m", 0, 100), "values");
    }

    static void keyedAndHeaders() throws Exception {
        String topic = unique("keyed");
        create(topic, 3);
        List<ProducerRecord<String, String>> records = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            var record = new ProducerRecord<>(topic, "k" + i % 7, "v" + i);
            record.headers().add("n", String.valueOf(i).getBytes(UTF_8)).add("null", null).add("n", new byte[0]);
            records.add(record);
        }
        List<RecordMetadata> sent = send(records, Map.of());
        Map<String, List<String>> byKey = new HashMap<>();
        Map<String, Set<Integer>> partitions = new HashMap<>();
        for (var record : read(topic, 100)) {
            int i = Integer.parseInt(record.value().substring(1));
            expect(record.partition(), sent.get(i).partition(), "partition of " + record.value());
            expect(record.offset(), sent.get(i).offset(), "offset of " + record.value());
            expect(List.of(record.headers().toArray()), List.of(records.get(i).headers().toArray()), "headers");
            byKey.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(record.value());
            partitions.computeIfAbsent(record.key(), key -> new HashSet<>()).add(record.partition());
        }
        for (int k = 0; k < 7; k++) {
            int each = k;
            expect(byKey.get("k" + k), IntStream.range(0, 100).filter(i -> i % 7 == each).mapToObj(i -> "v" + i).toList(), "order");
            expect(partitions.get("k" + k).size(), 1, "partitions of k" + k);
        }
    }

    static void nulls() throws Exception {
        String topic = unique("nulls");
        create(topic, 1);
        send(List.of(new ProducerRecord<>(topic, "gone", null), new ProducerRecord<>(topic, null, "")), Map.of());
        var records = read(topic, 2);
        expect(Arrays.asList(records.get(0).key(), records.get(0).value(), records.get(1).key(), records.get(1).value()),
               Arrays.asList("gone", null, null, ""), "keys and values");
    }

    static void consumeFrom() throws Exception {
        String topic = unique("from");
        create(topic, 1);
        long start = System.currentTimeMillis() - 1_000_000;
        List<ProducerRecord<String, String>> records = new ArrayList<>();
        for (int i = 0; i < 20; i++) records.add(new ProducerRecord<>(topic, 0, start + 100 * i, null, "m" + i));
        send(records, Map.of());
        TopicPartition partition = new TopicPartition(topic, 0);
        try (var consumer = consumer(Map.of("max.poll.records", "5"))) {
            consumer.assign(List.of(partition));
            expect(values(take(consumer, 20)), numbered("m", 0, 20), "from the start");
            consumer.seek(partition, 7);
            expect(values(take(consumer, 5)), numbered("m", 7, 12), "from 7");
            OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(partition, start + 901)).get(partition);
            expect(found.offset(), 10L, "offset of a time");
            expect(found.timestamp(), start + 1000, "its time");
            expect(consumer.beginningOffsets(List.of(partition)).get(partition), 0L, "earliest offset");
            expect(consumer.endOffsets(List.of(partition)).get(partition), 20L, "latest offset");
        }
    }

    static void groupShares(Class<?> assignor) throws Exception {
        String topic = unique("shares-" + assignor.getSimpleName());
        create(topic, 6);
        List<KafkaConsumer<String, String>> members = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            members.add(consumer(Map.of("group.id", topic, "partition.assignment.strategy", assignor.getName())));
            members.get(i).subscribe(List.of(topic));
        }
        waitUntil(() -> shares(members).equals(List.of(2, 2, 2)), "two partitions each");
        members.remove(0).close();
        waitUntil(() -> shares(members).equals(List.of(3, 3)), "three partitions each");
        expect(admin.describeConsumerGroups(List.of(topic)).all().get().get(topic).members().size(), 2, "members");
        for (var member : members) member.close();
    }

    static List<Integer> shares(List<KafkaConsumer<String, String>> members) {
        for (var member : members) member.poll(Duration.ofMillis(20));
        return members.stream().map(member -> member.assignment().size()).toList();
    }

    static void groupMemberKilled() throws Exception {
        String topic = unique("group");
        create(topic, 4);
        produce(topic, numbered("before", 0, 40), Map.of());
        Process first = new ProcessBuilder(ProcessHandle.current().info().command().get(), "-cp",
            System.getProperty("java.class.path"), System.getenv("KT_INTEROP_JAVA_CLIENT"), "--member", topic, topic)
            .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (var lines = first.inputReader(); var second = consumer(Map.of("group.id", topic))) {
            Set<String> before = new HashSet<>(numbered("before", 0, 40)), seen = new HashSet<>();
            for (String line; !before.isEmpty(); before.remove(line)) {
                if ((line = lines.readLine()) == null) throw new AssertionError("the first member ended");
            }
            second.subscribe(List.of(topic));
            waitUntil(() -> polled(second, seen).assignment().size() == 2, "half of the partitions");
            first.destroyForcibly();
            waitUntil(() -> polled(second, seen).assignment().size() == 4, "all partitions at the member that is left");
            produce(topic, numbered("after", 0, 40), Map.of());
            waitUntil(() -> polled(second, seen) != null && seen.containsAll(numbered("after", 0, 40)), "all later records");
        } finally {
            first.destroyForcibly();
        }
    }

    static KafkaConsumer<String, String> polled(KafkaConsumer<String, String> consumer, Set<String> seen) {
        consumer.poll(Duration.ofMillis(50)).forEach(record -> seen.add(record.value()));
        return consumer;
    }

    /** Reads as a member until it is killed. */
    static void member(String topic, String group) {
        try (var consumer = consumer(Map.of("group.id", group))) {
            consumer.subscribe(List.of(topic));
            while (true) consumer.poll(Duration.ofSeconds(1)).forEach(record -> System.out.println(record.value()));
        }
    }

    /** A static member that goes and comes back within its session keeps its partitions; nobody rebalances. */
    static void staticMember() throws Exception {
        String topic = unique("static");
        create(topic, 2);
        List<KafkaConsumer<String, String>> members = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            members.add(consumer(Map.of("group.id", topic, "group.instance.id", "instance-" + i)));
            members.get(i).subscribe(List.of(topic));
        }
        waitUntil(() -> shares(members).equals(List.of(1, 1)), "one partition each");
        Set<TopicPartition> kept = members.get(1).assignment();
        int generation = members.get(0).groupMetadata().generationId();
        members.get(1).close();
        members.set(1, consumer(Map.of("group.id", topic, "group.instance.id", "instance-1")));
        members.get(1).subscribe(List.of(topic));
        waitUntil(() -> shares(members).equals(List.of(1, 1)), "one partition each again");
        expect(members.get(1).assignment(), kept, "partitions after coming back");
        expect(members.get(0).groupMetadata().generationId(), generation, "generation");
        for (var member : members) member.close();
    }

    static void commitAndResume() throws Exception {
        String topic = unique("resume");
        create(topic, 1);
        produce(topic, numbered("m", 0, 30), Map.of());
        TopicPartition partition = new TopicPartition(topic, 0);
        try (var consumer = consumer(Map.of("group.id", topic, "max.poll.records", "10"))) {
            consumer.subscribe(List.of(topic));
            expect(values(take(consumer, 10)), numbered("m", 0, 10), "before the restart");
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(10, "what for")));
        }
        try (var consumer = consumer(Map.of("group.id", topic))) {
            consumer.subscribe(List.of(topic));
            expect(values(take(consumer, 20)), numbered("m", 10, 30), "after the restart");
            OffsetAndMetadata committed = consumer.committed(Set.of(partition)).get(partition);
            expect(List.of(committed.offset(), committed.metadata()), List.of(10L, "what for"), "committed");
        }
        expect(admin.listConsumerGroupOffsets(topic).partitionsToOffsetAndMetadata().get().get(partition).offset(), 10L, "offset");
        waitUntil(() -> isEmpty(topic), "the group to be empty");
        admin.alterConsumerGroupOffsets(topic, Map.of(partition, new OffsetAndMetadata(25))).all().get();
        try (var consumer = consumer(Map.of("group.id", topic))) {
            consumer.subscribe(List.of(topic));
            expect(values(take(consumer, 5)), numbered("m", 25, 30), "after the offset was set");
        }
        waitUntil(() -> isEmpty(topic), "the group to be empty");
        done(admin.deleteConsumerGroups(List.of(topic)).all(), GroupIdNotFoundException.class);
    }

    /** Under fire it may miss that a member left, and waits for the end of its session. */
    static boolean isEmpty(String group) throws Exception {
        return admin.describeConsumerGroups(List.of(group)).all().get().get(group).groupState() == GroupState.EMPTY;
    }

    static void deleteRecords() throws Exception {
        String topic = unique("delete-records");
        create(topic, 1);
        produce(topic, numbered("m", 0, 10), Map.of());
        TopicPartition partition = new TopicPartition(topic, 0);
        var result = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4)));
        expect(result.lowWatermarks().get(partition).get().lowWatermark(), 4L, "low watermark");
        expect(values(read(topic, 6)), numbered("m", 4, 10), "what is left");
    }

    static void idempotentRetry() throws Exception {
        String topic = unique("idempotent");
        create(topic, 1);
        produce(topic, numbered("m", 0, 2000), Map.of("bootstrap.servers", System.getenv("KT_INTEROP_RELAY"),
            "batch.size", "1000", "reconnect.backoff.ms", "10", "retry.backoff.ms", "10"));
        expect(values(read(topic, 2000)), numbered("m", 0, 2000), "each once and in order");
    }
}
