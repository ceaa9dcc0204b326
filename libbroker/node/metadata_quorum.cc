#include "libbroker/node/metadata_quorum.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/gather.h"
#include "libbroker/base/logger.h"
#include "libbroker/node/quorum_state_file.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/control.h"
#include "libbroker/wire/control_records.h"
#include "libbroker/wire/encoder.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.MetadataQuorum";
constexpr size_t read_bytes_max = 8 << 20;

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

template <wire::Message M>
void append_control(record::BatchBuilder& batch, record::ControlType type, const M& message, int16_t version,
                    int64_t now_ms) {
  const auto key = record::encode_control_key(type);
  const auto value = wire::encode_bytes(message, version);
  batch.append({.timestamp = now_ms, .key = key, .value = value});
}

std::vector<std::byte> epoch_start_batch(const raft::EpochStart& start, int64_t now_ms) {
  record::BatchBuilder batch(
      {.base_offset = start.base_offset, .partition_leader_epoch = start.epoch, .is_control = true});
  const int16_t version = start.kraft_version.value_or(0) > 0 || start.new_voters ? 1 : 0;
  wire::LeaderChangeMessage change{.version = version, .leader_id = start.leader_id};
  for (const auto& voter : start.voters)
    change.voters.push_back({voter.id, version > 0 ? voter.directory_id : Uuid{}});
  for (const auto& voter : start.granting_voters)
    change.granting_voters.push_back({voter.id, version > 0 ? voter.directory_id : Uuid{}});
  append_control(batch, record::ControlType::leader_change, change, version, now_ms);
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
      listener_(listener) {}

Result<void> MetadataQuorum::open() {
  if (auto made = disk_.make_directory(options_.directory); !made) return made;
  const std::string parent = options_.directory.substr(0, options_.directory.rfind('/'));
  if (auto synced = disk_.sync_directory(parent); !synced)
    return synced;  // the log takes its directory for old
  auto ballot = read_quorum_state(disk_, options_.directory);
  if (!ballot) return fail(ballot.error());
  auto log = log::Log::open(log_services_, options_.directory, options_.log, {.now_ms = clock_.wall_ms()});
  if (!log) return fail(log.error());
  log_ = std::move(*log);
  if (auto flushed = flush(); !flushed) return flushed;  // raft takes what it finds at the start for durable
  raft::Raft::Restored restored{
      .ballot = ballot->value_or(raft::Ballot{}),
      .log = raft::LogView({.epochs = log_->epochs(), .end_offset = log_->end_offset()}),
      .voters = raft::VoterHistory({.voters = options_.voters}),
  };
  raft_ = std::make_unique<raft::Raft>(options_.raft, std::move(restored), now_ms());
  return {};
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
  raft::Effects effects = raft_->step(event, now_ms());
  if (auto done = carry_out(effects); !done) return listener_.on_failure(done.error());
  arm();
}

Result<void> MetadataQuorum::carry_out(raft::Effects& effects) {
  for (const std::string& warning : effects.warnings) log_warn(component, "{}", warning);
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
                                      [&](const raft::Replicated& replicated) { return replicated.bytes; }},
                           append);
  const auto appended = log_->append(bytes, {.origin = record::Origin::raft, .now_ms = clock_.wall_ms()});
  if (!appended) return fail(appended.error());
  return {};
}

Result<void> MetadataQuorum::for_each_batch(int64_t from, int64_t to,
                                            const std::function<void(const MetadataBatch&)>& visit) {
  while (from < to) {
    auto read = log_->read(from, {.bytes_max = read_bytes_max, .upper_bound = to, .min_one_batch = true});
    if (!read) return fail(read.error());
    log::ReadOut out;
    if (auto* segment = std::get_if<log::SegmentRead>(&*read)) {
      auto done = log::read_segment(*segment, log::Wait::yes);
      if (!done) return fail(done.error());
      out = std::move(**done);
    } else {
      out = std::move(std::get<log::ReadOut>(*read));
    }
    auto bytes = gather(out.pieces);
    if (!bytes) return fail(bytes.error());
    int64_t next = out.next_offset;
    for (std::span<const std::byte> rest = bytes->bytes; !rest.empty();) {
      const auto batch = record::BatchView::parse(rest);
      if (!batch) break;  // cut where the read ended
      rest = rest.subspan(batch->size_bytes());
      next = std::max(next, batch->next_offset());
      if (batch->base_offset() < from) continue;
      MetadataBatch out_batch{batch->base_offset(),
                              batch->last_offset(),
                              batch->partition_leader_epoch(),
                              batch->max_timestamp(),
                              {}};
      if (!batch->is_control()) {
        record::RecordView record;
        for (auto records = batch->records(); records.next(record);) {
          out_batch.records.push_back(metadata::decode_record(Slice::view(record.value)));
        }
      }
      visit(out_batch);
    }
    if (next <= from)
      return fail(ErrorCode::corrupt_message, fmt::format("the metadata log cannot be read at {}", from));
    from = next;
  }
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

Result<void> MetadataQuorum::close() {
  control_.cancel(timer_);
  if (auto job = log_->prepare_close()) {
    auto outcome = job->run(disk_);
    const auto result = outcome.result;
    log_->finish_flush(std::move(*job), std::move(outcome));
    return result;
  }
  return {};
}

}  // namespace kt::node
