#include "libcli/lab/places.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>

#include <filesystem>

#include "libbroker/base/disk.h"
#include "libbroker/net/owned_descriptor.h"

namespace kt::lab {
namespace {

std::unexpected<Error> no_lab(std::string sentence) {
  return fail(ErrorCode::resource_not_found, std::move(sentence));
}

}  // namespace

bool Place::is_running() const {
  const net::OwnedDescriptor lock_file(::open(lock().c_str(), O_RDONLY | O_CLOEXEC));
  return lock_file.get() >= 0 && ::flock(lock_file.get(), LOCK_SH | LOCK_NB) != 0;
}

std::vector<std::string> Labs::names() const {
  std::vector<std::string> names;
  const auto entries = disk_.list(root_);
  if (!entries) return names;  // there is no such folder yet
  for (const DirEntry& entry : *entries) {
    if (exists(entry.name)) names.push_back(entry.name);
  }
  return names;
}

bool Labs::exists(const std::string& name) const {
  return is_lab_name(name) && disk_.exists(place(name).spec()).value_or(false);
}

Result<Spec> Labs::read(const std::string& name) const {
  const auto text = disk_.read_all(place(name).spec());
  return text ? spec_from_json(*text) : fail(text.error());
}

std::optional<std::string> Labs::current() const {
  auto text = disk_.read_all(root_ + "/current");
  if (!text) return std::nullopt;
  return std::move(*text);
}

Result<void> Labs::make_current(const std::string& name) { return disk_.replace(root_ + "/current", name); }

Result<void> Labs::link(const std::string& name, const std::string& directory) {
  if (auto made = disk_.make_directory(root_); !made) return made;
  const std::filesystem::path at = root_ + "/" + name;
  std::error_code error;
  if (std::filesystem::is_symlink(at, error)) std::filesystem::remove(at, error);
  std::filesystem::create_directory_symlink(std::filesystem::absolute(directory), at, error);
  if (!error) return {};
  return fail(ErrorCode::kafka_storage_error,
              fmt::format("cannot link {}: {}", at.string(), error.message()));
}

Result<void> Labs::remove(const std::string& name) {
  const Place place = this->place(name);
  std::vector<std::string> made = {place.run(), place.snapshots(), place.client_properties(), place.events(),
                                   place.supervisor_log()};
  if (const auto spec = read(name)) {
    for (const NodeSpec& node : spec->nodes) made.push_back(place.node(node));
  }
  made.push_back(place.spec());  // last: until then the lab is there
  for (const std::string& path : made) {
    if (!disk_.exists(path).value_or(false)) continue;
    if (auto removed = disk_.remove(path); !removed) return removed;
  }
  const std::filesystem::path at = place.directory;
  std::error_code ignored;  // a folder that holds something else stays
  if (std::filesystem::is_symlink(at, ignored)) {
    std::filesystem::remove(std::filesystem::read_symlink(at, ignored), ignored);
  }
  std::filesystem::remove(at, ignored);
  if (current() == name) return disk_.remove(root_ + "/current");
  return {};
}

Result<std::string> Labs::choose(const std::optional<std::string>& asked) const {
  if (asked) {
    if (exists(*asked)) return *asked;
    return no_lab(fmt::format("there is no lab {}: kt lab list shows those there are", *asked));
  }
  if (const auto chosen = current(); chosen && exists(*chosen)) return *chosen;
  const auto all = names();
  if (all.size() == 1) return all.front();
  if (all.empty()) return no_lab("there is no lab: kt lab up makes one");
  return no_lab("there are several labs: name one with --lab, or choose it by kt lab use NAME");
}

}  // namespace kt::lab
