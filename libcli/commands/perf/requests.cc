#include "libcli/commands/perf/requests.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "libbroker/base/bytes.h"
#include "libbroker/base/gather.h"
#include "libbroker/base/rng.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/wire/00_produce.h"
#include "libbroker/wire/01_fetch.h"
#include "libbroker/wire/03_metadata.h"
#include "libcli/commands/framework/partitions.h"
#include "libcli/commands/framework/session.h"

namespace kt::cli::perf {
namespace {

// The last versions before flexible ones, which every broker since 2.3 (2019) serves.
constexpr int16_t produce_version = 8;
constexpr int16_t fetch_version = 11;
constexpr int16_t metadata_version = 8;
constexpr size_t fetches_max = 256;  // of a partition, then again from the first
constexpr int32_t fetch_wait_ms = 500;
constexpr int64_t timestamp_earliest = -2;  // of ListOffsets
constexpr int32_t produce_timeout_ms = 30'000;
constexpr auto client_id = "kt-perf";

template <class Message>
Slice frame_of(const Message& message, int16_t version) {
  std::vector<Piece> pieces = wire::encode_request(0, client_id, message, version);
  auto size = std::make_shared<std::array<std::byte, sizeof(int32_t)>>();
  store_be(size->data(), static_cast<int32_t>(size_of(pieces)));
  pieces.insert(pieces.begin(), Slice{*size, size});
  return *gather(pieces);  // all in memory: cannot fail
}

/// Random bytes, so that compression on the way or on the disk gains nothing.
std::vector<std::byte> random_value(size_t bytes, Rng& rng) {
  std::vector<std::byte> value(bytes);
  for (std::byte& byte : value) byte = static_cast<std::byte>(rng.next());
  return value;
}

struct Batch {
  Slice bytes;
  int64_t records = 0;
};

/// As many records as fit, at least one.
Batch make_batch(const Options& options, Session& session, Rng& rng) {
  const auto value = random_value(static_cast<size_t>(options.record_bytes), rng);
  const record::NewRecord record{.timestamp = session.clock().wall_ms(), .value = value};
  record::BatchBuilder builder;
  const size_t record_bytes_max = record::BatchBuilder::record_size_bytes_max(record);
  do {
    builder.append(record);
  } while (options.load == Load::produce &&
           builder.size_bytes() + record_bytes_max <= static_cast<size_t>(options.batch_bytes));
  const int64_t records = builder.record_count();
  return {Slice::own(builder.build()), records};
}

Request produce_request(const Options& options, int32_t partition, const Batch& batch) {
  wire::ProduceRequest request{.acks = options.acks, .timeout_ms = produce_timeout_ms};
  request.topic_data.push_back({.name = options.topic, .partition_data = {{partition, {{batch.bytes}}}}});
  return {frame_of(request, produce_version), batch.records, batch.bytes.size()};
}

wire::FetchRequest fetch_request(const Options& options, int32_t partition, int64_t offset) {
  wire::FetchRequest request{.max_wait_ms = fetch_wait_ms, .min_bytes = 1, .max_bytes = options.batch_bytes};
  request.topics.push_back(
      {.topic = options.topic,
       .partitions = {
           {.partition = partition, .fetch_offset = offset, .partition_max_bytes = options.batch_bytes}}});
  return request;
}

Request metadata_request(const Options& options) {
  wire::MetadataRequest request;
  request.topics = {{.name = options.topic}};
  request.allow_auto_topic_creation = false;
  return {frame_of(request, metadata_version)};
}

/// How far whole batches reach.
struct Extent {
  int64_t records = 0;
  int64_t next_offset = 0;
};
Extent extent_of(std::span<const std::byte> batches) {
  Extent extent;
  while (const auto batch = record::BatchView::parse(batches)) {
    extent.records += batch->record_count();
    extent.next_offset = batch->next_offset();
    batches = batches.subspan(batch->size_bytes());
  }
  return extent;
}

/// Walks the log once to know the offsets: a fetch must be made before it is known what the one before it
/// gave.
Result<std::vector<Request>> fetch_requests(const Options& options, int32_t partition, int32_t leader,
                                            Session& session) {
  const TopicPartition at{options.topic, partition};
  const auto starts = list_offsets(session, {at}, timestamp_earliest);
  if (!starts) return fail(starts.error());
  const auto& start = starts->at(at);
  if (!start) return fail(start.error());
  std::vector<Request> requests;
  for (int64_t offset = *start; requests.size() < fetches_max;) {
    const auto request = fetch_request(options, partition, offset);
    const auto response = session.ask<wire::FetchResponse>(client::Target::node(leader), request,
                                                           {.version_max = fetch_version});
    if (!response) return fail(response.error());
    if (response->responses.size() != 1 || response->responses[0].partitions.size() != 1) {
      return fail(response->error_code == ErrorCode::none ? ErrorCode::unknown_server_error
                                                          : response->error_code);
    }
    const auto& data = response->responses[0].partitions[0];
    if (data.error_code != ErrorCode::none) return fail(data.error_code);
    const Extent extent = extent_of(data.records.slice().bytes);
    if (extent.records == 0) break;
    requests.push_back({frame_of(request, fetch_version), extent.records});
    offset = extent.next_offset;
    if (offset >= data.high_watermark) break;
  }
  // The last may have reached less far than was asked for.
  if (requests.size() > 1 && requests.size() < fetches_max) requests.pop_back();
  return requests;
}

Result<std::vector<Request>> requests_of(const Options& options, int32_t partition, int32_t leader,
                                         const Batch& batch, Session& session) {
  if (options.load == Load::fetch) return fetch_requests(options, partition, leader, session);
  if (options.load == Load::metadata) return std::vector{metadata_request(options)};
  return std::vector{produce_request(options, partition, batch)};
}

Answer answer_of(ErrorCode error, const std::optional<std::string>& message = {}, size_t batch_bytes = 0) {
  return {error, message.value_or(""), batch_bytes};
}

Answer read_fetched(const Slice& frame) {
  const auto response = wire::decode_response<wire::FetchResponse>(frame, 0, fetch_version);
  if (response.responses.size() != 1 || response.responses[0].partitions.size() != 1) {
    return answer_of(response.error_code == ErrorCode::none ? ErrorCode::unknown_server_error
                                                            : response.error_code);
  }
  const auto& data = response.responses[0].partitions[0];
  return answer_of(data.error_code, {}, data.records.size());
}

Answer read_metadata(const Slice& frame) {
  const auto response = wire::decode_response<wire::MetadataResponse>(frame, 0, metadata_version);
  return answer_of(response.topics.size() == 1 ? response.topics[0].error_code
                                               : ErrorCode::unknown_server_error);
}

Answer read_produced(const Slice& frame) {
  const auto response = wire::decode_response<wire::ProduceResponse>(frame, 0, produce_version);
  if (response.responses.size() != 1 || response.responses[0].partition_responses.size() != 1) {
    return answer_of(ErrorCode::unknown_server_error);
  }
  const auto& data = response.responses[0].partition_responses[0];
  return answer_of(data.error_code, data.error_message);
}

}  // namespace

Result<std::vector<Requests>> make_requests(const Options& options, Session& session) {
  const auto topology = session.topology(std::vector{options.topic});
  if (!topology) return fail(topology.error());
  const auto topic = (*topology)->topics.find(options.topic);
  if (topic == (*topology)->topics.end() ||
      topic->second.error_code == ErrorCode::unknown_topic_or_partition) {
    return fail(ErrorCode::unknown_topic_or_partition,
                fmt::format("topic \"{}\" does not exist", options.topic));
  }
  if (topic->second.error_code != ErrorCode::none) return fail(topic->second.error_code);
  SeededRng rng(1);
  const bool sends = options.load == Load::produce || options.load == Load::single;
  const Batch batch = sends ? make_batch(options, session, rng) : Batch{};
  std::vector<Requests> all;
  const auto partitions = topic->second.partitions;  // what is known may be asked for anew meanwhile
  for (const auto& partition : partitions) {
    const auto leader = (*topology)->leader_of(options.topic, partition.partition_index);
    if (!leader) {
      return fail(ErrorCode::leader_not_available,
                  fmt::format("{}-{} has no leader", options.topic, partition.partition_index));
    }
    auto requests = requests_of(options, partition.partition_index, leader->node_id, batch, session);
    if (!requests) return fail(std::move(requests.error()));
    if (!requests->empty())
      all.push_back({(*topology)->brokers.at(leader->node_id).at, std::move(*requests)});
  }
  if (!all.empty()) return all;
  return fail(ErrorCode::invalid_request,
              fmt::format("topic \"{}\" holds nothing to fetch: send to it first", options.topic));
}

Answer read_answer(Load load, std::span<const std::byte> frame) {
  const Slice answer = Slice::view(frame);
  if (load == Load::fetch) return read_fetched(answer);
  return load == Load::metadata ? read_metadata(answer) : read_produced(answer);
}

}  // namespace kt::cli::perf
