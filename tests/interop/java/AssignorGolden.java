// Golden assignments, made by Kafka's own assignors.
//
//   java -cp "$(scripts/get-apache-kafka --version V classpath)" tests/interop/java/AssignorGolden.java OUT_DIR [SEED [GROUPS]]
//
// One file per assignor, NAME.txt. Random groups live through some rebalances each: members come, go, miss one, change
// their minds, tell what is not so; topics come, go, and grow. Each rebalance is one case, its lines in the order of the
// members in JoinGroup's answer:
//   case
//   topic NAME COUNT
//   member ID INSTANCE_ID|- SUBSCRIPTION_HEX [last GENERATION PARTITIONS]
//   gets ID PARTITIONS
// `last` is there where the member's user data is what its assignor makes of that last assignment; PARTITIONS are
// TOPIC:NUMBER, with commas between, or `-`. What Kafka gives to members that did not ask for it, and what makes it throw,
// is left out, and counted in the file's first line.

import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.RebalanceProtocol;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.consumer.internals.AbstractPartitionAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.AppInfoParser;

public class AssignorGolden {
    static final int ROUNDS_MAX = 5, SUBSCRIPTION_VERSIONS = 4;

    static class Member {
        final String id, instance;
        final AbstractPartitionAssignor assignor;
        final short version;  // of the subscription: an old client's is lower
        List<String> topics;
        List<TopicPartition> has = new ArrayList<>(), last;
        int generation = -1;
        boolean mumbles = false;  // its user data is not its assignor's

        Member(String id, String instance, AbstractPartitionAssignor assignor, short version) {
            this.id = id;
            this.instance = instance;
            this.assignor = assignor;
            this.version = version;
        }
    }

    final Random random;
    final Supplier<AbstractPartitionAssignor> make;
    final PrintWriter out;
    final boolean cooperative;
    int left_out = 0;

    AssignorGolden(long seed, Supplier<AbstractPartitionAssignor> make, PrintWriter out) {
        random = new Random(seed);
        this.make = make;
        this.out = out;
        cooperative = make.get().supportedProtocols().contains(RebalanceProtocol.COOPERATIVE);
    }

    public static void main(String[] args) throws Exception {
        Path dir = Path.of(args[0]);
        long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
        int groups = args.length > 2 ? Integer.parseInt(args[2]) : 90;
        Files.createDirectories(dir);
        Map<String, Supplier<AbstractPartitionAssignor>> all = new TreeMap<>(Map.of("range", RangeAssignor::new, "roundrobin",
            RoundRobinAssignor::new, "sticky", StickyAssignor::new, "cooperative-sticky", CooperativeStickyAssignor::new));
        for (var each : all.entrySet()) {
            var cases = new java.io.StringWriter();
            AssignorGolden maker = new AssignorGolden(seed, each.getValue(), new PrintWriter(cases));
            boolean plain = each.getKey().startsWith("r");
            for (int group = 0; group < (plain ? groups / 4 : groups); ++group) maker.group(group % 20 == 19);
            Files.writeString(dir.resolve(each.getKey() + ".txt"), "# Apache Kafka " + AppInfoParser.getVersion() + "; left out: " +
                maker.left_out + "\n" + cases);
        }
    }

    void group(boolean large) {
        Map<String, Integer> topics = new TreeMap<>();
        for (int i = random.nextInt(large ? 12 : 5); i >= 0; --i) topics.put("t" + random.nextInt(100), random.nextInt(large ? 24 : 7));
        List<Member> members = new ArrayList<>();
        boolean alike = random.nextInt(2) == 0;  // all want all topics
        for (int i = random.nextInt(large ? 30 : 5); i >= 0; --i) members.add(newMember(topics, alike));
        int generation = random.nextInt(5);
        for (int round = random.nextInt(ROUNDS_MAX); round >= 0; --round) {
            rebalance(topics, members, ++generation);
            change(topics, members, alike);
        }
    }

    Member newMember(Map<String, Integer> topics, boolean alike) {
        String id = random.nextInt(8) == 0 ? "é" : "c";
        for (int i = random.nextInt(8); i >= 0; --i) id += (char) ('a' + random.nextInt(26));
        short version = (short) (random.nextInt(3) == 0 ? random.nextInt(SUBSCRIPTION_VERSIONS) : SUBSCRIPTION_VERSIONS - 1);
        Member member = new Member(id + random.nextInt(1000), random.nextInt(6) == 0 ? "i" + random.nextInt(1000) : null, make.get(), version);
        member.topics = wish(topics, alike);
        return member;
    }

    List<String> wish(Map<String, Integer> topics, boolean alike) {
        List<String> wanted = new ArrayList<>();
        for (String topic : topics.keySet()) if (alike || random.nextInt(3) > 0) wanted.add(topic);
        if (!alike && random.nextInt(10) == 0) wanted.add("absent");
        if (wanted.isEmpty()) wanted.addAll(topics.keySet());
        return wanted;
    }

    void change(Map<String, Integer> topics, List<Member> members, boolean alike) {
        if (random.nextInt(3) == 0 && members.size() > 1) members.remove(random.nextInt(members.size()));
        if (random.nextInt(2) == 0) members.add(newMember(topics, alike));
        String some = new ArrayList<>(topics.keySet()).get(random.nextInt(topics.size()));
        if (random.nextInt(4) == 0) topics.merge(some, random.nextInt(3), Integer::sum);
        if (random.nextInt(12) == 0 && topics.size() > 1) topics.remove(some);
        if (random.nextInt(6) == 0) topics.put("t" + random.nextInt(100), random.nextInt(7));
        if (alike) for (Member each : members) each.topics = wish(topics, true);
        else if (random.nextInt(4) == 0) members.get(random.nextInt(members.size())).topics = wish(topics, false);
        for (Member each : members) each.mumbles = random.nextInt(20) == 0;
        if (random.nextInt(5) == 0) {  // somebody claims what another has
            Member liar = members.get(random.nextInt(members.size())), other = members.get(random.nextInt(members.size()));
            liar.has = new ArrayList<>(liar.has);
            liar.has.addAll(other.has);
            remember(liar, liar.has, random.nextBoolean() ? other.generation : liar.generation);
        }
    }

    void remember(Member member, List<TopicPartition> partitions, int generation) {
        member.has = partitions;
        member.last = partitions;
        member.generation = generation;
        member.assignor.onAssignment(new Assignment(partitions), new ConsumerGroupMetadata("g", generation, member.id, Optional.empty()));
    }

    void rebalance(Map<String, Integer> topics, List<Member> members, int generation) {
        Map<String, Subscription> subscriptions = new HashMap<>();
        StringBuilder lines = new StringBuilder("case\n");
        topics.forEach((name, count) -> lines.append("topic " + name + " " + count + "\n"));
        for (Member member : members) {
            ByteBuffer data = member.assignor.subscriptionUserData(new TreeSet<>(member.topics));
            if (member.mumbles) data = ByteBuffer.wrap(new byte[random.nextInt(7)]);
            Subscription told = new Subscription(member.topics, data, cooperative ? member.has : List.of(), member.generation, Optional.empty());
            ByteBuffer bytes = ConsumerProtocol.serializeSubscription(told, member.version);
            byte[] raw = new byte[bytes.remaining()];
            bytes.duplicate().get(raw);
            Subscription heard = ConsumerProtocol.deserializeSubscription(bytes);
            heard.setGroupInstanceId(Optional.ofNullable(member.instance));
            subscriptions.put(member.id, heard);
            lines.append("member " + member.id + " " + (member.instance == null ? "-" : member.instance) + " " + HexFormat.of().formatHex(raw));
            if (!member.mumbles && member.last != null) lines.append(" last " + member.generation + " " + text(member.last));
            lines.append("\n");
        }
        Map<String, Integer> counts = new HashMap<>();
        for (Member member : members)
            for (String topic : member.topics) if (topics.getOrDefault(topic, 0) > 0) counts.put(topic, topics.get(topic));
        Map<String, List<TopicPartition>> given;
        try {
            given = make.get().assign(counts, subscriptions);
        } catch (RuntimeException e) {
            ++left_out;
            return;
        }
        boolean sane = true;
        for (Member member : members) {
            List<TopicPartition> share = given.get(member.id);
            lines.append("gets " + member.id + " " + text(share) + "\n");
            for (TopicPartition each : share) sane &= member.topics.contains(each.topic()) && each.partition() < counts.get(each.topic());
        }
        if (sane) out.print(lines);
        else ++left_out;
        for (Member member : members) if (random.nextInt(8) > 0) remember(member, given.get(member.id), generation);  // others miss it
        if (cooperative && random.nextInt(3) > 0) Collections.shuffle(members, random);
    }

    static String text(List<TopicPartition> partitions) {
        if (partitions.isEmpty()) return "-";
        return partitions.stream().map(p -> p.topic() + ":" + p.partition()).collect(Collectors.joining(","));
    }
}
