#include "libbroker/sim/file_image.h"

#include <algorithm>

#include "libbroker/base/assert.h"

namespace kt::sim {
namespace {

void copy_at(std::vector<std::byte>& to, uint64_t position, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  if (to.size() < position + bytes.size()) to.resize(position + bytes.size());
  std::ranges::copy(bytes, to.begin() + static_cast<ptrdiff_t>(position));
}

/// How many of `count` changes reach the medium.
size_t pick(Rng& rng, size_t count, const CrashFaults& faults) {
  const bool is_kept = faults.kept.roll(rng), is_older = faults.older.roll(rng);
  const size_t some = static_cast<size_t>(rng.below(count + 1));
  return is_kept ? count : is_older ? some : 0;
}

}  // namespace

void FileImage::write(uint64_t position, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  dirty_clean_pages(position, bytes.size());
  changes_.push_back({false, position, {bytes.begin(), bytes.end()}});
  copy_at(cached_, position, bytes);
}

void FileImage::resize(uint64_t size) {
  if (size == cached_.size()) return;
  if (size % page_bytes != 0) dirty_clean_pages(size, 1);
  changes_.push_back({true, size});
  cached_.resize(size);
  wrongly_clean_.erase(wrongly_clean_.lower_bound((size + page_bytes - 1) / page_bytes),
                       wrongly_clean_.end());
}

/// A write to a part of a page writes the whole page back.
void FileImage::dirty_clean_pages(uint64_t position, uint64_t count) {
  const uint64_t last = (position + count - 1) / page_bytes;
  for (auto page = wrongly_clean_.lower_bound(position / page_bytes);
       page != wrongly_clean_.end() && *page <= last; page = wrongly_clean_.erase(page)) {
    const uint64_t begin = std::min(*page * page_bytes, size()), end = std::min(begin + page_bytes, size());
    const auto whole = bytes().subspan(begin, end - begin);
    if (!whole.empty()) changes_.push_back({false, begin, {whole.begin(), whole.end()}});
  }
}

void FileImage::flush() {
  for (const Change& change : changes_) {
    if (change.is_resize) {
      durable_.resize(change.position);
    } else {
      copy_at(durable_, change.position, change.bytes);
    }
  }
  changes_.clear();
  KT_ASSERT(durable_.size() == cached_.size());
}

void FileImage::fail_flush(Rng& rng) {
  for (const auto& [page, dirty] : dirty_pages()) wrongly_clean_.insert(page);
  settle(rng, {.torn = never, .garbage = never});
  if (durable_.size() != cached_.size()) changes_.push_back({true, cached_.size()});  // the journal goes on
}

void FileImage::crash(Rng& rng, const CrashFaults& faults) {
  settle(rng, faults);
  cached_ = durable_;
  wrongly_clean_.clear();
}

void FileImage::flip_bits(uint64_t position, std::byte mask) {
  KT_ASSERT(position < size());
  if (position < durable_.size()) durable_[position] ^= mask;
  if (!dirty_pages().contains(position / page_bytes)) cached_[position] ^= mask;
}

uint64_t FileImage::size_after(size_t changes) const {
  uint64_t size = durable_.size();
  for (size_t i = 0; i < changes; ++i) {
    size = changes_[i].is_resize ? changes_[i].position : std::max(size, changes_[i].end());
  }
  return size;
}

std::map<uint64_t, FileImage::DirtyPage> FileImage::dirty_pages() const {
  std::map<uint64_t, DirtyPage> pages;
  uint64_t size = durable_.size();
  for (size_t i = 0; i < changes_.size(); ++i) {
    const Change& change = changes_[i];
    const uint64_t end = change.is_resize ? size : change.end();
    for (uint64_t page = change.position / page_bytes; change.position < end && page * page_bytes < end;
         ++page) {
      pages[page].page = page;
      pages[page].changes.push_back(i);
    }
    size = change.is_resize ? change.position : std::max(size, change.end());
  }
  return pages;
}

FileImage::Page FileImage::version(const DirtyPage& dirty, size_t count, size_t journaled) const {
  const uint64_t begin = dirty.page * page_bytes, end = begin + page_bytes;
  Page bytes(page_bytes);
  if (begin < durable_.size()) {
    const auto old = std::span(durable_).subspan(begin, std::min(page_bytes, durable_.size() - begin));
    std::ranges::copy(old, bytes.begin());
  }
  for (size_t i = 0; i < dirty.changes.size(); ++i) {
    const Change& change = changes_[dirty.changes[i]];
    if (i >= count && !(change.is_resize && dirty.changes[i] < journaled)) continue;
    const uint64_t from = std::max(begin, change.position),
                   to = change.is_resize ? end : std::min(end, change.end());
    const auto place = std::span(bytes).subspan(from - begin, to - from);
    if (change.is_resize) {
      std::ranges::fill(place, std::byte{0});
    } else {
      std::ranges::copy(std::span(change.bytes).subspan(from - change.position, to - from), place.begin());
    }
  }
  return bytes;
}

size_t FileImage::newest_version(const DirtyPage& dirty, size_t journaled) const {
  for (size_t i = 0; i < dirty.changes.size(); ++i) {
    const Change& change = changes_[dirty.changes[i]];
    const bool not_cut_off = change.is_resize && dirty.changes[i] >= journaled;
    if (not_cut_off && change.position <= dirty.page * page_bytes)
      return i;  // later writes went to other blocks
  }
  return dirty.changes.size();
}

FileImage::Page FileImage::crashed_page(const DirtyPage& dirty, size_t journaled, Rng& rng,
                                        const CrashFaults& faults) const {
  const size_t newest = newest_version(dirty, journaled);
  Page bytes = version(dirty, pick(rng, newest, faults), journaled);
  const bool torn = faults.torn.roll(rng);
  const Page other = torn ? version(dirty, rng.below(newest + 1), journaled) : bytes;
  for (uint64_t at = 0; at < page_bytes; at += sector_bytes) {
    const auto sector = std::span(bytes).subspan(at, sector_bytes);
    if (torn && rng.below(2) == 0)
      std::ranges::copy(std::span(other).subspan(at, sector_bytes), sector.begin());
    if (dirty.page * page_bytes + at < durable_.size() || !faults.garbage.roll(rng)) continue;
    for (std::byte& byte : sector) byte = static_cast<std::byte>(rng.next());
  }
  return bytes;
}

void FileImage::settle(Rng& rng, const CrashFaults& faults) {
  const size_t journaled = pick(rng, changes_.size(), faults);
  std::vector<std::byte> medium = durable_;
  medium.resize(size_after(journaled));
  for (const auto& [page, dirty] : dirty_pages()) {
    const Page bytes = crashed_page(dirty, journaled, rng, faults);
    const uint64_t begin = page * page_bytes;
    if (begin >= medium.size()) continue;
    const uint64_t room = std::min(page_bytes, medium.size() - begin);
    std::ranges::copy(std::span(bytes).first(room), medium.begin() + static_cast<ptrdiff_t>(begin));
  }
  durable_ = std::move(medium);
  changes_.clear();
}

}  // namespace kt::sim
