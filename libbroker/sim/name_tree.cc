#include "libbroker/sim/name_tree.h"

#include <algorithm>
#include <cerrno>
#include <ranges>
#include <set>
#include <utility>

#include "libbroker/base/assert.h"

namespace kt::sim {
namespace {

using Visit = std::function<void(const std::string& path, Inode& file)>;

void visit_files(const Inode& directory, const std::string& path, const Visit& visit) {
  for (const auto& [name, entry] : directory.entries) {
    if (entry->is_directory) {
      visit_files(*entry, path + "/" + name, visit);
    } else {
      visit(path + "/" + name, *entry);
    }
  }
}

}  // namespace

NameTree::NameTree() : root_(std::make_shared<Inode>(Inode{.is_directory = true})) {}

std::vector<std::string> NameTree::names_of(const std::string& path) {
  std::vector<std::string> names;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    std::string name = path.substr(at, end - at);
    KT_ASSERT(name != "..");
    if (!name.empty() && name != ".") names.push_back(std::move(name));
    at = end + 1;
  }
  return names;
}

std::shared_ptr<Inode> NameTree::find(const std::string& path) const {
  return find_among(&Inode::entries, path);
}

std::shared_ptr<Inode> NameTree::find_durable(const std::string& path) const {
  return find_among(&Inode::durable_entries, path);
}

std::shared_ptr<Inode> NameTree::find_among(Inode::Entries Inode::* entries, const std::string& path) const {
  std::shared_ptr<Inode> at = root_;
  for (const std::string& name : names_of(path)) {
    const auto next = (*at.*entries).find(name);
    if (next == (*at.*entries).end()) return nullptr;
    at = next->second;
  }
  return at;
}

std::expected<Place, int> NameTree::place_of(const std::string& path) const {
  std::vector<std::string> names = names_of(path);
  if (names.empty()) return std::unexpected(EBUSY);
  Place place{root_, std::move(names.back()), nullptr};
  names.pop_back();
  for (const std::string& name : names) {
    const auto next = place.directory->entries.find(name);
    if (next == place.directory->entries.end()) return std::unexpected(ENOENT);
    if (!next->second->is_directory) return std::unexpected(ENOTDIR);
    place.directory = next->second;
  }
  const auto found = place.directory->entries.find(place.name);
  if (found != place.directory->entries.end()) place.inode = found->second;
  return place;
}

void NameTree::link(const Place& place, std::shared_ptr<Inode> inode) {
  apply({nullptr, place.directory, "", place.name, std::move(inode)});
}

void NameTree::unlink(const Place& place) { apply({place.directory, nullptr, place.name, "", place.inode}); }

void NameTree::move(const Place& from, const Place& to) {
  apply({from.directory, to.directory, from.name, to.name, from.inode});
}

void NameTree::apply(Change change) {
  if (change.from_directory) change.from_directory->entries.erase(change.from);
  if (change.to_directory) {
    std::shared_ptr<Inode>& named = change.to_directory->entries[change.to];
    if (named) lose_name(*named);
    named = change.inode;
  } else {
    lose_name(*change.inode);
  }
  changes_.push_back(std::move(change));
}

void NameTree::lose_name(Inode& inode) {
  KT_ASSERT(inode.is_linked);
  inode.is_linked = false;
  used_bytes_ -= inode.image.size();
}

void NameTree::resized(const Inode& file, uint64_t size_before) {
  if (file.is_linked) used_bytes_ += file.image.size() - size_before;
}

void NameTree::make_durable(const Change& change) {
  if (change.from_directory) change.from_directory->durable_entries.erase(change.from);
  if (change.to_directory) change.to_directory->durable_entries[change.to] = change.inode;
}

void NameTree::sync(const std::shared_ptr<Inode>& directory) {
  // A move between directories is one change of both: what came before it in the other one goes along.
  std::set<const Inode*> synced = {directory.get()};
  std::vector<Change> due, rest;
  for (Change& change : changes_ | std::views::reverse) {
    const bool is_due =
        synced.contains(change.from_directory.get()) || synced.contains(change.to_directory.get());
    if (is_due && change.from_directory) synced.insert(change.from_directory.get());
    if (is_due && change.to_directory) synced.insert(change.to_directory.get());
    (is_due ? due : rest).push_back(std::move(change));
  }
  std::ranges::reverse(rest);
  changes_ = std::move(rest);
  for (const Change& change : due | std::views::reverse) make_durable(change);
}

void NameTree::write_back() {
  for (const Change& change : std::exchange(changes_, {})) make_durable(change);
  for_each_file([](const std::string&, Inode& file) { file.image.flush(); });
}

void NameTree::crash(Rng& rng, const CrashFaults& faults) {
  std::set<const Inode*> cut;  // directories that lost a change, and with it all later ones
  for (const Change& change : std::exchange(changes_, {})) {
    const bool is_after_cut =
        cut.contains(change.from_directory.get()) || cut.contains(change.to_directory.get());
    if (faults.kept.roll(rng) && !is_after_cut) {
      make_durable(change);
      continue;
    }
    if (change.from_directory) cut.insert(change.from_directory.get());
    if (change.to_directory) cut.insert(change.to_directory.get());
  }
  used_bytes_ = 0;
  restore(*root_, rng, faults);
}

void NameTree::restore(Inode& directory, Rng& rng, const CrashFaults& faults) {
  directory.entries = directory.durable_entries;
  for (const auto& [name, entry] : directory.entries) {
    entry->is_linked = true;
    entry->is_locked = false;
    if (entry->is_directory) {
      restore(*entry, rng, faults);
    } else {
      entry->image.crash(rng, faults);
      used_bytes_ += entry->image.size();
    }
  }
}

void NameTree::for_each_file(const Visit& visit) const { visit_files(*root_, "", visit); }

}  // namespace kt::sim
