#pragma once
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libbroker/base/rng.h"
#include "libbroker/sim/chance.h"
#include "libbroker/sim/file_image.h"

namespace kt::sim {

/// A file or a directory. It lives as long as a name, an open file or a change that is not yet durable refers
/// to it.
struct Inode {
  using Entries = std::map<std::string, std::shared_ptr<Inode>>;
  bool is_directory = false;
  FileImage image = {};
  Entries entries = {}, durable_entries = {};
  int64_t modified_ms = 0;
  bool is_locked = false, is_linked = true;
};

/// Where a name is, or would be.
struct Place {
  std::shared_ptr<Inode> directory;
  std::string name;
  std::shared_ptr<Inode> inode;  // null when nothing has the name
};

/// Directories: what everyone sees, what is on the medium, and the changes between the two, in order.
/// The changes of one directory reach the medium in order; those of different directories in any.
class NameTree {
 public:
  NameTree();

  std::shared_ptr<Inode> find(const std::string& path) const;
  /// What has the name on the medium.
  std::shared_ptr<Inode> find_durable(const std::string& path) const;
  /// Errors are errno values: a parent is missing or no directory, or the path is the root.
  std::expected<Place, int> place_of(const std::string& path) const;
  /// The names along a path, whether it begins at the root or not.
  static std::vector<std::string> names_of(const std::string& path);

  void link(const Place& place, std::shared_ptr<Inode> inode);
  void unlink(const Place& place);
  /// One change: what had the name `to` loses it.
  void move(const Place& from, const Place& to);

  /// Makes the directory's names durable.
  void sync(const std::shared_ptr<Inode>& directory);
  void write_back();
  void crash(Rng& rng, const CrashFaults& faults);
  void for_each_file(const std::function<void(const std::string& path, Inode& file)>& visit) const;

  const std::shared_ptr<Inode>& root() const { return root_; }
  /// The sizes of all files that have a name.
  uint64_t used_bytes() const { return used_bytes_; }
  void resized(const Inode& file, uint64_t size_before);

 private:
  /// `inode` leaves one name, takes another, or both at once.
  struct Change {
    std::shared_ptr<Inode> from_directory, to_directory;
    std::string from, to;
    std::shared_ptr<Inode> inode;
  };

  std::shared_ptr<Inode> find_among(Inode::Entries Inode::* entries, const std::string& path) const;
  void apply(Change change);
  void lose_name(Inode& inode);
  static void make_durable(const Change& change);
  void restore(Inode& directory, Rng& rng, const CrashFaults& faults);

  const std::shared_ptr<Inode> root_;
  std::vector<Change> changes_;
  uint64_t used_bytes_ = 0;
};

}  // namespace kt::sim
