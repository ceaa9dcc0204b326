// Golden record batches, made by Kafka's own builders.
//
//   java -cp "$(scripts/get-apache-kafka --version V classpath)" tests/interop/java/RecordGolden.java OUT_DIR
//
// One file per batch, NAME.txt, as tests/unit/record/golden_test.cc describes a batch that it reads:
//   hex BYTES
//   batch KEY=VALUE ...          the header
//   record KEY=VALUE ...         one line per record; bytes as hex, "null", or #LENGTH:CRC32C when longer than 64

import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.KRaftVersionRecord;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.message.SnapshotFooterRecord;
import org.apache.kafka.common.message.SnapshotHeaderRecord;
import org.apache.kafka.common.message.VotersRecord;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.ControlRecordType;
import org.apache.kafka.common.record.DefaultRecordBatch;
import org.apache.kafka.common.record.EndTransactionMarker;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MemoryRecordsBuilder;
import org.apache.kafka.common.record.MutableRecordBatch;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.Crc32C;

public class RecordGolden {
    static final long TIME = 1_700_000_000_000L;
    static final Map<String, ByteBuffer> cases = new LinkedHashMap<>();

    public static void main(String[] args) throws Exception {
        for (CompressionType type : CompressionType.values()) compressed(type);
        levels();
        headers();
        control();
        Path out = Path.of(args[0]);
        Files.createDirectories(out);
        for (var each : cases.entrySet()) {
            try (PrintWriter file = new PrintWriter(Files.newBufferedWriter(out.resolve(each.getKey() + ".txt")))) {
                file.print("# Apache Kafka " + AppInfoParser.getVersion() + "\n");
                describe(each.getValue(), file);
            }
        }
    }

    /** What a batch is built with; the rest of the header follows from the records. */
    static class Spec {
        Compression compression = Compression.NONE;
        TimestampType timestampType = TimestampType.CREATE_TIME;
        long baseOffset = 0, logAppendTime = RecordBatch.NO_TIMESTAMP, producerId = RecordBatch.NO_PRODUCER_ID;
        short producerEpoch = RecordBatch.NO_PRODUCER_EPOCH;
        int baseSequence = RecordBatch.NO_SEQUENCE, leaderEpoch = 7;
        boolean transactional = false;
        long deleteHorizon = RecordBatch.NO_TIMESTAMP;

        Spec producer(long id, int epoch, int sequence) {
            producerId = id;
            producerEpoch = (short) epoch;
            baseSequence = sequence;
            return this;
        }

        MemoryRecordsBuilder builder() {
            return new MemoryRecordsBuilder(new ByteBufferOutputStream(1024), RecordBatch.MAGIC_VALUE_V2, compression,
                timestampType, baseOffset, logAppendTime, producerId, producerEpoch, baseSequence, transactional, false,
                leaderEpoch, 0, deleteHorizon);
        }

        ByteBuffer with(List<SimpleRecord> records) {
            MemoryRecordsBuilder builder = builder();
            for (SimpleRecord record : records) builder.append(record);
            return builder.build().buffer();
        }
    }

    static byte[] utf8(String text) { return text.getBytes(StandardCharsets.UTF_8); }

    /** Nulls, empties and headers of every kind. */
    static List<SimpleRecord> few() {
        Header[] headers = {new RecordHeader("h", utf8("x")), new RecordHeader("", (byte[]) null),
                            new RecordHeader("\u00e9", new byte[0])};
        return List.of(new SimpleRecord(TIME, utf8("key"), utf8("value"), headers),
                       new SimpleRecord(TIME + 5, null, utf8("")),
                       new SimpleRecord(TIME - 3, new byte[0], null, new Header[] {new RecordHeader("n", null)}),
                       new SimpleRecord(TIME + 1_000_000, (byte[]) null, null));
    }

    /** 3 records of 60 KB: several blocks of every codec's framing, yet small when compressed. */
    static List<SimpleRecord> large() {
        byte[] block = new byte[600];
        new Random(1).nextBytes(block);
        List<SimpleRecord> records = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ByteBuffer value = ByteBuffer.allocate(60_000);
            while (value.hasRemaining()) value.put(block);
            value.putInt(30_000, i);
            records.add(new SimpleRecord(TIME + i, utf8("k" + i), value.array()));
        }
        return records;
    }

    /** 2 KB that no codec makes smaller. */
    static List<SimpleRecord> noise() {
        byte[] value = new byte[2000];
        new Random(2).nextBytes(value);
        return List.of(new SimpleRecord(TIME, null, value));
    }

    static void compressed(CompressionType type) {
        Spec spec = new Spec();
        spec.compression = Compression.of(type).build();
        spec.baseOffset = 1000;
        cases.put(type.name + "-few", spec.with(few()));
        if (type != CompressionType.NONE) cases.put(type.name + "-large", spec.with(large()));
        cases.put(type.name + "-noise", spec.with(noise()));
        spec.timestampType = TimestampType.LOG_APPEND_TIME;
        spec.logAppendTime = TIME + 77;
        cases.put(type.name + "-log-append-time", spec.with(few()));
    }

    static void levels() {
        Spec spec = new Spec();
        Map<String, Compression> levels = Map.of(
            "gzip-1", Compression.gzip().level(1).build(), "gzip-9", Compression.gzip().level(9).build(),
            "lz4-1", Compression.lz4().level(1).build(), "lz4-17", Compression.lz4().level(17).build(),
            "zstd-1", Compression.zstd().level(1).build(), "zstd-19", Compression.zstd().level(19).build());
        for (var level : levels.entrySet()) {
            spec.compression = level.getValue();
            cases.put(level.getKey() + "-large", spec.with(large()));
        }
    }

    static void headers() {
        cases.put("idempotent", new Spec().producer(9, 3, 41).with(few()));
        cases.put("sequence-wraps", new Spec().producer(Long.MAX_VALUE, Short.MAX_VALUE, Integer.MAX_VALUE - 1).with(few()));
        Spec transactional = new Spec().producer(9, 3, 0);
        transactional.transactional = true;
        transactional.baseOffset = Long.MAX_VALUE / 2;
        transactional.leaderEpoch = Integer.MAX_VALUE;
        cases.put("transactional", transactional.with(few()));
        Spec cleaned = new Spec();
        cleaned.deleteHorizon = TIME + 86_400_000;
        cases.put("delete-horizon", cleaned.with(few()));
        cleaned.compression = Compression.zstd().build();
        cases.put("delete-horizon-zstd", cleaned.with(few()));
        Spec holes = new Spec();
        holes.baseOffset = 500;
        MemoryRecordsBuilder builder = holes.builder();
        builder.appendWithOffset(503, few().get(0));
        builder.appendWithOffset(510, few().get(1));
        builder.appendWithOffset(10_000, few().get(2));
        builder.overrideLastOffset(20_000);
        cases.put("holes", builder.build().buffer());
        ByteBuffer empty = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        DefaultRecordBatch.writeEmptyHeader(empty, RecordBatch.MAGIC_VALUE_V2, 9, (short) 3, 41, 100, 109, 7,
            TimestampType.CREATE_TIME, TIME, true, false);
        empty.flip();
        cases.put("empty", empty);
    }

    static void control() {
        cases.put("commit", MemoryRecords.withEndTransactionMarker(42, TIME, 5, 9, (short) 3,
            new EndTransactionMarker(ControlRecordType.COMMIT, 17)).buffer());
        cases.put("abort", MemoryRecords.withEndTransactionMarker(43, TIME, 5, 9, (short) 3,
            new EndTransactionMarker(ControlRecordType.ABORT, 18)).buffer());
        var voters = List.of(new LeaderChangeMessage.Voter().setVoterId(1), new LeaderChangeMessage.Voter().setVoterId(2));
        cases.put("leader-change", MemoryRecords.withLeaderChangeMessage(44, TIME, 5, ByteBuffer.allocate(512),
            new LeaderChangeMessage().setLeaderId(1).setVoters(voters).setGrantingVoters(voters.subList(0, 1))).buffer());
        cases.put("snapshot-header", MemoryRecords.withSnapshotHeaderRecord(0, TIME, 5, ByteBuffer.allocate(512),
            new SnapshotHeaderRecord().setLastContainedLogTimestamp(TIME - 1)).buffer());
        cases.put("snapshot-footer", MemoryRecords.withSnapshotFooterRecord(9, TIME, 5, ByteBuffer.allocate(512),
            new SnapshotFooterRecord()).buffer());
        cases.put("kraft-version", MemoryRecords.withKRaftVersionRecord(1, TIME, 5, ByteBuffer.allocate(512),
            new KRaftVersionRecord().setKRaftVersion((short) 1)).buffer());
        VotersRecord.EndpointCollection endpoints = new VotersRecord.EndpointCollection();
        endpoints.add(new VotersRecord.Endpoint().setName("CONTROLLER").setHost("localhost").setPort(9093));
        cases.put("voters", MemoryRecords.withVotersRecord(2, TIME, 5, ByteBuffer.allocate(512), new VotersRecord()
            .setVoters(List.of(new VotersRecord.Voter().setVoterId(1).setVoterDirectoryId(new Uuid(1, 2))
                .setEndpoints(endpoints).setKRaftVersionFeature(
                    new VotersRecord.KRaftVersionFeature().setMinSupportedVersion((short) 0).setMaxSupportedVersion((short) 1))))).buffer());
    }

    static void describe(ByteBuffer bytes, PrintWriter out) {
        out.print("hex " + hex(bytes, Integer.MAX_VALUE) + "\n");
        for (MutableRecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
            batch.ensureValid();
            out.print("batch base_offset=" + batch.baseOffset() + " last_offset=" + batch.lastOffset()
                + " leader_epoch=" + batch.partitionLeaderEpoch() + " codec=" + batch.compressionType().name
                + " timestamp_type=" + batch.timestampType().name + " max_timestamp=" + batch.maxTimestamp()
                + " delete_horizon=" + batch.deleteHorizonMs().orElse(-1) + " producer_id=" + batch.producerId()
                + " producer_epoch=" + batch.producerEpoch() + " base_sequence=" + batch.baseSequence()
                + " last_sequence=" + batch.lastSequence() + " transactional=" + batch.isTransactional()
                + " control=" + batch.isControlBatch() + " count=" + batch.countOrNull() + "\n");
            for (Record record : batch) {
                out.print("record offset=" + record.offset() + " timestamp=" + record.timestamp()
                    + " key=" + hex(record.key(), 64) + " value=" + hex(record.value(), 64));
                for (Header header : record.headers()) {
                    byte[] value = header.value();
                    out.print(" header=" + hex(ByteBuffer.wrap(utf8(header.key())), 64) + ":"
                        + hex(value == null ? null : ByteBuffer.wrap(value), 64));
                }
                out.print("\n");
            }
        }
    }

    static String hex(ByteBuffer buffer, int most) {
        if (buffer == null) return "null";
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        if (bytes.length <= most) return HexFormat.of().formatHex(bytes);
        return "#" + bytes.length + ":" + Long.toHexString(Crc32C.compute(bytes, 0, bytes.length));
    }
}
