// What a client gets: API key and version of its request, then the frame that a broker answered; and what is
// inside answers. Key -1: records as fetched. -2 and -3: what members of classic groups tell each other.
#include <algorithm>

#include "libbroker/base/bytes.h"
#include "libbroker/consuming/fetched.h"
#include "libbroker/consuming/protocol.h"
#include "libbroker/record/compression.h"
#include "libbroker/wire/01_fetch.h"
#include "libbroker/wire/11_join_group.h"
#include "libbroker/wire/14_sync_group.h"
#include "libbroker/wire/header.h"
#include "tests/fuzz/messages.h"
#include "tests/fuzz/target.h"

namespace kt::fuzz {

constexpr size_t head_bytes = 4, correlation_id_bytes = 4;
constexpr int16_t fetched_records = -1, subscription_blob = -2, assignment_blob = -3;
constexpr size_t batch_bytes_max = 4 << 20;

std::optional<Located> locate(std::span<const std::byte> input) {
  if (input.size() < head_bytes + correlation_id_bytes) return std::nullopt;
  const auto api_key = load_be<int16_t>(input.data());
  const auto version = load_be<int16_t>(input.data() + 2);
  const MessageType* type = find_response(api_key);
  if (type == nullptr || !type->has(version)) return std::nullopt;
  const bool is_flexible = type->is_flexible(version);
  wire::Decoder head(Slice::view(input.subspan(head_bytes + correlation_id_bytes)), version, is_flexible);
  try {
    if (wire::response_header_is_flexible(static_cast<wire::ApiKey>(api_key), is_flexible)) head.skip_tags();
  } catch (const wire::DecodeError&) {
    return std::nullopt;
  }
  return Located{type, version, head_bytes + correlation_id_bytes + head.position()};
}

namespace {

// Records come in the order of their offsets from `fetch_offset` on, each once; the position never goes back.
void check_fetched(const Slice& records, int64_t fetch_offset, bool reads_committed) {
  static record::Decompressor decompressor;
  std::vector<consuming::AbortedTransaction> aborted;
  if (reads_committed) aborted = {{1, fetch_offset}, {9, 0}, {9, fetch_offset}};
  consuming::Fetched fetched(
      records, fetch_offset, aborted,
      {.reads_committed = reads_committed, .checks_crcs = false, .batch_bytes_max = batch_bytes_max});
  expect(fetched.end_offset() >= fetch_offset, "a fetch does not go back");
  consuming::ConsumedRecord record;
  for (int64_t position = fetch_offset;;) {
    const auto more = fetched.next(record, decompressor);
    expect(fetched.position() >= position, "a consumer's position does not go back");
    if (!more || !*more) break;
    expect(record.offset >= position, "records come in the order of their offsets");
    expect(fetched.position() > record.offset, "a record is consumed once");
    position = fetched.position();
  }
}

void check_subscription(const Slice& bytes) {
  try {
    const auto subscription = consuming::decode_subscription(bytes);
    const auto again = consuming::encode_subscription(subscription);
    expect(consuming::encode_subscription(consuming::decode_subscription(again)) == again,
           "a subscription encodes to itself");
  } catch (const wire::DecodeError&) {
  }
}

void check_assignment(const Slice& bytes) {
  try {
    const auto partitions = consuming::decode_assignment(bytes);
    const auto again = consuming::encode_assignment(partitions);
    expect(std::ranges::is_permutation(consuming::decode_assignment(again), partitions),
           "an assignment encodes to itself");
  } catch (const wire::DecodeError&) {
  }
}

void check_inside(const Located& answer, const Slice& body) {
  if (answer.type->api_key == wire::FetchResponse::api_key) {
    for (const auto& topic : wire::decode<wire::FetchResponse>(body, answer.version).responses)
      for (const auto& partition : topic.partitions)
        check_fetched(partition.records.slice(), std::max<int64_t>(partition.log_start_offset, 0), true);
  } else if (answer.type->api_key == wire::JoinGroupResponse::api_key) {
    for (const auto& member : wire::decode<wire::JoinGroupResponse>(body, answer.version).members)
      check_subscription(member.metadata);
  } else if (answer.type->api_key == wire::SyncGroupResponse::api_key) {
    check_assignment(wire::decode<wire::SyncGroupResponse>(body, answer.version).assignment);
  }
}

void check_blob(std::span<const std::byte> input) {
  const auto kind = load_be<int16_t>(input.data());
  const auto argument = load_be<int16_t>(input.data() + 2);
  const Slice bytes = Slice::view(input.subspan(head_bytes));
  if (kind == fetched_records) check_fetched(bytes, std::max<int16_t>(argument, 0), argument % 2 == 1);
  if (kind == subscription_blob) check_subscription(bytes);
  if (kind == assignment_blob) check_assignment(bytes);
}

}  // namespace
}  // namespace kt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kt;
  const auto input = fuzz::input_of(data, size);
  if (const auto answer = fuzz::locate(input)) {
    const Slice body = Slice::view(input.subspan(answer->body_at));
    if (fuzz::check_message(*answer->type, body, answer->version)) fuzz::check_inside(*answer, body);
  } else if (size >= fuzz::head_bytes) {
    fuzz::check_blob(input);
  }
  return 0;
}
