#include "libbroker/node/snapshot_generator.h"

#include <utility>

#include "libbroker/base/bytes.h"
#include "libbroker/base/logger.h"
#include "libbroker/node/metadata_snapshot.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.SnapshotGenerator";
constexpr int64_t clean_interval_ms = 60'000;

}  // namespace

SnapshotGenerator::SnapshotGenerator(const Seams& seams, MetadataQuorum& quorum, Options options)
    : seams_(seams), quorum_(quorum), options_(std::move(options)), last_ms_(seams.clock.monotonic_ms()) {}

void SnapshotGenerator::on_committed(const MetadataBatch& batch, const metadata::Image& image) {
  log_bytes_ += static_cast<int64_t>(batch.bytes);
  if (is_writing_ || log_bytes_ == 0 || image.open_transaction || image.metadata_version() == 0) return;
  const bool is_time =
      options_.interval_ms > 0 && seams_.clock.monotonic_ms() - last_ms_ >= options_.interval_ms;
  if (log_bytes_ >= options_.log_bytes_max || is_time) write(image);
}

void SnapshotGenerator::write(const metadata::Image& image) {
  SnapshotHead head{.id = {image.provenance.epoch, image.provenance.offset + 1},
                    .last_contained_ms = image.provenance.timestamp_ms,
                    .now_ms = seams_.clock.wall_ms(),
                    .metadata_version = image.metadata_version()};
  const auto& voters = quorum_.raft().voters().last();
  if (voters.kraft_version > 0) head.voters = voters.voters;
  log_bytes_ = 0;
  last_ms_ = seams_.clock.monotonic_ms();
  is_writing_ = true;
  seams_.disk_pool.run([this, alive = std::weak_ptr(alive_), image, head = std::move(head),
                        misses_last = options_.mutants.has(Mutant::node_snapshot_misses_last),
                        &disk = seams_.disk, path = snapshot_path(options_.directory, head.id),
                        &control = seams_.control] {
    SnapshotBuilder snapshot(head);
    auto records = image.to_records();
    if (misses_last) records.pop_back();
    for (const metadata::Record& record : records) snapshot.add(record);
    auto outcome = disk.replace(path, as_text(snapshot.finish()));
    control.post([this, alive, id = head.id, outcome = std::move(outcome)] {
      if (alive.lock()) on_written(id, outcome);
    });
  });
}

void SnapshotGenerator::on_written(record::LogEnd id, const Result<void>& outcome) {
  is_writing_ = false;
  if (!outcome)
    return log_warn(component, "the metadata log goes on without a snapshot: {}", outcome.error().message);
  log_info(component, "Wrote a snapshot of the metadata up to offset {}", id.offset);
  quorum_.snapshot_taken(id);
  clean();
}

void SnapshotGenerator::start() {
  timer_ = seams_.control.after(clean_interval_ms, [this] {
    clean();
    start();
  });
}

void SnapshotGenerator::clean() {
  if (auto done = quorum_.clean(options_.retention); !done) log_warn(component, "{}", done.error().message);
}

void SnapshotGenerator::stop() {
  alive_.reset();
  seams_.control.cancel(timer_);
}

}  // namespace kt::node
