#include "libbroker/sim/sim_disk.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "libbroker/sim/sim_file.h"

namespace kt::sim {

SimDisk::SimDisk(Rng& rng, Clock* clock) : rng_(rng), clock_(clock), tree_(std::make_unique<NameTree>()) {}

void SimDisk::crash() {
  tree_->crash(rng_, crash_faults_);
  restore();
}

void SimDisk::detach() {
  tree_->for_each_file([](const std::string&, Inode& file) { file.is_locked = false; });
  is_attached_ = false;
  restore();
}

/// The calls of the life that ends fail from now on: of files by their boot.
void SimDisk::restore() {
  cancel_power_off();
  has_power_ = true;
  ++boots_;
}

/// Counts a change that is about to be made.
bool SimDisk::comes_to_cut(const std::string& path) {
  if (!changes_until_cut_ || !path.contains(cut_of_)) return false;
  return *changes_until_cut_ == 0 || (--*changes_until_cut_, false);
}

void SimDisk::cut() {
  changes_until_cut_.reset();
  has_power_ = false;
  if (const auto on_cut = std::exchange(on_cut_, nullptr)) on_cut();
}

void SimDisk::wipe() {
  tree_ = std::make_unique<NameTree>();
  ++boots_;
}

Result<void> SimDisk::begin(Call kind, std::string_view what, const std::string& path) {
  const Chance chances[] = {faults_.open, faults_.read, faults_.write, faults_.sync, faults_.name};
  const auto index = static_cast<size_t>(kind);
  const bool is_change = kind == Call::write || kind == Call::sync || kind == Call::name;
  if (is_change && is_attached_ && has_power_ && comes_to_cut(path)) cut();
  if (is_change && has_power_ && is_attached_) ++changes_;
  const bool is_planned = calls_until_failure_[index] != 0 && --calls_until_failure_[index] == 0;
  const bool is_struck = chances[index].roll(rng_);
  if (!has_power_ || !is_attached_ || is_planned || is_struck) return storage_error(what, path, EIO);
  return {};
}

Result<std::shared_ptr<Inode>> SimDisk::find(std::string_view what, const std::string& path) const {
  auto inode = tree_->find(path);
  if (!inode) return storage_error(what, path, ENOENT);
  return inode;
}

uint64_t SimDisk::free_bytes() const {
  return faults_.capacity_bytes - std::min(tree_->used_bytes(), faults_.capacity_bytes);
}

Result<std::shared_ptr<Inode>> SimDisk::open_inode(const std::string& path, Mode mode) {
  if (auto ready = begin(Call::open, "cannot open", path); !ready) return fail(ready.error());
  const auto place = tree_->place_of(path);
  if (!place) return storage_error("cannot open", path, place.error());
  if (place->inode && place->inode->is_directory) return storage_error("cannot open", path, EISDIR);
  if (place->inode) return place->inode;
  if (mode != Mode::create) return storage_error("cannot open", path, ENOENT);
  if (auto ready = begin(Call::name, "cannot open", path); !ready) return fail(ready.error());
  auto made = std::make_shared<Inode>(Inode{.modified_ms = now_ms()});
  tree_->link(*place, made);
  return made;
}

Result<std::unique_ptr<File>> SimDisk::open(const std::string& path, Mode mode) {
  auto inode = open_inode(path, mode);
  if (!inode) return fail(inode.error());
  const auto access = mode == Mode::read ? SimFile::Access::read : SimFile::Access::write;
  return std::make_unique<SimFile>(*this, *inode, path, access);
}

Result<std::unique_ptr<File>> SimDisk::lock(const std::string& path) {
  auto inode = open_inode(path, Mode::create);
  if (!inode) return fail(inode.error());
  if (std::exchange((*inode)->is_locked, true)) return storage_error("cannot lock", path, EWOULDBLOCK);
  return std::make_unique<SimFile>(*this, *inode, path, SimFile::Access::lock);
}

Result<bool> SimDisk::exists(const std::string& path) {
  if (auto ready = begin(Call::open, "cannot look at", path); !ready) return fail(ready.error());
  return tree_->find(path) != nullptr;
}

Result<std::vector<DirEntry>> SimDisk::list(const std::string& directory) {
  if (auto ready = begin(Call::open, "cannot list", directory); !ready) return fail(ready.error());
  const auto inode = find("cannot list", directory);
  if (!inode) return fail(inode.error());
  if (!(*inode)->is_directory) return storage_error("cannot list", directory, ENOTDIR);
  std::vector<DirEntry> entries;
  for (const auto& [name, entry] : (*inode)->entries) entries.push_back({name, entry->is_directory});
  return entries;
}

Result<int64_t> SimDisk::modified_ms(const std::string& path) {
  const auto inode = find("cannot stat", path);
  if (!inode) return fail(inode.error());
  return (*inode)->modified_ms;
}

Result<void> SimDisk::set_modified_ms(const std::string& path, int64_t ms) {
  const auto inode = find("cannot set the time of", path);
  if (!inode) return fail(inode.error());
  (*inode)->modified_ms = ms;
  return {};
}

Result<Disk::Space> SimDisk::space(const std::string&) { return Space{faults_.capacity_bytes, free_bytes()}; }

Result<void> SimDisk::make_directory(const std::string& path) {
  std::string parent;
  for (const std::string& name : NameTree::names_of(path)) {
    parent += "/" + name;
    const auto place = tree_->place_of(parent);
    if (!place) return storage_error("cannot make directory", path, place.error());
    if (place->inode && !place->inode->is_directory)
      return storage_error("cannot make directory", path, ENOTDIR);
    if (place->inode) continue;
    if (auto ready = begin(Call::name, "cannot make directory", path); !ready) return ready;
    tree_->link(*place, std::make_shared<Inode>(Inode{.is_directory = true, .modified_ms = now_ms()}));
  }
  return {};
}

Result<void> SimDisk::rename(const std::string& from, const std::string& to) {
  const std::string what = "cannot rename to " + to + " the file";
  if (auto ready = begin(Call::name, what, from); !ready) return ready;
  const auto old_place = tree_->place_of(from), new_place = tree_->place_of(to);
  if (!old_place || !new_place)
    return storage_error(what, from, old_place ? new_place.error() : old_place.error());
  const auto &moved = old_place->inode, &replaced = new_place->inode;
  if (!moved) return storage_error(what, from, ENOENT);
  if (moved == replaced) return {};
  if (replaced && replaced->is_directory && !moved->is_directory) return storage_error(what, from, EISDIR);
  if (replaced && !replaced->is_directory && moved->is_directory) return storage_error(what, from, ENOTDIR);
  if (replaced && !replaced->entries.empty()) return storage_error(what, from, ENOTEMPTY);
  tree_->move(*old_place, *new_place);
  return {};
}

Result<void> SimDisk::remove(const std::string& path) {
  if (!tree_->find(path)) return {};
  const auto place = tree_->place_of(path);
  if (!place) return storage_error("cannot remove", path, place.error());
  return remove_tree(*place, path);
}

Result<void> SimDisk::remove_tree(const Place& place, const std::string& path) {
  while (!place.inode->entries.empty()) {
    const auto [name, child] = *place.inode->entries.begin();
    if (auto done = remove_tree({place.inode, name, child}, path + "/" + name); !done) return done;
  }
  if (auto ready = begin(Call::name, "cannot remove", path); !ready) return ready;
  tree_->unlink(place);
  return {};
}

Result<void> SimDisk::sync_directory(const std::string& path) {
  if (auto ready = begin(Call::name, "cannot flush directory", path); !ready) return ready;
  const auto inode = find("cannot open", path);
  if (!inode) return fail(inode.error());
  if (!(*inode)->is_directory) return storage_error("cannot open", path, ENOTDIR);
  tree_->sync(*inode);
  return {};
}

uint64_t SimDisk::size_of(const std::string& path) const {
  const auto inode = tree_->find(path);
  return inode ? inode->image.size() : 0;
}

std::optional<std::string> SimDisk::on_medium(const std::string& path) const {
  const auto inode = tree_->find_durable(path);
  if (!inode) return std::nullopt;
  const auto bytes = inode->image.durable_bytes();
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::vector<std::string> SimDisk::files() const {
  std::vector<std::string> paths;
  tree_->for_each_file([&](const std::string& path, const Inode&) { paths.push_back(path); });
  return paths;
}

Result<void> SimDisk::flip_bits(const std::string& path, uint64_t position, std::byte mask) {
  const auto inode = find("cannot damage", path);
  if (!inode) return fail(inode.error());
  if (position >= (*inode)->image.size()) return storage_error("cannot damage", path, EINVAL);
  (*inode)->image.flip_bits(position, mask);
  return {};
}

}  // namespace kt::sim
