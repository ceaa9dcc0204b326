#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libbroker/base/rng.h"
#include "libbroker/sim/chance.h"
#include "libbroker/sim/name_tree.h"

namespace kt::sim {

/// What may go wrong on a disk while the power is on. Nothing does unless it is said.
struct DiskFaults {
  Chance open = never, read = never, write = never, sync = never, name = never;  // EIO
  Chance cold = never;                          // read_resident finds nothing
  uint64_t capacity_bytes = uint64_t{4} << 30;  // beyond it: ENOSPC
};

/// A disk in memory that forgets, at a crash, what was not synced: data without File::sync(), and names
/// created, renamed or removed without sync_directory(). Paths are absolute or relative to the same root,
/// which exists. Never reads short inside a file. All calls from one thread; outlives the files it opened.
class SimDisk final : public Disk {
 public:
  enum class Call { open, read, write, sync, name };  // write: also truncate; name: also sync_directory

  /// Without a clock, files are modified at 0.
  explicit SimDisk(Rng& rng, Clock* clock = nullptr);

  const DiskFaults& faults() const { return faults_; }
  void set_faults(const DiskFaults& faults) { faults_ = faults; }
  void set_crash_faults(const CrashFaults& faults) { crash_faults_ = faults; }
  /// The power goes and comes back: what was not synced is kept, lost, older, torn or noise. Files opened
  /// before answer every call with an error; locks are free.
  void crash();
  /// The process that uses the disk is gone: files opened before are dead, locks are free, and every call
  /// fails until attach(). Nothing is lost: unsynced writes are the kernel's.
  void detach();
  void attach() { is_attached_ = true; }
  /// False from a cut by power_off_after() on.
  bool has_power() const { return has_power_; }
  /// What a kernel does every few seconds by itself: everything pending reaches the medium.
  void write_back() { tree_->write_back(); }
  /// Another, empty disk is in its place.
  void wipe();

  /// The `nth` call of a kind from now (1: the next) fails with EIO, once.
  void fail_nth(Call kind, uint64_t nth) { calls_until_failure_[static_cast<size_t>(kind)] = nth; }
  void cancel_failures() { calls_until_failure_ = {}; }
  uint64_t used_bytes() const { return tree_->used_bytes(); }
  /// The next `changes` changes (writes, syncs, names) are done; from then on every call fails, until crash()
  /// or detach(). `on_cut` is called from the first call that fails. Only changes of paths that hold `of`
  /// count.
  void power_off_after(uint64_t changes, std::function<void()> on_cut = {}, std::string_view of = {}) {
    changes_until_cut_ = changes;
    on_cut_ = std::move(on_cut);
    cut_of_ = of;
  }
  /// Forgets power_off_after(), unless it has come to that.
  void cancel_power_off() { changes_until_cut_.reset(); }
  /// Changes so far: the range in which a test sweeps power_off_after().
  uint64_t changes() const { return changes_; }
  /// Bits of a file rot on the medium; readers see it. Errors: no such file, or too short.
  Result<void> flip_bits(const std::string& path, uint64_t position, std::byte mask);
  /// 0 if there is no such file.
  uint64_t size_of(const std::string& path) const;
  /// What a file would hold if the power went now and nothing pending were kept; none if nothing had its
  /// name.
  std::optional<std::string> on_medium(const std::string& path) const;
  /// Every file's path, in order.
  std::vector<std::string> files() const;

  Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;
  Result<bool> exists(const std::string& path) override;
  Result<std::vector<DirEntry>> list(const std::string& directory) override;
  Result<void> make_directory(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<int64_t> modified_ms(const std::string& path) override;
  Result<void> set_modified_ms(const std::string& path, int64_t ms) override;
  Result<Space> space(const std::string& path) override;
  Result<std::unique_ptr<File>> lock(const std::string& path) override;

 private:
  friend class SimFile;

  /// Counts the call; an error when a fault, or the lack of power, strikes it.
  Result<void> begin(Call kind, std::string_view what, const std::string& path);
  bool comes_to_cut(const std::string& path);
  void cut();
  void restore();
  Result<std::shared_ptr<Inode>> find(std::string_view what, const std::string& path) const;
  Result<std::shared_ptr<Inode>> open_inode(const std::string& path, Mode mode);
  Result<void> remove_tree(const Place& place, const std::string& path);
  uint64_t free_bytes() const;
  int64_t now_ms() const { return clock_ ? clock_->wall_ms() : 0; }

  Rng& rng_;
  Clock* const clock_;
  DiskFaults faults_;
  CrashFaults crash_faults_;
  std::unique_ptr<NameTree> tree_;
  std::array<uint64_t, 5> calls_until_failure_ = {};  // by Call; 0: none planned
  std::optional<uint64_t> changes_until_cut_;
  std::string cut_of_;
  std::function<void()> on_cut_;
  uint64_t changes_ = 0;
  bool has_power_ = true, is_attached_ = true;
  uint64_t boots_ = 0;  // files opened in an earlier life are dead
};

}  // namespace kt::sim
