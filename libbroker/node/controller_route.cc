#include "libbroker/node/controller_route.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <utility>

#include "libbroker/base/gather.h"
#include "libbroker/base/logger.h"
#include "libbroker/node/quorum_messages.h"
#include "libbroker/node/quorum_options.h"
#include "libbroker/wire/55_describe_quorum.h"
#include "libbroker/wire/58_envelope.h"
#include "libbroker/wire/principal.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.ControllerRoute";
constexpr int64_t publish_wait_ms_max = 1000;  // an answer is held no longer for this node's metadata
constexpr size_t waiting_max = 10'000;         // of clients' requests

template <class R>
concept NodesOwn =
    std::same_as<R, wire::BrokerRegistrationRequest> || std::same_as<R, wire::BrokerHeartbeatRequest> ||
    std::same_as<R, wire::AllocateProducerIdsRequest> || std::same_as<R, wire::AlterPartitionRequest> ||
    std::same_as<R, wire::AssignReplicasToDirsRequest> ||
    std::same_as<R, wire::ControllerRegistrationRequest>;

Slice principal_bytes(const std::string& principal) {
  const size_t colon = principal.find(':');
  wire::DefaultPrincipalData data{.type = principal.substr(0, colon), .name = principal.substr(colon + 1)};
  wire::Encoder encoder(0, true);
  int16_t version = 0;
  encoder.value(version);
  encoder.value(data);
  return std::get<Slice>(encoder.take().front());
}

/// Apart, or g++ 12 at -O2 knows the size and takes what it allocates for no heap's (-Wfree-nonheap-object).
[[gnu::noinline]] Slice copy_of(std::string_view bytes) { return Slice::copy(bytes); }

/// 4 or 16 bytes; a host that is no address is nobody's.
Slice address_bytes(const std::string& host) {
  std::string bytes(sizeof(in6_addr), '\0');
  if (::inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1) {
    bytes.assign(sizeof(in_addr), '\0');
    ::inet_pton(AF_INET, host.c_str(), bytes.data());  // leaves it as it is where it is none
  }
  return copy_of(bytes);
}

bool may_be_retried(ErrorCode code) {
  return code == ErrorCode::not_controller || code == ErrorCode::network_exception ||
         code == ErrorCode::request_timed_out;
}

wire::DescribeQuorumRequest metadata_partition_request() {
  wire::DescribeQuorumRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic_name = metadata_topic;
  topic.partitions.push_back({.partition_index = metadata_partition});
  return request;
}

}  // namespace

ControllerRoute::ControllerRoute(Loop& control, Net& net, Clock& clock, MetadataQuorum& quorum,
                                 ControllerDriver& local, Options options)
    : control_(control),
      clock_(clock),
      quorum_(quorum),
      local_(local),
      options_(std::move(options)),
      services_{control, net, fmt::format("broker-{}-to-controller", options_.node_id),
                options_.connect_timeout_ms, options_.request_timeout_ms} {}

void ControllerRoute::deliver(const Pending& pending, Result<api::ControllerReply> reply) {
  pending->loop->post(
      [then = std::move(pending->then), reply = std::move(reply)]() mutable { then(std::move(reply)); });
}

void ControllerRoute::submit(Loop& loop, api::ControllerRequest request, int16_t version,
                             std::optional<api::Asker> asker, Then then) {
  auto pending =
      std::make_shared<Request>(&loop, std::move(request), version, std::move(asker), 0, std::move(then));
  control_.post([this, alive = std::weak_ptr(alive_), pending = std::move(pending)]() mutable {
    if (!alive.lock())
      return deliver(pending, fail(ErrorCode::not_controller, "This broker is shutting down."));
    pending->give_up_at_ms = clock_.monotonic_ms() + (pending->asker ? options_.client_patience_ms : 0);
    route(std::move(pending));
  });
}

void ControllerRoute::route(Pending pending) {
  if (quorum_.raft().is_leader()) {
    return local_.handle(pending->request, pending->version,
                         [this, alive = std::weak_ptr(alive_), pending](Result<api::ControllerReply> reply) {
                           if (!alive.lock()) return deliver(pending, std::move(reply));
                           on_answer(pending, std::move(reply));
                         });
  }
  const auto at = leader_at();
  if (!at)
    return try_again(std::move(pending), {ErrorCode::not_controller, "No controller appears to be active."});
  client::Link& link = link_to(*at);
  leader_link_ = &link;
  link.when_ready([this, &link, pending = std::move(pending)](Result<client::Link*> ready) mutable {
    if (ready) return send(link, std::move(pending));
    try_again(std::move(pending), std::move(ready.error()));
  });
}

client::Link& ControllerRoute::link_to(const Endpoint& at) {
  auto& link = links_[at];
  if (!link) link = std::make_unique<client::Link>(services_, at);
  return *link;
}

/// None while nobody leads, or where that one is cannot be told.
std::optional<Endpoint> ControllerRoute::leader_at() const {
  const auto leader = quorum_.raft().leader_id();
  if (!leader) return std::nullopt;
  const auto* const endpoints = quorum_.raft().endpoints_of(*leader);
  if (!endpoints || endpoints->empty()) return std::nullopt;
  return place_of(*endpoints, options_.listener);
}

void ControllerRoute::send(client::Link& link, Pending pending) {
  std::visit(
      [&]<class R>(const R& request) {
        if constexpr (NodesOwn<R>)
          send_plain(link, request, pending);
        else
          send_enveloped(link, request, pending);
      },
      pending->request);
}

template <class R>
void ControllerRoute::send_plain(client::Link& link, const R& request, Pending pending) {
  auto call = client::call_of(request, services_.client_id, options_.request_timeout_ms, pending->version);
  client::answer_to<api::ControllerAnswer<R>>(
      *call, [this, pending](Result<api::ControllerAnswer<R>> response, int16_t) {
        if (!response) return on_answer(pending, fail(std::move(response.error())));
        on_answer(pending, api::ControllerReply(std::move(*response)));
      });
  link.send(std::move(call));
}

template <class R>
void ControllerRoute::send_enveloped(client::Link& link, const R& request, Pending pending) {
  constexpr int32_t correlation_id = 0;
  const api::Asker asker = pending->asker.value_or(api::Asker{"User:ANONYMOUS", services_.client_id, ""});
  Result<Slice> data;
  try {
    data = gather(wire::encode_request(correlation_id, asker.client_id, request, pending->version));
  } catch (const wire::EncodeError& error) {  // a handler's mistake: its client hears of it
    data = fail(ErrorCode::unknown_server_error, error.what());
  }
  if (!data) return on_answer(std::move(pending), fail(std::move(data.error())));
  wire::EnvelopeRequest envelope{.request_data = std::move(*data),
                                 .request_principal = principal_bytes(asker.principal),
                                 .client_host_address = address_bytes(asker.host)};
  auto call = client::call_of(std::move(envelope), services_.client_id, options_.request_timeout_ms);
  client::answer_to<wire::EnvelopeResponse>(
      *call, [this, pending](Result<wire::EnvelopeResponse> response, int16_t) {
        if (!response) return on_answer(pending, fail(std::move(response.error())));
        if (response->error_code != ErrorCode::none) return on_answer(pending, fail(response->error_code));
        try {
          hold({pending,
                wire::decode_response<api::ControllerAnswer<R>>(response->response_data, correlation_id,
                                                                pending->version),
                clock_.monotonic_ms() + publish_wait_ms_max});
        } catch (const wire::DecodeError& error) {
          on_answer(pending, fail(ErrorCode::unknown_server_error,
                                  fmt::format("the controller's answer cannot be read: {}", error.what())));
        }
      });
  link.send(std::move(call));
}

void ControllerRoute::on_answer(Pending pending, Result<api::ControllerReply> reply) {
  if (!reply && may_be_retried(reply.error().code))
    return try_again(std::move(pending), std::move(reply.error()));
  deliver(pending, std::move(reply));
}

/// A client's request waits for a leader, until its time is over; this node's own are tried by who made them.
void ControllerRoute::try_again(Pending pending, Error why) {
  const bool is_over =
      is_stopped_ || clock_.monotonic_ms() >= pending->give_up_at_ms || waiting_.size() >= waiting_max;
  if (is_over) {
    if (pending->asker && !is_stopped_) {
      why = {ErrorCode::request_timed_out,
             fmt::format("No active controller answered within {} ms, and changes need a majority of the controllers: {}",
                         options_.client_patience_ms, why.message)};
    }
    return deliver(pending, fail(std::move(why)));
  }
  waiting_.push_back(std::move(pending));
  if (retry_timer_ == 0)
    retry_timer_ = control_.after(options_.retry_backoff_ms, [this] { flush_waiting(); });
}

void ControllerRoute::flush_waiting() {
  control_.cancel(std::exchange(retry_timer_, 0));
  for (Pending& pending : std::exchange(waiting_, {})) route(std::move(pending));
}

/// What was asked of the former leader is asked again: it might be long in answering.
void ControllerRoute::on_leadership() {
  if (leader_link_ && leader_at() != leader_link_->at())
    std::exchange(leader_link_, nullptr)->close("it leads no more");
  if (waiting_.empty()) return;
  control_.post([this, alive = std::weak_ptr(alive_)] {  // when raft's step is over
    if (alive.lock()) flush_waiting();
  });
}

/// Whatever the answer speaks of is committed, so it lies before the leader's high watermark of a later
/// moment: when this node has published up to there, it has it too. The leader that answered may be gone by
/// then, and a new one does not know the high watermark at first; so whoever leads is asked until it does.
void ControllerRoute::hold(Held held) {
  if (is_stopped_ || clock_.monotonic_ms() >= held.until_ms)
    return deliver(held.pending, std::move(held.reply));
  if (quorum_.raft().is_leader()) {
    const auto described = quorum_.raft().describe(clock_.monotonic_ms());
    return hold_until(described ? described->high_watermark : -1, std::move(held));
  }
  const auto at = leader_at();
  if (!at) return hold_until(-1, std::move(held));
  link_to(*at).when_ready([this, held = std::move(held)](Result<client::Link*> ready) mutable {
    if (!ready) return hold_until(-1, std::move(held));
    auto call = client::call_of(metadata_partition_request(), services_.client_id, publish_wait_ms_max);
    client::answer_to<wire::DescribeQuorumResponse>(
        *call,
        [this, held = std::move(held)](Result<wire::DescribeQuorumResponse> response, int16_t) mutable {
          const bool is_told = response && response->error_code == ErrorCode::none &&
                               response->topics.size() == 1 && response->topics[0].partitions.size() == 1 &&
                               response->topics[0].partitions[0].error_code == ErrorCode::none;
          hold_until(is_told ? response->topics[0].partitions[0].high_watermark : -1, std::move(held));
        });
    (*ready)->send(std::move(call));
  });
}

/// -1: it is not known yet.
void ControllerRoute::hold_until(int64_t end_offset, Held held) {
  const int64_t left_ms = held.until_ms - clock_.monotonic_ms();
  if (is_stopped_ || left_ms <= 0 || (end_offset >= 0 && published_end_offset_ >= end_offset))
    return deliver(held.pending, std::move(held.reply));
  if (end_offset < 0) {
    control_.after(options_.retry_backoff_ms,
                   [this, alive = std::weak_ptr(alive_), held = std::move(held)]() mutable {
                     if (alive.lock()) return hold(std::move(held));
                     deliver(held.pending, std::move(held.reply));
                   });
    return;
  }
  control_.after(left_ms,
                 [this, alive = std::weak_ptr(alive_), end_offset, waited = std::weak_ptr(held.pending)] {
                   if (!alive.lock()) return;
                   const auto still = waited.lock();
                   for (auto [at, end] = held_.equal_range(end_offset); at != end; ++at) {
                     if (at->second.pending != still) continue;
                     Held late = std::move(at->second);
                     held_.erase(at);
                     return deliver(late.pending, std::move(late.reply));
                   }
                 });
  held_.emplace(end_offset, std::move(held));
}

void ControllerRoute::on_published(int64_t end_offset) {
  published_end_offset_ = end_offset;
  while (!held_.empty() && held_.begin()->first <= end_offset) {
    Held held = std::move(held_.extract(held_.begin()).mapped());
    deliver(held.pending, std::move(held.reply));
  }
}

void ControllerRoute::stop() {
  is_stopped_ = true;
  alive_.reset();
  control_.cancel(std::exchange(retry_timer_, 0));
  for (const Pending& pending : std::exchange(waiting_, {}))
    deliver(pending, fail(ErrorCode::not_controller, "This broker is shutting down."));
  for (auto& [offset, held] : std::exchange(held_, {})) deliver(held.pending, std::move(held.reply));
}

}  // namespace kt::node
