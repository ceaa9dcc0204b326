#include "libbroker/log/open_files.h"

#include <utility>

namespace kt::log {

Result<std::shared_ptr<File>> OpenFiles::open(const std::string& path) {
  if (auto file = find(path)) return file;
  auto opened = disk_.open(path, Disk::Mode::read);
  if (!opened) return fail(std::move(opened.error()));
  std::shared_ptr<File> file = std::move(*opened);
  add(path, file);
  return file;
}

std::shared_ptr<File> OpenFiles::find(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->file;
}

void OpenFiles::add(const std::string& path, std::shared_ptr<File> file) {
  std::list<Entry> closing;  // files close after the lock is released
  const std::lock_guard lock(mutex_);
  if (const auto found = by_path_.find(path); found != by_path_.end()) {
    closing.splice(closing.begin(), entries_, found->second);
    by_path_.erase(found);
  }
  entries_.push_front({path, std::move(file)});
  by_path_.emplace(entries_.front().path, entries_.begin());
  if (entries_.size() > open_files_max_) {
    by_path_.erase(entries_.back().path);
    closing.splice(closing.begin(), entries_, std::prev(entries_.end()));
  }
}

void OpenFiles::forget(const std::string& path) {
  std::list<Entry> closing;
  const std::lock_guard lock(mutex_);
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return;
  closing.splice(closing.begin(), entries_, found->second);
  by_path_.erase(found);
}

void OpenFiles::forget_directory(const std::string& directory) {
  std::list<Entry> closing;
  const std::lock_guard lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    if (entry->path.starts_with(directory) && entry->path.find('/', directory.size()) == directory.size()) {
      by_path_.erase(entry->path);
      closing.splice(closing.begin(), entries_, entry);
    }
    entry = next;
  }
}

size_t OpenFiles::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace kt::log
