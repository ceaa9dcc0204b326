#include "libbroker/controller/brokers.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "libbroker/controller/partitions.h"

namespace kt::controller {
namespace {

using metadata::Broker;
using metadata::Partition;
using metadata::Record;

constexpr int32_t producer_ids_per_block = 1000;
constexpr uint64_t reserved_directory_ids = 100;

bool in_isr(const Partition& partition, int32_t id) { return std::ranges::count(partition.isr, id) > 0; }

bool leads_any(const metadata::Image& image, int32_t id) {
  for (const auto& [topic_id, topic] : image.topics)
    for (const auto& [index, partition] : topic->partitions)
      if (partition->leader == id) return true;
  return false;
}

void leave_isrs(const State& state, int32_t id, std::vector<Record>& records) {
  update_leaders_and_isrs(state, {.leaves = id}, [&](const Partition& p) { return in_isr(p, id); }, records);
}

/// The old incarnation is gone; if not cleanly, it is not eligible to lead any more either.
void shut_down_incarnation(const State& state, int32_t id, bool cleanly, std::vector<Record>& records) {
  cleanly |= state.config.mutants.has(Mutant::controller_keeps_unclean);
  if (cleanly || !state.elr_enabled()) return leave_isrs(state, id, records);
  const auto in_isr_or_elr = [&](const Partition& p) {
    return in_isr(p, id) || std::ranges::count(p.elr, id) > 0;
  };
  update_leaders_and_isrs(state, {.unclean_shutdown = id}, in_isr_or_elr, records);
}

// Registration.

/// Whether a new incarnation can only be the next life of the registered one, which then is dead: it is in
/// this process, or it is where that one listened and has a log directory of it, whose lock no two hold.
bool is_next_life(const State& state, const Broker& registered,
                  const wire::BrokerRegistrationRequest& request) {
  if (request.broker_id == state.config.node_id) return true;
  const auto is_same = [](const metadata::Endpoint& was, const auto& is) {
    return was.listener == is.name && was.host == is.host && was.port == is.port;
  };
  return std::ranges::equal(registered.endpoints, request.listeners, is_same) &&
         std::ranges::any_of(request.log_dirs, [&](const Uuid& directory) {
           return std::ranges::count(registered.directories, directory) > 0;
         });
}

/// Whether another incarnation is registered and has to be taken for alive. All brokers have a session when a
/// controller begins; one that has not been heard since does not hold up its own next life.
bool is_taken(const State& state, const wire::BrokerRegistrationRequest& request, int64_t now_ms) {
  const Broker* registered = state.image.broker(request.broker_id);
  const auto session = state.soft.sessions.find(request.broker_id);
  if (!registered || registered->fenced || session == state.soft.sessions.end()) return false;
  if (registered->incarnation == request.incarnation_id) return false;
  if (session->second.last_contact_ms + state.config.session_timeout_ms < now_ms) return false;
  return session->second.is_heard || !is_next_life(state, *registered, request);
}

Result<void> check_directories(const State& state, const wire::BrokerRegistrationRequest& request) {
  if (state.image.metadata_version() < metadata::metadata_version_directories) return {};
  const auto refuse = [](std::string why) { return fail(ErrorCode::invalid_registration, std::move(why)); };
  if (request.log_dirs.empty()) return refuse("No directories specified in request");
  const auto reserved = [](const Uuid& id) { return id.high == 0 && id.low < reserved_directory_ids; };
  if (std::ranges::any_of(request.log_dirs, reserved)) return refuse("Reserved directory ID in request");
  const std::set<Uuid> distinct(request.log_dirs.begin(), request.log_dirs.end());
  if (distinct.size() != request.log_dirs.size()) return refuse("Duplicate directory ID in request");
  for (const auto& [id, broker] : state.image.brokers)
    for (const Uuid& directory : broker->directories)
      if (id != request.broker_id && distinct.contains(directory))
        return refuse(fmt::format("Broker {} is already registered with directory {}", id, directory.text()));
  return {};
}

/// The broker has to speak every finalized level; a feature that it does not name it speaks at 0 only.
Result<void> check_features(const State& state, const wire::BrokerRegistrationRequest& request) {
  if (std::ranges::count(request.features, "metadata.version",
                         &wire::BrokerRegistrationRequest::Feature::name) == 0)
    return fail(ErrorCode::invalid_registration, "Request features do not contain 'metadata.version'");
  for (const auto& [name, level] : state.image.features) {
    const auto named =
        std::ranges::find(request.features, name, &wire::BrokerRegistrationRequest::Feature::name);
    const int16_t min = named == request.features.end() ? 0 : named->min_supported_version;
    const int16_t max = named == request.features.end() ? 0 : named->max_supported_version;
    if (level < min || level > max)
      return fail(
          ErrorCode::unsupported_version,
          fmt::format(
              "Unable to register because the broker does not support finalized version {} of {}. The "
              "broker wants a version between {} and {}, inclusive.",
              level, name, min, max));
  }
  return {};
}

/// What names another could not be applied, by us or by Kafka.
Result<void> check_listeners(const auto& listeners) {
  for (const auto& listener : listeners)
    if (!metadata::is_security_protocol(listener.security_protocol))
      return fail(ErrorCode::invalid_registration, fmt::format("Unknown security protocol {} in listener {}",
                                                               listener.security_protocol, listener.name));
  return {};
}

Result<void> check_registration(const State& state, const wire::BrokerRegistrationRequest& request,
                                int64_t now_ms) {
  if (request.cluster_id != state.config.cluster_id)
    return fail(ErrorCode::inconsistent_cluster_id,
                fmt::format("Expected cluster ID {}, but got cluster ID {}", state.config.cluster_id,
                            request.cluster_id));
  if (is_taken(state, request, now_ms))
    return fail(ErrorCode::duplicate_broker_registration,
                "Another broker is registered with that broker id.");
  if (request.is_migrating_zk_broker)
    return fail(ErrorCode::broker_id_not_registered, "Controller does not support registering ZK brokers.");
  if (auto directories = check_directories(state, request); !directories) return directories;
  if (auto listeners = check_listeners(request.listeners); !listeners) return listeners;
  return check_features(state, request);
}

template <class Out>
void copy_endpoints_and_features(const auto& request, Out& out) {
  for (const auto& listener : request.listeners)
    out.end_points.push_back({.name = listener.name,
                              .host = listener.host,
                              .port = listener.port,
                              .security_protocol = listener.security_protocol});
  for (const auto& feature : request.features)
    out.features.push_back({.name = feature.name,
                            .min_supported_version = feature.min_supported_version,
                            .max_supported_version = feature.max_supported_version});
}

// Heartbeats.

BrokerState present_state(const Broker& broker, const Session& session) {
  if (session.controlled_shutdown_offset >= 0) return BrokerState::controlled_shutdown;
  return broker.fenced ? BrokerState::fenced : BrokerState::unfenced;
}

/// How far the slowest broker that serves has applied the log.
int64_t lowest_active_offset(const State& state) {
  int64_t lowest = INT64_MAX;
  for (const auto& [id, session] : state.soft.sessions)
    if (state.image.is_alive(id) && session.controlled_shutdown_offset < 0)
      lowest = std::min(lowest, session.metadata_offset);
  return lowest;
}

BrokerState next_state(const State& state, const wire::BrokerHeartbeatRequest& request,
                       const Session& session, BrokerState now) {
  switch (now) {
    case BrokerState::fenced:
      if (request.want_shut_down) return BrokerState::shutdown_now;
      // Who has begun to stop comes back by registering anew: until then it could not be in an ISR.
      if (state.image.broker(request.broker_id)->in_controlled_shutdown) return BrokerState::fenced;
      if (!request.want_fence && request.current_metadata_offset >= session.registration_offset)
        return BrokerState::unfenced;
      return BrokerState::fenced;
    case BrokerState::unfenced:
      if (request.want_fence) return request.want_shut_down ? BrokerState::shutdown_now : BrokerState::fenced;
      if (!request.want_shut_down) return BrokerState::unfenced;
      return leads_any(state.image, request.broker_id) ? BrokerState::controlled_shutdown
                                                       : BrokerState::shutdown_now;
    case BrokerState::controlled_shutdown:
      if (leads_any(state.image, request.broker_id)) return BrokerState::controlled_shutdown;
      return session.controlled_shutdown_offset <= lowest_active_offset(state)
                 ? BrokerState::shutdown_now
                 : BrokerState::controlled_shutdown;
    case BrokerState::shutdown_now:
      return BrokerState::shutdown_now;
  }
  return now;
}

void unfence(const State& state, const Broker& broker, std::vector<Record>& records) {
  records.push_back(wire::BrokerRegistrationChangeRecord{
      .broker_id = broker.id, .broker_epoch = broker.epoch, .fenced = -1});
  update_leaders_and_isrs(
      state, {.may_now_lead = broker.id}, [](const Partition& p) { return !p.has_leader(); }, records);
}

void begin_controlled_shutdown(const State& state, const Broker& broker, std::vector<Record>& records) {
  if (!broker.in_controlled_shutdown)
    records.push_back(wire::BrokerRegistrationChangeRecord{
        .broker_id = broker.id, .broker_epoch = broker.epoch, .in_controlled_shutdown = 1});
  leave_isrs(state, broker.id, records);
}

/// Directories that were online and are no longer: their replicas leave, the broker stays.
void lose_directories(const State& state, const Broker& broker, const std::vector<Uuid>& offline,
                      std::vector<Record>& records) {
  std::vector<Uuid> left;
  std::ranges::copy_if(broker.directories, std::back_inserter(left),
                       [&](const Uuid& id) { return std::ranges::count(offline, id) == 0; });
  if (left.size() == broker.directories.size()) return;
  const auto on_lost_directory = [&](const Partition& partition) {
    for (size_t i = 0; i < partition.replicas.size() && i < partition.directories.size(); ++i)
      if (partition.replicas[i] == broker.id &&
          std::ranges::count(broker.directories, partition.directories[i]) > 0)
        return std::ranges::count(left, partition.directories[i]) == 0;
    return false;
  };
  update_leaders_and_isrs(state, {.leaves = broker.id}, on_lost_directory, records);
  records.push_back(wire::BrokerRegistrationChangeRecord{
      .broker_id = broker.id, .broker_epoch = broker.epoch, .log_dirs = std::move(left)});
}

void enter(const State& state, const Broker& broker, BrokerState next, std::vector<Record>& records) {
  switch (next) {
    case BrokerState::fenced:
    case BrokerState::shutdown_now:
      records = fence_broker(state, broker.id);
      break;
    case BrokerState::unfenced:
      unfence(state, broker, records);
      break;
    case BrokerState::controlled_shutdown:
      begin_controlled_shutdown(state, broker, records);
      break;
  }
}

}  // namespace

Decision<wire::BrokerRegistrationResponse> decide(const State& state,
                                                  const wire::BrokerRegistrationRequest& request,
                                                  const Context& context) {
  Decision<wire::BrokerRegistrationResponse> decision;
  if (const auto checked = check_registration(state, request, context.now_ms); !checked) {
    decision.reply.error_code = checked.error().code;
    return decision;
  }
  const Broker* existing = state.image.broker(request.broker_id);
  wire::RegisterBrokerRecord record{
      .broker_id = request.broker_id, .incarnation_id = request.incarnation_id, .rack = request.rack};
  copy_endpoints_and_features(request, record);
  if (state.image.metadata_version() >= metadata::metadata_version_directories)
    record.log_dirs = request.log_dirs;
  if (existing && existing->incarnation == request.incarnation_id) {
    record.broker_epoch = existing->epoch;
    record.fenced = existing->fenced;
    record.in_controlled_shutdown = existing->in_controlled_shutdown;
  } else {
    // One that was unregistered may still be in an ISR, as its last member, or eligible to lead.
    const bool cleanly = existing && existing->epoch == request.previous_broker_epoch;
    shut_down_incarnation(state, request.broker_id, cleanly, decision.records);
    record.broker_epoch = context.next_offset;
  }
  decision.reply.broker_epoch = record.broker_epoch;
  decision.records.push_back(std::move(record));
  return decision;
}

HeartbeatDecision decide(const State& state, const wire::BrokerHeartbeatRequest& request) {
  HeartbeatDecision decision;
  const Broker* broker = state.image.broker(request.broker_id);
  const auto session = state.soft.sessions.find(request.broker_id);
  if (!broker || session == state.soft.sessions.end()) {
    decision.reply.error_code = ErrorCode::broker_id_not_registered;
    return decision;
  }
  if (const auto known = state.check_broker_epoch(request.broker_id, request.broker_epoch); !known) {
    decision.reply.error_code = known.error().code;
    return decision;
  }
  lose_directories(state, *broker, request.offline_log_dirs, decision.records);
  const BrokerState now = present_state(*broker, session->second);
  // What else the broker wants waits for its next heartbeat when it lost directories: both may concern a
  // partition.
  decision.next = decision.records.empty() ? next_state(state, request, session->second, now) : now;
  if (decision.next != now) enter(state, *broker, decision.next, decision.records);
  decision.reply.is_caught_up = request.current_metadata_offset >= session->second.registration_offset;
  decision.reply.is_fenced =
      decision.next == BrokerState::fenced || decision.next == BrokerState::shutdown_now;
  decision.reply.should_shut_down = decision.next == BrokerState::shutdown_now;
  return decision;
}

Decision<wire::UnregisterBrokerResponse> decide(const State& state,
                                                const wire::UnregisterBrokerRequest& request) {
  Decision<wire::UnregisterBrokerResponse> decision;
  const Broker* broker = state.image.broker(request.broker_id);
  if (!broker) {
    decision.reply.error_code = ErrorCode::broker_id_not_registered;
    decision.reply.error_message = fmt::format("Broker ID {} is not currently registered", request.broker_id);
    return decision;
  }
  decision.reply.error_message.reset();
  leave_isrs(state, broker->id, decision.records);
  decision.records.push_back(
      wire::UnregisterBrokerRecord{.broker_id = broker->id, .broker_epoch = broker->epoch});
  return decision;
}

Decision<wire::ControllerRegistrationResponse> decide(const State&,
                                                      const wire::ControllerRegistrationRequest& request) {
  Decision<wire::ControllerRegistrationResponse> decision;
  decision.reply.error_message.reset();
  if (const auto checked = check_listeners(request.listeners); !checked) {
    decision.reply.error_code = checked.error().code;
    decision.reply.error_message = checked.error().message;
    return decision;
  }
  wire::RegisterControllerRecord record{.controller_id = request.controller_id,
                                        .incarnation_id = request.incarnation_id};
  copy_endpoints_and_features(request, record);
  decision.records.push_back(std::move(record));
  return decision;
}

Decision<wire::AllocateProducerIdsResponse> decide(const State& state,
                                                   const wire::AllocateProducerIdsRequest& request) {
  Decision<wire::AllocateProducerIdsResponse> decision;
  const int64_t start = state.image.next_producer_id.value_or(0);
  if (const auto known = state.check_broker_epoch(request.broker_id, request.broker_epoch); !known) {
    decision.reply.error_code = known.error().code;
  } else if (start > INT64_MAX - producer_ids_per_block) {
    decision.reply.error_code = ErrorCode::unknown_server_error;  // all ids were given out
  } else {
    decision.reply.producer_id_start = start;
    decision.reply.producer_id_len = producer_ids_per_block;
    decision.records.push_back(wire::ProducerIdsRecord{.broker_id = request.broker_id,
                                                       .broker_epoch = request.broker_epoch,
                                                       .next_producer_id = start + producer_ids_per_block});
  }
  return decision;
}

std::optional<int32_t> find_stale_broker(const State& state, int64_t now_ms) {
  for (const auto& [id, session] : state.soft.sessions)
    if (state.image.is_alive(id) && session.last_contact_ms + state.config.session_timeout_ms < now_ms)
      return id;
  return std::nullopt;
}

std::vector<Record> fence_broker(const State& state, int32_t broker_id) {
  std::vector<Record> records;
  const Broker& broker = *state.image.broker(broker_id);
  leave_isrs(state, broker_id, records);
  records.push_back(wire::BrokerRegistrationChangeRecord{
      .broker_id = broker_id, .broker_epoch = broker.epoch, .fenced = 1});
  return records;
}

}  // namespace kt::controller
