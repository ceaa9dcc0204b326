// Golden bytes of every Kafka message at every version, made by Kafka's own generated classes.
//
//   java -cp "$(scripts/get-apache-kafka --version V classpath)" tests/interop/java/WireGolden.java OUT_DIR
//
// One file per message, one line per case: VERSION VARIANT HEX JSON. Variants:
//   full      every field that the version has holds a value that is not its default, arrays two elements
//   null      the same, and everything that may be null is
//   leaf-null the same as full, and every nullable string, bytes, records and array of scalars is null
//   default   a message as constructed
// A variant whose bytes equal an earlier variant's of the same version is left out.
//
// And OUT_DIR/absent/MESSAGE.txt: what becomes of a value that a version cannot carry. One line per case: VERSION PATH,
// then the bytes of a message in which only the field at PATH is not its default (with one element in each array on
// the way, and every nullable struct on it there), or `refused` when Kafka would not write it.
//
// And OUT_DIR/nullable/MESSAGE.txt: VERSION, then the paths of the fields that may be null in it.

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.record.BaseRecords;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.utils.AppInfoParser;

public class WireGolden {
    enum Variant { FULL, NULL, LEAF_NULL, DEFAULT;
        String text() { return name().toLowerCase(Locale.ROOT).replace('_', '-'); }
    }

    /** Where Kafka keeps its generated messages. */
    static final Set<String> PACKAGES = Set.of(
        "org.apache.kafka.common.message", "org.apache.kafka.common.metadata",
        "org.apache.kafka.coordinator.group.generated", "org.apache.kafka.coordinator.transaction.generated",
        "org.apache.kafka.raft.generated", "org.apache.kafka.server.log.remote.metadata.storage.generated");

    /** The one `records` field that is not nullable; the schema classes do not tell. */
    static final Set<String> RECORDS_NOT_NULL = Set.of("unalignedRecords");

    private final Variant variant;
    private final short version;
    private final String onlyPath;  // of the one field to fill, "topics/partitions/index"; null: all
    private int counter = 0;

    WireGolden(Variant variant, short version, String onlyPath) {
        this.variant = variant;
        this.version = version;
        this.onlyPath = onlyPath;
    }

    public static void main(String[] args) throws Exception {
        Path out = Path.of(args[0]);
        Files.createDirectories(out.resolve("absent"));
        Files.createDirectories(out.resolve("nullable"));
        for (Class<?> message : messageClasses()) {
            write(message, cases(message), out.resolve(schemaName(message) + ".txt"));
            write(message, absentCases(message), out.resolve("absent/" + schemaName(message) + ".txt"));
            write(message, nullableFields(message), out.resolve("nullable/" + schemaName(message) + ".txt"));
        }
    }

    static void write(Class<?> message, List<String> lines, Path path) throws Exception {
        if (lines.isEmpty()) return;
        try (PrintWriter file = new PrintWriter(Files.newBufferedWriter(path))) {
            file.print("# Apache Kafka " + AppInfoParser.getVersion() + " " + message.getName() + "\n");
            for (String line : lines) file.print(line + "\n");
        }
    }

    /** The name that the message's schema file gives it: RPC and header classes add "Data". */
    static String schemaName(Class<?> message) {
        return message.getSimpleName().replaceFirst("(Request|Response|Header)Data$", "$1");
    }

    static Collection<Class<?>> messageClasses() throws Exception {
        TreeMap<String, Class<?>> found = new TreeMap<>();
        for (String entry : System.getProperty("java.class.path").split(":")) {
            Path path = Path.of(entry);
            if (!path.getFileName().toString().startsWith("kafka-")) continue;
            try (ZipFile jar = new ZipFile(path.toFile())) {
                for (String name : jar.stream().map(ZipEntry::getName).toList()) {
                    if (!name.endsWith("JsonConverter.class") || name.contains("$")) continue;
                    name = name.substring(0, name.length() - "JsonConverter.class".length()).replace('/', '.');
                    if (!PACKAGES.contains(name.substring(0, name.lastIndexOf('.')))) continue;
                    Class<?> message = Class.forName(name);
                    if (!schemaName(message).matches(".*(Share|Streams|Legacy|Remote).*")) found.put(schemaName(message), message);
                }
            }
        }
        return found.values();
    }

    static List<String> cases(Class<?> type) throws Exception {
        List<String> lines = new ArrayList<>();
        Schema[] schemas = (Schema[]) type.getField("SCHEMAS").get(null);
        short lowest = type.getField("LOWEST_SUPPORTED_VERSION").getShort(null);
        short highest = type.getField("HIGHEST_SUPPORTED_VERSION").getShort(null);
        for (short version = lowest; version <= highest; version++) {
            Set<String> seen = new LinkedHashSet<>();
            for (Variant variant : Variant.values()) {
                Message message = (Message) type.getConstructor().newInstance();
                if (variant != Variant.DEFAULT) new WireGolden(variant, version, null).fill(message, schemas[version], "");
                String hex;
                try {
                    hex = hex(message, version);
                } catch (NullPointerException e) {
                    if (variant == Variant.DEFAULT) continue;  // a default that cannot be sent
                    throw e;
                }
                if (seen.add(hex)) lines.add(version + " " + variant.text() + " " + hex + " " + json(message, version));
            }
        }
        return lines;
    }

    static List<String> absentCases(Class<?> type) throws Exception {
        List<String> lines = new ArrayList<>();
        Schema[] schemas = (Schema[]) type.getField("SCHEMAS").get(null);
        short lowest = type.getField("LOWEST_SUPPORTED_VERSION").getShort(null);
        short highest = type.getField("HIGHEST_SUPPORTED_VERSION").getShort(null);
        Map<String, Short> holders = new TreeMap<>();  // each path, and the newest version that has it
        List<Set<String>> paths = new ArrayList<>();    // by version
        for (short version = 0; version <= highest; version++) {
            paths.add(version < lowest ? Set.of() : paths(schemas[version], "", new TreeSet<>()));
            for (String path : paths.get(version)) holders.put(path, version);
        }
        for (var holder : holders.entrySet()) {
            for (short version = lowest; version <= highest; version++) {
                if (paths.get(version).contains(holder.getKey())) continue;
                Message message = (Message) type.getConstructor().newInstance();
                new WireGolden(Variant.FULL, holder.getValue(), holder.getKey()).fill(message, schemas[holder.getValue()], "");
                String bytes;
                try {
                    bytes = hex(message, version);
                } catch (UnsupportedVersionException e) {
                    bytes = "refused";
                }
                lines.add(version + " " + holder.getKey() + " " + bytes);
            }
        }
        return lines;
    }

    static List<String> nullableFields(Class<?> type) throws Exception {
        List<String> lines = new ArrayList<>();
        Schema[] schemas = (Schema[]) type.getField("SCHEMAS").get(null);
        for (short version = type.getField("LOWEST_SUPPORTED_VERSION").getShort(null); version < schemas.length; version++) {
            StringBuilder line = new StringBuilder().append(version);
            addNullable(type, schemas[version], "", version, line);
            lines.add(line.toString());
        }
        return lines;
    }

    static void addNullable(Class<?> message, Schema schema, String prefix, short version, StringBuilder line) throws Exception {
        for (org.apache.kafka.common.protocol.types.Field each : fields(schema)) {
            Field field = javaField(message, each.name);
            if (isNullable(field, each.type, version)) line.append(' ').append(prefix).append(each.name);
            var type = each.type.arrayElementType().orElse(each.type);
            if (type instanceof Schema inner) {
                Class<?> innerClass = each.type.isArray() ? elementClass(field) : field.getType();
                addNullable(innerClass, inner, prefix + each.name + "/", version, line);
            }
        }
    }

    static boolean isNullable(Field field, org.apache.kafka.common.protocol.types.Type type, short version) throws Exception {
        if (!(type instanceof Schema)) return type.isNullable() && !RECORDS_NOT_NULL.contains(field.getName());
        // Schema classes do not tell which structs are nullable: those that can be written as null.
        Message holder = (Message) field.getDeclaringClass().getConstructor().newInstance();
        field.set(holder, null);
        try {
            hex(holder, version);
            return true;
        } catch (NullPointerException e) {
            return false;
        }
    }

    /** The paths of a schema's fields, with those of their elements. */
    static Set<String> paths(Schema schema, String prefix, Set<String> into) {
        for (org.apache.kafka.common.protocol.types.Field field : fields(schema)) {
            into.add(prefix + field.name);
            var type = field.type.arrayElementType().orElse(field.type);
            if (type instanceof Schema inner) paths(inner, prefix + field.name + "/", into);
        }
        return into;
    }

    static List<org.apache.kafka.common.protocol.types.Field> fields(Schema schema) {
        List<org.apache.kafka.common.protocol.types.Field> all = new ArrayList<>();
        for (BoundField field : schema.fields()) {
            if (field.def.type instanceof TaggedFields tagged) {
                all.addAll(tagged.fields().values());
            } else {
                all.add(field.def);
            }
        }
        return all;
    }

    static String hex(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        return buffer.capacity() == 0 ? "-" : HexFormat.of().formatHex(buffer.array());
    }

    static String json(Message message, short version) throws Exception {
        Class<?> converter = Class.forName(message.getClass().getName() + "JsonConverter");
        JsonNode json = (JsonNode) converter.getMethod("write", message.getClass(), short.class, boolean.class)
            .invoke(null, message, version, false);
        return json.toString();
    }

    /** Fills what lies below `prefix`: everything, or the way to the one path. */
    void fill(Object message, Schema schema, String prefix) throws Exception {
        for (org.apache.kafka.common.protocol.types.Field each : fields(schema)) {
            String path = prefix + each.name;
            if (onlyPath != null && !(onlyPath + "/").startsWith(path + "/")) continue;
            Field field = javaField(message.getClass(), each.name);
            field.set(message, value(field, each.type, field.get(message), path));
        }
    }

    /** The generated class calls topic_data "topicData". */
    private static Field javaField(Class<?> type, String schemaName) {
        String wanted = schemaName.replace("_", "").toLowerCase(Locale.ROOT);
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers()) && field.getName().toLowerCase(Locale.ROOT).equals(wanted)) {
                field.setAccessible(true);
                return field;
            }
        }
        throw new IllegalStateException(type + " has no field " + schemaName);
    }

    private Object value(Field field, org.apache.kafka.common.protocol.types.Type type, Object standard, String path) throws Exception {
        boolean nullable = isNullable(field, type, version);
        boolean container = type instanceof Schema
            || type.arrayElementType().filter(element -> element instanceof Schema).isPresent();
        boolean makeNull = variant == Variant.NULL || variant == Variant.LEAF_NULL && !container;
        if (nullable && makeNull) return null;
        if (type.isArray()) return array(field, type.arrayElementType().get(), path);
        if (type instanceof Schema schema) return struct(field.getType(), schema, path);
        return scalar(field.getType(), type, standard);
    }

    private Object struct(Class<?> type, Schema schema, String path) throws Exception {
        Object struct = type.getConstructor().newInstance();
        fill(struct, schema, path + "/");
        return struct;
    }

    @SuppressWarnings("unchecked")
    private Object array(Field field, org.apache.kafka.common.protocol.types.Type elementType, String path) throws Exception {
        Collection<Object> all = Collection.class.isAssignableFrom(field.getType()) && field.getType() != List.class
            ? (Collection<Object>) field.getType().getConstructor().newInstance() : new ArrayList<>();
        Class<?> elementClass = elementClass(field);
        for (int i = 0; i < (onlyPath == null ? 2 : 1); i++) {
            Object element = elementType instanceof Schema schema ? struct(elementClass, schema, path)
                : scalar(elementClass, elementType, null);
            if (!all.add(element)) throw new IllegalStateException("duplicate element in " + field);
        }
        return all;
    }

    private static Class<?> elementClass(Field field) {
        Type type = field.getType() == List.class ? field.getGenericType() : field.getType().getGenericSuperclass();
        return (Class<?>) ((ParameterizedType) type).getActualTypeArguments()[0];
    }

    /** Never the default: each call gives another value, using every byte of its width; some numbers are negative. */
    private Object scalar(Class<?> type, org.apache.kafka.common.protocol.types.Type wire, Object standard) {
        int n = ++counter;
        int sign = n % 3 == 0 ? -1 : 1;
        if (wire == org.apache.kafka.common.protocol.types.Type.UINT16) return 0xff00 | n & 0xff;
        if (wire == org.apache.kafka.common.protocol.types.Type.UNSIGNED_INT32) return 0xff000000L | n;
        if (type == boolean.class || type == Boolean.class) return !Boolean.TRUE.equals(standard);
        if (type == byte.class || type == Byte.class) return (byte) (sign * (n % 120 + 5));
        if (type == short.class || type == Short.class) return (short) (sign * (0x0100 + n));
        if (type == int.class || type == Integer.class) return sign * (0x01020000 + n);
        if (type == long.class || type == Long.class) return sign * (0x0102030405060000L + n);
        if (type == double.class) return sign * (n + 0.25);
        if (type == String.class) return n % 5 == 0 ? "\"\u00e9\n" + n : "s" + n;
        if (type == Uuid.class) return new Uuid(0x0102030405060000L + n, -n);
        if (type == byte[].class) return bytes(n);
        if (type == ByteBuffer.class) return ByteBuffer.wrap(bytes(n));
        if (BaseRecords.class.isAssignableFrom(type)) return MemoryRecords.readableRecords(ByteBuffer.wrap(bytes(n)));
        throw new IllegalStateException("no value for " + type);
    }

    private static byte[] bytes(int n) {
        byte[] bytes = new byte[3 + n % 3];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (0xfe + n + i);
        return bytes;
    }
}
