#include "libbroker/node/metadata_quorum.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/logger.h"
#include "libbroker/node/quorum_state_file.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/control.h"
#include "libbroker/wire/control_records.h"
#include "libbroker/wire/encoder.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.MetadataQuorum";

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

template <wire::Message M>
void append_control(record::BatchBuilder& batch, record::ControlType type, const M& message, int64_t now_ms) {
  const auto key = record::encode_control_key(type);
  const auto value = wire::encode_bytes(message, 0);
  batch.append({.timestamp = now_ms, .key = key, .value = value});
}

std::vector<std::byte> epoch_start_batch(const raft::EpochStart& start, int64_t now_ms) {
  record::BatchBuilder batch(
      {.base_offset = start.base_offset, .partition_leader_epoch = start.epoch, .is_control = true});
  // Version 0, without directory ids, whatever kraft.version is: Kafka writes and reads no other
  // [ControlRecordUtils].
  wire::LeaderChangeMessage change{.leader_id = start.leader_id};
  for (const auto& voter : start.voters) change.voters.push_back({.voter_id = voter.id});
  for (const auto& voter : start.granting_voters) change.granting_voters.push_back({.voter_id = voter.id});
  append_control(batch, record::ControlType::leader_change, change, now_ms);
  if (start.kraft_version) {
    append_control(batch, record::ControlType::kraft_version,
                   wire::KRaftVersionRecord{.k_raft_version = *start.kraft_version}, now_ms);
  }
  if (start.new_voters)
    append_control(batch, record::ControlType::kraft_voters, voters_record(*start.new_voters), now_ms);
  return batch.build();
}

}  // namespace

MetadataQuorum::MetadataQuorum(Loop& control, Clock& clock, Disk& disk, log::LogServices logs,
                               Options options, Listener& listener)
    : control_(control),
      clock_(clock),
      disk_(disk),
      log_services_(logs),
      options_(std::move(options)),
      listener_(listener),
      download_(disk, options_.directory) {}

Result<void> MetadataQuorum::open() {
  if (auto made = disk_.make_directory(options_.directory); !made) return made;
  const std::string parent = options_.directory.substr(0, options_.directory.rfind('/'));
  if (auto synced = disk_.sync_directory(parent); !synced)
    return synced;  // the log takes its directory for old
  if (auto cleaned = SnapshotDownload::clean_up(disk_, options_.directory); !cleaned) return cleaned;
  auto ballot = read_quorum_state(disk_, options_.directory);
  if (!ballot) return fail(ballot.error());
  auto log = log::Log::open(log_services_, options_.directory, options_.log, {.now_ms = clock_.wall_ms()});
  if (!log) return fail(log.error());
  log_ = std::move(*log);
  if (auto begun = begin_at_snapshot(); !begun) return begun;
  if (auto flushed = flush(); !flushed) return flushed;  // raft takes what it finds at the start for durable
  auto voters = read_voters();
  if (!voters) return fail(std::move(voters.error()));
  raft::Raft::Restored restored{
      .ballot = ballot->value_or(raft::Ballot{}),
      .log = raft::LogView({.epochs = log_->epochs(),
                            .start = log_->log_start_offset() > 0 ? *snapshot_ : record::LogEnd{},
                            .end_offset = log_->end_offset(),
                            .snapshot = snapshot_}),
      .voters = std::move(*voters),
  };
  raft_ = std::make_unique<raft::Raft>(options_.raft, std::move(restored), now_ms());
  return {};
}

/// A log that ends before its snapshot was left by a crash while the snapshot took its place
/// [KafkaMetadataLog.truncateToLatestSnapshot]; one whose first segments are gone begins at the latest
/// snapshot.
Result<void> MetadataQuorum::begin_at_snapshot() {
  const auto snapshots = list_snapshots(disk_, options_.directory);
  if (!snapshots) return fail(snapshots.error());
  if (!snapshots->empty() && snapshots->back().id.offset > 0) snapshot_ = snapshots->back().id;
  if (snapshot_ && log_->log_end() < *snapshot_) return log_->truncate_fully_and_start_at(snapshot_->offset);
  if (log_->log_start_offset() == 0) return {};
  if (!snapshot_ || snapshot_->offset < log_->log_start_offset()) {
    return fail(ErrorCode::kafka_storage_error,
                fmt::format("{} begins at offset {}, and there is no snapshot of what was before",
                            options_.directory, log_->log_start_offset()));
  }
  return log_->increment_log_start(snapshot_->offset, snapshot_->offset);
}

void MetadataQuorum::start() { step(raft::Tick{}); }

void MetadataQuorum::propose(int32_t epoch, const std::vector<metadata::Record>& records,
                             std::function<void(Result<int64_t>)> then) {
  record::BatchBuilder batch;
  const int64_t wall_ms = clock_.wall_ms();
  for (const metadata::Record& record : records) {
    batch.append({.timestamp = wall_ms, .value = metadata::encode_record(record, options_.metadata_version)});
  }
  const auto count = static_cast<int32_t>(records.size());
  proposals_[++last_token_] = std::move(then);
  step(raft::Propose{
      .token = last_token_, .epoch = epoch, .records = Slice::own(batch.build()), .count = count});
}

void MetadataQuorum::step(const raft::Event& event) {
  if (is_stopped_) return;
  raft::Effects effects = raft_->step(event, now_ms());
  if (auto done = carry_out(effects); !done) {
    is_stopped_ = true;
    return listener_.on_failure(done.error());
  }
  if (installed_) return step(*std::exchange(installed_, std::nullopt));
  arm();
  if (resigned_ && raft_->may_stop()) control_.post(std::exchange(resigned_, nullptr));
}

Result<void> MetadataQuorum::carry_out(raft::Effects& effects) {
  for (const std::string& warning : effects.warnings) log_warn(component, "{}", warning);
  if (options_.raft.mutants.has(Mutant::node_sends_before_persist)) send(effects);
  if (effects.persist) {
    if (auto done = write_quorum_state(disk_, options_.directory, *effects.persist, raft_->voters().last());
        !done)
      return done;
  }
  if (effects.truncate_to) {
    if (auto done = log_->truncate_to(*effects.truncate_to); !done) return done;
  }
  for (const raft::Append& part : effects.append) {
    if (auto done = append(part); !done) return done;
  }
  if (effects.snapshot) {
    if (auto done = take(*effects.snapshot); !done) return done;
  }
  for (const raft::Proposed& proposed : effects.proposed) {
    auto then = proposals_.extract(proposed.token);
    if (then.empty()) continue;
    if (proposed.error == ErrorCode::none)
      then.mapped()(proposed.base_offset);
    else
      then.mapped()(fail(proposed.error));
  }
  if (effects.leadership) listener_.on_leadership(*effects.leadership);
  if (effects.high_watermark) apply_committed(*effects.high_watermark);
  if (effects.flush) {
    if (auto flushed = flush(); !flushed) return flushed;
    // As an event of its own: raft gets it when this step is over.
    control_.post([this, flushed = *effects.flush] { step(flushed); });
  }
  send(effects);
  return {};
}

void MetadataQuorum::send(raft::Effects& effects) {
  for (raft::GivenAnswer& given : std::exchange(effects.answers, {})) {
    auto then = asked_.extract(given.token);
    if (!then.empty()) then.mapped()(std::move(given.answer));
  }
  for (raft::SentRequest& sent : std::exchange(effects.send, {})) {
    const auto* const at = raft_->endpoints_of(sent.to);
    options_.send(std::move(sent), at);
  }
}

void MetadataQuorum::receive(raft::Request request, std::move_only_function<void(raft::Answer)> then) {
  asked_[++last_token_] = std::move(then);
  step(raft::Received{last_token_, std::move(request)});
}

void MetadataQuorum::resign(Task then) {
  resigned_ = std::move(then);
  resign_timer_ = control_.after(options_.raft.request_timeout_ms, [this] {
    if (resigned_) std::exchange(resigned_, nullptr)();
  });
  step(raft::Resign{});
}

/// The last part of a snapshot puts it in the place of the log.
Result<void> MetadataQuorum::take(const raft::SnapshotChunk& chunk) {
  if (auto added = download_.add(chunk); !added || !chunk.last) return added;
  auto whole = download_.finish();
  if (!whole) return fail(std::move(whole.error()));
  if (auto emptied = log_->truncate_fully_and_start_at(chunk.id.offset); !emptied) return emptied;
  log_info(component, "Took a snapshot of the metadata up to offset {}", chunk.id.offset);
  snapshot_ = chunk.id;
  installed_ = raft::SnapshotInstalled{chunk.id, whole->kraft_version.value_or(0), std::move(whole->voters)};
  return {};
}

Result<void> MetadataQuorum::flush() {
  auto job = log_->prepare_flush(log::Log::FlushScope::all);
  if (!job) return {};
  if (options_.raft.mutants.has(Mutant::node_metadata_not_flushed)) {
    log_->finish_flush(std::move(*job), {});
    return {};
  }
  auto outcome = job->run(disk_);
  const auto result = outcome.result;
  log_->finish_flush(std::move(*job), std::move(outcome));
  return result;
}

Result<void> MetadataQuorum::append(const raft::Append& append) {
  Slice bytes = std::visit(Overloaded{[&](const raft::EpochStart& start) {
                                        return Slice::own(epoch_start_batch(start, clock_.wall_ms()));
                                      },
                                      [&](const raft::Proposal& proposal) {
                                        std::vector<std::byte> batch(proposal.records.bytes.begin(),
                                                                     proposal.records.bytes.end());
                                        record::assign_offset(batch, proposal.base_offset, proposal.epoch);
                                        return Slice::own(std::move(batch));
                                      },
                                      // Copied: the log's tail would keep the whole frame that it came in.
                                      [&](const raft::Replicated& replicated) {
                                        return Slice::copy(replicated.bytes.bytes);
                                      }},
                           append);
  const int64_t base_offset = std::visit([](const auto& part) { return part.base_offset; }, append);
  const auto appended = log_->append(
      bytes, {.origin = record::Origin::raft, .expected_base = base_offset, .now_ms = clock_.wall_ms()});
  if (!appended) return fail(appended.error());
  return {};
}

void MetadataQuorum::apply_committed(int64_t high_watermark) {
  const auto done = for_each_batch(applied_offset_, high_watermark, [this](const MetadataBatch& batch) {
    applied_offset_ = batch.last_offset + 1;
    listener_.on_committed(batch);
  });
  if (!done) listener_.on_failure(done.error());
}

void MetadataQuorum::arm() {
  control_.cancel(timer_);
  const int64_t delay_ms = raft_->deadline_ms() - now_ms();
  if (raft_->deadline_ms() == INT64_MAX) return;
  timer_ = control_.after(std::max<int64_t>(0, delay_ms), [this] { step(raft::Tick{}); });
}

void MetadataQuorum::snapshot_taken(record::LogEnd id) {
  snapshot_ = std::max(snapshot_, std::optional(id));
  step(raft::SnapshotTaken{id});
}

Result<void> MetadataQuorum::clean(const Retention& retention) {
  auto snapshots = list_snapshots(disk_, options_.directory);
  if (!snapshots) return fail(std::move(snapshots.error()));
  std::erase_if(*snapshots,
                [](const SnapshotFile& file) { return file.id.offset == 0; });  // what formatting said stays
  const auto log_bytes = log_->size_bytes();
  if (!log_bytes) return fail(log_bytes.error());
  int64_t total_bytes = static_cast<int64_t>(*log_bytes);
  std::vector<int64_t> bytes;
  for (const SnapshotFile& file : *snapshots) {
    auto opened = disk_.open(file.path, Disk::Mode::read);
    if (!opened) return fail(std::move(opened.error()));
    const auto size = (*opened)->size();
    if (!size) return fail(size.error());
    total_bytes += bytes.emplace_back(static_cast<int64_t>(*size));
  }
  for (size_t i = 0; i + 1 < snapshots->size(); ++i) {
    if (!snapshot_ || *snapshot_ < (*snapshots)[i + 1].id) return {};  // that one is not reported yet
    const auto time_ms = snapshot_time(disk_, (*snapshots)[i].path);
    if (!time_ms) return fail(time_ms.error());
    const bool is_too_old = retention.ms >= 0 && clock_.wall_ms() - *time_ms > retention.ms;
    const bool is_too_much = retention.bytes >= 0 && total_bytes > retention.bytes;
    if (!is_too_old && !is_too_much) return {};
    if (auto trimmed = trim_before((*snapshots)[i + 1].id); !trimmed) return trimmed;
    if (auto removed = disk_.remove((*snapshots)[i].path); !removed) return removed;
    total_bytes -= bytes[i];
  }
  return {};
}

/// The log begins at the snapshot from now on; segments that lie before it go.
Result<void> MetadataQuorum::trim_before(record::LogEnd id) {
  const int64_t committed = raft_->high_watermark();
  if (id.offset <= log_->log_start_offset() || id.offset > committed) return {};
  if (auto done = log_->increment_log_start(id.offset, committed); !done) return done;
  const auto removed = log_->delete_old_segments(clock_.wall_ms(), committed);
  if (!removed) return fail(removed.error());
  for (const std::string& path : *removed) {
    if (auto gone = disk_.remove(path); !gone) return gone;
  }
  step(raft::LogTrimmed{id});
  return {};
}

Result<void> MetadataQuorum::close() {
  control_.cancel(timer_);
  control_.cancel(resign_timer_);
  is_stopped_ = true;
  asked_.clear();
  if (auto job = log_->prepare_close()) {
    auto outcome = job->run(disk_);
    const auto result = outcome.result;
    log_->finish_flush(std::move(*job), std::move(outcome));
    return result;
  }
  return {};
}

}  // namespace kt::node
