// DeleteRecords, key 21: moves the start of partitions forward, and waits until the followers have (semantics
// L18).
#include "libbroker/wire/21_delete_records.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"

namespace kt::api {
namespace {

using Response = wire::DeleteRecordsResponse;

Result<std::shared_ptr<Partition>> find(const RequestContext& ctx, const std::string& topic, int32_t index) {
  if (!ctx.allowed(Operation::remove, ResourceType::topic, topic))
    return fail(ErrorCode::topic_authorization_failed);
  const metadata::Topic* known = ctx.image->topic(topic);
  if (!known || !known->partition(index)) return fail(ErrorCode::unknown_topic_or_partition);
  if (metadata::is_internal_topic(topic)) return fail(ErrorCode::invalid_topic_exception);
  return ctx.broker.find_partition(known->id, index);
}

/// A request whose records are gone here, and not yet on every replica that is alive. While it waits, its
/// timer owns it.
class PendingDelete final : public Waiter, public std::enable_shared_from_this<PendingDelete> {
 public:
  struct Part {
    std::shared_ptr<Partition> partition;
    int64_t before_offset;
    size_t topic_index, partition_index;  // in the response
  };
  PendingDelete(RequestContext& ctx, Answer<Response> answer, Response response, std::vector<Part> parts)
      : Waiter(ctx.loop),
        answer_(std::move(answer)),
        response_(std::move(response)),
        parts_(std::move(parts)) {
    for (const auto& [id, broker] : ctx.image->brokers)
      if (ctx.image->is_alive(id)) alive_.push_back(id);
  }

  void start(int64_t timeout_ms) {
    wake();
    if (!is_answered_) timer_ = loop().after(timeout_ms, [self = shared_from_this()] { self->give_up(); });
  }

  void wake() override {
    if (is_answered_) return;
    std::erase_if(parts_, [this](const Part& part) {
      const auto low = part.partition->wait_for_low_watermark(part.before_offset, alive_, weak_from_this());
      auto& answered = slot(part);
      answered.low_watermark = low.value_or(-1);
      answered.error_code = low ? ErrorCode::none : low.error().code;
      return !low || *low >= part.before_offset;
    });
    if (parts_.empty()) finish();
  }

 private:
  Response::DeleteRecordsPartitionResult& slot(const Part& part) {
    return response_.topics[part.topic_index].partitions[part.partition_index];
  }
  void give_up() {
    for (const Part& part : parts_) slot(part).error_code = ErrorCode::request_timed_out;
    finish();
  }
  void finish() {
    is_answered_ = true;
    answer_(response_);
    const auto self = shared_from_this();
    loop().cancel(timer_);
  }

  Answer<Response> answer_;
  Response response_;
  std::vector<Part> parts_;
  std::vector<int32_t> alive_;  // brokers, as of the request
  Timers::Id timer_ = 0;
  bool is_answered_ = false;
};

}  // namespace

void handle_delete_records(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::DeleteRecordsRequest>(body, ctx.version());
  Response response;
  std::vector<PendingDelete::Part> parts;
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const auto& asked : topic.partitions) {
      auto& result = answered.partitions.emplace_back();
      result.partition_index = asked.partition_index;
      result.low_watermark = -1;
      const auto partition = find(ctx, topic.name, asked.partition_index);
      const auto before =
          partition ? (*partition)->delete_records(asked.offset) : Result<int64_t>(fail(partition.error()));
      if (before)
        parts.push_back({*partition, *before, response.topics.size() - 1, answered.partitions.size() - 1});
      else
        result.error_code = before.error().code;
    }
  }
  Answer<Response> answer(ctx, std::move(reply));
  if (parts.empty()) return answer(response);
  std::make_shared<PendingDelete>(ctx, std::move(answer), std::move(response), std::move(parts))
      ->start(std::max(0, request.timeout_ms));
}

}  // namespace kt::api
